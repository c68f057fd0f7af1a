using System.Text.RegularExpressions;
using Scanner.Model;
using Scanner.Publish.Reports;

namespace Scanner.Publish.GitHub;

/// <summary>
/// Open alerts of checks that could not be assessed this time. Code scanning closes as fixed what a new analysis of the category leaves out; what was
/// not looked at is not fixed, so such alerts go into the analysis again.
/// </summary>
internal static partial class KeptAlerts
{
    /// <summary>The report with a failing finding for each alert that nothing was said of.</summary>
    /// <param name="report">Of a scan.</param>
    /// <param name="alerts">Open alerts of the tool.</param>
    public static ScanReport Keep(ScanReport report, IReadOnlyList<AlertReply> alerts)
    {
        var unknown = report.Findings.Where(finding => finding.Status == FindingStatus.Unknown).Select(finding => (finding.Check, finding.Account)).ToHashSet();
        var said = report.Findings.Where(finding => finding.Status != FindingStatus.Unknown).Select(finding => finding.Identity).ToHashSet();
        var categories = SarifReport.Runs(report).Select(run => run.Category.TrimEnd('/')).ToHashSet(StringComparer.Ordinal);
        var kept = new List<Finding>();
        foreach (var alert in alerts)
        {
            if (alert.Rule?.Id is not { } check || alert.MostRecentInstance is not { Category: { } category, Message.Text: { } text }
                || !categories.Contains(category.TrimEnd('/')) || report.Rules.GetValueOrDefault(check) is not { } rule)
                continue;
            var where = Where().Match(text.Replace("\\[", "[", StringComparison.Ordinal).Replace("\\]", "]", StringComparison.Ordinal).Replace("\\\\", "\\", StringComparison.Ordinal));
            if (!where.Success || where.Groups["said"].ValueSpan.StartsWith(SarifReport.Unassessed, StringComparison.Ordinal))
                continue;
            var finding = new Finding
            {
                Check = check,
                Kind = rule.Kind,
                Status = FindingStatus.Fail,
                Severity = rule.Severity,
                Account = where.Groups["account"].Value,
                Region = where.Groups["region"].Value,
                Resource = where.Groups["resource"].Value,
                Message = where.Groups["said"].Value,
                Controls = [.. rule.Controls.Select(control => control.ToString())],
                Mitre = rule.Mitre,
            };
            if (unknown.Contains((check, finding.Account)) && said.Add(finding.Identity))
                kept.Add(finding);
        }
        return kept.Count == 0 ? report : report with { Findings = FindingOrder.Sorted([.. report.Findings, .. kept]) };
    }

    // The form that SarifReport gives its messages; from the end, since a message may hold anything.
    [GeneratedRegex(@"^(?<said>.*) \((?<resource>[^ ()]+), account (?<account>[0-9]{12}), region (?<region>[a-z0-9-]+)\)$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.Singleline | RegexOptions.NonBacktracking)]
    private static partial Regex Where();
}
