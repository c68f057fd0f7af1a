using System.Text.Json;
using System.Text.Json.Nodes;

namespace Scanner.Detect.Sql;

/// <summary>Reads what an engine gives for a part of an event that is no plain text. All of it is hostile.</summary>
public static class MapText
{
    private const int MostNested = 60;

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = MostNested };

    /// <summary>How the nested values of a map are written; null: it has none.</summary>
    /// <param name="json">The map as JSON, its members being texts.</param>
    public static LakeNesting? NestingOf(string json)
    {
        if (Parse(json) is not JsonObject map)
            return null;
        var nested = map.Select(pair => Text(pair.Value)).OfType<string>().Where(IsNested).ToList();
        // A list or a map without members is written in the same way in both.
        var telling = nested.FindAll(text => text is not ("[]" or "{}"));
        if (telling.Count == 0)
            return nested.Count == 0 ? null : LakeNesting.Json;
        return telling.TrueForAll(text => Parse(text) is not null) ? LakeNesting.Json
            : telling.TrueForAll(text => Parse(text) is not null || JavaText.Read(text) is not null) ? LakeNesting.Java
            : LakeNesting.Unknown;
    }

    /// <summary>JSON as it is; null where it is none.</summary>
    /// <param name="text">The column.</param>
    /// <param name="isMap">Members are texts, and one that looks like a list or an object is that: CloudTrail Lake holds maps of texts.</param>
    internal static JsonNode? Read(string text, bool isMap)
    {
        var node = Parse(text);
        if (isMap && node is JsonObject map)
        {
            foreach (var (name, value) in map.ToList())
            {
                if (Text(value) is { } inner && IsNested(inner) && (Parse(inner) ?? JavaText.Read(inner)) is { } read)
                    map[name] = read;
            }
        }

        return node;
    }

    private static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    private static bool IsNested(string text) => text.TrimStart() is ['[' or '{', ..];

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
