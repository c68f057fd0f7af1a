using System.Text.Json;
using System.Text.Json.Nodes;

namespace Scanner.Detect.Sql;

/// <summary>Reads what an engine gives for a part of an event that is no plain text.</summary>
internal static class MapText
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 60 };

    /// <summary>JSON as it is; null where it is none.</summary>
    /// <param name="text">Hostile text.</param>
    /// <param name="isMap">Members are texts, and one that looks like a list or an object of JSON is that: CloudTrail Lake holds maps of texts.</param>
    internal static JsonNode? Read(string text, bool isMap)
    {
        var node = Parse(text);
        if (isMap && node is JsonObject map)
        {
            foreach (var (name, value) in map.ToList())
            {
                if (value is JsonValue one && one.TryGetValue(out string? inner) && inner.TrimStart() is ['[' or '{', ..] && Parse(inner) is { } read)
                    map[name] = read;
            }
        }

        return node;
    }

    private static JsonNode? Parse(string text)
    {
        try
        {
            return JsonNode.Parse(text, documentOptions: Options);
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            return null;
        }
    }
}
