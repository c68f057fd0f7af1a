using Scanner.Model;

namespace Scanner.Publish.Text;

/// <summary>What a gate says in a sentence: the same words in the comment, the summary, the reports and the terminal. Plain text; what comes from plans and pull requests in it is hostile.</summary>
public static class GateWording
{
    /// <summary>Whether it is not certain that the plans hold everything that will be applied.</summary>
    public static bool IsPartial(GateSummary gate) => gate.Plans.Any(plan => plan.Errored || plan.Complete == false || plan.Incomplete.Count > 0);

    /// <summary>Whether nothing at all was looked at.</summary>
    public static bool SawNothing(ScanReport report) =>
        report.Gate is { Judgements: 0 } && GateCounts.Of(report.Findings) == new GateCounts(0, 0, 0, 0, 0);

    /// <summary>The verdict: <c>this change introduces 2 problems and fixes 1; 3 cannot be told before apply</c>.</summary>
    public static string Verdict(ScanReport report)
    {
        var counts = GateCounts.Of(report.Findings);
        if (SawNothing(report))
            return "0 AWS resources were judged: this says nothing about the change";
        var ignored = report.Gate?.Ignored.Count(one => one.Change == FindingChange.Introduced) ?? 0;
        var parts = new List<string>
        {
            (counts.Introduced == 0 ? "introduces no problems" : $"introduces {Wording.Count(counts.Introduced, "problem", "problems")}")
            + (ignored == 0 ? "" : $" ({(counts.Introduced == 0 ? "but" : "and")} {Wording.Number(ignored)} that {(ignored == 1 ? "is" : "are")} ignored)"),
        };
        if (counts.Fixed > 0)
            parts.Add($"fixes {Wording.Number(counts.Fixed)}");
        if (counts.Removed > 0)
            parts.Add($"removes {Wording.Number(counts.Removed)} with {(counts.Removed == 1 ? "its resource" : "their resources")}");
        var said = "this change " + (parts.Count == 1 ? parts[0] : $"{string.Join(", ", parts[..^1])} and {parts[^1]}");
        return counts.Unknown == 0 ? said : $"{said}; {Wording.Number(counts.Unknown)} cannot be told before apply";
    }

    /// <summary>How much was looked at: <c>14 AWS resources, 63 judgments, 1 unknown</c>. Zero is said in so many words.</summary>
    public static string LookedAt(ScanReport report)
    {
        var gate = report.Gate!;
        return gate.Judgements == 0
            ? $"0 AWS resources were judged ({Wording.Count(gate.Resources, "resource", "resources")} in the plan that a check could be about)"
            : $"{Wording.Count(gate.Resources, "AWS resource", "AWS resources")}, {Wording.Count(gate.Judgements, "judgment", "judgments")}, {Wording.Number(GateCounts.Of(report.Findings).Unknown)} unknown";
    }

    /// <summary>What was left out, one sentence each.</summary>
    public static IEnumerable<string> LeftOut(GateSummary gate)
    {
        if (gate.ChecksNotJudged.Count > 0)
            yield return $"{Wording.Count(gate.ChecksNotJudged.Count, "check needs", "checks need")} the running account and {(gate.ChecksNotJudged.Count == 1 ? "was" : "were")} left out.";
        var others = gate.TypesNotJudged.Values.Sum();
        if (others > 0)
        {
            var types = gate.TypesNotJudged.OrderByDescending(type => type.Value).ThenBy(type => type.Key, StringComparer.Ordinal).ToList();
            yield return $"{Wording.Count(others, "AWS resource is", "AWS resources are")} of types that no check is about: {string.Join(", ", types.Take(5).Select(type => $"{type.Key} ({Wording.Number(type.Value)})"))}{(types.Count > 5 ? " and others" : "")}.";
        }
    }

    /// <summary>What each plan is: <c>infra/prod: 14 resources; 5 created, 1 destroyed</c>.</summary>
    /// <param name="plan">A plan.</param>
    public static string Plan(GatePlan plan)
    {
        var actions = new (int Count, string Word)[] { (plan.Created, "created"), (plan.Changed, "changed"), (plan.Replaced, "replaced"), (plan.Destroyed, "destroyed") }
            .Where(action => action.Count > 0).Select(action => $"{Wording.Number(action.Count)} {action.Word}").ToList();
        return $"{Wording.Count(plan.Resources, "AWS resource", "AWS resources")}: {(actions.Count == 0 ? "none is changed" : string.Join(", ", actions))}";
    }

    /// <summary>Whether a plan holds everything, one sentence each; the worst first.</summary>
    /// <param name="plan">A plan.</param>
    public static IEnumerable<string> Wholeness(GatePlan plan)
    {
        if (plan.Errored)
            yield return "terraform plan ended with an error (errored): what comes after it is not in the plan, and nothing here says that the change is clean.";
        // The reasons that the plan gives may say the same at greater length.
        foreach (var reason in plan.Incomplete.Where(reason => !plan.Errored || !reason.Contains("errored", StringComparison.OrdinalIgnoreCase)))
            yield return reason;
        if (plan is { Complete: false, Errored: false, Incomplete.Count: 0 })
            yield return "The plan is partial (-target, or something is deferred): applying it leaves more to plan.";
    }

    /// <summary>What to say where a file does not tell whether it is partial; null where all do.</summary>
    /// <param name="gate">What was judged.</param>
    public static string? MayBePartial(GateSummary gate) =>
        gate.Plans.Any(plan => plan is { Complete: null, Errored: false, Incomplete.Count: 0 })
            ? "Whether the plan is partial cannot be told: neither OpenTofu nor Terraform before 1.8 says so."
            : null;

    /// <summary>A framework's score: <c>cis-aws-5.0: 41 of 52 judged controls hold before this change, 40 afterwards</c>.</summary>
    /// <param name="score">A score.</param>
    public static string Score(GateScore score) =>
        $"{Wording.Number(score.Before)} of {Wording.Number(score.Judged)} judged controls hold before this change, {(score.After == score.Before ? "and as many" : Wording.Number(score.After))} afterwards";

    /// <summary>Whose words silenced a finding, and until when: <c>scanner:ignore until 2027-03-31</c>.</summary>
    /// <param name="ignored">What is ignored.</param>
    public static string By(GateIgnore ignored) =>
        ignored.Until is { } until ? FormattableString.Invariant($"{ignored.By} until {until:yyyy-MM-dd}") : ignored.By;

    /// <summary>Why something cannot be told before apply, each reason once.</summary>
    /// <param name="finding">An unknown finding.</param>
    public static IReadOnlyList<string> Reasons(Finding finding) =>
        [.. finding.Causes.Select(cause => cause.Reason).OfType<string>().Where(reason => reason.Length > 0).Distinct(StringComparer.Ordinal)];

    /// <summary>What was before, or will be seen: a pass that rests on what only the running account tells says so.</summary>
    /// <param name="finding">A finding that no longer fails.</param>
    public static string Fixed(Finding finding) =>
        finding.Assumed ? $"{finding.Message} (configured; whether it is delivered is seen by the next scan)" : finding.Message;
}
