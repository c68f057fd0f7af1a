using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Scanner.Detect.Rules;

/// <summary>
/// Makes .NET expressions from a rule's, which are PCRE's (Sigma modifiers appendix, <c>re</c>). The non-backtracking engine takes time
/// in proportion to the text whatever the pattern; what it cannot do (look-around, back-references, atomic groups) runs with
/// backtracking and a time limit.
/// </summary>
internal static class RegexFactory
{
    private static readonly Dictionary<string, string> PosixClasses = new(StringComparer.Ordinal)
    {
        ["alpha"] = "a-zA-Z",
        ["digit"] = "0-9",
        ["alnum"] = "a-zA-Z0-9",
        ["upper"] = "A-Z",
        ["lower"] = "a-z",
        ["xdigit"] = "0-9A-Fa-f",
        ["word"] = "a-zA-Z0-9_",
        ["space"] = @" \t\n\r\f\v",
        ["blank"] = @" \t",
        ["cntrl"] = @"\x00-\x1f\x7f",
        ["print"] = @"\x20-\x7e",
        ["graph"] = @"\x21-\x7e",
        ["punct"] = @"\x21-\x2f\x3a-\x40\x5b-\x60\x7b-\x7e",
    };

    // What plain expressions may repeat, and how often.
    private const int MostRepeated = 64;
    private const int MostBounded = 2;

    /// <summary>Makes an expression.</summary>
    /// <param name="test">The rule's.</param>
    /// <param name="limit">By the clock, for one that needs backtracking; another has none.</param>
    /// <exception cref="ArgumentException">The pattern is no regular expression.</exception>
    internal static Regex Make(ValueTest.Regex test, TimeSpan limit)
    {
        try
        {
            return new Regex(test.Pattern, OptionsOf(test) | (IsPlain(test) ? RegexOptions.None : RegexOptions.NonBacktracking), Regex.InfiniteMatchTimeout);
        }
        catch (NotSupportedException)
        {
            return new Regex(test.Pattern, OptionsOf(test), limit);
        }
    }

    /// <summary>Makes a plain expression that is quicker to match and slower to set up; null of another one.</summary>
    /// <param name="test">The rule's; good.</param>
    internal static Regex? MakeCompiled(ValueTest.Regex test) =>
        IsPlain(test) ? new Regex(test.Pattern, OptionsOf(test) | RegexOptions.Compiled, Regex.InfiniteMatchTimeout) : null;

    /// <summary>Makes sure that there is such an expression. The engine without backtracking is slow to set up, which is left until an event needs it.</summary>
    /// <param name="test">The rule's.</param>
    /// <exception cref="ArgumentException">The pattern is no regular expression.</exception>
    internal static void Check(ValueTest.Regex test) => _ = new Regex(test.Pattern, OptionsOf(test), Regex.InfiniteMatchTimeout);

    /// <summary>
    /// Whether backtracking has next to nothing to go back over, so that it takes time in proportion to the text too, and is quicker: no groups
    /// and alternatives, repetition up to a small number, and one without end only where the start is fixed.
    /// </summary>
    internal static bool IsPlain(ValueTest.Regex test)
    {
        var pattern = test.Pattern;
        var (endless, bounded, inSet) = (0, 0, false);
        for (var at = 0; at < pattern.Length; at++)
        {
            switch (pattern[at])
            {
                case '\\':
                    // A back-reference or a property of characters is none of the plain ones.
                    if (++at < pattern.Length && (char.IsAsciiDigit(pattern[at]) || pattern[at] is 'k' or 'p' or 'P' or 'G'))
                        return false;
                    break;
                case '[':
                    inSet = true;
                    break;
                case ']':
                    inSet = false;
                    break;
                case '(' or '|' when !inSet:
                    return false;
                case '*' or '+' when !inSet:
                    endless++;
                    break;
                case '?' when !inSet:
                    bounded++;
                    break;
                case '{' when !inSet:
                    var end = pattern.IndexOf('}', at);
                    var counts = end < 0 ? default : pattern.AsSpan(at + 1, end - at - 1);
                    if (!int.TryParse(counts[(counts.IndexOf(',') + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var most) || most > MostRepeated)
                        return false;
                    bounded++;
                    break;
            }
        }

        return bounded <= MostBounded && (endless == 0 || (endless == 1 && bounded == 0 && pattern.StartsWith('^') && !test.MultiLine));
    }

    private static RegexOptions OptionsOf(ValueTest.Regex test) =>
        RegexOptions.CultureInvariant
        | (test.IgnoreCase ? RegexOptions.IgnoreCase : RegexOptions.None)
        | (test.MultiLine ? RegexOptions.Multiline : RegexOptions.None)
        | (test.SingleLine ? RegexOptions.Singleline : RegexOptions.None);

    /// <summary>
    /// The pattern with POSIX classes (<c>[[:digit:]]</c>) written out, which .NET does not know and would read as a set of the letters
    /// of their names.
    /// </summary>
    /// <exception cref="FormatException">A class that is none, or the subtraction of classes that only .NET has.</exception>
    internal static string OfPcre(string pattern)
    {
        if (!pattern.Contains('[', StringComparison.Ordinal))
            return pattern;
        var result = new StringBuilder(pattern.Length);
        var inSet = false;
        for (var at = 0; at < pattern.Length; at++)
        {
            var c = pattern[at];
            if (c == '\\' && at + 1 < pattern.Length)
            {
                result.Append(c).Append(pattern[++at]);
            }
            else if (!inSet)
            {
                result.Append(c);
                if (c != '[')
                    continue;
                inSet = true;
                if (at + 1 < pattern.Length && pattern[at + 1] == '^')
                    result.Append(pattern[++at]);
                // A bracket that stands first is a member.
                if (at + 1 < pattern.Length && pattern[at + 1] == ']')
                    result.Append('\\').Append(pattern[++at]);
            }
            else if (c == '[' && at + 1 < pattern.Length && pattern[at + 1] == ':' && pattern.IndexOf(":]", at + 2, StringComparison.Ordinal) is > 0 and var end)
            {
                var name = pattern[(at + 2)..end];
                result.Append(PosixClasses.TryGetValue(name, out var members)
                    ? members
                    : throw new FormatException($"there is no class [:{name}:]; there are {string.Join(", ", PosixClasses.Keys)}"));
                at = end + 1;
            }
            else if (c == '[' && pattern[at - 1] == '-' && pattern.IndexOf("]]", at, StringComparison.Ordinal) > 0)
            {
                throw new FormatException("[a-z-[aeiou]] (one class without another) means that only in .NET; write the members out, or escape the bracket as \\[");
            }
            else
            {
                inSet = c != ']';
                // To .NET a bracket in a set may begin a subtraction; to PCRE it is a member.
                if (c == '[')
                    result.Append('\\');
                result.Append(c);
            }
        }

        return result.ToString();
    }
}
