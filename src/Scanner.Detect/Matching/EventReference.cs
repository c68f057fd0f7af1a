namespace Scanner.Detect.Matching;

/// <summary>An event that takes part in a correlation.</summary>
/// <param name="EventId">The event's <c>eventID</c>; null where it has none.</param>
/// <param name="EventTime">When it happened; null where it does not say.</param>
/// <param name="File">Log file.</param>
/// <param name="Record">Number of the event in the file, from 1.</param>
/// <param name="Rule">Id of the rule that it matches.</param>
public sealed record EventReference(string? EventId, DateTimeOffset? EventTime, string File, long Record, string Rule)
{
    /// <summary>ARN of who acted, else a name; null where the event has none, and of an engine's match.</summary>
    public string? Actor { get; init; }

    /// <summary>Where it came from; null as of <see cref="Actor"/>.</summary>
    public string? Source { get; init; }

    /// <summary>What was called; null as of <see cref="Actor"/>.</summary>
    public string? Action { get; init; }

    /// <summary>Access key that signed the call; null as of <see cref="Actor"/>.</summary>
    public string? AccessKeyId { get; init; }

    /// <summary>Error code; null where the call succeeded, and of an engine's match.</summary>
    public string? Error { get; init; }

    /// <summary>ARN or id of what was touched; null where the event names nothing that is known, and of an engine's match.</summary>
    public string? Touched { get; init; }
}
