namespace Scanner.Detect.Sql;

/// <summary>Where a rule's SQL means something else than a local run.</summary>
/// <param name="Text">One line.</param>
/// <param name="MayMiss">Whether the SQL may pass over an event that a local run matches. False: it can only match more, or differ on events that AWS does not write.</param>
public sealed record ConversionNote(string Text, bool MayMiss);
