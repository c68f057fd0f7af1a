namespace Scanner.Detect.Matching;

/// <summary>The logs that threads without a file of their own help to read.</summary>
/// <param name="files">How many files there are.</param>
internal sealed class SharedLogs(int files)
{
    private readonly object _lock = new();
    private readonly List<SharedLog> _open = [];
    private int _done;
    private bool _abandoned;

    internal void Add(SharedLog log)
    {
        lock (_lock)
        {
            _open.Add(log);
            Monitor.PulseAll(_lock);
        }
    }

    /// <summary>One file more has been read.</summary>
    internal void Complete()
    {
        lock (_lock)
        {
            _done++;
            Monitor.PulseAll(_lock);
        }
    }

    /// <summary>A log that has parts left; null when all files are read.</summary>
    internal SharedLog? Next()
    {
        lock (_lock)
        {
            while (!_abandoned && _done < files)
            {
                if (_open.Find(log => !log.IsTaken) is { } open)
                    return open;
                Monitor.Wait(_lock);
            }

            return null;
        }
    }

    internal void Abandon()
    {
        lock (_lock)
        {
            _abandoned = true;
            _open.ForEach(log => log.Abandon());
            Monitor.PulseAll(_lock);
        }
    }
}
