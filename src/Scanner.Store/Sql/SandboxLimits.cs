using Scanner.Model;

namespace Scanner.Store.Sql;

/// <summary>What one query may use up.</summary>
/// <param name="Time">Time after which it is interrupted, by the clock and by the processor (<see cref="WorkLimit"/>).</param>
/// <param name="MemoryBytes">Memory that the process may grow by while it runs.</param>
/// <param name="Rows">Most rows that it may return.</param>
public sealed record SandboxLimits(TimeSpan Time, long MemoryBytes, int Rows)
{
    /// <summary>Limits of one check: ten seconds, 2 GiB, a million rows.</summary>
    public static SandboxLimits Check { get; } = new(TimeSpan.FromSeconds(10), 2L << 30, 1_000_000);

    /// <summary>Limits of <c>scanner query</c>, on the user's own machine: half an hour, three quarters of the memory.</summary>
    public static SandboxLimits Query { get; } =
        new(TimeSpan.FromMinutes(30), Math.Max(1L << 30, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4 * 3), int.MaxValue);
}
