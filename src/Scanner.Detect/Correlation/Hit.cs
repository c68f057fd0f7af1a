using System.Runtime.InteropServices;

namespace Scanner.Detect.Correlation;

/// <summary>
/// An event that matches a rule which a correlation counts: only what correlating needs is kept of it. Ordered by time,
/// then the event's id, then file and place in the file.
/// </summary>
internal class Hit
{
    private readonly string?[] _values = [];

    internal static readonly IComparer<Hit> Order = Comparer<Hit>.Create(Compare);

    /// <summary>UTC ticks of the event's time; 0 where it has none.</summary>
    internal required long Ticks { get; init; }

    internal required int File { get; init; }

    internal required long Record { get; init; }

    internal long Offset { get; init; }

    /// <summary>Index into the plan's rules.</summary>
    internal required int Rule { get; init; }

    internal string? EventId { get; init; }

    internal virtual string? EventTime { get; init; }

    /// <summary>Values of the fields that the plan names for the rule; several values of one field with
    /// <see cref="CorrelationPlan.Separator"/> between them.</summary>
    internal string?[] Values { init => _values = value; }

    /// <summary>How many fields the plan names for the rule.</summary>
    internal virtual int Fields => _values.Length;

    /// <summary>One of <see cref="Values"/>; null where the event has none.</summary>
    internal virtual string? this[int field] => _values[field];

    private static int Compare(Hit left, Hit right)
    {
        var order = left.Ticks.CompareTo(right.Ticks);
        // By what the event says of itself before where it was read: engines give events in any order.
        if (order == 0)
            order = string.CompareOrdinal(left.EventId, right.EventId);
        if (order == 0)
            order = left.File.CompareTo(right.File);
        if (order == 0)
            order = left.Record.CompareTo(right.Record);
        return order == 0 ? left.Rule.CompareTo(right.Rule) : order;
    }
}

/// <summary>
/// A hit in a block: this, the hash of correlation and group for each <see cref="HitCount"/> of the rule (8 bytes each), and
/// the place of the text of each field that the plan keeps (4 bytes each; -1: it has none).
/// </summary>
/// <param name="Ticks">UTC ticks of the event's time; 0 where it has none.</param>
/// <param name="Record">As <see cref="Hit.Record"/>.</param>
/// <param name="Offset">As <see cref="Hit.Offset"/>.</param>
/// <param name="File">As <see cref="Hit.File"/>.</param>
/// <param name="Rule">As <see cref="Hit.Rule"/>.</param>
/// <param name="Id">Place of the text of the event's id.</param>
/// <param name="Time">Place of the text of the event's time.</param>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct HitHead(long Ticks, long Record, long Offset, int File, int Rule, int Id, int Time);
