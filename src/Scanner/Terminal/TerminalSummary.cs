using System.Globalization;
using Scanner.Model;
using Scanner.Publish.Reports;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Scanner.Terminal;

/// <summary>What a person reads when the scan is over: counts, failing checks, and what could not be assessed.</summary>
internal static class TerminalSummary
{
    private const int MostRows = 25;

    private static readonly FindingStatus[] Statuses =
        [FindingStatus.Fail, FindingStatus.Unknown, FindingStatus.Pass, FindingStatus.Muted, FindingStatus.NotApplicable];

    public static void Write(IAnsiConsole console, ScanReport report)
    {
        if (report.Gate is not null)
        {
            GateTerminal.Write(console, report);
            return;
        }
        var scan = report.Scan;
        console.WriteLine();
        console.Write(new Rule(Markup.Escape(string.Create(CultureInfo.InvariantCulture,
            $"Scanner · {Count(scan.Accounts.Count, "account")}, {Count(scan.Regions.Count, "region")}, {Count(scan.Resources, "resource")}"))).LeftJustified());
        foreach (var notice in report.Notices)
            Consoles.WriteLine(console, $"! {notice}");
        var first = FirstScreen.Of(report);
        console.WriteLine(first.Headline + ".");
        if (FirstScreen.Since(report) is { Length: > 0 } since)
            console.WriteLine(since + ".");
        if (report.Since is not null && FirstScreen.Until(report) is { Length: > 0 } trend)
            console.WriteLine(trend);
        Start(console, first);
        Counts(console, report);
        if (first.Share is { Length: > 0 } share)
            console.WriteLine($"Settings: {share}.");
        if (first.Seen(scan) is { Length: > 0 } seen)
            console.WriteLine($"Events: {seen}.");
        Failing(console, report);
        foreach (var framework in report.Frameworks.Count == 1 ? report.Frameworks : [])
            Controls(console, framework);
        NotAssessed(console, report);
        if (first.Lines.Count > 0)
            Consoles.WriteLine(console, $"Next: scanner checks show {ShownId(first.Lines[0].Check)}");
        if (scan.Caller.Length > 0)
            Consoles.WriteLine(console, $"Asked as {scan.Caller}.");
        console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{Count(report.Rules.Count, "rule")} in {scan.Duration.TotalSeconds:0.0} s, {Count(scan.ApiCalls, "API call")}{(scan.Events > 0 ? ", " + Count(scan.Events, "event") : "")}."));
    }

    // Every line of a table begins with its border: see Failing.
    private static void Start(IAnsiConsole console, FirstScreen first)
    {
        if (first.Lines.Count == 0)
            return;
        var isNarrow = IsNarrow(console);
        var table = new Table().Border(TableBorder.Rounded).Title("Start here").HideHeaders().AddColumns("", "What is wrong, and where");
        if (!isNarrow)
            table.AddColumn(new TableColumn("Check").NoWrap());
        foreach (var line in first.Lines)
        {
            table.AddRow([
                new Text(line.Urgency == Urgency.Attack ? "attack" : Names.Of(line.Severity), StyleOf(line.Severity)),
                .. WithId(isNarrow, $"{line.What}: {SafeText.Cut(line.Where, 300)}", ShownId(line.Check))]);
        }
        console.Write(table);
    }

    // An id is there to be copied, so it stands on one line: where there is no room for a column of its own, below what it is of.
    private static bool IsNarrow(IAnsiConsole console) => console.Profile.Width < 100;

    private static IReadOnlyList<IRenderable> WithId(bool isNarrow, string text, string id) => isNarrow
        ? [new Rows(new Text(SafeText.Line(text)), new Text(SafeText.Line(id), new Style(Color.Grey)))]
        : [new Text(SafeText.Line(text)), new Text(SafeText.Line(id))];

    /// <summary>An id that <c>checks show</c> takes: the first eight digits of a Sigma rule's, which is long and says nothing.</summary>
    private static string ShownId(string id) => Guid.TryParseExact(id, "D", out _) ? id[..8] : id;

    private static void Counts(IAnsiConsole console, ScanReport report)
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumn("Severity");
        foreach (var status in Statuses)
            table.AddColumn(new TableColumn(Names.Of(status)).RightAligned());
        var settings = FindingList.Tally(report.Findings).Where(one => one.Shared.Kind == FindingKind.Posture).AggregateBy(one => (one.Shared.Severity, one.Shared.Status), 0, (sum, one) => sum + one.Count).ToDictionary();
        foreach (var severity in Enum.GetValues<Severity>().Reverse())
        {
            var counts = Statuses.Select(status => settings.GetValueOrDefault((severity, status))).ToList();
            if (counts.Sum() == 0)
                continue;
            table.AddRow(
                [new Text(Names.Of(severity), StyleOf(severity)),
                 .. counts.Select((count, i) => new Text(count == 0 ? "·" : count.ToString(CultureInfo.InvariantCulture), count == 0 ? Style.Plain : StyleOf(Statuses[i])))]);
        }
        console.Write(table);
    }

    private static void Failing(IAnsiConsole console, ScanReport report)
    {
        var failing = FindingList.Where(report.Findings, f => f.Status == FindingStatus.Fail)
            .CountBy(f => f.Check, StringComparer.Ordinal)
            .Select(group => (Rule: report.Rules[group.Key], Count: group.Value))
            .OrderByDescending(group => group.Rule.Severity).ThenByDescending(group => group.Rule.Urgency).ThenByDescending(group => group.Count)
            .ToList();
        if (failing.Count == 0)
        {
            var unknown = FindingList.CountOf(report.Findings, f => f.Status == FindingStatus.Unknown);
            if (unknown == 0)
                console.WriteLine("No check fails.");
            return;
        }
        // Every line begins with the border: a cell that goes on in the next line cannot begin it with a workflow command.
        var isNarrow = IsNarrow(console);
        var table = new Table().Border(TableBorder.Rounded).Title("Failing").AddColumns("Severity", "What");
        if (!isNarrow)
            table.AddColumn(new TableColumn("Check").NoWrap());
        table.AddColumn(new TableColumn("Resources").RightAligned());
        foreach (var (rule, count) in failing.Take(MostRows))
        {
            table.AddRow([
                new Text(Names.Of(rule.Severity), StyleOf(rule.Severity)),
                .. WithId(isNarrow, rule.Fault, ShownId(rule.Id)),
                new Text(count.ToString(CultureInfo.InvariantCulture))]);
        }
        console.Write(table);
        if (failing.Count > MostRows)
            console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"… and {failing.Count - MostRows} more failing checks: in the reports."));
    }

    // All of them: an auditor asks for the control that is not in the table.
    private static void Controls(IAnsiConsole console, FrameworkResult framework)
    {
        var table = new Table().Border(TableBorder.Simple).Title(Markup.Escape(SafeText.Line(framework.Title)))
            .AddColumns("Control", "Answer", "What must hold").AddColumn(new TableColumn("Fail").RightAligned())
            .AddColumn(new TableColumn("Unknown").RightAligned()).AddColumn(new TableColumn("Pass").RightAligned());
        foreach (var control in framework.Controls)
        {
            table.AddRow(
                [new Text(SafeText.Line(control.Id)), new Text(Names.Of(control.Status), StyleOf(control.Status)),
                 new Text(SafeText.Line(control.Title) + (control.Reason.Length > 0 ? $" ({SafeText.Line(control.Reason)})" : "")),
                 .. new[] { FindingStatus.Fail, FindingStatus.Unknown, FindingStatus.Pass }
                     .Select(status => new Text(control[status] == 0 ? "·" : control[status].ToString(CultureInfo.InvariantCulture)))]);
        }
        console.Write(table);
        console.WriteLine($"{Count(framework.Controls.Count, "control")}: "
            + string.Join(", ", Enum.GetValues<ControlStatus>().Where(status => framework[status] > 0)
                .Select(status => string.Create(CultureInfo.InvariantCulture, $"{framework[status]} {Names.Of(status)}"))) + ".");
    }

    private static void NotAssessed(IAnsiConsole console, ScanReport report)
    {
        var unknown = FindingList.CountOf(report.Findings, f => f.Status == FindingStatus.Unknown);
        var causes = CauseLine.Of(report);
        if (unknown == 0 && causes.Count == 0)
            return;
        var isNarrow = IsNarrow(console);
        var table = new Table().Border(TableBorder.Rounded).Title("Could not be assessed").AddColumns(isNarrow ? (string[])["Why", "What, and the reason"] : ["Why", "What", "Reason"]).AddColumn(new TableColumn("Places").RightAligned());
        foreach (var cause in causes.Take(MostRows))
        {
            var (what, reason) = (new Text(SafeText.Line(cause.Operations)), new Text(SafeText.Line(SafeText.Cut(cause.Reason, 600))));
            table.AddRow([
                new Text(Names.Of(cause.Outcome), new Style(Color.Yellow)),
                .. isNarrow ? (IReadOnlyList<IRenderable>)[cause.Operations.Length > 0 ? new Rows(what, reason) : reason] : [what, reason],
                new Text(cause.Places.ToString(CultureInfo.InvariantCulture))]);
        }
        if (causes.Count > 0)
            console.Write(table);
        if (causes.Count > MostRows)
            console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"… and {causes.Count - MostRows} more: in the reports."));
        console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Count(unknown, "finding")} unknown: not a pass."));
    }

    private static string Count(long n, string noun) =>
        string.Create(CultureInfo.InvariantCulture, $"{n:N0} {noun}{(n == 1 ? "" : "s")}");

    internal static Style StyleOf(Severity severity) => severity switch
    {
        Severity.Critical => new Style(Color.White, Color.DarkRed),
        Severity.High => new Style(Color.Red),
        Severity.Medium => new Style(Color.Orange1),
        Severity.Low => new Style(Color.Yellow),
        _ => new Style(Color.Grey),
    };

    private static Style StyleOf(ControlStatus status) => status switch
    {
        ControlStatus.Fail => new Style(Color.Red),
        ControlStatus.Unknown or ControlStatus.Manual => new Style(Color.Yellow),
        ControlStatus.Pass => new Style(Color.Green),
        _ => new Style(Color.Grey),
    };

    private static Style StyleOf(FindingStatus status) => status switch
    {
        FindingStatus.Fail => new Style(Color.Red),
        FindingStatus.Unknown => new Style(Color.Yellow),
        FindingStatus.Pass => new Style(Color.Green),
        _ => new Style(Color.Grey),
    };
}
