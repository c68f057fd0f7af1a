using System.Globalization;
using Scanner.Model;
using Scanner.Publish.Reports;
using Scanner.Publish.Text;

namespace Scanner.Publish.Actions;

/// <summary>
/// Annotations on a workflow run: one for each failing check and account, the worst first. GitHub shows ten errors, ten
/// warnings and ten notices of a step; what is more is said in the last one.
/// </summary>
public static class Annotations
{
    /// <summary>So many of each level are shown.</summary>
    internal const int MaxOfLevel = 10;

    /// <summary>Lines for standard output, each a whole workflow command, without line breaks.</summary>
    /// <param name="report">What was found.</param>
    public static IEnumerable<string> Of(ScanReport report) => report.Gate is null ? OfScan(report) : GateAnnotations.Of(report);

    /// <summary>A whole workflow command that says on the run's page, and on the pull request's checks, why the step failed.</summary>
    /// <param name="message">One line; hostile text.</param>
    public static string Failure(string message) => WorkflowCommand.Format("error", [("title", "Scanner stopped")], Line(message, 1000));

    private static IEnumerable<string> OfScan(ScanReport report)
    {
        var groups = report.Findings.Where(f => f.Status == FindingStatus.Fail)
            .GroupBy(f => (f.Check, f.Account))
            .OrderByDescending(g => g.First().Severity)
            .GroupBy(g => Level(g.First().Severity), StringComparer.Ordinal);
        foreach (var level in groups)
        {
            var all = level.ToList();
            var shown = all.Count > MaxOfLevel ? MaxOfLevel - 1 : all.Count;
            foreach (var group in all.Take(shown))
            {
                var rule = report.Rules.GetValueOrDefault(group.Key.Check);
                var findings = group.ToList();
                var more = findings.Count > 1 ? string.Create(CultureInfo.InvariantCulture, $" (and {findings.Count - 1} more)") : "";
                yield return WorkflowCommand.Format(
                    level.Key,
                    [("title", Line($"{Names.Of(findings[0].Severity)}: {rule?.Fault ?? group.Key.Check} (account {report.Scan.Called(group.Key.Account)})", 200)), ("file", rule?.File)],
                    Line($"{findings[0].Message}: {EventText.Of(findings[0])}, {findings[0].Region}", 1000) + more);
            }
            if (all.Count > shown)
            {
                yield return WorkflowCommand.Format(level.Key, [("title", "More findings")],
                    string.Create(CultureInfo.InvariantCulture, $"{all.Count - shown} more checks fail at this level. The summary of the job and the reports name them all."));
            }
        }
        var unknown = FindingList.CountOf(report.Findings, f => f.Status == FindingStatus.Unknown);
        if (unknown > 0 && groups.All(g => g.Key != "notice"))
        {
            yield return WorkflowCommand.Format("notice", [("title", "Not everything could be assessed")],
                string.Create(CultureInfo.InvariantCulture, $"{unknown} findings are unknown: what they are about could not be read. They do not count as passes."));
        }
    }

    /// <summary>One line, cut.</summary>
    internal static string Line(string text, int length) => SafeText.Cut(SafeText.Words(text), length);

    /// <summary>The level of a severity.</summary>
    internal static string Level(Severity severity) => severity switch
    {
        Severity.Critical or Severity.High => "error",
        Severity.Medium => "warning",
        _ => "notice",
    };
}
