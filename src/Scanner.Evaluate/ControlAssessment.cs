using Scanner.Catalog;
using Scanner.Model;

namespace Scanner.Evaluate;

/// <summary>
/// Answers the controls of a framework from findings. A control is as bad as the worst finding of its posture checks; a
/// detection that fires is an event to look at and fails no control. No control is missing from the answer.
/// </summary>
public static class ControlAssessment
{
    /// <summary>Answers every control.</summary>
    /// <param name="framework">The framework.</param>
    /// <param name="findings">All findings of the scan.</param>
    /// <param name="ran">Ids of the checks that ran.</param>
    public static FrameworkResult Of(FrameworkDefinition framework, IEnumerable<Finding> findings, IReadOnlySet<string> ran)
    {
        ArgumentNullException.ThrowIfNull(framework);
        ArgumentNullException.ThrowIfNull(findings);
        ArgumentNullException.ThrowIfNull(ran);
        var byCheck = findings.Where(finding => finding.Kind == FindingKind.Posture).ToLookup(finding => finding.Check, StringComparer.Ordinal);
        return new FrameworkResult(framework.Id, framework.Title, [.. framework.Controls.Select(control => Of(control, byCheck, ran))]);
    }

    private static ControlResult Of(FrameworkControl control, ILookup<string, Finding> byCheck, IReadOnlySet<string> ran)
    {
        var counts = control.Checks.SelectMany(check => byCheck[check]).CountBy(finding => finding.Status).ToDictionary();
        var missing = control.Checks.Where(check => !ran.Contains(check)).ToList();
        var status = Status(control, counts, missing.Count > 0);
        return new ControlResult
        {
            Id = control.Id,
            Title = control.Title,
            Level = control.Level,
            Status = status,
            Checks = control.Checks,
            Findings = counts,
            Reason = status == ControlStatus.Unknown && missing.Count > 0 && !counts.ContainsKey(FindingStatus.Unknown)
                ? $"Not selected: {string.Join(", ", missing)}"
                : control.Manual ?? "",
        };
    }

    private static ControlStatus Status(FrameworkControl control, Dictionary<FindingStatus, int> counts, bool incomplete)
    {
        if (counts.ContainsKey(FindingStatus.Fail))
            return ControlStatus.Fail;
        if (counts.ContainsKey(FindingStatus.Unknown) || incomplete)
            return ControlStatus.Unknown;
        if (control.Manual is not null)
            return ControlStatus.Manual;
        if (counts.ContainsKey(FindingStatus.Muted))
            return ControlStatus.Muted;
        return counts.ContainsKey(FindingStatus.Pass) ? ControlStatus.Pass : ControlStatus.NotApplicable;
    }
}
