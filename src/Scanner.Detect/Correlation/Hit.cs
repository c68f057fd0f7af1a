namespace Scanner.Detect.Correlation;

/// <summary>
/// An event that matches a rule which a correlation counts: only what correlating needs is kept of it. Ordered by time,
/// then file, then place in the file.
/// </summary>
internal sealed class Hit
{
    internal static readonly IComparer<Hit> Order = Comparer<Hit>.Create(Compare);

    /// <summary>UTC ticks of the event's time; 0 where it has none.</summary>
    internal required long Ticks { get; init; }

    internal required int File { get; init; }

    internal required long Record { get; init; }

    internal long Offset { get; init; }

    /// <summary>Index into the plan's rules.</summary>
    internal required int Rule { get; init; }

    internal string? EventId { get; init; }

    internal string? EventTime { get; init; }

    /// <summary>Values of the fields that the plan names for the rule; several values of one field with
    /// <see cref="CorrelationPlan.Separator"/> between them.</summary>
    internal required string?[] Values { get; init; }

    private static int Compare(Hit left, Hit right)
    {
        var order = left.Ticks.CompareTo(right.Ticks);
        if (order == 0)
            order = left.File.CompareTo(right.File);
        if (order == 0)
            order = left.Record.CompareTo(right.Record);
        return order == 0 ? left.Rule.CompareTo(right.Rule) : order;
    }
}
