namespace Scanner.Model;

/// <summary>When a detection saw something, in how many events, and by what they belong together.</summary>
/// <param name="First">Time of the first event; null where it has none.</param>
/// <param name="Last">Time of the last event; null where it has none.</param>
/// <param name="Count">Number of events: 1 but for a correlation, and where matches of one principal and hour are one finding.</param>
/// <param name="EventIds">Ids of the events, the last fifty; hostile.</param>
/// <param name="Group">For a correlation: the fields that its events share, with their values; hostile.</param>
public sealed record Sighting(
    DateTimeOffset? First,
    DateTimeOffset? Last,
    long Count,
    IReadOnlyList<string> EventIds,
    IReadOnlyDictionary<string, string> Group)
{
    /// <summary>What the principal did around it, in the order of time; empty where that was not looked for.</summary>
    public IReadOnlyList<TimelineEntry> Timeline { get; init; } = [];
}
