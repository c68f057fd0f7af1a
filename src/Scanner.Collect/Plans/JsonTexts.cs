using System.Text;
using System.Text.Json;

namespace Scanner.Collect.Plans;

/// <summary>Texts of JSON tokens that may be hostile.</summary>
internal static class JsonTexts
{
    /// <summary>Text of a name or text token. Half a surrogate pair, which System.Text.Json refuses, leaves the text as it is written, escapes and all.</summary>
    public static string Of(in Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString() ?? "";
        }
        catch (InvalidOperationException)
        {
            return Encoding.UTF8.GetString(reader.HasValueSequence ? default : reader.ValueSpan);
        }
    }

    /// <summary>Text of an element; null for what is no text.</summary>
    public static string? Of(JsonElement element) => element.ValueKind == JsonValueKind.String ? element.GetString() : null;
}
