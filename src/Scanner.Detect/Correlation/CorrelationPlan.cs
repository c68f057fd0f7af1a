using Scanner.Detect.Rules;

namespace Scanner.Detect.Correlation;

/// <summary>Which correlations run, in which order, and what must be kept of the events that they count.</summary>
internal sealed class CorrelationPlan
{
    /// <summary>Between several values of one field; a control character that JSON text has escaped only.</summary>
    internal const char Separator = '\u001f';

    internal const string Account = "recipientAccountId";
    internal const string Region = "awsRegion";

    /// <summary>Size of a <see cref="HitHead"/>.</summary>
    internal const int HeadBytes = 40;

    private readonly HitCount[]?[] _counts;
    private readonly int[] _sizes;
    private readonly Dictionary<DetectionRule, int> _indexes = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<DetectionRule, List<string>> _fields = new(ReferenceEqualityComparer.Instance);

    internal CorrelationPlan(RuleSet rules)
    {
        var done = new HashSet<DetectionRule>(ReferenceEqualityComparer.Instance);
        foreach (var rule in rules.All)
            Visit(rule, done);
        // Outer ones first, so that what they need of inner ones is known when these are asked.
        foreach (var rule in Enumerable.Reverse(Correlations))
        {
            var correlation = rule.Correlation!;
            foreach (var source in correlation.Rules)
            {
                foreach (var name in correlation.GroupBy.Concat(correlation.Fields).Append(Account).Append(Region).Concat(ShownFacts.Names))
                    Need(source, correlation.FieldOf(name, source));
                if (_fields.TryGetValue(rule, out var passedOn))
                {
                    foreach (var name in passedOn.ToList())
                        Need(source, correlation.FieldOf(name, source));
                }
            }
        }

        _counts = [.. Rules.Select(CountsOf)];
        _sizes = [.. Rules.Select((rule, i) => HeadBytes + ((_counts[i]?.Length ?? 0) * sizeof(ulong)) + (FieldsOf(rule).Count * sizeof(int)))];
    }

    /// <summary>Inner ones before those that refer to them.</summary>
    internal List<DetectionRule> Correlations { get; } = [];

    /// <summary>Rules, by <see cref="Hit.Rule"/>.</summary>
    internal List<DetectionRule> Rules { get; } = [];

    /// <summary>Number of a rule that a correlation refers to; -1: none does.</summary>
    internal int IndexOf(DetectionRule rule) => _indexes.TryGetValue(rule, out var index) ? index : -1;

    /// <summary>The fields that are kept of the events of a rule.</summary>
    internal IReadOnlyList<string> FieldsOf(DetectionRule rule) => _fields.TryGetValue(rule, out var fields) ? fields : [];

    /// <summary>What must come together for a hit of a rule to matter; null: every hit may.</summary>
    internal HitCount[]? CountsOf(int rule) => _counts[rule];

    /// <summary>Bytes of a hit of a rule in a block.</summary>
    internal int SizeOf(int rule) => _sizes[rule];

    private HitCount[]? CountsOf(DetectionRule source)
    {
        var counts = new List<HitCount>();
        foreach (var rule in Correlations.Where(rule => rule.Correlation!.Rules.Contains(source, ReferenceEqualityComparer.Instance)))
        {
            if (HitCount.Of(rule, Correlations.IndexOf(rule), source, FieldsOf(source)) is not { } count)
                return null;
            counts.Add(count);
        }

        return [.. counts];
    }

    private void Visit(DetectionRule rule, HashSet<DetectionRule> done)
    {
        if (rule.Correlation is null || !done.Add(rule))
            return;
        foreach (var part in rule.Correlation.Rules)
            Visit(part, done);
        Correlations.Add(rule);
    }

    private void Need(DetectionRule rule, string field)
    {
        if (!_fields.TryGetValue(rule, out var fields))
        {
            fields = [];
            _fields.Add(rule, fields);
            _indexes.Add(rule, Rules.Count);
            Rules.Add(rule);
        }

        if (!fields.Contains(field, StringComparer.Ordinal))
            fields.Add(field);
    }
}
