using System.Diagnostics;

namespace Scanner.Model;

/// <summary>
/// A limit of time for what a process does. It is over when the clock and the processor time of the process both say so: a machine that is busy with
/// something else, or that stood still, uses up the clock alone. What waits without working ends too, some times later.
/// </summary>
/// <param name="limit">How long the work may take.</param>
/// <param name="processorTime">Processor time of the process so far; null: of this one.</param>
public sealed class WorkLimit(TimeSpan limit, Func<TimeSpan>? processorTime = null)
{
    /// <summary>How many times the limit may pass by the clock alone; fewer where the limit is long.</summary>
    private const int MostTimes = 10;

    private const int MostTimesOfLong = 3;

    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(20);

    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly Func<TimeSpan> _processorTime = processorTime ?? ProcessorTime;
    private readonly TimeSpan _before = (processorTime ?? ProcessorTime)();

    /// <summary>How long to wait until it may be over; zero: it is.</summary>
    public TimeSpan Left => LeftOf(Stopwatch.GetElapsedTime(_started), _processorTime() - _before);

    /// <summary>The same after so much time.</summary>
    /// <param name="clock">By the clock.</param>
    /// <param name="worked">Of the processor.</param>
    public TimeSpan LeftOf(TimeSpan clock, TimeSpan worked)
    {
        if (clock < limit)
            return limit - clock;
        if (clock >= limit * (limit < Long ? MostTimes : MostTimesOfLong))
            return TimeSpan.Zero;
        // The clock of the processor lags behind a little.
        var missing = (limit * 0.9) - worked;
        if (missing <= TimeSpan.Zero)
            return TimeSpan.Zero;
        // Several processors may work at once.
        missing /= Environment.ProcessorCount;
        return missing > Shortest ? missing : Shortest;
    }

    /// <summary>Processor time of the process. Zero where the system does not say it: then nothing but the clock counts, some times longer.</summary>
    public static TimeSpan ProcessorTime() =>
        OperatingSystem.IsLinux() || OperatingSystem.IsMacOS() || OperatingSystem.IsWindows() ? Environment.CpuUsage.TotalTime : TimeSpan.Zero;
}
