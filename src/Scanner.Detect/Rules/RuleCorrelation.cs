namespace Scanner.Detect.Rules;

/// <summary>The correlation section of a correlation rule.</summary>
internal sealed record RuleCorrelation
{
    internal required CorrelationKind Kind { get; init; }

    /// <summary>Referred rules as written (ids or names), in order.</summary>
    internal required IReadOnlyList<string> References { get; init; }

    /// <summary>Fields, or names of <see cref="Aliases"/>.</summary>
    internal IReadOnlyList<string> GroupBy { get; init; } = [];

    internal required TimeSpan TimeSpan { get; init; }

    /// <summary>All must hold; operators are &lt;, &lt;=, &gt;, &gt;=, = and !=. Empty for a temporal correlation of all rules.</summary>
    internal IReadOnlyList<(string Operator, double Value)> Conditions { get; init; } = [];

    /// <summary>What value correlations count.</summary>
    internal IReadOnlyList<string> Fields { get; init; } = [];

    /// <summary>For a percentile of numbers: which. Null with <see cref="CorrelationKind.ValuePercentile"/>: the share, in
    /// percent, of the events that have the same value.</summary>
    internal double? Percentile { get; init; }

    /// <summary>Alias to (rule reference to field).</summary>
    internal IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> Aliases { get; init; } =
        new Dictionary<string, IReadOnlyDictionary<string, string>>(StringComparer.Ordinal);

    internal bool Generate { get; init; }

    /// <summary>For a temporal correlation with a condition over rules (<c>a and not b</c>); null otherwise.</summary>
    internal RuleCondition? Extended { get; init; }

    /// <summary>Line of the section in the file.</summary>
    internal int Line { get; init; }

    /// <summary>The rules themselves, once all files are read; as many as <see cref="References"/>.</summary>
    internal IReadOnlyList<DetectionRule> Rules { get; init; } = [];

    /// <summary>
    /// Whether more events can only make it true: then it is judged at every event, over the time before it. Otherwise
    /// the first event of a group opens a window, which is judged once it is over.
    /// </summary>
    internal bool IsGrowing => Kind switch
    {
        CorrelationKind.EventCount or CorrelationKind.ValueCount or CorrelationKind.ValueSum or CorrelationKind.Temporal
            or CorrelationKind.TemporalOrdered => Conditions.All(c => c.Operator is ">" or ">=") && Extended?.HasNot != true,
        _ => false,
    };

    /// <summary>The field of that rule's events that a name in group-by or field means.</summary>
    internal string FieldOf(string name, DetectionRule rule)
    {
        if (!Aliases.TryGetValue(name, out var fields))
            return name;
        foreach (var (reference, field) in fields)
        {
            if (rule.IsCalled(reference))
                return field;
        }

        return name;
    }
}

/// <summary>Sigma correlation rules specification, Correlation Types.</summary>
internal enum CorrelationKind
{
    EventCount,
    ValueCount,
    ValueSum,
    ValueAverage,
    ValuePercentile,
    Temporal,
    TemporalOrdered,
}
