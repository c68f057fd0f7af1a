using System.Text;
using Scanner.Catalog;

namespace Scanner.Store.Sql;

/// <summary>Writes names, texts and JSON paths into SQL so that they cannot end where they stand.</summary>
internal static class SqlText
{
    /// <summary>A quoted identifier.</summary>
    public static string Identifier(string name) => "\"" + Inert(name).Replace("\"", "\"\"", StringComparison.Ordinal) + "\"";

    /// <summary>A text literal. DuckDB knows no escapes in it but the doubled quote.</summary>
    public static string Literal(string text) => "'" + Inert(text).Replace("'", "''", StringComparison.Ordinal) + "'";

    /// <summary>A literal JSON path (DuckDB's <c>$."a"[*]."b"</c>) of some segments of an item path.</summary>
    /// <param name="segments">Segments, outermost first.</param>
    /// <param name="wild">Whether <c>[]</c> becomes <c>[*]</c>, which makes the result a list.</param>
    public static string JsonPath(IEnumerable<ItemPathSegment> segments, bool wild)
    {
        var path = new StringBuilder("$");
        foreach (var segment in segments)
        {
            path.Append(".\"");
            foreach (var c in segment.Name)
            {
                if (c is '"' or '\\')
                    path.Append('\\');
                path.Append(c);
            }
            path.Append('"');
            if (wild && segment.Flatten)
                path.Append("[*]");
        }
        return Literal(path.ToString());
    }

    // SQL text ends at a NUL for the C interface below us.
    private static string Inert(string text) => text.Replace('\0', '\uFFFD');
}
