namespace Scanner.Collect.Events;

/// <summary>A span of time as an engine is asked for it.</summary>
/// <param name="Condition">A SQL condition on the table's columns, in the engine's dialect.</param>
/// <param name="Note">What the user should know, one line; null: nothing.</param>
public sealed record LogSpan(string Condition, string? Note);
