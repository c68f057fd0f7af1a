using System.Text;

namespace Scanner.Collect.Tables;

/// <summary>Reads CSV as RFC 4180 has it: quoted fields, doubled quotes, line breaks inside quotes, CRLF or LF.</summary>
internal static class CsvText
{
    /// <summary>All records, each with its fields; blank lines are left out.</summary>
    /// <exception cref="FormatException">A quote is left open, or something follows a closing quote.</exception>
    public static IEnumerable<List<string>> Read(string text)
    {
        var i = 0;
        while (i < text.Length)
        {
            if (text[i] is '\r' or '\n')
            {
                i++;
                continue;
            }
            var record = new List<string>();
            while (true)
            {
                record.Add(Field(text, ref i));
                if (i >= text.Length || text[i] != ',')
                    break;
                i++;
            }
            yield return record;
        }
    }

    private static string Field(string text, ref int i)
    {
        if (i < text.Length && text[i] == '"')
            return Quoted(text, ref i);
        var start = i;
        while (i < text.Length && text[i] is not (',' or '\r' or '\n'))
            i++;
        return text[start..i];
    }

    private static string Quoted(string text, ref int i)
    {
        var field = new StringBuilder();
        i++;
        while (true)
        {
            var quote = text.IndexOf('"', i);
            if (quote < 0)
                throw new FormatException("a quoted field is left open");
            field.Append(text, i, quote - i);
            i = quote + 1;
            if (i >= text.Length || text[i] != '"')
                break;
            field.Append('"');
            i++;
        }
        return i >= text.Length || text[i] is ',' or '\r' or '\n'
            ? field.ToString()
            : throw new FormatException("a quoted field goes on after its closing quote");
    }
}
