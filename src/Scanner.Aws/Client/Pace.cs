namespace Scanner.Aws.Client;

/// <summary>Sends requests no faster than at a rate: so many at once after a rest, then evenly. Who comes first goes first.</summary>
/// <param name="perSecond">Requests a second.</param>
/// <param name="burst">Requests at once.</param>
/// <param name="time">Clock.</param>
internal sealed class Pace(double perSecond, double burst, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly double _interval = time.TimestampFrequency / perSecond;
    private readonly double _ahead = (Math.Max(1, burst) - 1) * time.TimestampFrequency / perSecond;
    private double _next;

    /// <summary>Waits for the next free moment.</summary>
    public async Task WaitAsync(CancellationToken cancellation)
    {
        TimeSpan wait;
        lock (_lock)
        {
            var now = time.GetTimestamp();
            wait = TimeSpan.FromSeconds(Math.Max(0, _next - _ahead - now) / time.TimestampFrequency);
            _next = Math.Max(now, _next) + _interval;
        }
        if (wait > TimeSpan.Zero)
            await Task.Delay(wait, time, cancellation);
    }
}
