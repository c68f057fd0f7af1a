using System.Text;

namespace Scanner.Store.Functions;

/// <summary>
/// A text with <c>*</c> (anything) and <c>?</c> (one character), as IAM policies write actions, resources and the values of
/// <c>StringLike</c>. <c>${*}</c>, <c>${?}</c> and <c>${$}</c> are the characters themselves; any other <c>${...}</c> is a policy
/// variable, of which nothing is known here (IAM user guide, "Policy variables").
/// </summary>
internal sealed class WildcardPattern
{
    // Private-use code units that stand for the wildcards, so that literal stars keep their meaning.
    private const char Any = '\uE000';
    private const char One = '\uE001';

    private readonly string _tokens;

    private WildcardPattern(string tokens, bool hasVariable)
    {
        _tokens = tokens;
        HasVariable = hasVariable;
    }

    /// <summary>Whether a policy variable stands in it. It is read as <c>*</c>: what the pattern can match, not what it does.</summary>
    public bool HasVariable { get; }

    /// <summary>Whether there is neither a wildcard nor a variable in it.</summary>
    public bool IsFixed => _tokens.AsSpan().IndexOfAny(Any, One) < 0;

    /// <summary>Whether it matches every text: one star, or several.</summary>
    public bool IsEverything => !HasVariable && _tokens.Length == 1 && _tokens[0] == Any;

    /// <summary>The characters before the first wildcard or variable.</summary>
    public string FixedStart => _tokens.AsSpan().IndexOfAny(Any, One) is >= 0 and var at ? _tokens[..at] : _tokens;

    /// <summary>Reads a pattern.</summary>
    /// <param name="text">As the policy has it.</param>
    /// <param name="ignoreCase">Whether case does not count (actions; never resources).</param>
    public static WildcardPattern Parse(string text, bool ignoreCase = false) => Read(text, ignoreCase, wildcards: true);

    /// <summary>Reads a text in which stars are stars and only variables count (<c>StringEquals</c>).</summary>
    public static WildcardPattern ParseFixed(string text, bool ignoreCase = false) => Read(text, ignoreCase, wildcards: false);

    /// <summary>Whether it matches a text.</summary>
    public bool Matches(string text, bool ignoreCase = false) => Contains(Literal(ignoreCase ? text.ToLowerInvariant() : text));

    /// <summary>
    /// Whether it matches everything that the other matches. A variable of this one never counts as matching. Never true by
    /// mistake; the stars of the other can only be taken up by stars of this one, which is exact since no alphabet is used up.
    /// </summary>
    public bool Contains(WildcardPattern other) => !HasVariable && Contains(other._tokens);

    /// <summary>Whether there is a text that both match.</summary>
    public bool Overlaps(WildcardPattern other)
    {
        var a = _tokens;
        var b = other._tokens;
        // reach[j]: the first i tokens of a and the first j of b can have made the same text.
        var reach = new bool[b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
        {
            var before = i == 0 ? new bool[b.Length + 1] : (bool[])reach.Clone();
            for (var j = 0; j <= b.Length; j++)
            {
                reach[j] = (i == 0 && j == 0)
                    || (j > 0 && reach[j - 1] && (b[j - 1] == Any || (i < a.Length && a[i] == Any)))
                    || (i > 0 && before[j] && (a[i - 1] == Any || (j < b.Length && b[j] == Any)))
                    || (i > 0 && j > 0 && before[j - 1] && Meet(a[i - 1], b[j - 1]));
            }
        }
        return reach[b.Length];
    }

    private static bool Meet(char one, char other) => one != Any && other != Any && (one == One || other == One || one == other);

    private bool Contains(string other)
    {
        // The usual walk with one point to return to; a star of the other text is a character that only a star takes.
        int at = 0, star = -1, mark = 0;
        for (var i = 0; i < other.Length;)
        {
            if (at < _tokens.Length && _tokens[at] == Any)
            {
                star = at++;
                mark = i;
            }
            else if (at < _tokens.Length && other[i] != Any && (_tokens[at] == One || _tokens[at] == other[i]))
            {
                at++;
                i++;
            }
            else if (star >= 0)
            {
                at = star + 1;
                i = ++mark;
            }
            else
            {
                return false;
            }
        }
        while (at < _tokens.Length && _tokens[at] == Any)
            at++;
        return at == _tokens.Length;
    }

    private static string Literal(string text) => text.AsSpan().IndexOfAny(Any, One) < 0 ? text : text.Replace(Any, '\uFFFD').Replace(One, '\uFFFD');

    private static WildcardPattern Read(string text, bool ignoreCase, bool wildcards)
    {
        var tokens = new StringBuilder(text.Length);
        var variable = false;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '$' && i + 1 < text.Length && text[i + 1] == '{' && text.IndexOf('}', i) is > 0 and var end)
            {
                var name = text.AsSpan(i + 2, end - i - 2);
                if (name is "*" or "?" or "$")
                {
                    tokens.Append(name[0]);
                }
                else
                {
                    variable = true;
                    tokens.Append(Any);
                }
                i = end;
                continue;
            }
            tokens.Append(text[i] switch
            {
                '*' when wildcards => Any,
                '?' when wildcards => One,
                Any or One => '\uFFFD',
                var c => ignoreCase ? char.ToLowerInvariant(c) : c,
            });
        }
        return new WildcardPattern(Ordered(tokens.ToString()), variable);
    }

    // A run of wildcards is written in one way: "?" first, then at most one "*". Then equal languages have equal tokens.
    private static string Ordered(string tokens)
    {
        var ordered = new StringBuilder(tokens.Length);
        for (var i = 0; i < tokens.Length;)
        {
            if (tokens[i] is not (Any or One))
            {
                ordered.Append(tokens[i++]);
                continue;
            }
            var star = false;
            for (; i < tokens.Length && tokens[i] is Any or One; i++)
            {
                star |= tokens[i] == Any;
                if (tokens[i] == One)
                    ordered.Append(One);
            }
            if (star)
                ordered.Append(Any);
        }
        return ordered.ToString();
    }
}
