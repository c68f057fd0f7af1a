namespace Scanner.Model;

/// <summary>What an earlier scan found, as far as a later one is compared with it.</summary>
/// <param name="Time">When it looked.</param>
/// <param name="Accounts">Accounts that it scanned.</param>
/// <param name="Regions">Regions that it scanned.</param>
/// <param name="Findings">Its findings.</param>
public sealed record Baseline(DateTimeOffset Time, IReadOnlyList<string> Accounts, IReadOnlyList<string> Regions, IReadOnlyList<BaselineFinding> Findings)
{
    /// <summary>What it handed on; null where an earlier version of Scanner kept none.</summary>
    public ScanHistory? History { get; init; }

    /// <summary>Of the report of an earlier scan.</summary>
    /// <param name="report">The report.</param>
    public static Baseline Of(ScanReport report) => new(report.Scan.Time, report.Scan.Accounts, report.Scan.Regions, [.. report.Findings.Select(BaselineFinding.Of)]) { History = report.History };

    /// <summary>The first scan: what fails begins to be known, and nothing is compared.</summary>
    /// <param name="report">A scan.</param>
    public static ScanReport Begin(ScanReport report)
    {
        IReadOnlyList<DateTimeOffset> now = [report.Scan.Time];
        return report with
        {
            Findings = FindingList.Changed(report.Findings, finding => finding is { Kind: FindingKind.Posture, Status: FindingStatus.Fail } ? finding with { Began = now } : finding),
            History = ScanHistory.None.With(PointOf(report), []) with { Evidence = EvidenceDays.After([], report) },
        };
    }

    /// <summary>Refuses a scan that has no account in common with this.</summary>
    /// <param name="accounts">Accounts of the later scan; where they are not known, nothing is refused.</param>
    /// <exception cref="InputException">The two have no account in common.</exception>
    public void RequireSame(IReadOnlyCollection<string> accounts)
    {
        if (Accounts.Count > 0 && accounts.Count > 0 && !Accounts.Intersect(accounts, StringComparer.Ordinal).Any())
            throw new InputException(SafeText.Line($"--baseline is of other accounts ({string.Join(", ", Accounts.Take(5))}); this scan is of {string.Join(", ", accounts.Take(5))}"));
    }

    /// <summary>Marks what is new and what is still there, and since when; counts what is not, and goes on with the history.</summary>
    /// <param name="report">The later scan.</param>
    /// <exception cref="InputException">The two have no account in common.</exception>
    public ScanReport Compare(ScanReport report)
    {
        RequireSame(report.Scan.Accounts);
        var now = report.Scan.Time;
        var pasts = Pasts();
        var matched = Findings.Where(finding => finding is { Kind: FindingKind.Detection, Status: FindingStatus.Fail }).Select(finding => finding.Key).ToHashSet(StringComparer.Ordinal);
        // A check that could not be assessed then, or that did not run, did not "not fail": what it finds now is no news of today.
        var judged = Findings.Where(finding => finding.Status != FindingStatus.Unknown).Select(finding => (finding.Check, finding.Account)).ToHashSet();
        var findings = new FindingList(report.Findings.Select(finding => finding.Status == FindingStatus.Fail ? Marked(finding, pasts, matched, judged, now) : finding));
        var posture = FindingList.Where(findings, finding => finding.Kind == FindingKind.Posture && finding.Status is not (FindingStatus.Pass or FindingStatus.NotApplicable)).ToList();
        var failing = posture.Where(finding => finding.Status == FindingStatus.Fail).Select(finding => finding.Key).ToHashSet(StringComparer.Ordinal);
        var muted = posture.Where(finding => finding.Status == FindingStatus.Muted).Select(finding => finding.Key).ToHashSet(StringComparer.Ordinal);
        var unknown = posture.Where(finding => finding.Status == FindingStatus.Unknown).Select(finding => (finding.Check, finding.Account)).ToHashSet();
        var (ended, open, accepted, days) = (0, 0, 0, 0.0);
        var left = new List<FindingPast>();
        foreach (var past in pasts.Values.Where(past => !failing.Contains(past.Key)))
        {
            // Fixed is only what this scan looked at: the same check, account and region.
            if (past.IsFixed || !Looked(report, past))
            {
                left.Add(past);
            }
            else if (muted.Contains(past.Key))
            {
                accepted++;
                left.Add(past with { At = now });
            }
            else if (unknown.Contains((past.Check, past.Account)))
            {
                open++;
                left.Add(past);
            }
            else
            {
                ended++;
                days += Math.Max(0, (now - past.Began[^1]).TotalDays);
                left.Add(past with { At = now, IsFixed = true });
            }
        }
        var still = FindingList.Where(findings, finding => finding.Change == FindingChange.Still).ToList();
        var since = new SinceBaseline(Time, FindingList.CountOf(findings, finding => finding.Change == FindingChange.New), ended, still.Count, open)
        {
            Accepted = accepted,
            Flapping = posture.Count(finding => FindingPast.Flaps(finding.Began, now) > 0),
            Oldest = still.Where(finding => finding.Began.Count > 0).Select(finding => (DateTimeOffset?)finding.Began[^1]).Min(),
        };
        var point = PointOf(report) with
        {
            New = posture.Count(finding => finding.Change == FindingChange.New),
            Fixed = ended,
            Still = posture.Count(finding => finding.Change == FindingChange.Still),
            FixedDays = days,
        };
        return report with { Findings = findings, Since = since, History = Earlier(report.Scan.Scope).With(point, left) with { Evidence = EvidenceDays.After(History?.Evidence ?? [], report) } };
    }

    private static Finding Marked(Finding finding, Dictionary<string, FindingPast> pasts, HashSet<string> matched, HashSet<(string Check, string Account)> judged, DateTimeOffset now)
    {
        // An event happened, once: it is new or it was there, and has no age.
        if (finding.Kind == FindingKind.Detection)
            return finding with { Change = matched.Contains(finding.Key) ? FindingChange.Still : FindingChange.New };
        if (pasts.GetValueOrDefault(finding.Key) is not { } past)
            return finding with { Began = [now], Change = judged.Contains((finding.Check, finding.Account)) ? FindingChange.New : null };
        return past.IsFixed
            ? finding with { Began = past.AgainAt(now), Change = FindingChange.New }
            : finding with { Began = past.Began, Change = FindingChange.Still };
    }

    private static bool Looked(ScanReport report, FindingPast past) =>
        report.Rules.ContainsKey(past.Check) && report.Scan.Accounts.Contains(past.Account, StringComparer.Ordinal)
        && (past.Region == CollectionStatus.Global || report.Scan.Regions.Contains(past.Region, StringComparer.Ordinal));

    // What failed in that scan, and what it remembered of others.
    private Dictionary<string, FindingPast> Pasts()
    {
        var pasts = (History?.Past ?? []).Where(past => past.Began.Count > 0).DistinctBy(past => past.Key, StringComparer.Ordinal).ToDictionary(past => past.Key, StringComparer.Ordinal);
        foreach (var finding in Findings.Where(finding => finding is { Kind: FindingKind.Posture, Status: FindingStatus.Fail }))
            pasts[finding.Key] = new FindingPast(finding.Key, finding.Check, finding.Account, finding.Region, finding.Resource, finding.Began.Count > 0 ? finding.Began : [Time], Time, IsFixed: false);
        return pasts;
    }

    // Of a version that kept no history, the scan itself is the first of it.
    private ScanHistory Earlier(string scope) => History is { Scans.Count: > 0 } ? History : ScanHistory.None.With(
        ScanPoint.Of(new ScanSummary { Time = Time, Source = "", Accounts = Accounts, Regions = Regions, Scope = scope }, Findings.Select(finding => (finding.Kind, finding.Status, finding.Severity))), []);

    private static ScanPoint PointOf(ScanReport report) => ScanPoint.Of(report.Scan, report.Findings.Select(finding => (finding.Kind, finding.Status, finding.Severity)));
}
