namespace Scanner.Model;

/// <summary>
/// What a scan hands on to the next: the scans until now in numbers, and faults that it did not find. It goes from store to store (or JSON
/// report to JSON report) by <c>--baseline</c>, and its size has a bound.
/// </summary>
/// <param name="Scans">Scans, the oldest first, this one last.</param>
/// <param name="Past">Faults that were fixed, or that this scan did not look at. Those that fail now tell it themselves (<see cref="Finding.Began"/>).</param>
public sealed record ScanHistory(IReadOnlyList<ScanPoint> Scans, IReadOnlyList<FindingPast> Past)
{
    /// <summary>On which days the logs of sources were seen to arrive.</summary>
    public IReadOnlyList<EvidenceDays> Evidence { get; init; } = [];

    /// <summary>No scan.</summary>
    public static readonly ScanHistory None = new([], []);

    /// <summary>Most scans that are kept.</summary>
    public const int MostScans = 400;

    /// <summary>Most faults of the past that are kept.</summary>
    public const int MostPast = 10_000;

    /// <summary>A fault that no scan has looked at for so long, or that was fixed so long ago, is forgotten; and over this time is averaged.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromDays(90);

    /// <summary>Scans that were asked what the last one was, the oldest first, as many as a picture shows.</summary>
    /// <param name="most">How many.</param>
    public IReadOnlyList<ScanPoint> Trend(int most) => Scans.Count == 0 ? [] : [.. Scans.Where(scan => scan.Scope == Scans[^1].Scope && scan.Share is not null).TakeLast(most)];

    /// <summary>How many faults were fixed in the last <see cref="Kept"/>, and the mean of the days that they were known; null where none was.</summary>
    public (int Fixed, double Days)? MeanTimeToFix
    {
        get
        {
            var recent = Scans.Where(scan => Scans[^1].Time - scan.Time <= Kept).ToList();
            var count = recent.Sum(scan => scan.Fixed ?? 0);
            return count == 0 ? null : (count, recent.Sum(scan => scan.FixedDays) / count);
        }
    }

    /// <summary>With one more scan, and with what it says of the past; the oldest go where there are too many.</summary>
    /// <param name="point">The scan.</param>
    /// <param name="past">Faults that it did not find.</param>
    public ScanHistory With(ScanPoint point, IEnumerable<FindingPast> past) => new(
        [.. Scans.Append(point).TakeLast(MostScans)],
        [.. past.Where(one => point.Time - one.At <= Kept).OrderByDescending(one => one.At).ThenBy(one => one.Key, StringComparer.Ordinal).Take(MostPast)])
    {
        Evidence = Evidence,
    };
}
