using System.Text;
using Scanner.Model;

namespace Scanner.Publish.Text;

/// <summary>
/// A line of comma-separated values (RFC 4180) whose cells a spreadsheet takes for text. A cell that it would take for a
/// formula (OWASP "CSV Injection": it begins with <c>= + - @</c>, tab or carriage return) is preceded by an apostrophe.
/// </summary>
public static class CsvLine
{
    /// <summary>The line without its end.</summary>
    /// <param name="cells">Its cells, of whatever origin.</param>
    /// <param name="isNumber">Whether the cell at that place, from 0, is known to be a number, which keeps its sign; null: none is.</param>
    public static string Of(IEnumerable<string> cells, Func<int, bool>? isNumber = null)
    {
        var line = new StringBuilder();
        foreach (var (i, cell) in cells.Index())
        {
            if (i > 0)
                line.Append(',');
            Append(line, cell, isNumber?.Invoke(i) == true);
        }
        return line.ToString();
    }

    private static void Append(StringBuilder line, string value, bool isNumber)
    {
        var cell = SafeText.Lines(value);
        if (!isNumber && IsFormula(value))
            cell = "'" + cell;
        if (cell.AsSpan().IndexOfAny(",\"\n\t;") >= 0 || cell.StartsWith(' ') || cell.EndsWith(' '))
            line.Append('"').Append(cell.Replace("\"", "\"\"", StringComparison.Ordinal)).Append('"');
        else
            line.Append(cell);
    }

    // Looked at before line breaks and tabs are normalized: they too make a spreadsheet look for a formula.
    private static bool IsFormula(string value)
    {
        if (value.Length > 0 && value[0] is '\t' or '\r' or '\n')
            return true;
        var first = value.AsSpan().TrimStart();
        return first.Length > 0 && first[0] is '=' or '+' or '-' or '@' or '＝' or '＋' or '－' or '＠';
    }
}
