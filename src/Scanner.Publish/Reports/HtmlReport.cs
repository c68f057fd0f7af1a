using System.Globalization;
using System.Text;
using Scanner.Model;
using Scanner.Publish.Text;
using H = Scanner.Publish.Text.Html;
using RichMarkdown = Scanner.Publish.Text.RichMarkdown;

namespace Scanner.Publish.Reports;

/// <summary>
/// One self-contained HTML file: nothing is loaded from anywhere (content security policy), charts are inline SVG,
/// light and dark, keyboard and screen reader usable. Its script draws the findings from packed data; what matters most can be read without it.
/// </summary>
internal sealed class HtmlReport : IReportFormat
{
    /// <inheritdoc />
    public string Name => "html";

    /// <inheritdoc />
    public async Task WriteAsync(ScanReport report, Stream output, CancellationToken cancellation)
    {
        await using var writer = new StreamWriter(output, new UTF8Encoding(false), 1 << 16, leaveOpen: true) { NewLine = "\n" };
        // The script is let in by its hash: no other can run, whatever got into the file.
        var hash = Convert.ToBase64String(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(HtmlAssets.Script)));
        await writer.WriteAsync($"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="referrer" content="no-referrer">
            <meta name="color-scheme" content="light dark">
            <title>Scanner report</title>
            <style>{HtmlAssets.Style}</style>
            </head>
            <body>
            <a class="skip" href="#findings">Skip to the findings</a>

            """);
        var counts = new ReportCounts(report.Findings);
        var first = report.Gate is null ? FirstScreen.Of(report) : null;
        var findings = HtmlFindings.InOrder(report);
        await writer.WriteAsync(first is not null ? Header(report, counts, first) : HtmlGate.Header(report));
        await writer.WriteAsync("<main>\n");
        if (first is not null)
        {
            await writer.WriteAsync(Start(report, first));
            await writer.WriteAsync(HtmlIncidents.Cards(report, first.Incidents));
            await HtmlFindings.WriteAsync(writer, report, counts, findings, cancellation);
            await writer.WriteAsync(Charts(report, first));
            await writer.WriteAsync(History(report));
            await writer.WriteAsync(HtmlControls.Card(report, Anchor));
            await writer.WriteAsync(Evidence(report));
            await writer.WriteAsync(HtmlCoverage.Card(report));
            await writer.WriteAsync(HtmlAttack.Card(report));
            await writer.WriteAsync(Unassessed(report));
        }
        else
        {
            await writer.WriteAsync(HtmlGate.Sections(report));
            await HtmlFindings.WriteAsync(writer, report, counts, findings, cancellation);
        }
        await writer.WriteAsync(Rules(report));
        if (report.Gate is null)
            await writer.WriteAsync(Asked(report.Scan));
        await writer.WriteAsync($"</main>\n<footer>Scanner {H.Text(report.Scan.Version)}</footer>\n");
        await writer.FlushAsync(cancellation);
        await HtmlData.WriteAsync(output, report, findings, cancellation);
        await writer.WriteAsync($"<script>{HtmlAssets.Script}</script>\n</body>\n</html>\n");
    }

    private static string Header(ScanReport report, ReportCounts counts, FirstScreen first)
    {
        var scan = report.Scan;
        return string.Create(CultureInfo.InvariantCulture, $"""
            <header class="{counts.Status}">
            <h1>{H.Text(first.Headline)}</h1>
            <p>Account {Several([.. scan.Accounts.Select(scan.Called)], 10)} · {Wording.Count(scan.Regions.Count, "region", "regions")} · {Wording.Count(scan.Resources, "resource", "resources")}{(scan.Events > 0 ? " · " + Wording.Count(scan.Events, "event", "events") : "")} · {Wording.Count(report.Rules.Count, "rule", "rules")} · {scan.Time.UtcDateTime:yyyy-MM-dd HH:mm} UTC · from {H.Text(scan.Source)} · Scanner {H.Text(scan.Version)}{(scan.Caller.Length > 0 ? $", asked as {H.Text(scan.Caller)}" : "")} · <a href="#asked">what was asked</a></p>
            {string.Concat(report.Notices.Select(notice => $"<p><strong>⚠ {H.Text(notice)}</strong></p>"))}</header>

            """);
    }

    private static string Several(IReadOnlyList<string> values, int most) =>
        string.Join(", ", values.Take(most).Select(H.Text)) + (values.Count > most ? string.Create(CultureInfo.InvariantCulture, $" and {values.Count - most:N0} more") : "");

    private static string Start(ScanReport report, FirstScreen first)
    {
        if (first.Lines.Count == 0)
            return "";
        var made = new StringBuilder("<section class=\"card start\"><h2>Start here</h2>\n<ol>\n");
        foreach (var line in first.Lines)
        {
            var word = Names.Of(line.Severity);
            made.Append(CultureInfo.InvariantCulture, $"<li><span class=\"sev {word}\">{(line.Urgency == Urgency.Attack ? "attack" : word)}</span> <a href=\"#{HtmlIncidents.Anchor(line, first.Incidents) ?? "r-" + Anchor(line.Check)}\"><strong>{H.Text(SafeText.Cut(line.What, 200))}</strong></a>: {H.Text(SafeText.Cut(line.Where, 400))}{Issue(report, line)}</li>\n");
        }
        made.Append("</ol>");
        if (FirstScreen.Since(report) is { Length: > 0 } since)
            made.Append("<p class=\"note\">").Append(since).Append("</p>");
        return made.Append("</section>\n").ToString();
    }

    private static string History(ScanReport report)
    {
        var scans = Trend.Of(report);
        if (scans.Count == 0)
            return "";
        var made = new StringBuilder("<section class=\"card\" id=\"history\"><h2>Over time</h2>\n<div class=\"over\">").Append(Trend.Picture(report)).Append("<p>").Append(Trend.Line(report)).Append("</p></div>\n");
        made.Append("<details><summary>").Append(Wording.Count(scans.Count, "scan", "scans")).Append("</summary>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Scans until now\"><table class=\"plain\"><thead><tr><th scope=\"col\">Scan of (UTC)</th>");
        foreach (var head in (ReadOnlySpan<string>)["Pass", "Fail", "critical", "high", "Unknown", "Muted", "New", "Fixed", "Matches"])
            made.Append("<th scope=\"col\" class=\"n\">").Append(head).Append("</th>");
        made.Append("</tr></thead><tbody>\n");
        foreach (var scan in scans.Reverse())
        {
            made.Append(CultureInfo.InvariantCulture, $"<tr><th scope=\"row\">{scan.Time.UtcDateTime:yyyy-MM-dd HH:mm}</th>");
            foreach (var number in (ReadOnlySpan<int?>)[scan.Pass, scan.Fail, scan.Critical, scan.High, scan.Unknown, scan.Muted, scan.New, scan.Fixed, scan.Matches])
                made.Append(CultureInfo.InvariantCulture, $"<td class=\"n\">{(number is { } known ? Wording.Number(known) : "–")}</td>");
            made.Append("</tr>\n");
        }
        return made.Append("</tbody></table></div></details></section>\n").ToString();
    }

    // Of an incident's matches the worst has its issue.
    private static string Issue(ScanReport report, StartLine line) =>
        FirstScreen.IssueOf(report.Issues, line) is { } page
            && H.Address(page.AbsoluteUri) is { } address ? $" → <a href=\"{address}\" rel=\"noreferrer\">#{H.Text(page.Segments[^1])}</a>" : "";

    private static string Asked(ScanSummary scan)
    {
        var made = new StringBuilder("<section class=\"card\" id=\"asked\"><h2>What was asked</h2>\n<dl>");
        Row("Scanner", H.Text(scan.Version));
        Row("Identity that asked AWS", H.Text(scan.Caller));
        Row("Parameters", H.Text(scan.Parameters));
        Row("State of", scan.Time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture));
        if (scan is { Started: { } started, Ended: { } ended })
            Row("Scanned", string.Create(CultureInfo.InvariantCulture, $"{started.UtcDateTime:yyyy-MM-dd HH:mm:ss} to {ended.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC, {scan.ApiCalls:N0} API calls"));
        Row("Accounts", Several([.. scan.Accounts.Select(scan.Called)], 500));
        Row("Regions", Several(scan.Regions, 100));
        Row("Services", Several(scan.Services, 200));
        return made.Append("</dl></section>\n").ToString();

        void Row(string name, string value)
        {
            if (value.Length > 0)
                made.Append("<dt>").Append(name).Append("</dt><dd>").Append(value).Append("</dd>");
        }
    }

    private static string Charts(ScanReport report, FirstScreen first)
    {
        var counts = first.Settings;
        var made = new StringBuilder("<section class=\"cards\" aria-label=\"Counts\">\n");
        made.Append(Donut(counts, first.Share));
        made.Append("<div class=\"card wide\"><h2>Settings by severity</h2>\n<table class=\"plain\"><thead><tr><th scope=\"col\">Severity</th>");
        foreach (var status in ReportCounts.Statuses)
            made.Append("<th scope=\"col\" class=\"n\">").Append(Names.Of(status)).Append("</th>");
        made.Append("<th scope=\"col\"><span class=\"sr\">Failing, as a bar</span></th></tr></thead><tbody>\n");
        var most = Math.Max(1, ReportCounts.WorstFirst.Max(s => counts[s, FindingStatus.Fail]));
        foreach (var severity in ReportCounts.WorstFirst)
        {
            var word = Names.Of(severity);
            made.Append("<tr><th scope=\"row\"><span class=\"sev ").Append(word).Append("\">").Append(word).Append("</span></th>");
            foreach (var status in ReportCounts.Statuses)
            {
                var count = counts[severity, status];
                made.Append(count == 0 ? "<td class=\"n zero\">" : "<td class=\"n\">").Append(count.ToString("N0", CultureInfo.InvariantCulture)).Append("</td>");
            }
            var width = 160.0 * counts[severity, FindingStatus.Fail] / most;
            made.Append(CultureInfo.InvariantCulture, $"<td><svg class=\"bar\" viewBox=\"0 0 160 12\" preserveAspectRatio=\"none\" aria-hidden=\"true\"><rect class=\"track\" width=\"160\" height=\"12\" rx=\"3\"/><rect class=\"f-{word}\" width=\"{width:0.#}\" height=\"12\" rx=\"3\"/></svg></td></tr>\n");
        }
        made.Append("</tbody></table>\n");
        if (first.Seen(report.Scan) is { Length: > 0 } seen)
            made.Append("<p class=\"note\">Events, counted apart: ").Append(seen).Append("</p>\n");
        return made.Append("</div>\n</section>\n").ToString();
    }

    private static string Donut(ReportCounts counts, string said)
    {
        // The ring is what the number in it says: what passes of what was judged.
        var judged = counts[FindingStatus.Pass] + counts[FindingStatus.Fail];
        var made = new StringBuilder("<div class=\"card\"><h2>Settings</h2>\n<div class=\"donut\"><svg viewBox=\"0 0 42 42\" width=\"150\" height=\"150\" role=\"img\" aria-label=\"");
        made.AppendJoin(", ", ReportCounts.Statuses.Select(s => string.Create(CultureInfo.InvariantCulture, $"{counts[s]} {Names.Of(s)}")));
        made.Append("\">\n<circle cx=\"21\" cy=\"21\" r=\"15.9155\" class=\"ring\"/>\n");
        // A circle of circumference 100: lengths are percentages.
        var offset = 25.0;
        foreach (var status in (ReadOnlySpan<FindingStatus>)[FindingStatus.Pass, FindingStatus.Fail])
        {
            if (counts[status] == 0)
                continue;
            var share = 100.0 * counts[status] / judged;
            made.Append(CultureInfo.InvariantCulture, $"<circle cx=\"21\" cy=\"21\" r=\"15.9155\" class=\"arc s-{Class(status)}\" stroke-dasharray=\"{share:0.###} {100 - share:0.###}\" stroke-dashoffset=\"{offset:0.###}\"/>\n");
            offset -= share;
        }
        var good = judged == 0 ? "–" : string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(100.0 * counts[FindingStatus.Pass] / judged)} %");
        made.Append("<text x=\"21\" y=\"21.5\" class=\"big\">").Append(good).Append("</text><text x=\"21\" y=\"26\" class=\"small\">of judged pass</text>\n</svg>\n<ul class=\"legend\">");
        foreach (var status in ReportCounts.Statuses)
            made.Append(CultureInfo.InvariantCulture, $"<li><span class=\"dot b-{Class(status)}\"></span>{counts[status]:N0} {Names.Of(status)}</li>");
        made.Append("</ul></div>");
        if (said.Length > 0)
            made.Append("<p class=\"note\">").Append(said).Append("</p>");
        return made.Append("</div>\n").ToString();
    }

    private static string Evidence(ScanReport report)
    {
        var cells = report.Evidence.Where(cell => cell.State != EvidenceState.Quiet).ToList();
        if (cells.Count == 0)
            return "";
        var regions = CoverageMatrix.InOrder(cells.Select(cell => cell.Region));
        var made = new StringBuilder("<section class=\"card\"><h2>Evidence of delivery</h2>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Evidence of delivery\"><table class=\"matrix\"><thead><tr><th scope=\"col\">Source and account</th>");
        foreach (var region in regions)
            made.Append("<th scope=\"col\"><span>").Append(H.Text(region)).Append("</span></th>");
        made.Append("</tr></thead><tbody>\n");
        foreach (var row in cells.GroupBy(cell => (cell.Source, cell.Account)))
        {
            made.Append("<tr><th scope=\"row\">").Append(H.Text(row.Key.Source)).Append("<small>").Append(H.Text(report.Scan.Called(row.Key.Account))).Append("</small></th>");
            foreach (var region in regions)
            {
                if (row.FirstOrDefault(cell => cell.Region == region) is not { } cell)
                {
                    made.Append("<td></td>");
                    continue;
                }
                var (look, sign) = cell.State switch { EvidenceState.Silent => ("fail", "✕"), EvidenceState.Unknown => ("unknown", "?"), _ => ("pass", "✓") };
                var words = string.Create(CultureInfo.InvariantCulture, $"{cell.Delivering:N0} delivering, {cell.Silent:N0} silent, {cell.Unknown:N0} not known{(cell.LastSeen is { } seen ? $"; last seen {seen:yyyy-MM-dd HH:mm} UTC" : "")}{(cell.Share is { } share ? $"; seen to arrive on {EvidenceGaps.Percent(share)} of days" : "")}");
                made.Append("<td class=\"m-").Append(look).Append("\" title=\"").Append(H.Text($"{row.Key.Source}, {region}: {words}")).Append("\"><span aria-hidden=\"true\">").Append(sign).Append("</span><span class=\"sr\">").Append(words).Append("</span>")
                    .Append(cell.LastSeen is { } last ? $"<small>{EvidenceGaps.Age(last, report.Scan.Time)}</small>" : "").Append(cell.Share is { } days ? $"<small>{EvidenceGaps.Percent(days)}</small>" : "").Append("</td>");
            }
            made.Append("</tr>\n");
        }
        made.Append("</tbody></table></div>\n<p class=\"note\">✓ arrived, min, h, d: how long before the scan, where that is known · ✕ had something to log, of which nothing arrived · ? not known; empty: nothing logs there, or there was nothing to log</p>\n");
        if (EvidenceGaps.HasDays(report))
            AppendGaps(made.Append("<p class=\"note\">").Append(EvidenceGaps.Legend).Append("</p>\n"), EvidenceGaps.Of(report), report.Scan);
        return made.Append("</section>\n").ToString();
    }

    private const int MostGaps = 100;
    private const int MostCauses = 300;

    private static void AppendGaps(StringBuilder made, IReadOnlyList<EvidenceDays> sources, ScanSummary scan)
    {
        if (sources.Count == 0)
            return;
        made.Append("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Sources with gaps\"><table class=\"causes\"><thead><tr><th scope=\"col\">Source with gaps</th><th scope=\"col\">Account</th><th scope=\"col\">Region</th><th scope=\"col\">Seen to arrive</th><th scope=\"col\">Gaps (UTC)</th></tr></thead><tbody>\n");
        foreach (var days in sources.Take(MostGaps))
        {
            made.Append("<tr><td><code>").Append(H.Text(days.Resource)).Append("</code></td><td>").Append(H.Text(scan.Called(days.Account))).Append("</td><td>").Append(H.Text(days.Region))
                .Append("</td><td>").Append(EvidenceGaps.Share(days)).Append("</td><td>").Append(EvidenceGaps.Words(days)).Append("</td></tr>\n");
        }
        made.Append("</tbody></table></div>\n");
        if (sources.Count > MostGaps)
            made.Append(CultureInfo.InvariantCulture, $"<p class=\"note\">{sources.Count - MostGaps} more are in the JSON report.</p>\n");
    }

    private static string Unassessed(ScanReport report)
    {
        var incomplete = Incomplete.Of(report);
        if (incomplete.Count == 0)
            return "";
        var made = new StringBuilder("<section class=\"card\"><h2>What could not be assessed</h2>\n<p class=\"note\">None of this counts as a pass.</p>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"What could not be assessed\"><table class=\"causes\"><thead><tr><th scope=\"col\">Operation</th><th scope=\"col\">How it ended</th><th scope=\"col\">Accounts</th><th scope=\"col\">Regions</th><th scope=\"col\">Checks without an answer</th></tr></thead><tbody>\n");
        foreach (var i in incomplete.Take(MostCauses))
        {
            made.Append("<tr><td><code>").Append(H.Text(i.Operation)).Append("</code></td><td><strong>").Append(Names.Of(i.Outcome)).Append("</strong> ").Append(H.Text(i.Reason))
                .Append("</td><td>").Append(Several([.. i.Accounts.Select(report.Scan.Called)], 20)).Append("</td><td>").AppendJoin(", ", i.Regions.Select(H.Text))
                .Append("</td><td>").AppendJoin(", ", i.Checks.Select(H.Text)).Append("</td></tr>\n");
        }
        made.Append("</tbody></table></div>");
        if (incomplete.Count > MostCauses)
            made.Append(CultureInfo.InvariantCulture, $"\n<p class=\"note\">{incomplete.Count - MostCauses:N0} more are in the JSON report.</p>");
        return made.Append("</section>\n").ToString();
    }

    private static string Rules(ScanReport report)
    {
        var made = new StringBuilder("<section class=\"card rules\"><h2>Rules</h2>\n");
        // On paper those of which something is open are enough.
        var open = FindingList.Tally(report.Findings).Select(one => one.Shared).Where(finding => finding.Status is FindingStatus.Fail or FindingStatus.Unknown).Select(finding => finding.Check).ToHashSet(StringComparer.Ordinal);
        foreach (var rule in report.Rules.Values.OrderByDescending(r => r.Severity).ThenBy(r => r.Id, StringComparer.Ordinal))
        {
            var word = Names.Of(rule.Severity);
            made.Append(CultureInfo.InvariantCulture, $"<details id=\"r-{Anchor(rule.Id)}\"{(open.Contains(rule.Id) ? "" : " class=\"quiet\"")}><summary><span class=\"sev {word}\">{word}</span> {H.Text(rule.Title)} <code>{H.Text(rule.Id)}</code></summary>\n<div>");
            if (rule.Why.Length > 0)
                made.Append(RichMarkdown.Html(rule.Why));
            List("What to do, in order", "ol", rule.Response);
            List("When it is harmless", "ul", rule.FalsePositives);
            if (rule.Fix.Console is { Length: > 0 } console)
                made.Append("<h3>Console</h3>").Append(RichMarkdown.Html(console));
            Code("AWS CLI", rule.Fix.Cli);
            Code("Terraform", rule.Fix.Terraform);
            if (rule.Source is { } source)
            {
                made.Append("<h3>Logging source</h3><dl><dt>In a new account</dt><dd>").Append(H.Text(source.Default))
                    .Append("</dd><dt>Cost</dt><dd>").Append(H.Text(source.Cost)).Append("</dd><dt>Use</dt><dd>").Append(H.Text(source.Use)).Append("</dd></dl>");
            }
            if (rule.Controls.Count > 0)
                made.Append("<h3>Controls</h3><ul>").AppendJoin("", rule.Controls.Select(c => $"<li>{H.Text(c.ToString())} {H.Text(c.Title)}</li>")).Append("</ul>");
            if (rule.Mitre.Count > 0)
                made.Append("<h3>MITRE ATT&amp;CK</h3><p>").AppendJoin(", ", rule.Mitre.Select(Mitre)).Append("</p>");
            if (rule.References.Count > 0)
            {
                made.Append("<h3>Further reading</h3><ul>").AppendJoin("", rule.References.Select(r =>
                    H.Address(r) is { } address ? $"<li><a href=\"{address}\" rel=\"noreferrer\">{H.Text(r)}</a></li>" : $"<li>{H.Text(r)}</li>")).Append("</ul>");
            }
            made.Append("</div></details>\n");
        }
        return made.Append("</section>\n").ToString();

        void List(string title, string tag, IReadOnlyList<string> items)
        {
            if (items.Count > 0)
                made.Append("<h3>").Append(title).Append("</h3><").Append(tag).Append('>').AppendJoin("", items.Select(i => $"<li>{H.Text(i)}</li>")).Append("</").Append(tag).Append('>');
        }

        void Code(string title, string? code)
        {
            if (!string.IsNullOrEmpty(code))
                made.Append("<h3>").Append(title).Append("</h3><pre>").Append(Pre(code)).Append("</pre>");
        }
    }

    private static string Mitre(string id) =>
        AttackMatrix.Find(id) is { } technique ? $"<a href=\"{technique.Url}\" rel=\"noreferrer\">{H.Text(AttackMatrix.Label(id))}</a>" : H.Text(AttackMatrix.Label(id));

    /// <summary>Text of several lines, escaped.</summary>
    /// <param name="text">Of any origin.</param>
    internal static string Pre(string text) =>
        string.Join('\n', SafeText.Lines(text).Split('\n').Select(H.Text));

    /// <summary>The anchor of a rule. Ids may be anything: one of hexadecimal digits is always valid.</summary>
    /// <param name="id">Of a rule.</param>
    internal static string Anchor(string id) => Convert.ToHexStringLower(Encoding.UTF8.GetBytes(id));

    /// <summary>The class of a status in the page's style.</summary>
    /// <param name="status">A status.</param>
    internal static string Class(FindingStatus status) => status switch
    {
        FindingStatus.NotApplicable => "na",
        _ => Names.Of(status),
    };
}
