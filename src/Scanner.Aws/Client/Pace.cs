namespace Scanner.Aws.Client;

/// <summary>Spaces requests evenly: at most so many a second, also over the first second.</summary>
internal sealed class Pace(double perSecond, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly TimeSpan _interval = TimeSpan.FromSeconds(1 / perSecond);
    private long _next;

    /// <summary>Waits for the next free moment.</summary>
    public async Task WaitAsync(CancellationToken cancellation)
    {
        TimeSpan wait;
        lock (_lock)
        {
            var now = time.GetTimestamp();
            var at = Math.Max(now, _next);
            _next = at + (long)(_interval.TotalSeconds * time.TimestampFrequency);
            wait = time.GetElapsedTime(now, at);
        }
        if (wait > TimeSpan.Zero)
            await Task.Delay(wait, time, cancellation);
    }
}
