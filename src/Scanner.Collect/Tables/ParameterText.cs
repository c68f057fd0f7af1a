using System.Globalization;
using System.Numerics;
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

    // 1, 1.0 and 1e0 are one number: its digits without zeros at either end, and the power of ten. Exact for every number, as
    // no numeric type is: a decimal takes 1e-40 for 0, a double 2^53 + 1 for 2^53.
    private static string Number(string written)
    {
        var sign = written.StartsWith('-') ? "-" : "";
        var power = written.AsSpan(sign.Length).IndexOfAny('e', 'E');
        var mantissa = power < 0 ? written[sign.Length..] : written[sign.Length..(sign.Length + power)];
        var exponent = BigInteger.Zero;
        if (power >= 0)
            exponent = BigInteger.Parse(written.AsSpan(sign.Length + power + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var point = mantissa.IndexOf('.', StringComparison.Ordinal);
        if (point >= 0)
            exponent -= mantissa.Length - point - 1;
        var digits = mantissa.Replace(".", "", StringComparison.Ordinal).TrimStart('0');
        var kept = digits.TrimEnd('0');
        if (kept.Length == 0)
            return "0";
        exponent += digits.Length - kept.Length;
        return sign + kept + (exponent.IsZero ? "" : "e" + exponent.ToString(CultureInfo.InvariantCulture));
    }
}

/// <summary>Source-generated, so that no reflection is needed at start.</summary>
[JsonSerializable(typeof(string))]
internal sealed partial class ParameterTextContext : JsonSerializerContext;
