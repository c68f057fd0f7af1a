using Scanner.Model;
using Scanner.Publish.Reports;
using Scanner.Publish.Text;

namespace Scanner.Publish.GitHub;

/// <summary>
/// The text of a gate's comment. It shrinks to one line when all is well: a comment that only ever brings bad news is resented, and one that is
/// long without news is not read.
/// </summary>
internal static class GateComment
{
    /// <summary>Rows that a table may have.</summary>
    public const int Rows = 25;

    /// <summary>The text without its hidden first line, of at most <see cref="IssueText.MaxBody"/> characters.</summary>
    /// <param name="report">Report of a gate.</param>
    /// <param name="context">What it can link to.</param>
    public static string Compose(ScanReport report, GateContext context)
    {
        if (IsAllWell(report))
            return GateMarkdown.OneLine(report, context);
        return MarkdownFit.Join([.. GateMarkdown.Sections(report, context)], IssueText.MaxBody - 400, text => text.Length,
            "GitHub takes no more than 65,536 characters in a comment", context.Whole);
    }

    /// <summary>Whether a pull request that has no comment yet gets one: not where there is nothing to say.</summary>
    /// <param name="report">Report of a gate.</param>
    public static bool IsWorthStarting(ScanReport report)
    {
        var counts = GateCounts.Of(report.Findings);
        return !IsAllWell(report) || counts.Fixed + counts.Removed > 0;
    }

    private static bool IsAllWell(ScanReport report)
    {
        var counts = GateCounts.Of(report.Findings);
        return counts is { Introduced: 0, Unknown: 0 }
            && !GateWording.SawNothing(report) && !GateWording.IsPartial(report.Gate!)
            && report.Gate!.ChangesOwnRules.Count == 0 && report.Notices.Count == 0
            // What a pull request silences of its own faults is said.
            && !report.Gate.Ignored.Any(ignored => ignored.Change == FindingChange.Introduced);
    }
}
