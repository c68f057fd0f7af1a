using System.Text.RegularExpressions;

namespace Scanner.Detect.Rules;

/// <summary>
/// Makes .NET expressions from a rule's. The non-backtracking engine takes time in proportion to the text whatever the
/// pattern; what it cannot do (look-around, back-references, atomic groups) runs with backtracking and a time limit.
/// </summary>
internal static class RegexFactory
{
    internal static readonly TimeSpan TimeLimit = TimeSpan.FromMilliseconds(250);

    /// <exception cref="ArgumentException">The pattern is no regular expression.</exception>
    internal static Regex Make(ValueTest.Regex test)
    {
        var options = RegexOptions.CultureInvariant;
        if (test.IgnoreCase)
            options |= RegexOptions.IgnoreCase;
        if (test.MultiLine)
            options |= RegexOptions.Multiline;
        if (test.SingleLine)
            options |= RegexOptions.Singleline;
        try
        {
            return new Regex(test.Pattern, options | RegexOptions.NonBacktracking, TimeLimit);
        }
        catch (NotSupportedException)
        {
            return new Regex(test.Pattern, options, TimeLimit);
        }
    }
}
