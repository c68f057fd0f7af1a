namespace Scanner.Collect.Events;

/// <summary>How far a query is.</summary>
/// <param name="Name">The engine's word for it.</param>
/// <param name="IsOver">Whether it has ended, well or not.</param>
/// <param name="IsWhole">Whether it has ended well.</param>
/// <param name="HasRows">Whether there are rows to read, though perhaps not all.</param>
/// <param name="Reason">Why it has not ended well, as the engine says; null where it does not.</param>
/// <param name="BytesRead">How much data it has read so far; 0 where the engine does not say.</param>
/// <param name="HasRead">Whether the engine says that it has read any data or events.</param>
internal sealed record QueryState(string Name, bool IsOver, bool IsWhole, bool HasRows, string? Reason, long BytesRead, bool HasRead)
{
    /// <summary>Whether the engine says that a failure is its own, and no matter of the statement.</summary>
    public bool IsOfService { get; init; }
}
