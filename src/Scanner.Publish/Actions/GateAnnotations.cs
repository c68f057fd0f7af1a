using Scanner.Model;
using Scanner.Publish.Reports;
using Scanner.Publish.Text;

namespace Scanner.Publish.Actions;

/// <summary>
/// Annotations of a gate: what the change introduces, on the lines where it is written. Instances of one block are one annotation. GitHub shows ten
/// errors, ten warnings and ten notices of a step, and beside the code only those on lines that the pull request changes: these go first.
/// </summary>
internal static class GateAnnotations
{
    private static readonly string[] Levels = ["error", "warning", "notice"];

    /// <summary>Lines for standard output, each a whole workflow command, without line breaks.</summary>
    /// <param name="report">Report of a gate.</param>
    public static IEnumerable<string> Of(ScanReport report)
    {
        var general = General(report).ToList();
        var introduced = report.Findings.Where(GateCounts.IsIntroduced).ToList();
        var placed = GateGroup.Of(introduced.Where(f => f.Location is not null))
            .OrderByDescending(group => group.IsInDiff).ThenByDescending(group => group.First.Severity).ToList();
        var unplaced = introduced.Where(f => f.Location is null).ToList();
        foreach (var level in Levels)
        {
            var first = general.Where(annotation => annotation.Level == level).Select(annotation => WorkflowCommand.Format(level, [("title", annotation.Title)], annotation.Message)).ToList();
            var lines = placed.Where(group => Annotations.Level(group.First.Severity) == level).Select(group => On(level, group, report)).ToList();
            var without = unplaced.Where(f => Annotations.Level(f.Severity) == level).ToList();
            foreach (var command in Fit(level, first, lines, without))
                yield return command;
        }
    }

    // What has no line (the block is destroyed, or there is no --source) is one annotation for all, without a file.
    private static IEnumerable<string> Fit(string level, List<string> first, List<string> lines, List<Finding> without)
    {
        var room = Annotations.MaxOfLevel - first.Count - (without.Count > 0 ? 1 : 0);
        var shown = lines.Count > room ? room - 1 : lines.Count;
        foreach (var command in first.Concat(lines.Take(shown)))
            yield return command;
        if (without.Count > 0)
        {
            var named = string.Join("; ", without.Take(3).Select(f => $"{f.Message}: {f.Address ?? f.Resource}"));
            yield return WorkflowCommand.Format(level, [("title", without.Count == 1 ? "Introduced, without a line in the repository" : $"{Wording.Number(without.Count)} introduced, without a line in the repository")],
                Annotations.Line(named, 1_000) + (without.Count > 3 ? $" and {Wording.Number(without.Count - 3)} more" : ""));
        }
        if (lines.Count > shown)
        {
            yield return WorkflowCommand.Format(level, [("title", "More introduced problems")],
                $"{Wording.Count(lines.Count - shown, "more problem", "more problems")} of this level: the summary of the job and the reports name them all.");
        }
    }

    private static string On(string level, GateGroup group, ScanReport report)
    {
        var first = group.First;
        var at = group.Location!;
        var message = $"{first.Message} ({first.Address ?? first.Resource})";
        if (group.Findings.Count > 1)
            message += $"; {Wording.Number(group.Findings.Count)} instances";
        if (at.Module is { } module)
            message += $"; {module}";
        var causes = first.CausedBy.Where(cause => cause != first.Address).Take(3).ToList();
        if (causes.Count > 0)
            message += $"; by the change of {string.Join(", ", causes)}";
        return WorkflowCommand.Format(
            level,
            [
                ("title", Annotations.Line($"{Names.Of(first.Severity)}: {report.Rules.GetValueOrDefault(first.Check)?.Fault ?? first.Check} ({first.Check})", 200)),
                ("file", at.File),
                ("line", FormattableString.Invariant($"{at.Line}")),
                ("endLine", FormattableString.Invariant($"{Math.Max(at.Line, at.EndLine)}")),
            ],
            Annotations.Line(message, 1_000));
    }

    private static IEnumerable<(string Level, string Title, string Message)> General(ScanReport report)
    {
        var gate = report.Gate!;
        if (GateWording.SawNothing(report))
            yield return ("warning", "0 AWS resources were judged", Annotations.Line(GateWording.Verdict(report), 1_000));
        if (gate.ChangesOwnRules.Count > 0)
            yield return ("warning", "This pull request changes what it is judged by", Annotations.Line(string.Join(", ", gate.ChangesOwnRules.Take(5)), 1_000));
        var partial = gate.Plans.Where(plan => GateWording.Wholeness(plan).Any()).ToList();
        if (partial.Count > 0)
        {
            yield return (partial.Exists(plan => plan.Errored) ? "error" : "warning", partial.Exists(plan => plan.Errored) ? "The plan is not whole" : "The plan is partial",
                Annotations.Line(string.Join(' ', partial.SelectMany(plan => GateWording.Wholeness(plan)).Distinct(StringComparer.Ordinal).Take(3)), 1_000));
        }
        var unknown = GateCounts.Of(report.Findings).Unknown;
        if (unknown > 0)
            yield return ("notice", "Not everything can be told before apply", $"{Wording.Count(unknown, "answer is", "answers are")} known after apply only; {(unknown == 1 ? "it does" : "they do")} not count as passes.");
    }
}
