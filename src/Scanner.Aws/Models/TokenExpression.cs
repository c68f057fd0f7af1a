using System.Globalization;
using System.Text.Json.Nodes;

namespace Scanner.Aws.Models;

/// <summary>
/// The small part of JMESPath that botocore's paginators use: dotted members, an index (also from the end) and
/// <c>||</c>, as in <c>NextMarker || Contents[-1].Key</c>.
/// </summary>
internal sealed class TokenExpression
{
    private readonly (string Member, int? Index)[][] _alternatives;

    public TokenExpression(string text)
    {
        Text = text;
        _alternatives = [.. text.Split("||").Select(a => a.Trim().Split('.').Select(Segment).ToArray())];
    }

    /// <summary>As the model writes it.</summary>
    public string Text { get; }

    /// <summary>The first member of the first alternative, and whether that is all.</summary>
    public IReadOnlyList<string> Path => [.. _alternatives[0].Select(s => s.Member)];

    /// <summary>The value, or null.</summary>
    public JsonNode? Find(JsonObject reply)
    {
        foreach (var path in _alternatives)
        {
            JsonNode? at = reply;
            foreach (var (member, index) in path)
            {
                at = (at as JsonObject)?[member];
                if (index is { } i && at is JsonArray list)
                {
                    var position = i < 0 ? list.Count + i : i;
                    at = position >= 0 && position < list.Count ? list[position] : null;
                }
                if (at is null)
                    break;
            }
            if (at is not null && !(at is JsonValue value && value.TryGetValue<string>(out var text) && text.Length == 0))
                return at;
        }
        return null;
    }

    /// <summary>Takes the member out of the reply.</summary>
    public void Remove(JsonObject reply)
    {
        var path = _alternatives[0];
        JsonObject? at = reply;
        for (var i = 0; i < path.Length - 1 && at is not null; i++)
            at = at[path[i].Member] as JsonObject;
        if (path[^1].Index is null)
            at?.Remove(path[^1].Member);
    }

    private static (string, int?) Segment(string text)
    {
        var bracket = text.IndexOf('[', StringComparison.Ordinal);
        return bracket < 0
            ? (text, null)
            : (text[..bracket], int.Parse(text.AsSpan(bracket + 1, text.Length - bracket - 2), CultureInfo.InvariantCulture));
    }
}
