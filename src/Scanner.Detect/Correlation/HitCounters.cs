namespace Scanner.Detect.Correlation;

/// <summary>
/// Counts hits by correlation, group and piece of time in a fixed number of counters. Two may share a counter: a count is
/// never too low, so that nothing is lost, and too high only where there are very many. Adding is thread-safe.
/// </summary>
internal sealed class HitCounters
{
    /// <summary>Most that one hit adds: what needs more is not counted beforehand.</summary>
    internal const int MostAtOnce = 1 << 16;

    private const int Bits = 21;

    // Most runs over a few events count nothing.
    private int[]? _counters;

    /// <param name="key">Hash of correlation and group.</param>
    /// <param name="piece">Number of the piece of time.</param>
    /// <param name="number">How many.</param>
    internal void Add(ulong key, long piece, int number)
    {
        var counters = _counters ?? LazyInitializer.EnsureInitialized(ref _counters, () => new int[1 << Bits]);
        ref var counter = ref counters[At(key, piece)];
        // Stays far below what would overflow.
        if (Volatile.Read(ref counter) < 1 << 30)
            Interlocked.Add(ref counter, Math.Min(number, MostAtOnce));
    }

    /// <summary>Whether a piece of time comes to that number together with the one before it or the one after it.</summary>
    internal bool MayReach(ulong key, long piece, long number)
    {
        if (_counters is not { } counters)
            return false;
        long here = counters[At(key, piece)];
        return here >= number || here + counters[At(key, piece - 1)] >= number || here + counters[At(key, piece + 1)] >= number;
    }

    private static int At(ulong key, long piece) => (int)((key ^ ((ulong)piece * 0x9E3779B97F4A7C15)) * 0xD6E8FEB86659FD93 >> (64 - Bits));
}
