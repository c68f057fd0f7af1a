using System.Globalization;
using System.Text;
using Scanner.Model;
using Scanner.Publish.Text;
using H = Scanner.Publish.Text.Html;

namespace Scanner.Publish.Reports;

/// <summary>The stories of incidents in the HTML report.</summary>
internal static class HtmlIncidents
{
    private const int MostRows = 500;
    private const int MostCards = 50;

    /// <summary>The anchor of a story; null where the line is none.</summary>
    /// <param name="line">A line of what to do first.</param>
    /// <param name="incidents">All incidents of the report.</param>
    public static string? Anchor(StartLine line, IReadOnlyList<Incident> incidents)
    {
        foreach (var (i, incident) in Stories(incidents).Take(MostCards))
        {
            if (ReferenceEquals(incident, line.Incident))
                return string.Create(CultureInfo.InvariantCulture, $"incident-{i + 1}");
        }
        return null;
    }

    private static IEnumerable<(int Index, Incident Item)> Stories(IReadOnlyList<Incident> incidents) => incidents.Index().Where(one => one.Item.Findings.Count > 1);

    /// <summary>A card for each incident of several matches, of very many for the most urgent.</summary>
    /// <param name="report">Of a scan.</param>
    /// <param name="incidents">Its incidents.</param>
    public static string Cards(ScanReport report, IReadOnlyList<Incident> incidents)
    {
        var made = new StringBuilder();
        foreach (var (i, incident) in Stories(incidents).Take(MostCards))
            Card(made, report, incident, i + 1);
        if (Stories(incidents).Count() - MostCards is > 0 and var more)
            made.Append("<section class=\"card\"><p>").Append(Wording.Count(more, "more incident is", "more incidents are")).Append(" in the JSON report; their matches are among the findings (kind: events).</p></section>\n");
        return made.ToString();
    }

    private static void Card(StringBuilder made, ScanReport report, Incident incident, int number)
    {
        var word = Names.Of(incident.Severity);
        // A click away, so that the findings are in reach: what to do first says what it is.
        made.Append(CultureInfo.InvariantCulture, $"<section class=\"card story\" id=\"incident-{number}\"><details><summary><h2><span class=\"sev {word}\">incident</span> {H.Text(SafeText.Cut(IncidentMarkdown.Title(incident), 300))}</h2></summary>\n<p class=\"note\">{Wording.Count(incident.Findings.Count, "match", "matches")} that share a principal, session, key or outside address within a day, in {string.Join(", ", incident.Accounts.Take(20).Select(account => H.Text(report.Scan.Called(account))))}</p>\n");
        made.Append(CultureInfo.InvariantCulture, $"<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Time line of incident {number}\"><table class=\"line\"><thead><tr><th scope=\"col\">When (UTC)</th><th scope=\"col\">Who</th><th scope=\"col\">Did</th><th scope=\"col\">To</th><th scope=\"col\">From</th><th scope=\"col\">Result</th></tr></thead><tbody>\n");
        for (var i = 0; i < Math.Min(MostRows, incident.Findings.Count); i++)
            Row(made, report, incident.Findings[i], incident.Facts[i]);
        made.Append("</tbody></table></div>\n");
        if (incident.Findings.Count > MostRows)
            made.Append(CultureInfo.InvariantCulture, $"<p class=\"note\">and {incident.Findings.Count - MostRows} more among the findings</p>\n");
        if (Containment.Of(incident) is { Count: > 0 } steps)
        {
            Script(made, "Do now", IncidentMarkdown.Script(steps, report.Scan, undo: false), open: true);
            Script(made, "Undo, where it was harmless", IncidentMarkdown.Script(steps, report.Scan, undo: true), open: false);
        }
        made.Append(HtmlTimeline.Around(incident, number)).Append("</details></section>\n");
    }

    private static void Row(StringBuilder made, ScanReport report, Finding finding, EventFacts facts)
    {
        var rule = report.Rules.GetValueOrDefault(finding.Check);
        var time = finding.Seen?.First ?? facts.Time;
        made.Append("<tr><td>").Append(time is { } at ? at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) : "").Append("</td><td>")
            .Append(H.Text(SafeText.Cut(facts.Actor ?? string.Join(", ", facts.Actors.Select(EventFacts.NameOf)), 300))).Append(facts.Mfa == false ? ", no MFA" : "")
            .Append(facts.AccessKeyId is { } key ? $"<br><code>{H.Text(SafeText.Cut(key, 200))}</code>" : "").Append("</td><td><span class=\"sev ").Append(Names.Of(finding.Severity)).Append("\">")
            .Append(H.Text(rule?.Fault ?? finding.Check)).Append("</span><br><code>").Append(H.Text(SafeText.Cut(facts.Action ?? string.Join(", ", facts.Actions), 300))).Append("</code>")
            .Append(finding.Seen is { Count: > 1 } seen ? $" × {Wording.Number(seen.Count)}" : "").Append("</td><td>")
            .Append(H.Text(SafeText.Cut(string.Join(", ", facts.AllTouched.Select(StartHere.ShortName)), 300))).Append(finding.Region.Length > 0 ? $"<br>{H.Text(finding.Region)}" : "").Append("</td><td>")
            .Append(H.Text(SafeText.Cut(facts.Source ?? string.Join(", ", facts.Sources), 300))).Append("</td><td>")
            .Append(facts.Error is { } error ? H.Text(SafeText.Cut(error, 200)) : facts.Action is null ? "" : "<strong>success</strong>").Append("</td></tr>\n");
    }

    private static void Script(StringBuilder made, string title, IReadOnlyList<string> lines, bool open) =>
        made.Append("<details").Append(open ? " open" : "").Append("><summary>").Append(title).Append("</summary><pre>").AppendJoin('\n', lines.Select(H.Text)).Append("</pre></details>\n");
}
