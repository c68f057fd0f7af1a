using System.Globalization;
using System.Text;
using Scanner.Model;
using Scanner.Publish.Text;
using H = Scanner.Publish.Text.Html;

namespace Scanner.Publish.Reports;

/// <summary>
/// The findings of the HTML report: what they can be chosen by, and the table with the first of them, so that what matters most can be read without
/// a script. All of them come as data (<see cref="HtmlData"/>), of which the script draws what is looked at.
/// </summary>
internal static class HtmlFindings
{
    /// <summary>So many findings are in the page itself.</summary>
    public const int MostRows = 200;

    private const int MostOfGroup = 20;

    /// <summary>Findings in the order of the table: of one severity what fails before what is unknown, and that before the rest; of a gate as the gate has them.</summary>
    /// <param name="report">Of a scan or a gate.</param>
    public static IReadOnlyList<Finding> InOrder(ScanReport report) =>
        report.Gate is not null ? report.Findings : FindingList.OrderBy(report.Findings, finding => ((int)Severity.Critical - (int)finding.Severity) * (ReportCounts.Statuses.Count + 1) + Order(finding.Status));

    /// <summary>Writes the section.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="report">Of a scan or a gate.</param>
    /// <param name="counts">Its counts.</param>
    /// <param name="findings">What <see cref="InOrder"/> gave.</param>
    /// <param name="cancellation">Ends it.</param>
    public static async Task WriteAsync(StreamWriter writer, ScanReport report, ReportCounts counts, IReadOnlyList<Finding> findings, CancellationToken cancellation)
    {
        var made = new StringBuilder("<section class=\"card\" id=\"findings\"><h2>Findings</h2>\n<div class=\"filters\">\n<label>Search <input type=\"search\" id=\"q\" autocomplete=\"off\"></label>\n<fieldset><legend class=\"sr\">Status</legend>");
        if (report.Gate is not null)
            made.Append(HtmlGate.Filters(report));
        foreach (var status in report.Gate is null ? ReportCounts.Statuses : [])
        {
            var on = status is FindingStatus.Fail or FindingStatus.Unknown ? " checked" : "";
            made.Append(CultureInfo.InvariantCulture, $"<label><input type=\"checkbox\" name=\"status\" value=\"{HtmlReport.Class(status)}\"{on}> {Names.Of(status)} ({counts[status]:N0})</label>");
        }
        made.Append("</fieldset>\n<details id=\"picks\" open><summary>More to choose by</summary><div>\n<label>Severity at least <select id=\"sev\">");
        foreach (var severity in Enum.GetValues<Severity>())
            made.Append(CultureInfo.InvariantCulture, $"<option value=\"{(int)severity}\">{Names.Of(severity)}</option>");
        made.Append("</select></label>\n").Append(report.Gate is null ? Choices(report) : "").Append("<label><input type=\"checkbox\" id=\"group\" checked> Group by check</label>\n<button type=\"button\" id=\"print\">Print what is shown</button>\n</div></details>\n<output id=\"shown\" aria-live=\"polite\"></output>\n</div>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Findings\"><table id=\"t\" role=\"table\"><thead role=\"rowgroup\"><tr role=\"row\">");
        foreach (var column in (ReadOnlySpan<string>)[report.Gate is null ? "Status" : "Change", "Severity", "Check", "Account", "Region", "Resource", "Message"])
            made.Append("<th scope=\"col\" role=\"columnheader\" aria-sort=\"none\">").Append(column).Append("</th>");
        made.Append("</tr></thead>\n");
        var written = Rows(made, report, findings);
        made.Append("</table></div>\n");
        if (written < findings.Count)
            made.Append(CultureInfo.InvariantCulture, $"<p class=\"note unscripted\">These are {written:N0} of {findings.Count:N0} findings, what fails first. The page's script draws all of them, and this browser does not run it; the CSV and JSON reports hold them, too.</p>\n");
        made.Append("</section>\n");
        await writer.WriteAsync(made, cancellation);
    }

    /// <summary>The word that a finding is chosen by: its status, in a gate its change.</summary>
    /// <param name="report">Of a scan or a gate.</param>
    /// <param name="finding">One of its findings.</param>
    public static string Shown(ScanReport report, Finding finding) => report.Gate is null ? HtmlReport.Class(finding.Status) : HtmlGate.Word(finding);

    /// <summary>The words at the head of a finding, with their look.</summary>
    /// <param name="report">Of a scan or a gate.</param>
    /// <param name="finding">One of its findings.</param>
    public static IEnumerable<(string Look, string Word)> Pills(ScanReport report, Finding finding)
    {
        if (report.Gate is null || finding.Status == FindingStatus.Muted)
            yield return (HtmlReport.Class(finding.Status), Names.Of(finding.Status));
        if (HtmlGate.Change(finding) is { } change)
            yield return change;
    }

    /// <summary>The word that a finding's kind is chosen by.</summary>
    /// <param name="finding">A finding.</param>
    public static string Kind(Finding finding) => finding.Kind == FindingKind.Detection ? "events" : "settings";

    /// <summary>What the table calls a finding's rule.</summary>
    /// <param name="report">Of a scan or a gate.</param>
    /// <param name="finding">One of its findings.</param>
    public static string Title(ScanReport report, Finding finding) => report.Rules.GetValueOrDefault(finding.Check)?.TitleOf(finding.Status) ?? finding.Check;

    /// <summary>What a finding says, since when, who accepted it, and what it could not be told for.</summary>
    /// <param name="report">Of a scan or a gate.</param>
    /// <param name="finding">One of its findings.</param>
    public static HtmlCell Message(ScanReport report, Finding finding)
    {
        var made = new HtmlCell().Text(finding.Message);
        if (report.Since is not null && Trend.Age(finding, report.Scan.Time) is { Length: > 0 } age)
            made.Break().Aside(age);
        if (finding.MutedReason is { } reason)
            made.Break().Aside("Accepted: " + reason);
        foreach (var cause in finding.Causes)
            made.Break().Aside($"{Names.Of(cause.Outcome)}: {cause.Operation}: {cause.Reason}");
        HtmlGate.Causes(made, finding);
        return made;
    }

    /// <summary>Place of a status in <see cref="ReportCounts.Statuses"/>.</summary>
    /// <param name="status">A status.</param>
    public static int Order(FindingStatus status)
    {
        for (var i = 0; i < ReportCounts.Statuses.Count; i++)
        {
            if (ReportCounts.Statuses[i] == status)
                return i;
        }
        return ReportCounts.Statuses.Count;
    }

    /// <summary>What findings can be chosen by, where there is something to choose.</summary>
    private static string Choices(ScanReport report)
    {
        var made = new StringBuilder();
        Choice("account", "Account", FindingList.Places(report.Findings).Select(place => place.Account).Distinct(StringComparer.Ordinal).Select(account => SafeText.Line(report.Scan.Called(account))));
        Choice("region", "Region", FindingList.Places(report.Findings).Select(place => place.Region));
        var shared = FindingList.Tally(report.Findings).Select(one => one.Shared).ToList();
        var rules = shared.Select(finding => finding.Check).Distinct(StringComparer.Ordinal).Select(report.Rules.GetValueOrDefault).OfType<RuleInfo>().ToList();
        Choice("service", "Service", rules.Select(rule => rule.Service));
        Choice("framework", "Framework", rules.SelectMany(rule => rule.Controls).Select(control => control.Framework));
        Choice("kind", "Kind", shared.Select(Kind));
        Choice("change", "Change", shared.Select(finding => finding.Change is { } change ? Names.Of(change) : ""));
        Choice("owner", "Owner", shared.Select(finding => OwnerText.Of(finding.Owner)));
        return made.ToString();

        void Choice(string name, string label, IEnumerable<string> values)
        {
            var all = values.Where(value => value.Length > 0).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
            if (all.Count == 0 || (all.Count == 1 && name is not ("owner" or "change" or "framework")))
                return;
            made.Append(CultureInfo.InvariantCulture, $"<label>{label} <select data-f=\"{name}\"><option value=\"\">all</option>");
            foreach (var value in all)
                made.Append("<option value=\"").Append(H.Text(value)).Append("\">").Append(H.Text(value)).Append("</option>");
            made.Append("</select></label>\n");
        }
    }

    // What one check says in one way is one entry, however many resources it is about. Of many findings what fails comes before all else, some of each entry.
    private static int Rows(StringBuilder made, ScanReport report, IReadOnlyList<Finding> findings)
    {
        var groups = findings.AggregateBy(finding => (finding.Check, Shown(report, finding)), _ => new Group(), (group, finding) => group.With(finding)).Select(group => group.Value);
        var all = findings.Count <= MostRows;
        var written = 0;
        foreach (var group in all ? groups : groups.OrderBy(group => Order(group.First[0].Status)))
        {
            var room = all ? group.Count : Math.Min(group.Count, Math.Min(MostOfGroup, MostRows - written));
            if (room == 0)
                break;
            made.Append(group.Count > 1 ? "<tbody class=\"c\" role=\"rowgroup\">" : "<tbody role=\"rowgroup\">");
            if (group.Count > 1)
                Heading(made, report, group);
            foreach (var finding in group.First.Take(room))
                Row(made, report, finding);
            if (room < group.Count)
                made.Append(CultureInfo.InvariantCulture, $"<tr class=\"more\"><td colspan=\"7\">and {group.Count - room:N0} more</td></tr>\n");
            made.Append("</tbody>\n");
            written += room;
        }
        return written;
    }

    private static void Heading(StringBuilder made, ScanReport report, Group group)
    {
        var first = group.First[0];
        var word = Names.Of(group.Worst);
        var (accounts, regions) = (group.Accounts.Count, group.Regions.Count);
        made.Append("<tr class=\"h\" role=\"row\"><th colspan=\"7\" scope=\"rowgroup\" role=\"rowheader\">");
        AppendPills(made, report, first);
        made.Append(CultureInfo.InvariantCulture, $"<span class=\"sev {word}\">{word}</span> <a href=\"#r-{HtmlReport.Anchor(first.Check)}\">{H.Text(Title(report, first))}</a> <span class=\"note\"><span class=\"count\">{group.Count:N0}</span> findings")
            .Append(accounts > 1 ? string.Create(CultureInfo.InvariantCulture, $" in {accounts:N0} accounts") : "").Append(regions > 1 ? string.Create(CultureInfo.InvariantCulture, $" in {regions:N0} regions") : "").Append("</span></th></tr>\n");
    }

    private static void Row(StringBuilder made, ScanReport report, Finding f)
    {
        var word = Names.Of(f.Severity);
        var key = f.PlanKey;
        made.Append(CultureInfo.InvariantCulture, $"<tr id=\"f-{key}\" data-s=\"{Shown(report, f)}\" role=\"row\"><td role=\"cell\">");
        AppendPills(made, report, f);
        made.Append(CultureInfo.InvariantCulture, $"<a class=\"at\" href=\"#f-{key}\" aria-label=\"Link to this finding\"></a></td><td role=\"cell\"><span class=\"sev {word}\">{word}</span></td><td role=\"cell\"><a href=\"#r-{HtmlReport.Anchor(f.Check)}\">{H.Text(Title(report, f))}</a></td><td role=\"cell\">{H.Text(report.Scan.Called(f.Account))}</td><td role=\"cell\">{H.Text(f.Region)}</td><td role=\"cell\">{HtmlGate.Resource(f).Html()}</td><td role=\"cell\">{Message(report, f).Html()}");
        if (HtmlTimeline.Of(f) is { } timeline)
            made.Append("<details><summary>").Append(H.Text(timeline.Summary)).Append("</summary>").Append(timeline.Lines.Html()).Append("</details>");
        if (f.Event is { } happened)
            made.Append("<details><summary>Event</summary><pre>").Append(HtmlReport.Pre(happened)).Append("</pre></details>");
        made.Append("</td></tr>\n");
    }

    private static void AppendPills(StringBuilder made, ScanReport report, Finding finding)
    {
        foreach (var (look, word) in Pills(report, finding))
            made.Append("<span class=\"pill s-").Append(look).Append("\">").Append(word).Append("</span> ");
    }

    // What the table says of findings of one check that say the same: of thousands not all are held.
    private sealed class Group
    {
        public List<Finding> First { get; } = [];

        public int Count { get; private set; }

        public Severity Worst { get; private set; }

        public HashSet<string> Accounts { get; } = new(StringComparer.Ordinal);

        public HashSet<string> Regions { get; } = new(StringComparer.Ordinal);

        public Group With(Finding finding)
        {
            if (First.Count < MostRows)
                First.Add(finding);
            Count++;
            Worst = finding.Severity > Worst ? finding.Severity : Worst;
            Accounts.Add(finding.Account);
            Regions.Add(finding.Region);
            return this;
        }
    }
}
