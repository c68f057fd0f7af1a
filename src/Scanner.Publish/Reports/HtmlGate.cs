using System.Globalization;
using System.Text;
using Scanner.Model;
using Scanner.Publish.Text;
using H = Scanner.Publish.Text.Html;

namespace Scanner.Publish.Reports;

/// <summary>What the HTML report of a gate has in other words than that of a scan: its head, what was looked at, and the change of each finding.</summary>
internal static class HtmlGate
{
    private static readonly FindingChange[] Changes = [FindingChange.Introduced, FindingChange.Unknown, FindingChange.Fixed, FindingChange.Removed, FindingChange.Existing];

    /// <summary>The verdict and the plans.</summary>
    public static string Header(ScanReport report)
    {
        var verdict = GateWording.Verdict(report);
        var made = new StringBuilder("<header class=\"").Append(ReportCounts.StatusOf(report)).Append("\">\n<h1>")
            .Append(char.ToUpperInvariant(verdict[0])).Append(H.Text(verdict[1..])).Append("</h1>\n");
        foreach (var plan in report.Gate!.Plans)
            made.Append("<p><code>").Append(H.Text(plan.Name)).Append("</code> · ").Append(H.Text(GateWording.Plan(plan))).Append("</p>\n");
        made.Append("<p>Looked at: ").Append(H.Text(GateWording.LookedAt(report))).Append(" · ").Append(Wording.Count(report.Rules.Count, "rule", "rules"))
            .Append(CultureInfo.InvariantCulture, $" · {report.Scan.Time.UtcDateTime:yyyy-MM-dd HH:mm} UTC</p>\n</header>\n");
        return made.ToString();
    }

    /// <summary>Counts by severity, warnings, scores, and what is ignored.</summary>
    public static string Sections(ScanReport report)
    {
        var gate = report.Gate!;
        var made = new StringBuilder();
        List("Read this first", [.. report.Notices, .. gate.ChangesOwnRules.Select(rule => $"This pull request changes what it is judged by: {rule}"), .. gate.Plans.SelectMany(plan => GateWording.Wholeness(plan).Select(reason => $"{plan.Name}: {reason}"))]);
        Counts(made, report);
        List("Frameworks", [.. gate.Scores.Select(score => $"{score.Framework}: {GateWording.Score(score)}")]);
        List("Left out", [.. GateWording.LeftOut(gate), .. GateWording.MayBePartial(gate) is { } perhaps ? [perhaps] : Array.Empty<string>(), .. gate.Notes]);
        if (gate.Ignored.Count > 0)
        {
            made.Append("<section class=\"card\"><h2>Ignored</h2>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Ignored\"><table><thead><tr><th scope=\"col\">Check</th><th scope=\"col\">Address</th><th scope=\"col\">Where</th><th scope=\"col\">By</th><th scope=\"col\">Reason</th></tr></thead><tbody>\n");
            foreach (var ignored in gate.Ignored)
            {
                made.Append("<tr><td><code>").Append(H.Text(ignored.Check)).Append("</code></td><td><code>").Append(H.Text(ignored.Address)).Append("</code></td><td>").Append(Place(ignored.Location))
                    .Append("</td><td>").Append(H.Text(GateWording.By(ignored))).Append("</td><td>").Append(H.Text(ignored.Reason)).Append("</td></tr>\n");
            }
            made.Append("</tbody></table></div></section>\n");
        }
        return made.ToString();

        void List(string title, IReadOnlyList<string> items)
        {
            if (items.Count > 0)
                made.Append("<section class=\"card\"><h2>").Append(title).Append("</h2>\n<ul>").AppendJoin("", items.Select(item => $"<li>{H.Text(item)}</li>")).Append("</ul></section>\n");
        }
    }

    /// <summary>A check box for each change; what was there before is not shown at first.</summary>
    public static string Filters(ScanReport report)
    {
        var counts = report.Findings.CountBy(Word, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        var made = new StringBuilder();
        foreach (var word in Changes.Select(Names.Of).Append(Names.Of(FindingStatus.Muted)))
        {
            var on = word == Names.Of(FindingChange.Existing) ? "" : " checked";
            made.Append(CultureInfo.InvariantCulture, $"<label><input type=\"checkbox\" name=\"status\" value=\"{word}\"{on}> {word} ({counts.GetValueOrDefault(word):N0})</label>");
        }
        return made.ToString();
    }

    /// <summary>The word that a finding of a gate is found by.</summary>
    public static string Word(Finding finding) =>
        finding.Status == FindingStatus.Muted || finding.Change is null ? Names.Of(FindingStatus.Muted) : Names.Of(finding.Change.Value);

    // What was touched, who did it, from where and when, and the event to look for.
    private static string Event(Finding finding)
    {
        var facts = EventFacts.Of(finding) ?? new EventFacts();
        var made = new StringBuilder(Few(facts.AllTouched is [_, ..] touched ? touched : [EventFacts.ThingOf(finding)], value => value));
        if (facts.Actors.Count > 0)
            made.Append("<br>by ").Append(Few(facts.Actors, EventFacts.NameOf));
        if (facts.Sources.Count > 0)
            made.Append("<br>from ").Append(Few(facts.Sources, value => value));
        var (first, last) = (finding.Seen?.First, finding.Seen?.Last ?? facts.Time);
        made.Append("<br>");
        if (first is { } from && from != last)
            made.Append(Time(from)).Append(" to ");
        if (last is { } until)
            made.Append(Time(until)).Append(' ');
        return made.Append(CultureInfo.InvariantCulture, $"event <code>{H.Text(finding.Resource)}</code>").ToString();

        static string Few(IReadOnlyList<string> all, Func<string, string> name)
        {
            var names = all.Select(name).Distinct(StringComparer.Ordinal).ToList();
            return string.Join(", ", names.Take(3).Select(value => $"<code>{H.Text(value)}</code>"))
                + (names.Count > 3 ? string.Create(CultureInfo.InvariantCulture, $" and {names.Count - 3} more") : "");
        }

        static string Time(DateTimeOffset time) => string.Create(CultureInfo.InvariantCulture, $"<time datetime=\"{time.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}\">{time.UtcDateTime:yyyy-MM-dd HH:mm:ss}</time>");
    }

    /// <summary>The cell with a finding's resource, and for a plan where it is written.</summary>
    public static string Resource(Finding finding)
    {
        if (finding.Address is null)
            return finding.Kind == FindingKind.Detection ? Event(finding) : $"<code>{H.Text(finding.Resource)}</code>";
        var made = new StringBuilder();
        if (finding.Plan is { } plan)
            made.Append(H.Text(plan)).Append("<br>");
        made.Append("<code>").Append(H.Text(finding.Address)).Append("</code>");
        if (finding.Location is not null)
            made.Append("<br>").Append(Place(finding.Location));
        if (finding.PreviousAddress is { } previous)
            made.Append("<br><em>was ").Append(H.Text(previous)).Append("</em>");
        return made.ToString();
    }

    /// <summary>What became of a finding; empty where nothing did.</summary>
    public static string Change(Finding finding)
    {
        if (finding.Change is not { } change)
            return "";
        var look = change switch
        {
            FindingChange.Introduced or FindingChange.New => "fail",
            FindingChange.Unknown => "unknown",
            FindingChange.Fixed or FindingChange.Removed => "pass",
            _ => "na",
        };
        return $"<span class=\"pill s-{look}\">{Names.Of(change)}</span>";
    }

    /// <summary>The changes that a finding comes from, where they are those of something else.</summary>
    public static string Causes(Finding finding) =>
        finding.Change == FindingChange.Unknown ? "" : string.Concat(finding.CausedBy.Where(cause => cause != finding.Address).Select(cause => $"<br><em>by the change of {H.Text(cause)}</em>"));

    private static void Counts(StringBuilder made, ScanReport report)
    {
        made.Append("<section class=\"card\"><h2>What changes</h2>\n<table class=\"plain\"><thead><tr><th scope=\"col\">Severity</th>");
        foreach (var change in Changes)
            made.Append("<th scope=\"col\" class=\"n\">").Append(Names.Of(change)).Append("</th>");
        made.Append("</tr></thead><tbody>\n");
        foreach (var severity in ReportCounts.WorstFirst)
        {
            if (!report.Findings.Any(f => f.Severity == severity && f.Status != FindingStatus.Muted))
                continue;
            var word = Names.Of(severity);
            made.Append("<tr><th scope=\"row\"><span class=\"sev ").Append(word).Append("\">").Append(word).Append("</span></th>");
            foreach (var change in Changes)
            {
                var count = report.Findings.Count(f => f.Severity == severity && f.Change == change && f.Status != FindingStatus.Muted);
                made.Append(count == 0 ? "<td class=\"n zero\">" : "<td class=\"n\">").Append(Wording.Number(count)).Append("</td>");
            }
            made.Append("</tr>\n");
        }
        made.Append("</tbody></table></section>\n");
    }

    private static string Place(SourceLocation? at) =>
        at is null ? "" : H.Text(FormattableString.Invariant($"{at.File}:{at.Line}")) + (at.Module is { } module ? $" <em>{H.Text(module)}</em>" : "");
}
