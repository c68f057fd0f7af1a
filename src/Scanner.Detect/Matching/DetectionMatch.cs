using Scanner.Detect.Rules;

namespace Scanner.Detect.Matching;

/// <summary>An event that matches a rule, or events that match a correlation.</summary>
public sealed record DetectionMatch
{
    /// <summary>The rule.</summary>
    public required DetectionRule Rule { get; init; }

    /// <summary>The event's <c>eventID</c>, of a correlation its last event's; null where it has none.</summary>
    public string? EventId { get; init; }

    /// <summary>The event's <c>eventTime</c> as written; null where it has none.</summary>
    public string? EventTime { get; init; }

    /// <summary>Log file, of a correlation its last event's.</summary>
    public required string File { get; init; }

    /// <summary>Number of the event in the file, from 1.</summary>
    public long Record { get; init; }

    /// <summary>Where the event starts: byte of the (decompressed) file, from 0.</summary>
    public long Offset { get; init; }

    /// <summary>The event as JSON, as it stands in the log (hostile text); null where it was not asked for, is larger than
    /// 1 MiB, or is nested deeper than 60 levels. Of an engine's match: the fields that the query asks for. Of a correlation: null.</summary>
    public string? Event { get; init; }

    /// <summary>The account that the event was recorded in; null where it does not say.</summary>
    public string? Account { get; init; }

    /// <summary>The event's region; null where it does not say.</summary>
    public string? Region { get; init; }

    /// <summary>For a correlation: the values of its group-by fields, in their order (null: the events have none).</summary>
    public IReadOnlyList<KeyValuePair<string, string?>> Group { get; init; } = [];

    /// <summary>For a correlation: its events, the last fifty; from an engine the first and the last.</summary>
    public IReadOnlyList<EventReference> Events { get; init; } = [];

    /// <summary>For a correlation: how many events it has. 1 for a rule.</summary>
    public long EventCount { get; init; } = 1;
}

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

    /// <summary>ARN or id of what was touched; null where the event names nothing that is known, and of an engine's match.</summary>
    public string? Touched { get; init; }
}
