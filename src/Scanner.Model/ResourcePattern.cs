using System.Text;
using System.Text.RegularExpressions;

namespace Scanner.Model;

/// <summary>
/// How the names that a command needs stand in the ARN or id of a resource, such as <c>*:trail/{TRAIL}</c>. <c>{NAME}</c> is a piece without <c>/</c> and
/// <c>:</c>, <c>{NAME*}</c> and <c>*</c> are any text; all else stands for itself.
/// </summary>
public sealed partial class ResourcePattern
{
    private readonly Regex _regex;

    private ResourcePattern(Regex regex, IReadOnlyList<string> names) => (_regex, Names) = (regex, names);

    /// <summary>Names in it, in order.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Reads a pattern.</summary>
    /// <param name="text">Such as <c>*:user/*{USER}</c>.</param>
    /// <exception cref="FormatException">It holds no name, one twice, or a brace that is not part of one.</exception>
    public static ResourcePattern Parse(string text)
    {
        var made = new StringBuilder("^");
        var names = new List<string>();
        var at = 0;
        foreach (var place in Place().Matches(text).Cast<Match>())
        {
            made.Append(Literal(text[at..place.Index]));
            at = place.Index + place.Length;
            if (place.Groups["name"] is not { Success: true, Value: var name })
            {
                made.Append(".*?");
                continue;
            }
            if (names.Contains(name, StringComparer.Ordinal))
                throw new FormatException($"holds {{{name}}} twice");
            names.Add(name);
            made.Append("(?<").Append(name).Append('>').Append(place.Groups["any"].Success ? ".+?" : "[^/:]+").Append(')');
        }
        made.Append(Literal(text[at..])).Append("\\z");
        return names.Count > 0 ? new ResourcePattern(new Regex(made.ToString(), RegexOptions.CultureInvariant | RegexOptions.NonBacktracking), names)
            : throw new FormatException("names nothing: write {NAME} where the name of a command's placeholder stands");
    }

    /// <summary>The names' values in a resource; empty where it does not have this form, or holds a character that no command can.</summary>
    /// <param name="resource">ARN or id. Hostile text, and so are the values.</param>
    public IReadOnlyDictionary<string, string> Match(string resource) =>
        !resource.Any(char.IsControl) && _regex.Match(resource) is { Success: true } match ? Names.ToDictionary(name => name, name => match.Groups[name].Value, StringComparer.Ordinal) : new Dictionary<string, string>();

    private static string Literal(string text) =>
        text.AsSpan().IndexOfAny('{', '}') < 0 ? Regex.Escape(text) : throw new FormatException("holds a brace that is not part of {NAME} or {NAME*}: names are capitals, digits and _");

    [GeneratedRegex(@"\{(?<name>[A-Z][A-Z0-9_]*)(?<any>\*)?\}|\*", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Place();
}
