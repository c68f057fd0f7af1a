using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Unicode;

namespace Scanner.Model;

/// <summary>Replaces what one JSON reader takes and another refuses, so that one hostile tag cannot spoil a table.</summary>
public static class JsonText
{
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 128, AllowDuplicateProperties = false };

    /// <summary>
    /// Half surrogate pairs written as escapes (<c>\ud800</c>) become <c>\ufffd</c>: System.Text.Json passes them
    /// through, DuckDB calls the whole text malformed.
    /// </summary>
    public static string ReplaceLoneSurrogates(string json)
    {
        var at = json.IndexOf("\\u", StringComparison.Ordinal);
        if (at < 0)
            return json;
        StringBuilder? replaced = null;
        var copied = 0;
        while (at >= 0 && at + 6 <= json.Length)
        {
            // An even number of backslashes before this one means that it is escaped itself and starts nothing.
            var slashes = 0;
            while (at - slashes - 1 >= 0 && json[at - slashes - 1] == '\\')
                slashes++;
            var next = at + 2;
            if (slashes % 2 == 0 && Unit(json, at) is { } unit)
            {
                next = at + 6;
                if (char.IsHighSurrogate(unit) && json.AsSpan(next).StartsWith("\\u", StringComparison.Ordinal)
                    && Unit(json, next) is { } second && char.IsLowSurrogate(second))
                {
                    next += 6;
                }
                else if (char.IsSurrogate(unit))
                {
                    replaced ??= new StringBuilder(json.Length);
                    replaced.Append(json, copied, at - copied).Append("\\ufffd");
                    copied = next;
                }
            }
            at = json.IndexOf("\\u", next, StringComparison.Ordinal);
        }
        return replaced is null ? json : replaced.Append(json, copied, json.Length - copied).ToString();
    }

    /// <summary>
    /// JSON of unknown origin as bytes whose every name and text can be read: bytes that are not UTF-8, and half surrogate pairs, become
    /// U+FFFD. System.Text.Json parses them, and throws only when they are asked for. The memory given where there is nothing to replace.
    /// </summary>
    /// <param name="json">One JSON text, or what is taken for one.</param>
    public static ReadOnlyMemory<byte> Readable(ReadOnlyMemory<byte> json)
    {
        if (!Utf8.IsValid(json.Span))
            json = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(json.Span));
        if (json.Span.IndexOf("\\ud"u8) >= 0 || json.Span.IndexOf("\\uD"u8) >= 0)
            json = Encoding.UTF8.GetBytes(ReplaceLoneSurrogates(Encoding.UTF8.GetString(json.Span)));
        return json;
    }

    /// <summary>
    /// JSON of unknown origin as nodes whose every name and text can be read. A node throws at two members of one name when it is first
    /// asked for any of them; here such a text is no JSON.
    /// </summary>
    /// <exception cref="JsonException">It is no JSON, is nested too deep, or has a member twice.</exception>
    public static JsonNode? Node(string json) => JsonNode.Parse(ReplaceLoneSurrogates(json), documentOptions: Strict);

    private static char? Unit(string json, int at) =>
        at + 6 <= json.Length && ushort.TryParse(json.AsSpan(at + 2, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit)
            ? (char)unit
            : null;
}
