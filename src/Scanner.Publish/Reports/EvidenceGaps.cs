using System.Globalization;
using Scanner.Model;

namespace Scanner.Publish.Reports;

/// <summary>Sources of the last scan that were not proven alive on each day since they are known, the worst first, in words.</summary>
internal static class EvidenceGaps
{
    private const int MostGaps = 5;

    /// <summary>What a percentage in the matrix means.</summary>
    public const string Legend = "%: days of the last 90 (or since a source was first seen) on which a scan saw its log arrive; days without anything to log are not counted";

    /// <summary>The sources, each with its days and its gaps.</summary>
    /// <param name="report">A scan that was compared with earlier ones.</param>
    public static IReadOnlyList<EvidenceDays> Of(ScanReport report) =>
        [.. EvidenceDays.Current(report.History?.Evidence ?? []).Where(one => one.Alive < one.Of).OrderBy(one => one.Share).ThenBy(one => one.Resource, StringComparer.Ordinal)];

    /// <summary>Whether there is more than one day to tell of.</summary>
    /// <param name="report">The scan.</param>
    public static bool HasDays(ScanReport report) => report.Evidence.Any(cell => cell.Share is not null);

    /// <summary>"97.8 % (88 of 90 days)".</summary>
    /// <param name="days">A source.</param>
    public static string Share(EvidenceDays days) => string.Create(CultureInfo.InvariantCulture, $"{days.Share ?? 0:0.#} % ({days.Alive} of {days.Of} days)");

    /// <summary>"97.8 %".</summary>
    /// <param name="share">A percentage.</param>
    public static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{share:0.#} %");

    /// <summary>How old what arrived last was when the scan looked, in few letters: "9 min", "3 h", "2 d".</summary>
    /// <param name="seen">When it arrived.</param>
    /// <param name="scan">When the scan looked.</param>
    public static string Age(DateTimeOffset seen, DateTimeOffset scan) => (scan - seen) switch
    {
        { TotalMinutes: < 120 } age => string.Create(CultureInfo.InvariantCulture, $"{Math.Max(0, (int)age.TotalMinutes)} min"),
        { TotalHours: < 48 } age => string.Create(CultureInfo.InvariantCulture, $"{(int)age.TotalHours} h"),
        var age => string.Create(CultureInfo.InvariantCulture, $"{(int)age.TotalDays} d"),
    };

    /// <summary>"silent 2026-11-03 to 2026-11-05, no scan looked 2026-11-09".</summary>
    /// <param name="days">A source.</param>
    public static string Words(EvidenceDays days)
    {
        var gaps = days.Gaps;
        return string.Join(", ", gaps.TakeLast(MostGaps).Select(Gap)) + (gaps.Count > MostGaps ? $", and {gaps.Count - MostGaps} before" : "");
    }

    private static string Gap(EvidenceGap gap) => string.Create(CultureInfo.InvariantCulture,
        $"{gap.State switch { EvidenceState.Silent => "silent", EvidenceState.Unknown => "not known", _ => "no scan looked" }} {gap.From:yyyy-MM-dd}{(gap.From == gap.To ? "" : string.Create(CultureInfo.InvariantCulture, $" to {gap.To:yyyy-MM-dd}"))}");
}
