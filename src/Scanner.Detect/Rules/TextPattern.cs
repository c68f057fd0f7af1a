using System.Text;

namespace Scanner.Detect.Rules;

/// <summary>
/// A Sigma string: literal text with the wildcards <c>*</c> (any number of characters) and <c>?</c> (exactly one).
/// The tokens <see cref="Any"/>, <see cref="One"/> and <see cref="Dash"/> are wildcards, every other token is a literal of at least one character;
/// two literals never stand side by side, nor do two <see cref="Any"/>.
/// </summary>
internal sealed record TextPattern
{
    internal const string Any = "\0*";
    internal const string One = "\0?";

    /// <summary>Exactly one of <see cref="DashCharacters"/> (modifier windash).</summary>
    internal const string Dash = "\0-";

    internal const string DashCharacters = "-/–—―";

    private TextPattern(IReadOnlyList<string> tokens) => Tokens = tokens;

    internal IReadOnlyList<string> Tokens { get; }


    /// <summary>The text where there are no wildcards, or null.</summary>
    internal string? Literal => Tokens.Count == 0 ? "" : Tokens.Count == 1 && !IsWildcard(Tokens[0]) ? Tokens[0] : null;

    internal static bool IsWildcard(string token) => ReferenceEquals(token, Any) || ReferenceEquals(token, One) || ReferenceEquals(token, Dash);

    internal static TextPattern Of(IEnumerable<string> tokens)
    {
        var joined = new List<string>();
        foreach (var token in tokens)
        {
            if (token.Length == 0)
                continue;
            if (joined.Count > 0 && ReferenceEquals(token, Any) && ReferenceEquals(joined[^1], Any))
                continue;
            if (joined.Count > 0 && !IsWildcard(token) && !IsWildcard(joined[^1]))
                joined[^1] += token;
            else
                joined.Add(token);
        }

        return new TextPattern(joined);
    }

    internal static TextPattern OfLiteral(string text) => Of([text]);

    /// <summary>
    /// Reads wildcards and escapes (Sigma rules specification, Escape Character): a backslash makes a following
    /// <c>*</c>, <c>?</c> or backslash plain, and before anything else is itself plain.
    /// </summary>
    internal static TextPattern Parse(string text)
    {
        var tokens = new List<string>();
        var literal = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c == '\\' && i + 1 < text.Length && text[i + 1] is '*' or '?' or '\\')
            {
                literal.Append(text[++i]);
            }
            else if (c is '*' or '?')
            {
                tokens.Add(literal.ToString());
                literal.Clear();
                tokens.Add(c == '*' ? Any : One);
            }
            else
            {
                literal.Append(c);
            }
        }

        tokens.Add(literal.ToString());
        return Of(tokens);
    }

    internal TextPattern Surround(bool before, bool after) =>
        Of([.. before ? new[] { Any } : [], .. Tokens, .. after ? new[] { Any } : []]);

    public bool Equals(TextPattern? other) => other is not null && Tokens.SequenceEqual(other.Tokens, StringComparer.Ordinal);

    public override int GetHashCode() =>
        Tokens.Aggregate(17, (hash, token) => HashCode.Combine(hash, token.GetHashCode(StringComparison.Ordinal)));

    /// <summary>As a rule would write it.</summary>
    public override string ToString() => string.Concat(Tokens.Select(token =>
        ReferenceEquals(token, Any) ? "*" : ReferenceEquals(token, One) ? "?" : ReferenceEquals(token, Dash) ? "-" :
        token.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("*", "\\*", StringComparison.Ordinal).Replace("?", "\\?", StringComparison.Ordinal)));
}
