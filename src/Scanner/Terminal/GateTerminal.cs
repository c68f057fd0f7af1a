using System.Globalization;
using Scanner.Model;
using Scanner.Publish.Text;
using Spectre.Console;

namespace Scanner.Terminal;

/// <summary>What a person reads when a gate is over: what the change introduces, fixes and leaves open, and how much was looked at.</summary>
internal static class GateTerminal
{
    private const int MostRows = 25;

    public static void Write(IAnsiConsole console, ScanReport report)
    {
        var gate = report.Gate!;
        var verdict = GateWording.Verdict(report);
        console.WriteLine();
        console.Write(new Rule(Markup.Escape(SafeText.Line($"Scanner gate{(gate.Name.Length > 0 ? $" · {gate.Name}" : "")}"))).LeftJustified());
        foreach (var plan in gate.Plans.Take(MostRows))
            Consoles.WriteLine(console, $"{(gate.Plans.Count > 1 || plan.Name != gate.Name ? plan.Name + ": " : "")}{GateWording.Plan(plan)}");
        if (gate.Plans.Count > MostRows)
            console.WriteLine($"… and {(gate.Plans.Count - MostRows).ToString(CultureInfo.InvariantCulture)} more plans");
        console.Write(new Text($"{char.ToUpperInvariant(verdict[0])}{verdict[1..]}.\n", StyleOf(report)));
        foreach (var notice in report.Notices)
            Consoles.WriteLine(console, $"! {notice}");
        foreach (var rule in gate.ChangesOwnRules.Take(MostRows))
            Consoles.WriteLine(console, $"This pull request changes what it is judged by: {rule}");
        foreach (var reason in gate.Plans.SelectMany(GateWording.Wholeness).Distinct(StringComparer.Ordinal).Take(MostRows))
            Consoles.WriteLine(console, reason);

        var changes = report.Findings.Where(f => f.Status != FindingStatus.Muted).ToLookup(f => f.Change);
        Findings(console, "Introduced", changes[FindingChange.Introduced].ToList(), f => f.Message + By(f));
        Findings(console, "Fixed", [.. changes[FindingChange.Fixed], .. changes[FindingChange.Removed]], f => (f.Change == FindingChange.Removed ? "gone with its resource: " : "") + GateWording.Fixed(f));
        Findings(console, "Cannot be told before apply", changes[FindingChange.Unknown].ToList(), f => GateWording.Reasons(f) is { Count: > 0 } reasons ? string.Join("; ", reasons.Take(3)) : f.Message);
        Ignored(console, gate);
        var existing = changes[FindingChange.Existing].Count();
        if (existing > 0)
            console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{existing:N0} {(existing == 1 ? "problem was there before and stays" : "problems were there before and stay")}: not this change's business."));
        foreach (var score in gate.Scores)
            Consoles.WriteLine(console, $"{score.Framework}: {GateWording.Score(score)}");
        foreach (var note in gate.Notes.Take(MostRows))
            Consoles.WriteLine(console, note);
        Consoles.WriteLine(console, $"Looked at: {GateWording.LookedAt(report)}. {string.Join(' ', GateWording.LeftOut(gate))}".TrimEnd());
        if (GateWording.MayBePartial(gate) is { } perhaps)
            console.WriteLine(perhaps);
    }

    private static void Findings(IAnsiConsole console, string title, IReadOnlyList<Finding> findings, Func<Finding, string> what)
    {
        if (findings.Count == 0)
            return;
        var table = new Table().Border(TableBorder.Rounded).Title(title).AddColumns("Severity", "Check", "What", "Where");
        foreach (var finding in findings.Take(MostRows))
        {
            table.AddRow(
                new Text(Names.Of(finding.Severity), TerminalSummary.StyleOf(finding.Severity)),
                new Text(SafeText.Line(finding.Check)),
                new Text(SafeText.Line(what(finding))),
                new Text(SafeText.Line(Where(finding))));
        }
        console.Write(table);
        if (findings.Count > MostRows)
            console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"… and {findings.Count - MostRows} more: in the reports."));
    }

    private static void Ignored(IAnsiConsole console, GateSummary gate)
    {
        if (gate.Ignored.Count == 0)
            return;
        var table = new Table().Border(TableBorder.Rounded).Title("Ignored").AddColumns("Check", "Where", "By", "Reason");
        foreach (var ignored in gate.Ignored.Take(MostRows))
            table.AddRow(new Text(SafeText.Line(ignored.Check)), new Text(SafeText.Line(ignored.Address)), new Text(SafeText.Line(GateWording.By(ignored))), new Text(SafeText.Line(ignored.Reason)));
        console.Write(table);
        if (gate.Ignored.Count > MostRows)
            console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"… and {gate.Ignored.Count - MostRows} more ignored: in the reports."));
    }

    private static string Where(Finding finding)
    {
        var place = finding.Location is { } at ? FormattableString.Invariant($"{at.File}:{at.Line} ") : "";
        return $"{(finding.Plan is { } plan ? plan + ": " : "")}{place}{finding.Address ?? finding.Resource}";
    }

    private static string By(Finding finding)
    {
        var causes = finding.CausedBy.Where(cause => cause != finding.Address).Take(3).ToList();
        return causes.Count == 0 ? "" : $" (by the change of {string.Join(", ", causes)})";
    }

    private static Style StyleOf(ScanReport report) =>
        report.Findings.Any(GateCounts.IsIntroduced) ? new Style(Color.Red)
        : GateWording.SawNothing(report) || GateWording.IsPartial(report.Gate!) || GateCounts.Of(report.Findings).Unknown > 0 ? new Style(Color.Yellow)
        : new Style(Color.Green);
}
