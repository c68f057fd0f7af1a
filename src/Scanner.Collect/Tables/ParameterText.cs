using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Scanner.Collect.Tables;

/// <summary>
/// One text for all JSON values that are equal: members sorted, no spaces, numbers in one form. Two calls are the same
/// call exactly when their texts are equal.
/// </summary>
internal static class ParameterText
{
    public static string Of(JsonNode? node)
    {
        var text = new StringBuilder();
        Write(node, text);
        return text.ToString();
    }

    private static void Write(JsonNode? node, StringBuilder text)
    {
        switch (node)
        {
            case null:
                text.Append("null");
                break;
            case JsonObject o:
                text.Append('{');
                var first = true;
                foreach (var (name, value) in o.OrderBy(pair => pair.Key, StringComparer.Ordinal))
                {
                    if (!first)
                        text.Append(',');
                    first = false;
                    text.Append(JsonSerializer.Serialize(name, ParameterTextContext.Default.String)).Append(':');
                    Write(value, text);
                }
                text.Append('}');
                break;
            case JsonArray a:
                text.Append('[');
                for (var i = 0; i < a.Count; i++)
                {
                    if (i > 0)
                        text.Append(',');
                    Write(a[i], text);
                }
                text.Append(']');
                break;
            case JsonValue value when value.GetValueKind() == JsonValueKind.String:
                // Written again, because a text that came over the wire may hold needless escapes.
                text.Append(JsonSerializer.Serialize(value.GetValue<string>(), ParameterTextContext.Default.String));
                break;
            case JsonValue value when value.GetValueKind() == JsonValueKind.Number:
                text.Append(Number(value.ToJsonString()));
                break;
            default:
                text.Append(node.ToJsonString());
                break;
        }
    }

    // 1, 1.0 and 1e0 are one number. What a decimal cannot hold keeps its digits as they are.
    private static string Number(string digits) =>
        decimal.TryParse(digits, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? number.ToString("G29", CultureInfo.InvariantCulture)
            : digits;
}

/// <summary>Source-generated, so that no reflection is needed at start.</summary>
[JsonSerializable(typeof(string))]
internal sealed partial class ParameterTextContext : JsonSerializerContext;
