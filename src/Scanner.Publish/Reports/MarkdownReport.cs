using System.Globalization;
using System.Text;
using Scanner.Model;
using Scanner.Publish.Text;

namespace Scanner.Publish.Reports;

/// <summary>A report to read on GitHub: as a file, and (shortened section by section) as the summary of a job.</summary>
internal sealed class MarkdownReport : IReportFormat
{
    /// <inheritdoc />
    public string Name => "markdown";

    /// <inheritdoc />
    public async Task WriteAsync(ScanReport report, Stream output, CancellationToken cancellation)
    {
        await using var writer = new StreamWriter(output, new UTF8Encoding(false), 1 << 16, leaveOpen: true) { NewLine = "\n" };
        string? chapter = null;
        foreach (var section in Sections(report, int.MaxValue, "the JSON report", report.Issues))
        {
            if (section.Chapter is not null && section.Chapter != chapter)
                await writer.WriteAsync($"## {section.Chapter}\n\n".AsMemory(), cancellation);
            chapter = section.Chapter ?? chapter;
            await writer.WriteAsync($"{section.Text}\n".AsMemory(), cancellation);
        }
    }

    /// <summary>The pieces of the document, in order.</summary>
    /// <param name="report">What to say.</param>
    /// <param name="rows">Rows that a table of resources may have; what is more is counted in words.</param>
    /// <param name="whole">Where everything is kept; safe markdown.</param>
    /// <param name="issues">Addresses of issues, by check and account; null where none were published.</param>
    public static IEnumerable<MarkdownSection> Sections(ScanReport report, int rows, string whole, IReadOnlyDictionary<(string Check, string Account), Uri>? issues = null)
    {
        if (report.Gate is not null)
            return GateMarkdown.Sections(report, new GateContext { Rows = rows, Whole = whole, Times = rows == int.MaxValue ? null : Math.Max(1, rows / 25) });
        return ScanSections(report, rows, whole, issues);
    }

    private static IEnumerable<MarkdownSection> ScanSections(ScanReport report, int rows, string whole, IReadOnlyDictionary<(string Check, string Account), Uri>? issues)
    {
        yield return new MarkdownSection("Overview", Overview(report, rows == int.MaxValue, issues)) { IsVital = true };
        // Of a summary the accounts and stories that matter most; of a file all.
        var (stories, apart) = rows == int.MaxValue ? (int.MaxValue, int.MaxValue) : (MostStories, MostApart);
        if (CoverageMarkdown.Section(report, rows, apart, whole) is { } matrix)
            yield return matrix with { IsVital = true };
        foreach (var story in Stories(report, rows, stories, whole))
            yield return story;
        if (Unassessed(report, rows, whole) is { } unassessed)
            yield return unassessed with { IsVital = true };
        foreach (var group in Failing(report, FindingKind.Detection))
            yield return Detection(group, report, rows, whole);
        foreach (var controls in ControlMarkdown.Sections(report))
            yield return controls;
        foreach (var group in Failing(report, FindingKind.Posture))
            yield return FailingCheck(report, group, rows, whole);
        if (Evidence(report, rows, whole) is { } evidence)
            yield return evidence;
        if (Muted(report, rows, whole) is { } muted)
            yield return muted;
        if (NothingThere(report) is { } nothing)
            yield return nothing;
        yield return Asked(report.Scan);
    }

    private const int MostStories = 20;

    private const int MostStoryRows = 50;

    private const int MostApart = 10;

    /// <summary>Incidents: in a place that is limited the first of them whole, and the others in a line each.</summary>
    private static IEnumerable<MarkdownSection> Stories(ScanReport report, int rows, int most, string whole)
    {
        var incidents = Incident.Of(report.Findings).Where(incident => incident.Findings.Count > 1).ToList();
        if (incidents.Count > most)
        {
            var made = new StringBuilder("| Last event (UTC) | What | Where | Matches |\n|---|---|---|--:|\n");
            foreach (var incident in incidents)
            {
                made.Append(CultureInfo.InvariantCulture, $"| {incident.Last?.UtcDateTime:yyyy-MM-dd HH:mm} | {Wording.SeverityMark(incident.Severity)} {Markdown.Text(SafeText.Cut(IncidentMarkdown.Title(incident), 200))} | ")
                    .Append(Some([.. incident.Accounts.Select(report.Scan.Called)])).Append(" | ").Append(Wording.Number(incident.Findings.Count)).Append(" |\n");
            }
            made.Append(CultureInfo.InvariantCulture, $"\nThe stories of the {most} most urgent follow; all are in ").Append(whole).Append(".\n");
            yield return new MarkdownSection(Wording.Count(incidents.Count, "incident", "incidents"), made.ToString(), "Incidents") { IsVital = true };
        }
        foreach (var (incident, i) in incidents.Take(most).Select((incident, i) => (incident, i)))
        {
            var title = Markdown.Text(SafeText.Cut(IncidentMarkdown.Title(incident), 200));
            yield return new MarkdownSection(title, (rows == int.MaxValue ? Anchor(IncidentAnchor(i)) : "") + IncidentMarkdown.Section(incident, report, rows == int.MaxValue ? rows : MostStoryRows, whole), "Incidents") { IsVital = incidents.Count <= MostVitalStories };
        }
    }

    private const int MostVitalStories = 5;

    private static IEnumerable<IGrouping<string, Finding>> Failing(ScanReport report, FindingKind kind) =>
        FindingList.Where(report.Findings, f => f.Status == FindingStatus.Fail && f.Kind == kind)
            .GroupBy(f => f.Check, StringComparer.Ordinal)
            .OrderByDescending(g => g.First().Severity).ThenByDescending(g => report.Rules.GetValueOrDefault(g.Key)?.Urgency ?? Urgency.None);

    /// <summary>What a report opens with: the headline, what to do first, and the counts.</summary>
    /// <param name="report">Of a scan.</param>
    /// <param name="issues">Addresses of the issues there are, by check and account.</param>
    internal static string FirstScreenOf(ScanReport report, IReadOnlyDictionary<(string Check, string Account), Uri>? issues) => Overview(report, isDocument: false, issues);

    private static string Overview(ScanReport report, bool isDocument, IReadOnlyDictionary<(string Check, string Account), Uri>? issues)
    {
        var scan = report.Scan;
        var first = FirstScreen.Of(report);
        var made = new StringBuilder("# ").Append(first.Mark).Append(' ').Append(first.Headline).Append("\n\n");
        foreach (var notice in report.Notices)
            made.Append("> ⚠️ ").Append(Markdown.Text(notice)).Append("\n\n");
        made.Append(Wording.Count(scan.Accounts.Count, "account", "accounts")).Append(", ")
            .Append(Wording.Count(scan.Regions.Count, "region", "regions")).Append(", ")
            .Append(Wording.Count(scan.Resources, "resource", "resources"));
        if (scan.Events > 0)
            made.Append(", ").Append(Wording.Count(scan.Events, "event", "events"));
        made.Append(" · ").Append(Wording.Count(report.Rules.Count, "rule", "rules"))
            .Append(CultureInfo.InvariantCulture, $" · {scan.Time.UtcDateTime:yyyy-MM-dd HH:mm} UTC · from {Markdown.Code(scan.Source)}{(scan.Version.Length > 0 ? " · Scanner " + Markdown.Text(scan.Version) : "")}{(scan.Caller.Length > 0 ? ", asked as " + Markdown.Code(scan.Caller) : "")}\n\n");
        made.Append(first.List(line => Target(line, first.Incidents, isDocument, issues)));
        if (FirstScreen.Since(report) is { Length: > 0 } since)
        {
            made.Append("## Since the last scan\n\n").Append(since).Append(".\n\n");
            if (Trend.Line(report) is { Length: > 0 } trend)
                made.Append(trend).Append("\n\n");
            made.Append(News(report));
        }
        if (first.Share is { Length: > 0 } share)
            made.Append("## Settings\n\n").Append(share).Append(".\n\n");
        else
            made.Append("## Settings\n\n");
        made.Append("| | ❌ fail | ❔ unknown | 🔕 muted | ✅ pass | ➖ not applicable | |\n|---|--:|--:|--:|--:|--:|---|\n");
        var most = ReportCounts.WorstFirst.Max(s => first.Settings[s, FindingStatus.Fail]);
        foreach (var severity in ReportCounts.WorstFirst)
        {
            if (ReportCounts.Statuses.All(s => first.Settings[severity, s] == 0))
                continue;
            made.Append("| ").Append(Wording.SeverityMark(severity)).Append(' ').Append(Names.Of(severity));
            foreach (var status in ReportCounts.Statuses)
                made.Append(" | ").Append(Wording.Number(first.Settings[severity, status]));
            made.Append(" | ").Append(Bar(first.Settings[severity, FindingStatus.Fail], most)).Append(" |\n");
        }
        made.Append("| **all**");
        foreach (var status in ReportCounts.Statuses)
            made.Append(" | **").Append(Wording.Number(first.Settings[status])).Append("**");
        made.Append(" | |\n");
        if (first.Seen(scan) is { Length: > 0 } seen)
            made.Append("\n**Events:** ").Append(seen).Append(".\n");
        return made.ToString();
    }

    private static string News(ScanReport report)
    {
        const int Most = 10;
        // What comes and goes is said, though it is not new today.
        var told = Incident.Of(report.Findings).SelectMany(incident => incident.Findings).Select(finding => finding.Identity).ToHashSet();
        // An incident tells its own matches.
        var news = report.Findings.Where(finding => finding.Change == FindingChange.New && !told.Contains(finding.Identity))
            .Concat(report.Findings.Where(finding => finding.Change == FindingChange.Still && FindingPast.Flaps(finding.Began, report.Scan.Time) > 0)).ToList();
        if (news.Count == 0)
            return "";
        var made = new StringBuilder();
        foreach (var finding in news.Take(Most))
        {
            var age = Trend.Age(finding, report.Scan.Time);
            made.Append("- ").Append(Wording.SeverityMark(finding.Severity)).Append(' ').Append(age.Length > 0 ? age : "new").Append(": ").Append(Markdown.Text(report.Rules.GetValueOrDefault(finding.Check)?.Fault ?? finding.Check)).Append(": ")
                .Append(Markdown.Code(StartHere.ShortName(EventFacts.ThingOf(finding)))).Append(" in ").Append(Markdown.Code(report.Scan.Called(finding.Account))).Append(", ").Append(Markdown.Code(finding.Region)).Append('\n');
        }
        if (news.Count > Most)
            made.Append("- and ").Append(Wording.Number(news.Count - Most)).Append(" more\n");
        return made.Append('\n').ToString();
    }

    // Within a document by the anchor over the heading; a summary of a job and a comment have none, and lead to the issue.
    private static string IncidentAnchor(int i) => FormattableString.Invariant($"incident-{i + 1}");

    private static (string, string)? Target(StartLine line, IReadOnlyList<Incident> incidents, bool isDocument, IReadOnlyDictionary<(string Check, string Account), Uri>? issues)
    {
        if (FirstScreen.IssueOf(issues, line) is { } issue)
            return ("#" + issue.Segments[^1], issue.AbsoluteUri);
        if (isDocument && line.Incident is { Findings.Count: > 1 } && incidents.TakeWhile(incident => incident != line.Incident).Count(incident => incident.Findings.Count > 1) is var at)
            return ("more", "#" + IncidentAnchor(at));
        return isDocument && Anchor(line.Check) is { Length: > 0 } ? ("more", "#" + line.Check) : null;
    }

    // Ids of checks are safe as they are; those of other people's Sigma rules may be anything.
    private static string Anchor(string check) =>
        check.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.') ? $"<a id=\"{check}\"></a>\n\n" : "";

    private static MarkdownSection Asked(ScanSummary scan)
    {
        var made = new StringBuilder("<details><summary>Version, identity, parameters, time</summary>\n\n| | |\n|---|---|\n");
        Row("Scanner", scan.Version);
        Row("Identity that asked AWS", scan.Caller);
        Row("Parameters", scan.Parameters);
        Row("State of", scan.Time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture));
        if (scan is { Started: { } started, Ended: { } ended })
            Row("Scanned", string.Create(CultureInfo.InvariantCulture, $"{started.UtcDateTime:yyyy-MM-dd HH:mm:ss} to {ended.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC, {scan.ApiCalls:N0} API calls"));
        Row("Accounts", Several([.. scan.Accounts.Select(scan.Called)], 50));
        Row("Regions", Several(scan.Regions, 50));
        Row("Services", Several(scan.Services, 100));
        return new MarkdownSection("What was asked", made.Append("\n</details>\n").ToString(), "What was asked");

        void Row(string name, string value)
        {
            if (value.Length > 0)
                made.Append("| ").Append(name).Append(" | ").Append(Markdown.Text(value)).Append(" |\n");
        }
    }

    private static string Several(IReadOnlyList<string> values, int most) => values.Count <= most
        ? string.Join(", ", values)
        : $"{string.Join(", ", values.Take(most))} and {Wording.Number(values.Count - most)} more";

    private static MarkdownSection FailingCheck(ScanReport report, IGrouping<string, Finding> group, int rows, string whole)
    {
        var rule = report.Rules.GetValueOrDefault(group.Key);
        var severity = group.First().Severity;
        var title = Markdown.Text(rule?.Fault ?? group.Key);
        var findings = group.ToList();
        var made = new StringBuilder();
        if (rows == int.MaxValue)
            made.Append(Anchor(group.Key));
        made.Append("### ").Append(Wording.SeverityMark(severity)).Append(' ').Append(title).Append("\n\n");
        made.Append(Names.Of(severity)).Append(" · ").Append(Markdown.Code(group.Key)).Append(" · ")
            .Append(Wording.Count(findings.Count, "resource fails", "resources fail"));
        if (rule is { Controls.Count: > 0 })
            made.Append(" · ").AppendJoin(", ", rule.Controls.Select(c => Markdown.Code(c.ToString())));
        if (rule is { Mitre.Count: > 0 })
            made.Append(" · ").AppendJoin(", ", rule.Mitre.Select(RuleMarkdown.Mitre));
        made.Append("\n\n");
        if (rule is { Why.Length: > 0 })
            made.Append(RichMarkdown.Blocks(rule.Why)).Append("\n\n");
        made.Append("<details><summary>").Append(Wording.Count(findings.Count, "resource", "resources")).Append("</summary>\n\n");
        ResourceTable(made, findings, report.Scan, rows, whole, since: report.Since is null ? null : report.Scan.Time);
        made.Append("\n</details>\n");
        if (rule is not null)
        {
            foreach (var part in RuleMarkdown.Parts(rule with { Why = "", Controls = [], Mitre = [], Source = null }))
                made.Append('\n').Append(part).Append('\n');
        }
        return new MarkdownSection($"{title} ({Wording.Count(findings.Count, "resource", "resources")})", made.ToString(), "What fails");
    }

    private static MarkdownSection Detection(IGrouping<string, Finding> group, ScanReport report, int rows, string whole)
    {
        var rule = report.Rules.GetValueOrDefault(group.Key);
        var title = Markdown.Text(rule?.Fault ?? group.Key);
        var findings = group.ToList();
        var made = new StringBuilder();
        if (rows == int.MaxValue)
            made.Append(Anchor(group.Key));
        made.Append("### ").Append(Wording.SeverityMark(group.First().Severity)).Append(' ').Append(title).Append("\n\n");
        made.Append(Names.Of(group.First().Severity)).Append(" · ").Append(Markdown.Code(group.Key)).Append(" · ")
            .Append(Wording.Count(findings.Count, "event", "events")).Append("\n\n");
        EventTable(made, findings, report.Scan, rows, whole);
        if (rule is not null)
        {
            foreach (var part in RuleMarkdown.Parts(rule))
                made.Append('\n').Append(part).Append('\n');
        }
        return new MarkdownSection($"{title} ({Wording.Count(findings.Count, "event", "events")})", made.ToString(), "What happened");
    }

    /// <summary>A table of findings: where, what, why, and since when.</summary>
    /// <param name="made">Gets the table.</param>
    /// <param name="findings">The findings.</param>
    /// <param name="scan">The scan, for names of accounts.</param>
    /// <param name="rows">Most rows; what is more is counted in words.</param>
    /// <param name="whole">Where everything is kept; safe markdown.</param>
    /// <param name="why">Head of the column of messages.</param>
    /// <param name="since">When the scan looked, to say how old each is; null to say nothing of it.</param>
    internal static void ResourceTable(StringBuilder made, IReadOnlyList<Finding> findings, ScanSummary scan, int rows, string whole, string why = "What is wrong", DateTimeOffset? since = null)
    {
        made.Append("| Account | Region | Resource | ").Append(why).Append(since is null ? " |\n|---|---|---|---|\n" : " | Since |\n|---|---|---|---|---|\n");
        foreach (var finding in findings.Take(rows))
        {
            made.Append("| ").Append(Markdown.Code(scan.Called(finding.Account))).Append(" | ").Append(Markdown.Code(finding.Region))
                .Append(" | ").Append(Markdown.Code(finding.Resource)).Append(" | ").Append(Markdown.Text(finding.Message)).Append(" |");
            if (since is { } now)
                made.Append(' ').Append(Trend.Age(finding, now)).Append(" |");
            made.Append('\n');
        }
        More(made, findings, rows, whole);
    }

    /// <summary>A table of detections: where, when, who, from where, on what, and the event.</summary>
    private static void EventTable(StringBuilder made, IReadOnlyList<Finding> findings, ScanSummary scan, int rows, string whole)
    {
        made.Append("| Account | Region |").Append(EventText.Head).Append("|\n|---|---|---|---|---|---|---|---|\n");
        foreach (var finding in findings.Take(rows))
            made.Append("| ").Append(Markdown.Code(scan.Called(finding.Account))).Append(" | ").Append(Markdown.Code(finding.Region)).Append(" |").Append(EventText.Row(finding)).Append("|\n");
        More(made, findings, rows, whole);
    }

    private static void More(StringBuilder made, IReadOnlyList<Finding> findings, int rows, string whole)
    {
        if (findings.Count > rows)
            made.Append("\n… and ").Append(Wording.Number(findings.Count - rows)).Append(" more: in ").Append(whole).Append(".\n");
    }

    /// <summary>What could not be read, and what has no answer because of it; null where everything was.</summary>
    /// <param name="report">Of a scan.</param>
    /// <param name="rows">Most causes.</param>
    /// <param name="whole">Where everything is kept; safe markdown.</param>
    internal static MarkdownSection? Unassessed(ScanReport report, int rows, string whole)
    {
        var incomplete = Incomplete.Of(report);
        var unexplained = FindingList.Where(report.Findings, f => f.Status == FindingStatus.Unknown && f.Causes.Count == 0).ToList();
        if (incomplete.Count == 0 && unexplained.Count == 0)
            return null;
        var made = new StringBuilder("None of this counts as a pass: ").Append(Wording.Count(FindingList.CountOf(report.Findings, f => f.Status == FindingStatus.Unknown), "finding has", "findings have")).Append(" no answer.\n\n");
        if (incomplete.Count > 0)
        {
            // Refusals of one kind are one line where there is not room for each.
            if (rows != int.MaxValue)
                incomplete = Incomplete.Together(incomplete);
            made.Append("| Operation | How it ended | Where | Checks without an answer |\n|---|---|---|---|\n");
            foreach (var i in incomplete.Take(rows))
            {
                made.Append("| ").Append(i.Operation.Length > 0 ? Markdown.Code(i.Operation) : "—").Append(" | ").Append(Names.Of(i.Outcome));
                if (i.Reason.Length > 0)
                    made.Append(": ").Append(Markdown.Text(i.Reason));
                made.Append(" | ").Append(Some([.. i.Accounts.Select(report.Scan.Called)])).Append("; ").Append(Some(i.Regions)).Append(" | ")
                    .Append(i.Checks.Count == 0 ? "none" : Some(i.Checks)).Append(" |\n");
            }
            if (incomplete.Count > rows)
                made.Append("\n… and ").Append(Wording.Number(incomplete.Count - rows)).Append(" more: in ").Append(whole).Append(".\n");
        }
        if (unexplained.Count > 0)
        {
            made.Append("\nRead, but AWS's reply does not say enough:\n\n");
            ResourceTable(made, unexplained, report.Scan, rows, whole, why: "What is known");
        }
        return new MarkdownSection("What could not be assessed", made.ToString(), "What could not be assessed");
    }

    private static MarkdownSection? Evidence(ScanReport report, int rows, string whole)
    {
        var cells = report.Evidence.Where(cell => cell.State != EvidenceState.Quiet).ToList();
        if (cells.Count == 0)
            return null;
        var regions = CoverageMatrix.InOrder(cells.Select(cell => cell.Region));
        // What is silent before what is not known, and that before what arrives.
        var lines = cells.GroupBy(cell => (cell.Source, cell.Account)).OrderByDescending(row => row.Max(cell => cell.State)).ToList();
        var made = new StringBuilder("| | Account ");
        foreach (var region in regions)
            made.Append("| ").Append(Markdown.Code(region)).Append(' ');
        made.Append("|\n|---|---").Insert(made.Length, "|:-:", regions.Count).Append("|\n");
        foreach (var row in lines.Take(rows))
        {
            made.Append("| ").Append(Markdown.Text(row.Key.Source)).Append(" | ").Append(Markdown.Code(report.Scan.Called(row.Key.Account))).Append(' ');
            foreach (var region in regions)
                made.Append("| ").Append(row.FirstOrDefault(cell => cell.Region == region) is { } cell ? EvidenceWords(cell, report.Scan.Time) : "·").Append(' ');
            made.Append("|\n");
        }
        if (lines.Count > rows)
            made.Append("\n… and ").Append(Wording.Number(lines.Count - rows)).Append(" more, none of them worse: in ").Append(whole).Append(".\n");
        made.Append("\n✅ arrived · ❌ had something to log, of which nothing arrived · ❔ not known · · nothing logs there, or there was nothing to log; min, h, d: how long before the scan the last was seen\n");
        if (EvidenceGaps.HasDays(report))
            AppendGaps(made.Append('\n').Append(EvidenceGaps.Legend).Append('\n'), EvidenceGaps.Of(report), report);
        return new MarkdownSection("Evidence of delivery", made.ToString(), "Evidence of delivery");
    }

    private const int MostGaps = 10;

    private static void AppendGaps(StringBuilder made, IReadOnlyList<EvidenceDays> sources, ScanReport report)
    {
        if (sources.Count == 0)
            return;
        made.Append("\n| Source with gaps | Account | Region | Seen to arrive | Gaps (UTC) |\n|---|---|---|--:|---|\n");
        foreach (var days in sources.Take(MostGaps))
        {
            made.Append("| ").Append(Markdown.Text(report.Rules.GetValueOrDefault(days.Check)?.Service ?? "")).Append(' ').Append(Markdown.Code(days.Resource)).Append(" | ").Append(Markdown.Code(report.Scan.Called(days.Account))).Append(" | ").Append(Markdown.Code(days.Region))
                .Append(" | ").Append(EvidenceGaps.Share(days)).Append(" | ").Append(EvidenceGaps.Words(days)).Append(" |\n");
        }
        if (sources.Count > MostGaps)
            made.Append(CultureInfo.InvariantCulture, $"\n{sources.Count - MostGaps} more are in the JSON report (`history.evidence`).\n");
    }

    private static string EvidenceWords(EvidenceCell cell, DateTimeOffset scan)
    {
        var all = cell.Delivering + cell.Silent + cell.Unknown;
        return cell.State switch
        {
            EvidenceState.Silent => $"❌ {Wording.Number(cell.Silent)} of {Wording.Number(all)} silent",
            EvidenceState.Unknown => $"❔ {Wording.Number(cell.Unknown)} of {Wording.Number(all)}",
            _ => $"✅ {Wording.Number(cell.Delivering)}",
        } + (cell.LastSeen is { } seen ? $", {EvidenceGaps.Age(seen, scan)}" : "") + (cell.Share is { } share ? ", " + EvidenceGaps.Percent(share) : "");
    }

    private static MarkdownSection? Muted(ScanReport report, int rows, string whole)
    {
        var muted = FindingList.Where(report.Findings, f => f.Status == FindingStatus.Muted).ToList();
        if (muted.Count == 0)
            return null;
        var made = new StringBuilder("<details><summary>").Append(Wording.Count(muted.Count, "finding", "findings")).Append("</summary>\n\n");
        made.Append("| Check | Account | Region | Resource | Why it is accepted |\n|---|---|---|---|---|\n");
        foreach (var f in muted.Take(rows))
        {
            made.Append("| ").Append(Markdown.Code(f.Check)).Append(" | ").Append(Markdown.Code(report.Scan.Called(f.Account))).Append(" | ")
                .Append(Markdown.Code(f.Region)).Append(" | ").Append(Markdown.Code(EventText.Of(f))).Append(" | ")
                .Append(Markdown.Text(f.MutedReason)).Append(" |\n");
        }
        if (muted.Count > rows)
            made.Append("\n… and ").Append(Wording.Number(muted.Count - rows)).Append(" more: in ").Append(whole).Append(".\n");
        made.Append("\n</details>\n");
        return new MarkdownSection("Accepted risks", made.ToString(), "Accepted risks");
    }

    private static MarkdownSection? NothingThere(ScanReport report)
    {
        var passed = FindingList.Tally(report.Findings).Where(one => one.Shared.Status == FindingStatus.Pass).Select(one => one.Shared.Check).Distinct(StringComparer.Ordinal).Count();
        if (report.Rules.Count == 0)
            return null;
        var made = new StringBuilder("<details><summary>").Append(Wording.Count(report.Rules.Count, "rule", "rules")).Append("</summary>\n\n| Rule | Severity | Title | ❌ | ❔ | ✅ |\n|---|---|---|--:|--:|--:|\n");
        var counts = report.Findings.CountBy(f => (f.Check, f.Status)).ToDictionary();
        foreach (var rule in report.Rules.Values.OrderByDescending(r => r.Severity).ThenBy(r => r.Id, StringComparer.Ordinal))
        {
            made.Append("| ").Append(Markdown.Code(rule.Id)).Append(" | ").Append(Names.Of(rule.Severity)).Append(" | ").Append(Markdown.Text(rule.Title));
            foreach (var status in (ReadOnlySpan<FindingStatus>)[FindingStatus.Fail, FindingStatus.Unknown, FindingStatus.Pass])
                made.Append(" | ").Append(Wording.Number(counts.GetValueOrDefault((rule.Id, status))));
            made.Append(" |\n");
        }
        made.Append("\n</details>\n");
        return new MarkdownSection($"All rules ({Wording.Count(passed, "passes somewhere", "pass somewhere")})", made.ToString(), "All rules");
    }

    private static string Bar(int value, int most)
    {
        if (value == 0 || most == 0)
            return "";
        return new string('█', Math.Max(1, (int)Math.Round(20.0 * value / most)));
    }

    private static string Some(IReadOnlyList<string> values)
    {
        var shown = string.Join(", ", values.Take(8).Select(Markdown.Code));
        return values.Count > 8 ? $"{shown} and {Wording.Number(values.Count - 8)} more" : shown;
    }
}

/// <summary>A piece of a markdown document that stands by itself: leaving one out breaks no table and no list.</summary>
/// <param name="Name">What to call it when it had to be left out; safe markdown.</param>
/// <param name="Text">Safe markdown, ending with a line break.</param>
/// <param name="Chapter">Heading under which it stands, or null: written once before the first of its sections.</param>
internal sealed record MarkdownSection(string Name, string Text, string? Chapter = null)
{
    /// <summary>Whether all others are left out before it.</summary>
    public bool IsVital { get; init; }
}
