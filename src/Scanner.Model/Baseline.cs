namespace Scanner.Model;

/// <summary>What an earlier scan found, as far as a later one is compared with it.</summary>
/// <param name="Time">When it looked.</param>
/// <param name="Accounts">Accounts that it scanned.</param>
/// <param name="Regions">Regions that it scanned.</param>
/// <param name="Findings">Its findings.</param>
public sealed record Baseline(DateTimeOffset Time, IReadOnlyList<string> Accounts, IReadOnlyList<string> Regions, IReadOnlyList<BaselineFinding> Findings)
{
    /// <summary>Marks what is new and what is still there, and counts what is not.</summary>
    /// <param name="report">The later scan.</param>
    /// <exception cref="InputException">The two have no account in common.</exception>
    public ScanReport Compare(ScanReport report)
    {
        if (Accounts.Count > 0 && report.Scan.Accounts.Count > 0 && !Accounts.Intersect(report.Scan.Accounts, StringComparer.Ordinal).Any())
            throw new InputException($"--baseline is of other accounts ({string.Join(", ", Accounts.Take(5))}); this scan is of {string.Join(", ", report.Scan.Accounts.Take(5))}");
        var failed = Findings.Where(finding => finding.Status == FindingStatus.Fail).Select(finding => finding.Key).ToHashSet(StringComparer.Ordinal);
        // A check that could not be assessed then, or that did not run, did not "not fail": what it finds now is no news of today.
        var judged = Findings.Where(finding => finding.Status != FindingStatus.Unknown).Select(finding => (finding.Check, finding.Account)).ToHashSet();
        var findings = report.Findings.Select(finding => finding.Status != FindingStatus.Fail ? finding
            : failed.Contains(finding.Key) ? finding with { Change = FindingChange.Still }
            : finding.Kind == FindingKind.Detection || judged.Contains((finding.Check, finding.Account)) ? finding with { Change = FindingChange.New }
            : finding).ToList();
        var now = findings.Where(finding => finding.Status == FindingStatus.Fail).Select(finding => finding.Key).ToHashSet(StringComparer.Ordinal);
        var unknown = findings.Where(finding => finding.Status == FindingStatus.Unknown).Select(finding => (finding.Check, finding.Account)).ToHashSet();
        var (ended, open) = (0, 0);
        foreach (var finding in Findings.Where(finding => finding.Status == FindingStatus.Fail && finding.Kind == FindingKind.Posture && !now.Contains(finding.Key)))
        {
            // Fixed is only what this scan looked at: the same check, account and region.
            if (!report.Rules.ContainsKey(finding.Check) || !report.Scan.Accounts.Contains(finding.Account, StringComparer.Ordinal)
                || (finding.Region != CollectionStatus.Global && !report.Scan.Regions.Contains(finding.Region, StringComparer.Ordinal)))
                continue;
            if (unknown.Contains((finding.Check, finding.Account)))
                open++;
            else
                ended++;
        }
        return report with
        {
            Findings = findings,
            Since = new SinceBaseline(Time, findings.Count(finding => finding.Change == FindingChange.New), ended, findings.Count(finding => finding.Change == FindingChange.Still), open),
        };
    }
}
