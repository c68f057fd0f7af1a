using System.Text.RegularExpressions;
using Scanner.Model;

namespace Scanner.Scan;

/// <summary>
/// Finds the one line of Terraform that fixes a finding: the argument that the check reads, with the value that the check's <c>fix.terraform</c>
/// gives it. Only where that is certain: the source is plain (no here-document, no expression in the argument's place), the value is a word, a
/// number or a truth value that is the same for everybody, and nothing else of the fix is missing in the block.
/// </summary>
internal static partial class SuggestedFix
{
    /// <summary>The finding with the suggestion, and the line that it replaces, in its location; as it is where there is none.</summary>
    /// <param name="finding">A finding of a gate.</param>
    /// <param name="type">Resource type of its address, such as <c>aws_db_instance</c>.</param>
    /// <param name="terraform">The check's <c>fix.terraform</c>; null when it has none.</param>
    /// <param name="arguments">Names of arguments and blocks of the type that the check reads.</param>
    /// <param name="lines">Lines of the file that it is written in; hostile text.</param>
    public static Finding Add(Finding finding, string type, string? terraform, IReadOnlyList<string> arguments, IReadOnlyList<string> lines)
    {
        if (finding is not { Change: FindingChange.Introduced, Status: FindingStatus.Fail, Location: { Module: null } at } || terraform is null
            || at.BlockLine < 1 || at.BlockEndLine > lines.Count || at.BlockEndLine <= at.BlockLine
            || BlockOf(terraform, type) is not { } fix)
            return finding;
        var wanted = fix.Where(line => arguments.Contains(line.Path.Split('.')[0], StringComparer.Ordinal)).ToList();
        var block = lines.Skip(at.BlockLine - 1).Take(at.BlockEndLine - at.BlockLine + 1).ToList();
        if (!Header().IsMatch(block[0]) || !block[0].Contains($"\"{type}\"", StringComparison.Ordinal) || Lines(block) is not { } written)
            return finding;
        var different = new List<(FixLine Fix, SourceLine? Line)>();
        foreach (var line in wanted)
        {
            var there = written.FindAll(one => one.Path == line.Path);
            // An example is for the reader to think about; and which of two blocks of a name is meant, nobody can say.
            if (line.IsExample || there.Count > 1)
                return finding;
            if (line.Value is null)
            {
                // A bucket or key that everybody has to name himself.
                if (there.Count == 0)
                    return finding;
            }
            else if (there.Count == 0 || there[0].Value != line.Value)
            {
                different.Add((line, there.Count == 0 ? null : there[0]));
            }
        }
        return different is [var (change, place)] && Text(change, place, block[0]) is { } text
            ? finding with { Location = Replaced(at, place is null ? at.BlockLine : at.BlockLine + place.Index, text) }
            : finding;
    }

    private static SourceLocation Replaced(SourceLocation at, int line, string text) => at with { Line = line, EndLine = line, Suggestion = text };

    private static string? Text(FixLine fix, SourceLine? place, string header)
    {
        // An argument that is not there goes to the top of its block; one of a block that is not there takes more than a line.
        if (place is null)
            return fix.Path.Contains('.', StringComparison.Ordinal) || !header.TrimEnd().EndsWith('{') ? null : $"{header.TrimEnd()}\n{Indent(header)}  {fix.Path} = {fix.Value}";
        return place.Value is null ? null : $"{place.Before}{fix.Value}{place.After}";
    }

    private static string Indent(string line) => line[..(line.Length - line.TrimStart().Length)];

    /// <summary>Arguments of the only block of a type in a check's Terraform; null where there is none, or several.</summary>
    internal static IReadOnlyList<FixLine>? BlockOf(string terraform, string type)
    {
        var lines = terraform.Split('\n');
        var starts = Enumerable.Range(0, lines.Length).Where(i => Header().IsMatch(lines[i]) && lines[i].StartsWith($"resource \"{type}\"", StringComparison.Ordinal)).ToList();
        if (starts is not [var start])
            return null;
        var end = Array.FindIndex(lines, start, line => line == "}");
        if (end < 0 || Lines(lines[start..(end + 1)]) is not { } written)
            return null;
        return [.. written.Where(line => !IsName(line.Path)).Select(line => line.Value is not { } value
            ? new FixLine(line.Path, null, IsExample: false)
            : new FixLine(line.Path, value, IsExample: line.After.Contains('#', StringComparison.Ordinal) || !IsForEverybody(value)))];
    }

    // What something is called is its owner's business.
    private static bool IsName(string path) =>
        path.Split('.')[^1] is "name" or "bucket" or "identifier" or "id" or "arn" or "description" or "title" or "region" or "tags" or "method_path" or "analyzer_name"
        || path.EndsWith("_id", StringComparison.Ordinal) && !path.EndsWith("kms_key_id", StringComparison.Ordinal);

    // Truth values, numbers and words such as "required"; not addresses, names and texts.
    private static bool IsForEverybody(string value) => value[0] != '"' || Word().IsMatch(value);

    /// <summary>The arguments of a block, line by line, with the path of blocks that they are in; null where lines do not tell.</summary>
    private static List<SourceLine>? Lines(IReadOnlyList<string> block)
    {
        var found = new List<SourceLine>();
        var path = new Stack<string>();
        var open = 0;
        for (var i = 1; i < block.Count - 1; i++)
        {
            var line = block[i];
            if (line.Contains("<<", StringComparison.Ordinal) || line.Contains("/*", StringComparison.Ordinal))
                return null;
            var bare = Strings().Replace(line, "\"\"");
            var comment = bare.AsSpan().IndexOf('#') is var hash && bare.IndexOf("//", StringComparison.Ordinal) is var slashes && hash >= 0 && (slashes < 0 || hash < slashes) ? hash : slashes;
            var code = (comment >= 0 ? bare[..comment] : bare).Trim();
            if (open > 0)
            {
                // Inside of a list or an object: no arguments of a block.
                open += Depth(code);
                continue;
            }
            if (code.Length == 0)
                continue;
            if (Nested().Match(code) is { Success: true } nested)
            {
                path.Push(nested.Groups["name"].Value);
                continue;
            }
            if (code == "}")
            {
                if (!path.TryPop(out _))
                    return null;
                continue;
            }
            if (Argument().Match(line) is not { Success: true } argument)
                return null;
            open = Depth(code);
            if (open < 0)
                return null;
            found.Add(new SourceLine(
                string.Join('.', path.Reverse().Append(argument.Groups["name"].Value)), i, argument.Groups["before"].Value,
                open == 0 && Literal().Match(argument.Groups["rest"].Value) is { Success: true } literal ? literal.Groups["value"].Value : null,
                Literal().Match(argument.Groups["rest"].Value) is { Success: true } with ? with.Groups["after"].Value : ""));
        }
        return path.Count == 0 && open == 0 ? found : null;
    }

    private static int Depth(string code) =>
        code.Count(character => character is '{' or '[' or '(') - code.Count(character => character is '}' or ']' or ')');

    /// <summary>An argument of a check's Terraform.</summary>
    /// <param name="Path">Its name, after the names of the blocks that it is in.</param>
    /// <param name="Value">Its value where that is the same for everybody; null otherwise.</param>
    /// <param name="IsExample">Whether its value only shows what one could write.</param>
    internal sealed record FixLine(string Path, string? Value, bool IsExample);

    private sealed record SourceLine(string Path, int Index, string Before, string? Value, string After);

    [GeneratedRegex("""^\s*resource\s+"[a-z0-9_]+"\s+"[A-Za-z0-9_-]+"\s*\{\s*$""", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Header();

    [GeneratedRegex("^(?<name>[a-z][a-z0-9_]*) *\\{$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Nested();

    [GeneratedRegex("^(?<before>\\s*(?<name>[a-z][a-z0-9_]*)\\s*=\\s*)(?<rest>\\S.*)$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Argument();

    [GeneratedRegex("""^(?<value>true|false|-?[0-9]+(\.[0-9]+)?|"[^"$%\\]*")(?<after>\s*((#|//).*)?)$""", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Literal();

    [GeneratedRegex("""^"[A-Za-z][A-Za-z0-9_-]{1,30}"$""", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Word();

    [GeneratedRegex("\"(\\\\.|[^\"\\\\])*\"", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Strings();
}
