using Scanner.Detect.Rules;
using Scanner.Model;

namespace Scanner.Detect.Correlation;

/// <summary>Runs all correlations of a rule set over the hits of a run.</summary>
internal static class CorrelationEngine
{
    /// <summary>The matches of all correlations that report, in order of time and then of rule.</summary>
    internal static List<(DetectionRule Rule, Hit Last, CorrelationMatch Match)> Run(CorrelationPlan plan, SortedHits sorted)
    {
        var matches = new List<(DetectionRule, Hit, CorrelationMatch)>();
        var produced = new Dictionary<int, List<Hit>>();
        var order = new Dictionary<DetectionRule, int>(ReferenceEqualityComparer.Instance);
        var level = new Dictionary<DetectionRule, int>(ReferenceEqualityComparer.Instance);
        foreach (var rule in plan.Correlations)
        {
            order[rule] = order.Count;
            level[rule] = rule.Correlation!.Rules.Max(part => part.IsCorrelation ? level[part] + 1 : 0);
        }

        // The hits are read once for each level: correlations of correlations need what the level below found.
        foreach (var rules in plan.Correlations.GroupBy(rule => level[rule]).OrderBy(group => group.Key))
        {
            var runners = rules.Select(rule => new CorrelationRunner(rule, plan, (hit, match) =>
            {
                if (hit.Rule >= 0)
                {
                    if (!produced.TryGetValue(hit.Rule, out var hits))
                        produced.Add(hit.Rule, hits = []);
                    hits.Add(hit);
                }

                if (rule.Reports)
                    matches.Add((rule, hit, match));
            })).ToList();
            var takers = plan.Rules.Select((_, index) => runners.FindAll(runner => runner.Takes(index))).ToArray();
            var inner = produced.Where(pair => takers[pair.Key].Count > 0).SelectMany(pair => pair.Value).Order(Hit.Order).ToList();
            var next = 0;
            // Correlations of nothing but correlations need none of the hits of events.
            var needsEvents = plan.Rules.Where((rule, index) => !rule.IsCorrelation && takers[index].Count > 0).Any();
            foreach (var hit in needsEvents ? Once(sorted.InOrder(), plan) : [])
            {
                if (takers[hit.Rule].Count == 0)
                    continue;
                for (; next < inner.Count && Hit.Order.Compare(inner[next], hit) <= 0; next++)
                    Feed(takers, inner[next]);
                Feed(takers, hit);
            }

            for (; next < inner.Count; next++)
                Feed(takers, inner[next]);
            runners.ForEach(runner => runner.Complete());
        }

        return [.. matches.OrderBy(match => match.Item2.Ticks).ThenBy(match => order[match.Item1]).ThenBy(match => match.Item2, Hit.Order)];
    }

    /// <summary>
    /// CloudTrail delivers at least once, and two trails that log the same account both do: an event with the same id, time and values is one.
    /// Lines of access logs have no id of their own (a request may write several).
    /// </summary>
    private static IEnumerable<Hit> Once(IEnumerable<Hit> hits, CorrelationPlan plan)
    {
        var delivered = new DeliveredHits();
        foreach (var hit in hits)
        {
            if (hit.EventId is null || plan.Rules[hit.Rule].LogSource.Kind != LogSource.CloudTrail || delivered.IsNew(hit))
                yield return hit;
        }
    }

    private static void Feed(List<CorrelationRunner>[] takers, Hit hit)
    {
        foreach (var runner in takers[hit.Rule])
            runner.Add(hit);
    }
}

/// <summary>What a correlation found, besides its last hit.</summary>
internal sealed record CorrelationMatch(IReadOnlyList<KeyValuePair<string, string?>> Group, IReadOnlyList<Hit> Recent, long Count);
