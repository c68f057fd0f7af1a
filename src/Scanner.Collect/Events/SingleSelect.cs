namespace Scanner.Collect.Events;

/// <summary>
/// The last line before an engine: a statement that is not one <c>select</c> is not sent. It is a second, independent
/// test of text that the program wrote itself, so it may be strict: no comments, no semicolon outside of quotes.
/// </summary>
internal static class SingleSelect
{
    /// <summary>Passes a statement on, or refuses it.</summary>
    /// <exception cref="InvalidOperationException">It is not one <c>select</c> alone.</exception>
    public static string Require(string sql)
    {
        if (!sql.StartsWith("select ", StringComparison.Ordinal) && !sql.StartsWith("with ", StringComparison.Ordinal))
            throw new InvalidOperationException("A statement that does not begin with select or with is refused.");
        char? quote = null;
        for (var i = 0; i < sql.Length; i++)
        {
            var c = sql[i];
            if (quote is not null)
            {
                // A doubled quote closes and opens again, which comes to the same.
                if (c == quote)
                    quote = null;
            }
            else if (c is '\'' or '"')
            {
                quote = c;
            }
            else if (c is ';' or '`' || (i + 1 < sql.Length && ((c, sql[i + 1]) is ('-', '-') or ('/', '*'))))
            {
                throw new InvalidOperationException("A statement with a semicolon, a comment or a backquote outside of quotes is refused.");
            }
        }

        return quote is null ? sql : throw new InvalidOperationException("A statement with an open quote is refused.");
    }
}
