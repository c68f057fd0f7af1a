using Scanner.Model;

namespace Scanner.Store.Sql;

/// <summary>Cancels work when its limit is over, unless it is disposed before that.</summary>
internal sealed class WorkAlarm : IDisposable
{
    private readonly Lock _lock = new();
    private readonly WorkLimit _limit;
    private readonly CancellationTokenSource _work;
    private readonly Timer _timer;
    private bool _isDone;

    /// <param name="limit">When it is over.</param>
    /// <param name="work">What is cancelled; disposed after this.</param>
    internal WorkAlarm(WorkLimit limit, CancellationTokenSource work)
    {
        _limit = limit;
        _work = work;
        _timer = new Timer(_ => Look());
        lock (_lock)
            _timer.Change(_limit.Left, Timeout.InfiniteTimeSpan);
    }

    public void Dispose()
    {
        // Whoever looks just now ends first: what it would cancel is gone afterwards.
        lock (_lock)
            _isDone = true;
        _timer.Dispose();
    }

    private void Look()
    {
        lock (_lock)
        {
            if (_isDone)
                return;
            var left = _limit.Left;
            if (left > TimeSpan.Zero)
                _timer.Change(left, Timeout.InfiniteTimeSpan);
            else
                _work.Cancel();
        }
    }
}
