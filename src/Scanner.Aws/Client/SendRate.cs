namespace Scanner.Aws.Client;

/// <summary>
/// The rate at which a client sends to a service that throttles: half as much again as the service takes, so that it is found out when it
/// takes more. A service that refuses a part of the requests whatever their rate, because others use up the account's limit, is not slowed down
/// for. (The SDK's own bucket cuts its rate with each refusal: with 30 % of them it came down to one request a second, and a scan of 20 seconds took half an hour.)
/// </summary>
/// <param name="time">Clock.</param>
internal sealed class SendRate(TimeProvider time)
{
    /// <summary>Requests a second to a service that takes nothing.</summary>
    private const double Slowest = 0.5;

    /// <summary>What is sent for each request that is taken.</summary>
    private const double Room = 1.5;

    /// <summary>Requests a second at which there is no limit any more.</summary>
    private const double Free = 2000;

    /// <summary>What the rate grows by where nothing is refused.</summary>
    private const double Growth = 2;

    /// <summary>Fewer replies tell little of a rate.</summary>
    private const int Enough = 40;

    /// <summary>A rate is not told from less.</summary>
    private static readonly TimeSpan Least = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(3);

    /// <summary>After so long without a reply nobody was asked for most of the time.</summary>
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(20);

    private readonly Lock _lock = new();
    private double? _rate;
    private double _tokens;
    private long _filled;
    private long _began;
    private long _last;
    private int _taken;
    private int _refused;

    /// <summary>Requests a second; null where there is no limit.</summary>
    public double? Current
    {
        get
        {
            lock (_lock)
                return _rate;
        }
    }

    /// <summary>Whether a request may be sent now; it counts as sent.</summary>
    public bool TryTake()
    {
        lock (_lock)
        {
            if (_rate is not { } rate)
                return true;
            var now = time.GetTimestamp();
            _tokens = Math.Min(Math.Max(1, rate / 10), _tokens + (time.GetElapsedTime(_filled, now).TotalSeconds * rate));
            _filled = now;
            if (_tokens < 1)
                return false;
            _tokens--;
            return true;
        }
    }

    /// <summary>Notes a reply, were it an error.</summary>
    /// <param name="throttled">Whether it says that requests come too fast.</param>
    public void Replied(bool throttled)
    {
        lock (_lock)
        {
            var now = time.GetTimestamp();
            if (_taken + _refused == 0 || time.GetElapsedTime(_last, now) > Idle)
                (_began, _taken, _refused) = (now, 0, 0);
            _last = now;
            if (throttled)
                _refused++;
            else
                _taken++;
            var elapsed = time.GetElapsedTime(_began, now);
            var replies = _taken + _refused;
            // Where most is refused there is no need to go on like that for a second.
            var isClear = replies >= Enough / 2 && _refused * 3 >= replies * 2;
            var isWhole = elapsed >= Shortest && (replies >= Enough || elapsed >= Longest);
            if (!isClear && !isWhole)
                return;
            if (elapsed < Least)
                elapsed = Least;
            if (_refused > 0)
            {
                if (_rate is null)
                    (_tokens, _filled) = (0, now);
                // In a moment too short for the next to be taken it may be that none is.
                _rate = Math.Max(Slowest, Room * (isWhole ? _taken : _taken + 1) / elapsed.TotalSeconds);
            }
            else if (_rate is { } rate)
            {
                _rate = rate * Growth;
            }
            if (_rate >= Free)
                _rate = null;
            (_taken, _refused) = (0, 0);
        }
    }
}
