using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Scanner.Model;
using Scanner.Publish.Text;

namespace Scanner.Publish.Reports;

/// <summary>What every report of a scan opens with: the headline, and what to do first. Events and settings are never added together.</summary>
public sealed class FirstScreen
{
    // Every format, the terminal and the webhook open with it; a copy of the report that says something else has its own.
    private static readonly ConditionalWeakTable<ScanReport, FirstScreen> Known = [];

    private readonly bool _sawNothing;

    private FirstScreen(ScanReport report)
    {
        _sawNothing = SawNothing(report.Findings);
        Incidents = Incident.Of(report.Findings);
        Lines = StartHere.Of(report, Incidents);
        Settings = new ReportCounts(report.Findings, finding => finding.Kind == FindingKind.Posture);
        Matches = new ReportCounts(report.Findings, finding => finding.Kind == FindingKind.Detection);
    }

    /// <summary>What a report opens with.</summary>
    /// <param name="report">Of a scan.</param>
    public static FirstScreen Of(ScanReport report) => Known.GetValue(report, one => new FirstScreen(one));

    /// <summary>Stories of detections, the most urgent first.</summary>
    public IReadOnlyList<Incident> Incidents { get; }

    /// <summary>What to do first.</summary>
    public IReadOnlyList<StartLine> Lines { get; }

    /// <summary>What the checks say.</summary>
    internal ReportCounts Settings { get; }

    /// <summary>What the detections say.</summary>
    internal ReportCounts Matches { get; }

    /// <summary>Whether something should have been judged, and nothing could be.</summary>
    /// <param name="findings">Findings of a scan.</param>
    public static bool SawNothing(IReadOnlyList<Finding> findings) => findings.Count > 0 && findings.All(finding => finding.Status == FindingStatus.Unknown);

    /// <summary>A mark for the headline.</summary>
    internal string Mark => Incidents.Any(incident => incident.Severity >= Severity.High) ? "🚨"
        : Settings[FindingStatus.Fail] + Matches[FindingStatus.Fail] > 0 ? "❌"
        : Settings[FindingStatus.Unknown] + Matches[FindingStatus.Unknown] > 0 ? "❔" : "✅";

    /// <summary><c>1 incident, 281 settings fail, 18 could not be assessed</c>; plain words of our own.</summary>
    public string Headline
    {
        get
        {
            var unknown = Settings[FindingStatus.Unknown] + Matches[FindingStatus.Unknown];
            if (_sawNothing)
                return $"Nothing could be assessed: {Wording.Count(unknown, "answer is", "answers are")} missing";
            var parts = new List<string>();
            if (Incidents.Count > 0)
                parts.Add(Wording.Count(Incidents.Count, "incident", "incidents"));
            else if (Matches[FindingStatus.Fail] > 0)
                parts.Add(Wording.Count(Matches[FindingStatus.Fail], "detection matches", "detections match"));
            if (Settings[FindingStatus.Fail] > 0)
                parts.Add(Wording.Count(Settings[FindingStatus.Fail], "setting fails", "settings fail"));
            if (parts.Count == 0)
                parts.Add(unknown > 0 ? "Nothing that could be assessed fails" : "Nothing fails");
            if (unknown > 0)
                parts.Add($"{Wording.Number(unknown)} could not be assessed");
            return string.Join(", ", parts);
        }
    }

    /// <summary><c>181 of 299 judged settings pass (60 %)</c>; empty where none was judged.</summary>
    public string Share
    {
        get
        {
            var judged = Settings[FindingStatus.Pass] + Settings[FindingStatus.Fail];
            return judged == 0 ? "" : string.Create(CultureInfo.InvariantCulture,
                $"{Wording.Number(Settings[FindingStatus.Pass])} of {Wording.Count(judged, "judged setting passes", "judged settings pass")} ({Math.Floor(100.0 * Settings[FindingStatus.Pass] / judged)} %)");
        }
    }

    /// <summary><c>25 matches in 177 events: 4 critical, 5 high, 5 medium, 11 low</c>; empty where no event was looked at.</summary>
    /// <param name="scan">The run.</param>
    public string Seen(ScanSummary scan)
    {
        var matches = Matches[FindingStatus.Fail];
        if (scan.Events == 0 && matches == 0)
            return "";
        var by = ReportCounts.WorstFirst.Where(severity => Matches[severity, FindingStatus.Fail] > 0)
            .Select(severity => $"{Wording.Number(Matches[severity, FindingStatus.Fail])} {Names.Of(severity)}").ToList();
        return $"{Wording.Count(matches, "match", "matches")} in {Wording.Count(scan.Events, "event", "events")}{(by.Count > 0 ? ": " + string.Join(", ", by) : "")}";
    }

    /// <summary><c>Since 2026-11-19 06:30 UTC: 3 new, 2 fixed, 184 still failing (the oldest for 41 days), 1 flaps</c>; empty where there is no earlier scan.</summary>
    /// <param name="report">Of a scan.</param>
    public static string Since(ScanReport report)
    {
        if (report.Since is not { } since)
            return "";
        // Events and settings are counted apart.
        var matches = FindingList.Where(report.Findings, finding => finding is { Kind: FindingKind.Detection, Change: not null }).ToLookup(finding => finding.Change);
        var (news, stays) = (matches[FindingChange.New].Count(), matches[FindingChange.Still].Count());
        var parts = new List<string> { $"{Wording.Number(since.New - news)} new", $"{Wording.Number(since.Fixed)} fixed" };
        var age = since.Oldest is { } oldest && oldest < report.Scan.Time ? $" (the oldest for {Trend.Days((report.Scan.Time - oldest).TotalDays)})" : "";
        parts.Add($"{Wording.Number(since.Still - stays)} still failing{age}");
        if (since.Accepted > 0)
            parts.Add($"{Wording.Number(since.Accepted)} accepted");
        if (since.Flapping > 0)
            parts.Add(Wording.Count(since.Flapping, "flaps", "flap"));
        if (since.Unknown > 0)
            parts.Add($"{Wording.Number(since.Unknown)} could not be looked at again");
        return string.Create(CultureInfo.InvariantCulture, $"Since {since.Time.UtcDateTime:yyyy-MM-dd HH:mm} UTC: {string.Join(", ", parts)}{(news > 0 ? $"; {Wording.Count(news, "new match", "new matches")} of detections" : "")}");
    }

    /// <summary>The issue that a line of what to do first is about: of several the one of its worst finding; null where none was published.</summary>
    /// <param name="issues">Addresses of issues, by check and account; null where none were published.</param>
    /// <param name="line">A line.</param>
    public static Uri? IssueOf(IReadOnlyDictionary<(string Check, string Account), Uri>? issues, StartLine line) =>
        line.Findings.OrderByDescending(finding => finding.Severity).Select(finding => issues?.GetValueOrDefault((finding.Check, finding.Account))).FirstOrDefault(issue => issue is not null);

    /// <summary>The scans until now in a line; empty where there is nothing to compare.</summary>
    /// <param name="report">Of a scan.</param>
    public static string Until(ScanReport report) => Trend.Line(report);

    /// <summary>The lines as a numbered list; empty where there is nothing to do.</summary>
    /// <param name="link">Where a line leads, as a markdown target; null for nowhere.</param>
    internal string List(Func<StartLine, (string Text, string Target)?> link)
    {
        if (Lines.Count == 0)
            return "";
        var made = new StringBuilder("## Start here\n\n");
        foreach (var (line, i) in Lines.Select((line, i) => (line, i)))
        {
            made.Append(CultureInfo.InvariantCulture, $"{i + 1}. {MarkOf(line)} **{Markdown.Text(SafeText.Cut(line.What, 200))}**: {Markdown.Text(SafeText.Cut(line.Where, 400))}");
            if (link(line) is { } to)
                made.Append(" → [").Append(Markdown.Text(to.Text)).Append("](").Append(to.Target).Append(')');
            made.Append('\n');
        }
        return made.Append('\n').ToString();
    }

    private static string MarkOf(StartLine line) => line.Urgency == Urgency.Attack ? "🚨" : Wording.SeverityMark(line.Severity);
}
