using System.Text;

namespace Scanner.Terminal;

/// <summary>
/// Makes text of unknown origin safe for a terminal and for the Actions log: control characters (escape sequences,
/// carriage returns), bidirectional overrides and line breaks become visible marks, and a line cannot begin with the
/// <c>::</c> that Actions reads as a workflow command.
/// </summary>
internal static class Safe
{
    /// <summary>One harmless line.</summary>
    public static string Line(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return "";
        StringBuilder? changed = null;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (IsHarmless(c, text, i))
            {
                changed?.Append(c);
                continue;
            }
            changed ??= new StringBuilder(text, 0, i, text.Length + 8);
            changed.Append(c is '\n' or '\r' or '\t' ? ' ' : '\uFFFD');
        }
        return changed?.ToString() ?? text;
    }

    /// <summary>One harmless line that may stand at the start of a line of the Actions log.</summary>
    public static string LogLine(string? text)
    {
        var line = Line(text);
        // Actions trims the line before it looks for '::' and also knows the older '##[' form.
        var start = line.AsSpan().TrimStart();
        return start.StartsWith("::", StringComparison.Ordinal) || start.StartsWith("##[", StringComparison.Ordinal) ? "| " + line : line;
    }

    private static bool IsHarmless(char c, string text, int i)
    {
        if (char.IsControl(c))
            return false;
        if (char.IsSurrogate(c))
            return char.IsHighSurrogate(c) ? i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]) : i > 0 && char.IsHighSurrogate(text[i - 1]);
        // Bidirectional controls and line separators.
        return c is not ((>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069') or '\u2028' or '\u2029' or '\u200E' or '\u200F' or '\u061C');
    }
}
