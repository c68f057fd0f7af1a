using System.Buffers;
using System.Globalization;
using System.Text;

namespace Scanner.Model;

/// <summary>
/// The normalization that every text of unknown origin goes through before it reaches a terminal, a log or a report, and before
/// it is escaped for any of them: what a reader cannot see becomes something that he can. Control characters become their Unicode control pictures
/// (U+2400 block), spaces other than U+0020 and other invisible or direction-changing characters become <c>⟨U+202E⟩</c>, and half surrogate
/// pairs become U+FFFD. Everything else is kept as it is.
/// </summary>
public static class SafeText
{
    private static readonly SearchValues<char> Plain = SearchValues.Create(
        " !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~");

    /// <summary>Keeps line breaks (as <c>\n</c>) and tabs; for cells of CSV and members of JSON-like formats.</summary>
    public static string Lines(string? text) => Normalize(text, keepLines: true);

    /// <summary>One line: line breaks and tabs become spaces; spaces are neither joined nor trimmed.</summary>
    public static string Line(string? text) => Normalize(text, keepLines: false);

    /// <summary>One line that may stand at the start of a line of the Actions log: it cannot begin with <c>::</c> or <c>##[</c>, which Actions reads as a workflow command.</summary>
    public static string LogLine(string? text)
    {
        var line = Line(text);
        // Actions trims the line before it looks for '::' and also knows the older '##[' form.
        var start = line.AsSpan().TrimStart();
        return start.StartsWith("::", StringComparison.Ordinal) || start.StartsWith("##[", StringComparison.Ordinal) ? "| " + line : line;
    }

    /// <summary>One line whose runs of spaces are one space, without spaces at the ends: running text.</summary>
    public static string Words(string? text)
    {
        var line = Line(text);
        if (!line.Contains("  ", StringComparison.Ordinal) && !line.StartsWith(' ') && !line.EndsWith(' '))
            return line;
        return string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
    }

    /// <summary>One line in which also those spaces are visible (as U+2420) that a browser would not show: at the ends, and after another.</summary>
    public static string Exact(string? text)
    {
        var line = Line(text);
        if (!line.Contains("  ", StringComparison.Ordinal) && !line.StartsWith(' ') && !line.EndsWith(' '))
            return line;
        return string.Create(line.Length, line, static (made, from) =>
        {
            for (var i = 0; i < from.Length; i++)
                made[i] = from[i] == ' ' && (i == 0 || i == from.Length - 1 || from[i - 1] == ' ') ? '\u2420' : from[i];
        });
    }

    /// <summary>At most <paramref name="units"/> UTF-16 units, never half a character; says by <c>…</c> that it was cut.</summary>
    public static string Cut(string text, int units)
    {
        if (text.Length <= units)
            return text;
        var end = Math.Max(0, units - 1);
        if (end > 0 && char.IsHighSurrogate(text[end - 1]))
            end--;
        return string.Concat(text.AsSpan(0, end), "…");
    }

    private static string Normalize(string? text, bool keepLines)
    {
        if (string.IsNullOrEmpty(text) || !text.AsSpan().ContainsAnyExcept(Plain))
            return text ?? "";
        var made = new StringBuilder(text.Length + 16);
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c is '\r' or '\n' or '\u0085' or '\u2028' or '\u2029')
            {
                if (c == '\r' && i + 1 < text.Length && text[i + 1] == '\n')
                    i++;
                made.Append(keepLines ? '\n' : ' ');
            }
            else if (c == '\t')
            {
                made.Append(keepLines ? '\t' : ' ');
            }
            else if (c < ' ')
            {
                made.Append((char)(0x2400 + c));
            }
            else if (c == '\u007F')
            {
                made.Append('\u2421');
            }
            else if (char.IsSurrogate(c))
            {
                if (char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
                {
                    AppendOrShow(made, new Rune(c, text[i + 1]));
                    i++;
                }
                else
                {
                    made.Append('\uFFFD');
                }
            }
            else
            {
                AppendOrShow(made, new Rune(c));
            }
        }
        return made.ToString();
    }

    private static void AppendOrShow(StringBuilder made, Rune rune)
    {
        var hidden = rune.Value != ' ' && Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format
                or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned
                // Spaces that are not the space: names that differ in them look the same.
                or UnicodeCategory.SpaceSeparator
            // Letters and marks by category, but blank on screen: Hangul fillers, the Mongolian vowel separator, the braille blank;
            // and variation selectors, which can carry hidden text.
            || rune.Value is 0x115F or 0x1160 or 0x3164 or 0xFFA0 or 0x180E or 0x2800
                or (>= 0xFE00 and <= 0xFE0F) or (>= 0xE0100 and <= 0xE01EF);
        if (hidden)
            made.Append(CultureInfo.InvariantCulture, $"⟨U+{rune.Value:X4}⟩");
        else
            made.Append(rune.ToString());
    }
}
