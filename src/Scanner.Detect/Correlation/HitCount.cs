using Scanner.Detect.Rules;

namespace Scanner.Detect.Correlation;

/// <summary>
/// What a correlation needs at the least before it can match: so many hits of one group within its time span. Where time is
/// cut into pieces as long as the span, any window lies in two neighboring pieces; a hit whose piece does not come to that
/// number with the one before it nor with the one after it can take part in no match, nor change one.
/// </summary>
/// <param name="Correlation">Number of the correlation.</param>
/// <param name="Span">Its time span in ticks.</param>
/// <param name="Least">So many hits; values where it counts values of one field.</param>
/// <param name="Group">Places of the group-by fields among the fields that the plan keeps of the rule's events.</param>
/// <param name="Field">Place of the only field whose values are counted (an event with several counts as so many); -1: hits are counted.</param>
internal sealed record HitCount(int Correlation, long Span, long Least, int[] Group, int Field)
{
    private const int MostCombinations = 10_000;

    /// <summary>What a correlation needs of hits of one of its rules; null where any hit may matter.</summary>
    internal static HitCount? Of(DetectionRule rule, int number, DetectionRule source, IReadOnlyList<string> fields)
    {
        var correlation = rule.Correlation!;
        // Hits of correlations are not counted beforehand: they come about later.
        if (!correlation.IsGrowing || correlation.TimeSpan.Ticks <= 0 || correlation.Rules.Any(part => part.IsCorrelation))
            return null;
        var least = correlation.Kind switch
        {
            CorrelationKind.EventCount or CorrelationKind.ValueCount =>
                correlation.Conditions.Select(condition => condition.Operator == ">" ? Math.Floor(condition.Value) + 1 : Math.Ceiling(condition.Value)).DefaultIfEmpty(1).Max(),
            CorrelationKind.Temporal or CorrelationKind.TemporalOrdered when correlation.Conditions.Count == 0 && correlation.Extended is null =>
                correlation.Rules.Distinct(ReferenceEqualityComparer.Instance).Count(),
            _ => 1,
        };
        if (least is not (> 1 and <= HitCounters.MostAtOnce))
            return null;
        var kept = fields.ToList();
        return new HitCount(number, correlation.TimeSpan.Ticks, (long)least,
            [.. correlation.GroupBy.Select(name => kept.IndexOf(correlation.FieldOf(name, source)))],
            correlation is { Kind: CorrelationKind.ValueCount, Fields.Count: 1 } ? kept.IndexOf(correlation.FieldOf(correlation.Fields[0], source)) : -1);
    }

    /// <summary>
    /// The groups that an event with several values in a group-by field belongs to: each value is a group, with each of another such field.
    /// </summary>
    /// <param name="fields">Values of each field; null: it has none.</param>
    internal static IEnumerable<string?[]> Combinations(IReadOnlyList<string[]?> fields)
    {
        IEnumerable<string?[]> all = [new string?[fields.Count]];
        for (var i = 0; i < fields.Count; i++)
        {
            var at = i;
            string?[] values = fields[i] is { } own ? [.. own.Distinct(StringComparer.Ordinal)] : [null];
            all = all.SelectMany(one => values.Select(value =>
            {
                var next = (string?[])one.Clone();
                next[at] = value;
                return next;
            }));
        }

        return all.Take(MostCombinations);
    }

    /// <summary>Which piece of time a moment lies in.</summary>
    internal long PieceOf(long ticks) => ticks / Span;
}
