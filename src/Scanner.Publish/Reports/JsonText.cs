using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Scanner.Publish.Reports;

/// <summary>What all JSON formats share: how text goes in, and how embedded events do.</summary>
internal static class JsonText
{
    /// <summary>Streamed in pieces of about this many bytes.</summary>
    public const int FlushAt = 1 << 16;

    /// <summary>Indented, for files that people open.</summary>
    public static JsonWriterOptions Indented { get; } = new() { Indented = true };

    /// <summary>One line each, for JSON lines.</summary>
    public static JsonWriterOptions Compact { get; } = new() { Indented = false, Encoder = JavaScriptEncoder.Default };

    /// <summary>The text, with half surrogate pairs (not expressible in UTF-8) as U+FFFD.</summary>
    public static string WellFormed(string? text)
    {
        if (text is null)
            return "";
        return text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF')
            ? Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text))
            : text;
    }

    /// <summary>Writes a member whose value is text or null.</summary>
    public static void Text(this Utf8JsonWriter json, string name, string? value)
    {
        if (value is null)
            json.WriteNull(name);
        else
            json.WriteString(name, WellFormed(value));
    }

    /// <summary>Writes a member whose value is a list of texts.</summary>
    public static void Texts(this Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values)
            json.WriteStringValue(WellFormed(value));
        json.WriteEndArray();
    }

    /// <summary>Writes a member that holds JSON text: as JSON where it is well formed, else as the text.</summary>
    public static void Raw(this Utf8JsonWriter json, string name, string? value)
    {
        if (value is null)
        {
            json.WriteNull(name);
            return;
        }
        try
        {
            using var document = JsonDocument.Parse(Model.JsonText.ReplaceLoneSurrogates(WellFormed(value)));
            json.WritePropertyName(name);
            document.RootElement.WriteTo(json);
        }
        catch (JsonException)
        {
            json.Text(name, value);
        }
    }
}
