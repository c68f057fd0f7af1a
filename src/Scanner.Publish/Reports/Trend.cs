using System.Globalization;
using System.Text;
using Scanner.Model;
using Scanner.Publish.Text;

namespace Scanner.Publish.Reports;

/// <summary>What the scans until now say together: the share of settings that pass, as a line of blocks and as a picture, and how long a fix takes.</summary>
internal static class Trend
{
    // As many scans as a picture shows: half a year of one a day.
    private const int Shown = 180;

    private const int Blocks = 30;

    private const string Heights = "▁▂▃▄▅▆▇█";

    /// <summary>Scans of the picture, the oldest first; none where there is nothing to compare.</summary>
    /// <param name="report">Of a scan.</param>
    public static IReadOnlyList<ScanPoint> Of(ScanReport report) => report.History?.Trend(Shown) is { Count: > 1 } scans ? scans : [];

    /// <summary><c>Settings that pass: ▁▂▅ 41 % → 42 % over 7 scans since 2026-11-13. Mean time to fix: 4.2 days (37 fixed in 90 days).</c>; empty where there is nothing to compare.</summary>
    /// <param name="report">Of a scan.</param>
    public static string Line(ScanReport report)
    {
        var parts = new List<string>();
        if (Of(report) is { Count: > 0 } scans)
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"Settings that pass: {Sparkline(scans)} {Percent(scans[0])} → {Percent(scans[^1])} over {scans.Count} scans since {scans[0].Time.UtcDateTime:yyyy-MM-dd}."));
        if (Fixing(report) is { Length: > 0 } fixing)
            parts.Add(fixing);
        return string.Join(' ', parts);
    }

    /// <summary><c>Mean time to fix: 4.2 days (37 fixed in the last 90 days).</c>; empty where nothing was fixed.</summary>
    /// <param name="report">Of a scan.</param>
    public static string Fixing(ScanReport report) => report.History?.MeanTimeToFix is { } mean
        ? string.Create(CultureInfo.InvariantCulture, $"Mean time to fix: {Days(mean.Days)} ({Wording.Number(mean.Fixed)} fixed in the last {ScanHistory.Kept.TotalDays:0} days).")
        : "";

    /// <summary><c>41 days</c>, <c>1 day</c>, <c>4.2 days</c>, <c>3 hours</c>.</summary>
    /// <param name="days">How many.</param>
    public static string Days(double days)
    {
        var shown = days < 1 ? Math.Round(Math.Max(0, days) * 24) : days < 10 ? Math.Round(days, 1) : Math.Round(days);
        var unit = days < 1 ? "hour" : "day";
        return string.Create(CultureInfo.InvariantCulture, $"{shown:0.#} {unit}{(shown == 1 ? "" : "s")}");
    }

    /// <summary>Since when a setting fails, and whether it flaps; empty where that is not known, or this scan is the first to see it.</summary>
    /// <param name="finding">A finding.</param>
    /// <param name="now">When the scan looked.</param>
    public static string Age(Finding finding, DateTimeOffset now)
    {
        if (finding.Began.Count == 0)
            return "";
        var since = finding.Began[^1];
        var words = finding.Change == FindingChange.Still && since < now
            ? string.Create(CultureInfo.InvariantCulture, $"failing since {since.UtcDateTime:yyyy-MM-dd} ({Days((now - since).TotalDays)})")
            : finding.Change == FindingChange.New ? "new" : "";
        return FindingPast.Flaps(finding.Began, now) is > 1 and var times
            ? string.Create(CultureInfo.InvariantCulture, $"{words}{(words.Length > 0 ? ", " : "")}flaps: began to fail {times} times in {FindingPast.FlapsWithin.TotalDays:0} days")
            : words;
    }

    /// <summary>A small picture: the share that passes, scan by scan, with a bar for each scan's new faults below.</summary>
    /// <param name="report">Of a scan.</param>
    /// <returns>An <c>svg</c> element; empty where there is nothing to compare.</returns>
    public static string Picture(ScanReport report)
    {
        var scans = Of(report);
        if (scans.Count == 0)
            return "";
        const double Width = 320, Height = 64, Room = 4;
        var (low, high) = (scans.Min(scan => scan.Share!.Value), scans.Max(scan => scan.Share!.Value));
        // A change of a hundredth is no mountain.
        var (bottom, top) = (Math.Max(0, low - 2), Math.Min(100, high + 2));
        var made = new StringBuilder();
        made.Append(CultureInfo.InvariantCulture, $"<svg class=\"trend\" viewBox=\"0 0 {Width} {Height}\" width=\"{Width}\" height=\"{Height}\" role=\"img\" aria-label=\"Share of judged settings that pass, over {scans.Count} scans: {Percent(scans[0])} to {Percent(scans[^1])}, lowest {Math.Floor(low)} %, highest {Math.Floor(high)} %\">");
        var line = string.Join(' ', scans.Select((scan, i) => string.Create(CultureInfo.InvariantCulture, $"{X(i):0.#},{Y(scan.Share!.Value):0.#}")));
        made.Append(CultureInfo.InvariantCulture, $"<polygon points=\"{X(0):0.#},{Height - Room} {line} {X(scans.Count - 1):0.#},{Height - Room}\"/><polyline points=\"{line}\"/><circle cx=\"{X(scans.Count - 1):0.#}\" cy=\"{Y(scans[^1].Share!.Value):0.#}\" r=\"3\"/>");
        return made.Append("</svg>").ToString();

        double X(int i) => Room + ((Width - (2 * Room)) * i / (scans.Count - 1));

        double Y(double share) => Room + ((Height - (2 * Room)) * (top - share) / Math.Max(0.001, top - bottom));
    }

    private static string Percent(ScanPoint scan) => string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(scan.Share!.Value)} %");

    // Of many scans each block is the last of its share of them; the last scan is always the last block.
    private static string Sparkline(IReadOnlyList<ScanPoint> scans)
    {
        var count = Math.Min(Blocks, scans.Count);
        var shares = Enumerable.Range(1, count).Select(i => scans[(int)((long)i * scans.Count / count) - 1].Share!.Value).ToList();
        var (low, high) = (shares.Min(), shares.Max());
        // Less than a percent of change is a flat line.
        var span = Math.Max(1, high - low);
        return string.Concat(shares.Select(share => Heights[(int)Math.Min(Heights.Length - 1, (share - low) / span * Heights.Length)]));
    }
}
