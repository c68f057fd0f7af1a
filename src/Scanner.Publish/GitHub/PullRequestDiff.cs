using System.Globalization;
using System.Text.RegularExpressions;
using Scanner.Model;

namespace Scanner.Publish.GitHub;

/// <summary>What a pull request changes: its files, and of each the lines that are new in it.</summary>
public sealed partial class PullRequestDiff
{
    // Lines of a file that is new, or whose patch GitHub leaves out because it is large.
    private static readonly HashSet<int> All = [];

    private readonly Dictionary<string, HashSet<int>> _lines = new(StringComparer.Ordinal);

    /// <summary>Takes what GitHub says of a file (REST: "List pull requests files").</summary>
    /// <param name="file">Path in the repository; hostile text.</param>
    /// <param name="previous">Path before it was renamed; null when it was not.</param>
    /// <param name="patch">Unified diff without its header; null for binary and large files.</param>
    public void Add(string file, string? previous, string? patch)
    {
        _lines[file] = patch is null ? All : NewLines(patch);
        // Somebody who renames a file of rules changes it too.
        if (previous is not null)
            _lines.TryAdd(previous, []);
    }

    /// <summary>Paths of all files that are changed.</summary>
    public IEnumerable<string> Files => _lines.Keys;

    /// <summary>Whether the pull request changes a line.</summary>
    /// <param name="at">Where it is.</param>
    public bool Holds(SourceLocation at) => _lines.TryGetValue(at.File, out var lines) && (ReferenceEquals(lines, All) || lines.Contains(at.Line));

    /// <summary>Marks the findings whose line is changed, and says what the pull request changes of its own rules.</summary>
    /// <param name="report">Report of a gate, with paths as the repository has them.</param>
    /// <param name="rules">Files and folders that hold checks, mutes, the baseline and the workflow, as paths in the repository.</param>
    public ScanReport Mark(ScanReport report, IReadOnlyList<string> rules)
    {
        if (report.Gate is not { } gate)
            return report;
        var files = Files.Where(file => rules.Any(rule => IsBelow(file, rule))).Order(StringComparer.Ordinal);
        var ignores = gate.Ignored.Where(ignored => ignored.Location is { } at && Holds(at))
            .Select(ignored => FormattableString.Invariant($"{ignored.Location!.File}:{ignored.Location.Line} ({ignored.By} {ignored.Check})"));
        return report with
        {
            Findings = [.. report.Findings.Select(finding => finding.Location is { } at && Holds(at) ? finding with { Location = at with { IsInDiff = true } } : finding)],
            Gate = gate with { ChangesOwnRules = [.. gate.ChangesOwnRules.Concat(files).Concat(ignores).Distinct(StringComparer.Ordinal)] },
        };
    }

    private static bool IsBelow(string file, string rule) =>
        rule.Length > 0 && (file == rule || file.StartsWith(rule.EndsWith('/') ? rule : rule + "/", StringComparison.Ordinal));

    private static HashSet<int> NewLines(string patch)
    {
        var lines = new HashSet<int>();
        var at = 0;
        foreach (var line in patch.AsSpan().EnumerateLines())
        {
            if (line.StartsWith("@@", StringComparison.Ordinal))
            {
                var match = Hunk().Match(line.ToString());
                at = match.Success && int.TryParse(match.Groups["start"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var start) ? start : 0;
            }
            else if (line.StartsWith('+'))
            {
                lines.Add(at++);
            }
            else if (line.StartsWith(' ') || line.IsEmpty)
            {
                at++;
            }
        }
        return lines;
    }

    [GeneratedRegex(@"^@@ -[0-9]+(,[0-9]+)? \+(?<start>[0-9]+)(,[0-9]+)? @@", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Hunk();
}
