using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Scanner.Model;

namespace Scanner.Detect.Rules;

/// <summary>
/// Writes rules for other Sigma engines: with the values of lists (<c>expand</c>) in their place, which pySigma and rsigma refuse beside
/// <c>cidr</c> and need a pipeline for elsewhere. All other lines stay as they are.
/// </summary>
public static partial class RuleExporter
{
    /// <summary>The file with its lists resolved.</summary>
    /// <param name="file">Name for messages.</param>
    /// <param name="yaml">Text of the rule file.</param>
    /// <param name="lists">Name of a list to its values.</param>
    /// <exception cref="InputException">A list has no values, or a value is written in a way that cannot be resolved line by line.</exception>
    public static string Resolve(string file, string yaml, IReadOnlyDictionary<string, IReadOnlyList<string>> lists)
    {
        var lines = yaml.ReplaceLineEndings("\n").Split('\n');
        var result = new StringBuilder();
        for (var i = 0; i < lines.Length; i++)
        {
            var match = ExpandedKey().Match(lines[i]);
            if (!match.Success)
            {
                result.Append(lines[i]).Append(i < lines.Length - 1 ? "\n" : "");
                continue;
            }

            var indent = match.Groups["indent"].Value;
            var values = new List<string>();
            var number = i + 1;
            if (match.Groups["value"].Value.Trim() is { Length: > 0 } own)
            {
                values.Add(own);
            }
            else
            {
                while (i + 1 < lines.Length && Item().Match(lines[i + 1]) is { Success: true } item && item.Groups["indent"].Length > indent.Replace("- ", "", StringComparison.Ordinal).Length)
                {
                    values.Add(item.Groups["value"].Value.Trim());
                    i++;
                }
            }

            result.Append(indent).Append(match.Groups["field"].Value).Append(match.Groups["modifiers"].Value.Replace("|expand", "", StringComparison.Ordinal)).Append(":\n");
            var below = new string(' ', indent.Length + 2);
            foreach (var value in values.SelectMany(value => Expand(file, number, Plain(file, number, value), lists)))
                result.Append(below).Append("- ").Append(JsonSerializer.Serialize(value, Relaxed)).Append('\n');
        }

        return result.ToString();
    }

    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static string Plain(string file, int line, string value)
    {
        if (value.Length >= 2 && value[0] == '\'' && value[^1] == '\'')
            return value[1..^1].Replace("\'\'", "\'", StringComparison.Ordinal);
        if (value.Length >= 2 && value[0] == '"' && value[^1] == '"' && !value.Contains('\\', StringComparison.Ordinal))
            return value[1..^1];
        if (value[0] is '[' or '{' or '|' or '>' or '&' or '*' or '"' or '\'')
            throw new InputException(file, line, "a value with a list is written in a way that cannot be resolved here; write one value a line, in single quotes");
        return value;
    }

    private static IEnumerable<string> Expand(string file, int line, string value, IReadOnlyDictionary<string, IReadOnlyList<string>> lists)
    {
        var match = Placeholder().Match(value);
        if (!match.Success)
            return [value.Replace("\\%", "%", StringComparison.Ordinal)];
        var name = match.Groups["name"].Value;
        if (!lists.TryGetValue(name, out var values) || values.Count == 0)
            throw new InputException(file, line, $"the list %{name}% has no values: give them in a file of lists (placeholders:)");
        return values.SelectMany(one => Expand(file, line, value[(match.Index + match.Length)..], lists).Select(rest => value[..match.Index] + one + rest));
    }

    [GeneratedRegex(@"^(?<indent>\s*(- )?)(?<field>[A-Za-z0-9_.@-]+)(?<modifiers>(\|[a-z0-9]+)*\|expand(\|[a-z0-9]+)*):(?<value>.*)$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex ExpandedKey();

    [GeneratedRegex(@"^(?<indent>\s*)- (?<value>.*)$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Item();

    [GeneratedRegex(@"%(?<name>[A-Za-z0-9_.\-]+)%", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Placeholder();
}
