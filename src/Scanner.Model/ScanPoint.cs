namespace Scanner.Model;

/// <summary>One scan in numbers, as later ones remember it. Settings alone are counted, but for <see cref="Matches"/>.</summary>
public sealed record ScanPoint
{
    /// <summary>When it looked.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary><see cref="ScanSummary.Scope"/>: scans that were asked the same are compared.</summary>
    public string Scope { get; init; } = "";

    /// <summary>Number of accounts.</summary>
    public int Accounts { get; init; }

    /// <summary>Number of regions.</summary>
    public int Regions { get; init; }

    /// <summary>Settings that pass.</summary>
    public int Pass { get; init; }

    /// <summary>Settings that fail.</summary>
    public int Fail { get; init; }

    /// <summary>Settings that could not be assessed.</summary>
    public int Unknown { get; init; }

    /// <summary>Settings whose risk was accepted.</summary>
    public int Muted { get; init; }

    /// <summary>Settings of critical severity that fail.</summary>
    public int Critical { get; init; }

    /// <summary>Settings of high severity that fail.</summary>
    public int High { get; init; }

    /// <summary>Settings of medium severity that fail.</summary>
    public int Medium { get; init; }

    /// <summary>Settings of low severity that fail.</summary>
    public int Low { get; init; }

    /// <summary>Settings of informational severity that fail.</summary>
    public int Informational { get; init; }

    /// <summary>Matches of detections.</summary>
    public int Matches { get; init; }

    /// <summary>Settings that failed then and did not in the scan before; null where it was compared with none.</summary>
    public int? New { get; init; }

    /// <summary>Settings that no longer failed; null where it was compared with none.</summary>
    public int? Fixed { get; init; }

    /// <summary>Settings that failed still; null where it was compared with none.</summary>
    public int? Still { get; init; }

    /// <summary>Days from the scan that first saw a fault to the one that no longer did, summed over <see cref="Fixed"/>.</summary>
    public double FixedDays { get; init; }

    /// <summary>Percentage of the judged settings that pass; null where none was judged.</summary>
    public double? Share => Pass + Fail == 0 ? null : 100.0 * Pass / (Pass + Fail);

    /// <summary>The numbers of a scan.</summary>
    /// <param name="scan">The run.</param>
    /// <param name="findings">Kind, status and severity of its findings.</param>
    public static ScanPoint Of(ScanSummary scan, IEnumerable<(FindingKind Kind, FindingStatus Status, Severity Severity)> findings)
    {
        var counts = findings.CountBy(finding => finding).ToDictionary();
        return new ScanPoint
        {
            Time = scan.Time,
            Scope = scan.Scope,
            Accounts = scan.Accounts.Count,
            Regions = scan.Regions.Count,
            Pass = Settings(FindingStatus.Pass),
            Fail = Settings(FindingStatus.Fail),
            Unknown = Settings(FindingStatus.Unknown),
            Muted = Settings(FindingStatus.Muted),
            Critical = Fails(Severity.Critical),
            High = Fails(Severity.High),
            Medium = Fails(Severity.Medium),
            Low = Fails(Severity.Low),
            Informational = Fails(Severity.Informational),
            Matches = counts.Where(count => count.Key is { Kind: FindingKind.Detection, Status: FindingStatus.Fail }).Sum(count => count.Value),
        };

        int Settings(FindingStatus status) => counts.Where(count => count.Key.Kind == FindingKind.Posture && count.Key.Status == status).Sum(count => count.Value);

        int Fails(Severity severity) => counts.GetValueOrDefault((FindingKind.Posture, FindingStatus.Fail, severity));
    }
}
