using System.Globalization;
using System.Text;
using Scanner.Model;
using Scanner.Publish.Text;

namespace Scanner.Publish.Reports;

/// <summary>
/// A gate as markdown, in sections: what the change introduces, fixes and leaves open, what was silenced, and how much was looked at.
/// The same text is the comment on the pull request, the summary of the job and the report, with room for more or fewer rows.
/// </summary>
internal static class GateMarkdown
{
    // Rows of these lists are there to be read, not to be complete.
    private const int Listed = 10;
    private const int ChecksExplained = 5;

    /// <summary>All sections, in the order of reading.</summary>
    public static IEnumerable<MarkdownSection> Sections(ScanReport report, GateContext context)
    {
        var findings = report.Findings.Where(f => f.Status != FindingStatus.Muted).ToLookup(f => f.Change);
        var introduced = GateGroup.Of(findings[FindingChange.Introduced]);
        yield return Section("Overview", Head(report, context));
        if (introduced.Count > 0)
            yield return Section("What it introduces", Introduced(introduced, context));
        if (introduced.Count > 0 && Fixes(introduced, report, context) is { Length: > 0 } fixes)
            yield return Section("How to fix it", fixes);
        if (findings[FindingChange.Fixed].Concat(findings[FindingChange.Removed]).ToList() is { Count: > 0 } better)
            yield return Section("What it fixes", Better(better, context));
        if (findings[FindingChange.Unknown].ToList() is { Count: > 0 } unknown)
            yield return Section("What cannot be told before apply", Unknown(unknown, report, context));
        if (report.Gate!.Ignored.Count > 0)
            yield return Section("What is ignored", Ignored(report.Gate.Ignored, context));
        if (findings[FindingChange.Existing].ToList() is { Count: > 0 } existing)
            yield return Section("What was there before", Existing(existing, context));
        if (report.Gate.Scores.Count > 0)
            yield return Section("Frameworks", Scores(report.Gate, context));
        if (report.Gate.Notes.Count > 0)
            yield return Section("Notes", Notes(report.Gate, context));
        yield return Section("What was looked at", Foot(report, context));
    }

    /// <summary>The whole gate in one line of markdown, for when all is well.</summary>
    public static string OneLine(ScanReport report, GateContext context)
    {
        var counts = GateCounts.Of(report.Findings);
        var made = new StringBuilder("✅ **Scanner: ").Append(GateWording.Verdict(report)).Append("**");
        var better = report.Findings.Where(f => f.Change is FindingChange.Fixed or FindingChange.Removed && f.Status != FindingStatus.Muted).ToList();
        if (better.Count > 0)
        {
            made.Append(": ").AppendJoin("; ", better.Take(3).Select(f => (f.Change == FindingChange.Removed ? "gone: " : "") + Markdown.Text(context.Cut(GateWording.Fixed(f), 300))));
            made.Append(better.Count > 3 ? " … Thank you." : ". Thank you.");
        }
        made.Append(" · ").Append(Name(report.Gate!, context)).Append(" · ").Append(GateWording.LookedAt(report));
        if (counts.Existing > 0)
            made.Append(" · ").Append(Wording.Number(counts.Existing)).Append(" there before and left as they are");
        if (GateWording.MayBePartial(report.Gate!) is { } perhaps)
            made.Append(" · ").Append(perhaps.TrimEnd('.'));
        if (report.Gate!.Notes.Count > 0)
            made.Append(" · ").Append(Wording.Count(report.Gate.Notes.Count, "note in the summary", "notes in the summary"));
        return made.Append(Origin(context)).Append('\n').ToString();
    }

    // One empty line between sections, however a section ends.
    private static MarkdownSection Section(string name, string text) => new(name, text.TrimEnd('\n') + "\n");

    private static string Head(ScanReport report, GateContext context)
    {
        var gate = report.Gate!;
        var made = new StringBuilder("### ").Append(Mark(report)).Append(" Scanner: ").Append(GateWording.Verdict(report)).Append("\n\n");
        var plans = gate.Plans.Select(plan => $"{(gate.Plans.Count == 1 ? "" : "- ")}{Markdown.Code(context.Cut(NameOf(gate, plan), 200))} · {GateWording.Plan(plan)}\n");
        made.Append(Some(plans, gate.Plans.Count, "", more => $"- and {Wording.Count(more, "more plan", "more plans")}\n", context, 2_500)).Append('\n');
        foreach (var notice in report.Notices)
            made.Append("> ⚠️ ").Append(Markdown.Text(context.Cut(notice, 2_000))).Append("\n\n");
        if (gate.ChangesOwnRules.Count > 0)
        {
            made.Append("> ⚠️ **This pull request changes what it is judged by.** Read these changes first: ")
                .Append(Some(gate.ChangesOwnRules.Select(rule => Markdown.Code(context.Cut(rule, 200))), gate.ChangesOwnRules.Count, ", ", more => $" and {Wording.Number(more)} more", context, 2_500)).Append("\n\n");
        }
        var partial = gate.Plans.Where(plan => GateWording.Wholeness(plan).Any()).ToList();
        var reasons = partial.Select(plan =>
            $"> ⚠️ **{(plan.Errored ? "The plan is not whole" : "The plan is partial")}{(gate.Plans.Count == 1 ? "" : $" ({Markdown.Text(context.Cut(plan.Name, 200))})")}.** "
            + string.Join(' ', GateWording.Wholeness(plan).Take(3).Select(reason => Markdown.Text(context.Cut(reason, 300)))) + "\n\n");
        return made.Append(Some(reasons, partial.Count, "", more => $"> ⚠️ and {Wording.Count(more, "more plan", "more plans")} that {(more == 1 ? "is" : "are")} not whole\n\n", context, 7_000)).ToString();
    }

    private static string Introduced(IReadOnlyList<GateGroup> groups, GateContext context)
    {
        var rows = groups.Select(group => $"| {Wording.SeverityMark(group.First.Severity)} {Names.Of(group.First.Severity)} | {Problem(group, context)} |\n");
        return Table("| | Introduced |\n|---|---|\n", rows, groups.Count, context, 16_000);
    }

    // One column: on a phone a second one is out of sight.
    private static string Problem(GateGroup group, GateContext context)
    {
        var finding = group.First;
        var made = new StringBuilder(Markdown.Text(context.Cut(finding.Message, 500))).Append("<br>").Append(Where(group, context));
        var causes = finding.CausedBy.Where(cause => cause != finding.Address).ToList();
        if (causes.Count > 0)
        {
            made.Append("<br>by the change of ").AppendJoin(", ", causes.Take(3).Select(cause => Markdown.Code(context.Cut(cause, 300))));
            if (causes.Count > 3)
                made.Append(" and ").Append(Wording.Number(causes.Count - 3)).Append(" more");
        }
        return made.Append("<br><sub>").Append(Markdown.Code(finding.Check)).Append("</sub>").ToString();
    }

    private static string Where(GateGroup group, GateContext context)
    {
        var first = group.First;
        var parts = new List<string>();
        if (first.Plan is { } plan)
            parts.Add("in " + Markdown.Code(context.Cut(plan, 200)));
        var address = Markdown.Code(context.Cut(first.Address ?? first.Resource, 300));
        parts.Add(first.Location is { } at ? $"{context.Line(at)}{(at.Module is { } module ? " " + Markdown.Text(context.Cut(module, 200)) : "")} · {address}" : address);
        if (first.PreviousAddress is { } previous)
            parts.Add("was " + Markdown.Code(context.Cut(previous, 300)));
        if (group.Findings.Count > 1)
        {
            var others = group.Findings.Skip(1).Take(2).Select(f => Markdown.Code(context.Cut(f.Address ?? f.Resource, 300)));
            parts.Add($"and {Wording.Count(group.Findings.Count - 1, "more instance", "more instances")}: {string.Join(", ", others)}{(group.Findings.Count > 3 ? " …" : "")}");
        }
        return string.Join("<br>", parts);
    }

    private static string Fixes(IReadOnlyList<GateGroup> groups, ScanReport report, GateContext context)
    {
        var made = new StringBuilder();
        var checks = groups.GroupBy(group => group.First.Check, StringComparer.Ordinal).ToList();
        var room = context.Room(8_000);
        foreach (var check in checks.Take(context.Times is null ? int.MaxValue : ChecksExplained))
        {
            if (report.Rules.GetValueOrDefault(check.Key) is not { } rule || Fix(rule, [.. check], context) is not { Length: > 0 } fix || made.Length + fix.Length > room)
                continue;
            made.Append(fix);
        }
        if (made.Length == 0)
            return "";
        made.Append("Where the risk is meant: `# scanner:ignore CHECK until YYYY-MM-DD: reason` inside the block, with the check's name from the table.");
        return RuleMarkdown.Details("How to fix it in Terraform", made.ToString()) + "\n\n";
    }

    private static string Fix(RuleInfo rule, IReadOnlyList<GateGroup> groups, GateContext context)
    {
        var made = new StringBuilder();
        foreach (var at in groups.Select(group => group.Location).OfType<SourceLocation>().Where(at => at.Suggestion is not null).Take(3))
            made.Append("In ").Append(context.Line(at)).Append(at.EndLine > at.Line ? FormattableString.Invariant($" to {at.EndLine}") : "").Append(":\n\n").Append(Markdown.Fence(at.Suggestion!, "suggestion")).Append("\n\n");
        if (made.Length == 0 && rule.Fix.Terraform is { Length: > 0 } terraform)
            made.Append(RuleMarkdown.CodeOrText(FixSnippet.For(terraform, groups is [{ Location: null or { Module: null } }] ? groups[0].First.Address : null), "hcl")).Append("\n\n");
        if (made.Length == 0)
            return "";
        return $"**{Markdown.Text(context.Cut(rule.Title, 200))}** ({Markdown.Code(rule.Id)})\n\n{made}";
    }

    private static string Better(IReadOnlyList<Finding> findings, GateContext context)
    {
        var gone = findings.Where(f => f.Change == FindingChange.Fixed).Concat(findings.Where(f => f.Change == FindingChange.Removed)).ToList();
        var lines = gone.Select(finding => $"- ✅ **{(finding.Change == FindingChange.Removed ? "Removed" : "Fixed")}:** {Markdown.Text(context.Cut(GateWording.Fixed(finding), 300))}"
            + (finding.Address is { } address ? " " + Markdown.Code(context.Cut(address, 300)) : "") + (finding.Plan is { } plan ? " in " + Markdown.Code(context.Cut(plan, 200)) : "") + "\n");
        return Some(lines, gone.Count, "", more => $"- ✅ and {Wording.Number(more)} more\n", context, 4_000) + "\nThank you.\n\n";
    }

    private static string Unknown(IReadOnlyList<Finding> findings, ScanReport report, GateContext context)
    {
        var rows = GateGroup.Of(findings).Select(group =>
        {
            var finding = group.First;
            var title = report.Rules.GetValueOrDefault(finding.Check)?.Title ?? finding.Check;
            var reasons = GateWording.Reasons(finding);
            var why = new StringBuilder().AppendJoin("<br>", (reasons.Count > 0 ? reasons : [finding.Message]).Take(3).Select(reason => Markdown.Text(context.Cut(reason, 300))));
            foreach (var cause in finding.CausedBy.Where(cause => !reasons.Any(reason => reason.Contains(cause, StringComparison.Ordinal))).Take(3))
                why.Append("<br>").Append(Markdown.Code(context.Cut(cause, 300)));
            return $"| {Wording.SeverityMark(finding.Severity)} {Names.Of(finding.Severity)} | {Markdown.Text(context.Cut(title, 200))}: {why}<br>{Where(group, context)}<br><sub>{Markdown.Code(finding.Check)}</sub> |\n";
        }).ToList();
        return $"❔ **Cannot be told before apply ({Wording.Number(findings.Count)}).** The next scan says it.\n\n"
            + Table("| | Cannot be told |\n|---|---|\n", rows, rows.Count, context, 7_000);
    }

    private static string Ignored(IReadOnlyList<GateIgnore> ignored, GateContext context)
    {
        // What would have been introduced goes first: that is what a reviewer accepts.
        var ordered = ignored.OrderByDescending(i => i.Change == FindingChange.Introduced).ToList();
        var rows = ordered.Select(i =>
            $"| {Markdown.Code(i.Check)}{(i.Change == FindingChange.Introduced ? "<br>introduced by this change" : "")} | {(i.Location is { } at ? context.Line(at) + "<br>" : "")}{Markdown.Code(context.Cut(i.Address, 300))} "
            + $"| {Markdown.Text(context.Cut(GateWording.By(i), 200))} | {Markdown.Text(context.Cut(i.Reason, 300))} |\n");
        var introduced = ignored.Count(i => i.Change == FindingChange.Introduced);
        var summary = $"🔕 Ignored: {Wording.Number(ignored.Count)}{(introduced > 0 ? $", {Wording.Number(introduced)} of them introduced by this change" : "")}";
        return RuleMarkdown.Details(summary, Table("| Check | Where | By | Reason |\n|---|---|---|---|\n", rows, ignored.Count, context, 4_000).TrimEnd('\n')) + "\n\n";
    }

    private static string Existing(IReadOnlyList<Finding> findings, GateContext context)
    {
        var groups = GateGroup.Of(findings);
        var rows = groups.Select(group => $"| {Wording.SeverityMark(group.First.Severity)} {Names.Of(group.First.Severity)} | {Problem(group, context)} |\n");
        var summary = findings.Count == 1 ? "1 problem was there before and stays: not this change's business" : $"{Wording.Number(findings.Count)} problems were there before and stay: not this change's business";
        return RuleMarkdown.Details(summary, Table("| | Existing |\n|---|---|\n", rows, groups.Count, context, 5_000).TrimEnd('\n')) + "\n\n";
    }

    private static string Scores(GateSummary gate, GateContext context) =>
        Some(
            gate.Scores.Select(score => $"- {(score.After < score.Before ? "📉 " : score.After > score.Before ? "📈 " : "")}{Markdown.Code(context.Cut(score.Framework, 100))}: {GateWording.Score(score)}\n"),
            gate.Scores.Count, "", more => $"- and {Wording.Number(more)} more\n", context, 1_500);

    private static string Notes(GateSummary gate, GateContext context) =>
        Some(gate.Notes.Select(note => $"- {Markdown.Text(context.Cut(note, 400))}\n"), gate.Notes.Count, "", more => $"- and {Wording.Count(more, "more note", "more notes")} in {context.Whole}\n", context, 3_500);

    private static string Foot(ScanReport report, GateContext context)
    {
        var gate = report.Gate!;
        var parts = new List<string> { $"Looked at: {GateWording.LookedAt(report)}." };
        parts.AddRange(GateWording.LeftOut(gate).Select(left => Markdown.Text(context.Cut(left, 300))));
        if (GateWording.MayBePartial(gate) is { } perhaps)
            parts.Add(perhaps);
        if (gate.ScanTime is { } time)
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"The rest of the account is as the scan of {time.UtcDateTime:yyyy-MM-dd HH:mm} UTC saw it."));
        return $"<sub>{string.Join(' ', parts)}{Origin(context)}</sub>\n";
    }

    private static string Origin(GateContext context)
    {
        var made = new StringBuilder();
        if (context.Commit is { Length: >= 7 } commit)
            made.Append(" · commit ").Append(Markdown.Code(commit[..7]));
        if (context.Run is { } run)
            made.Append(" · ").Append(Markdown.Link("run", run));
        return made.ToString();
    }

    // As many of the texts as there is room for, and how many are not there.
    private static string Some(IEnumerable<string> texts, int count, string between, Func<int, string> more, GateContext context, int inComment)
    {
        var room = context.Room(inComment);
        var most = context.Times is { } times ? Listed * times : int.MaxValue;
        var made = new StringBuilder();
        var shown = 0;
        foreach (var text in texts.Take(most))
        {
            if (made.Length + text.Length > room)
                break;
            made.Append(shown == 0 ? "" : between).Append(text);
            shown++;
        }
        return made.Append(shown < count ? more(count - shown) : "").ToString();
    }

    private static string Table(string head, IEnumerable<string> rows, int count, GateContext context, int inComment)
    {
        var room = context.Room(inComment) - 300;
        var made = new StringBuilder(head);
        var shown = 0;
        foreach (var row in rows.Take(context.Rows))
        {
            if (made.Length + row.Length > room)
                break;
            made.Append(row);
            shown++;
        }
        if (shown < count)
            made.Append("\n… and ").Append(Wording.Number(count - shown)).Append(" more: in ").Append(context.Whole).Append(".\n");
        return made.Append('\n').ToString();
    }

    private static string Mark(ScanReport report)
    {
        var introduced = report.Findings.Where(GateCounts.IsIntroduced).ToList();
        if (introduced.Count > 0)
            return Wording.SeverityMark(introduced.Max(f => f.Severity));
        if (GateWording.SawNothing(report) || GateWording.IsPartial(report.Gate!))
            return "⚠️";
        if (report.Gate!.Ignored.Any(ignored => ignored.Change == FindingChange.Introduced))
            return "🔕";
        return GateCounts.Of(report.Findings).Unknown > 0 ? "❔" : "✅";
    }

    private static string Name(GateSummary gate, GateContext context) =>
        gate.Plans.Count == 1 || gate.Name.Length > 0
            ? Markdown.Code(context.Cut(gate.Plans.Count == 1 ? NameOf(gate, gate.Plans[0]) : gate.Name, 200))
            : Wording.Count(gate.Plans.Count, "plan", "plans");

    private static string NameOf(GateSummary gate, GatePlan plan) =>
        gate.Plans.Count == 1 && gate.Name.Length > 0 ? gate.Name : plan.Name.Length > 0 ? plan.Name : plan.File;
}
