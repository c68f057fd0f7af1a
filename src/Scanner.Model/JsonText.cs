using System.Globalization;
using System.Text;

namespace Scanner.Model;

/// <summary>Replaces what one JSON reader takes and another refuses, so that one hostile tag cannot spoil a table.</summary>
public static class JsonText
{
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

    private static char? Unit(string json, int at) =>
        at + 6 <= json.Length && ushort.TryParse(json.AsSpan(at + 2, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit)
            ? (char)unit
            : null;
}
