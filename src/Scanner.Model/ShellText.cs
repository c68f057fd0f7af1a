using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Scanner.Model;

/// <summary>
/// A script of a POSIX shell, read as far as it takes to put values of others into it: a value stays a value there, or it is not put in. Placeholders are
/// words of capitals, such as <c>BUCKET</c>.
/// </summary>
public static partial class ShellText
{
    /// <summary>The script with values in the place of names; a name whose value cannot stand there without a risk stays.</summary>
    /// <param name="script">A script; ours or the author's of the check.</param>
    /// <param name="values">Values by name. Hostile text.</param>
    public static string Fill(string script, IReadOnlyDictionary<string, string> values)
    {
        var made = new StringBuilder();
        var reader = new ShellReader();
        for (var at = 0; at < script.Length;)
        {
            var end = at;
            while (end < script.Length && IsOfName(script[end]))
                end++;
            if (end == at)
            {
                reader.Read(script[at]);
                made.Append(script[at++]);
                continue;
            }
            var word = script[at..end];
            var alone = reader.IsOpen && (at == 0 || char.IsWhiteSpace(script[at - 1])) && (end == script.Length || char.IsWhiteSpace(script[end]));
            made.Append(values.TryGetValue(word, out var value) ? Safe(value, alone) ?? word : word);
            foreach (var letter in word)
                reader.Read(letter);
            at = end;
        }
        return made.ToString();
    }

    /// <summary>Whether a name stands in a script as a word of its own.</summary>
    /// <param name="script">A script.</param>
    /// <param name="name">A name.</param>
    public static bool Holds(string script, string name)
    {
        for (var at = script.IndexOf(name, StringComparison.Ordinal); at >= 0; at = script.IndexOf(name, at + 1, StringComparison.Ordinal))
        {
            if ((at == 0 || !IsOfName(script[at - 1])) && (at + name.Length == script.Length || !IsOfName(script[at + name.Length])))
                return true;
        }
        return false;
    }

    /// <summary>The commands of a script, in order: each with the comments before it, its further lines, and a loop as one.</summary>
    /// <param name="script">A script.</param>
    public static IReadOnlyList<string> Commands(string script)
    {
        var commands = new List<string>();
        var lines = new List<string>();
        var reader = new ShellReader();
        var depth = 0;
        foreach (var line in script.TrimEnd().Split('\n'))
        {
            foreach (var letter in line)
                reader.Read(letter);
            var goesOn = reader.EndsLine();
            lines.Add(line.TrimEnd('\r'));
            var first = line.TrimStart().Split(' ')[0];
            depth += first is "for" or "while" or "if" ? 1 : first is "done" or "fi" ? -1 : 0;
            if (goesOn || depth > 0 || first.StartsWith('#') || first.Length == 0)
                continue;
            commands.Add(string.Join('\n', lines));
            lines.Clear();
        }
        if (lines.Count > 0)
            commands.Add(string.Join('\n', lines));
        return commands;
    }

    /// <summary>A command with the region that it is for, where it is one of the AWS CLI for a service of regions and says none.</summary>
    /// <param name="command">A command.</param>
    /// <param name="region">A region.</param>
    public static string WithRegion(string command, string region) =>
        command.Contains("--region", StringComparison.Ordinal) || !Plain().IsMatch(region) ? command
            : Call().Replace(command, call => Global.Contains(call.Groups["service"].Value, StringComparer.Ordinal) ? call.Value : $"{call.Value} --region {region}");

    private static readonly string[] Global = ["account", "cloudfront", "globalaccelerator", "iam", "organizations", "route53", "support", "waf"];

    // Alone, a value is quoted where it has to be; within a word or quotes only letters that mean nothing in a shell, JSON or the CLI's shorthand.
    private static string? Safe(string value, bool alone)
    {
        // The CLI reads a file where a value begins so, and an option where it begins with a minus.
        if (value.Length is 0 or > 1_000 || value[0] == '-' || value.StartsWith("file", StringComparison.OrdinalIgnoreCase) && value.Contains("://", StringComparison.Ordinal))
            return null;
        if (Plain().IsMatch(value))
            return value;
        return alone && value.EnumerateRunes().All(IsVisible) ? $"'{value.Replace("'", "'\\''", StringComparison.Ordinal)}'" : null;
    }

    private static bool IsVisible(Rune rune) => rune != Rune.ReplacementChar && Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format
        or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);

    private static bool IsOfName(char letter) => char.IsAsciiLetterOrDigit(letter) || letter == '_';

    [GeneratedRegex(@"^[A-Za-z0-9/][A-Za-z0-9+.@_:/-]{0,1000}\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Plain();

    // At the start of a line, in a loop, or within $( ).
    [GeneratedRegex(@"(^[ \t]*|\$\()aws (?<service>[a-z0-9-]+) (wait )?[a-z0-9][a-z0-9-]*", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.Multiline | RegexOptions.NonBacktracking)]
    private static partial Regex Call();
}
