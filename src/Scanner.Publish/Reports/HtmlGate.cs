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
    private static void Event(HtmlCell made, Finding finding)
    {
        var facts = EventFacts.Of(finding) ?? new EventFacts();
        Few(facts.AllTouched is [_, ..] touched ? touched : [EventFacts.ThingOf(finding)], value => value);
        if (facts.Actors.Count > 0)
        {
            made.Break().Text("by ");
            Few(facts.Actors, EventFacts.NameOf);
        }
        if (facts.Sources.Count > 0)
        {
            made.Break().Text("from ");
            Few(facts.Sources, value => value);
        }
        var (first, last) = (finding.Seen?.First, finding.Seen?.Last ?? facts.Time);
        made.Break();
        if (first is { } from && from != last)
            made.Time(from).Text(" to ");
        if (last is { } until)
            made.Time(until).Text(" ");
        made.Text("event ").Code(finding.Resource);

        void Few(IReadOnlyList<string> all, Func<string, string> name)
        {
            var names = all.Select(name).Distinct(StringComparer.Ordinal).ToList();
            foreach (var (value, i) in names.Take(3).Select((value, i) => (value, i)))
                made.Text(i > 0 ? ", " : "").Code(value);
            if (names.Count > 3)
                made.Text(string.Create(CultureInfo.InvariantCulture, $" and {names.Count - 3} more"));
        }
    }

    /// <summary>The cell with a finding's resource, whose it is, and for a plan where it is written.</summary>
    public static HtmlCell Resource(Finding finding)
    {
        var made = new HtmlCell();
        if (finding.Address is null)
        {
            if (finding.Kind == FindingKind.Detection)
                Event(made, finding);
            else
                made.Code(finding.Resource);
        }
        else
        {
            if (finding.Plan is { } plan)
                made.Text(plan).Break();
            made.Code(finding.Address);
            if (finding.Location is { } at)
                made.Break().Text(FormattableString.Invariant($"{at.File}:{at.Line}")).Text(at.Module is null ? "" : " ").Aside(at.Module);
            if (finding.PreviousAddress is { } previous)
                made.Break().Aside("was " + previous);
        }
        return finding.Owner is null ? made : made.Break().Text("owner ").Code(OwnerText.Of(finding.Owner));
    }

    /// <summary>What became of a finding, with the look of the word; null where nothing did.</summary>
    public static (string Look, string Word)? Change(Finding finding)
    {
        if (finding.Change is not { } change)
            return null;
        var look = change switch
        {
            FindingChange.Introduced or FindingChange.New => "fail",
            FindingChange.Unknown => "unknown",
            FindingChange.Fixed or FindingChange.Removed => "pass",
            _ => "na",
        };
        return (look, Names.Of(change));
    }

    /// <summary>Adds the changes that a finding comes from, where they are those of something else.</summary>
    public static void Causes(HtmlCell made, Finding finding)
    {
        if (finding.Change == FindingChange.Unknown)
            return;
        foreach (var cause in finding.CausedBy.Where(cause => cause != finding.Address))
            made.Break().Aside("by the change of " + cause);
    }

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
