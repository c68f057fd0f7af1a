using System.Globalization;
using Scanner.Model;

namespace Scanner.Terminal;

/// <summary>Progress for logs: a line when a piece of work begins and ends, and one now and then between.</summary>
internal sealed class PlainProgress(TextWriter output, TimeProvider? clock = null) : IProgressSink
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);
    private readonly TimeProvider _time = clock ?? TimeProvider.System;
    private readonly CollectionLine _collection = new(clock ?? TimeProvider.System);
    private long? _collectionShown;
    private bool _isCollected;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, long> _lastShown = new(StringComparer.Ordinal);

    public void Report(string task, long done, long total)
    {
        var now = _time.GetTimestamp();
        lock (_lock)
        {
            var finished = total > 0 && done >= total;
            if (_lastShown.TryGetValue(task, out var last) && !finished && _time.GetElapsedTime(last, now) < Interval)
                return;
            if (finished && last == long.MaxValue)
                return;
            _lastShown[task] = finished ? long.MaxValue : now;
            output.WriteLine(total > 0
                ? string.Create(CultureInfo.InvariantCulture, $"{SafeText.LogLine(task)}: {done}/{total}")
                : string.Create(CultureInfo.InvariantCulture, $"{SafeText.LogLine(task)}: {done}"));
        }
    }

    public void Report(CollectionProgress progress)
    {
        lock (_lock)
        {
            var now = _time.GetTimestamp();
            var line = _collection.Of(progress);
            var isOver = progress.Tables == progress.AllTables;
            if (_collectionShown is { } last && (isOver ? _isCollected : _time.GetElapsedTime(last, now) < Interval))
                return;
            (_collectionShown, _isCollected) = (now, isOver);
            output.WriteLine(line);
        }
    }

    public void Note(string message)
    {
        lock (_lock)
            output.WriteLine(SafeText.LogLine(message));
    }
}
