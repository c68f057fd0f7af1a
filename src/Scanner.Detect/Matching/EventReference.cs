namespace Scanner.Detect.Matching;

/// <summary>An event that takes part in a correlation.</summary>
/// <param name="EventId">The event's <c>eventID</c>; null where it has none.</param>
/// <param name="EventTime">When it happened; null where it does not say.</param>
/// <param name="File">Log file.</param>
/// <param name="Record">Number of the event in the file, from 1.</param>
/// <param name="Rule">Id of the rule that it matches.</param>
public sealed record EventReference(string? EventId, DateTimeOffset? EventTime, string File, long Record, string Rule);
