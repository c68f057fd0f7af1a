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
