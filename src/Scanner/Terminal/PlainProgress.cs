using System.Globalization;
using Scanner.Model;

namespace Scanner.Terminal;

/// <summary>Progress for logs: a line when a piece of work begins and ends, and one now and then between.</summary>
internal sealed class PlainProgress(TextWriter output, TimeProvider? clock = null) : IProgressSink
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);
    private readonly TimeProvider _time = clock ?? TimeProvider.System;
    private readonly CollectionLine _collection = new(clock ?? TimeProvider.System);
    private readonly Lock _lock = new();
    private readonly Dictionary<string, long> _lastShown = new(StringComparer.Ordinal);

    public void Report(string task, long done, long total)
    {
        lock (_lock)
        {
            if (!IsDue(task, total > 0 && done >= total))
                return;
            output.WriteLine(total > 0
                ? string.Create(CultureInfo.InvariantCulture, $"{SafeText.LogLine(task)}: {done}/{total}")
                : string.Create(CultureInfo.InvariantCulture, $"{SafeText.LogLine(task)}: {done}"));
        }
    }

    public void Report(CollectionProgress progress)
    {
        lock (_lock)
        {
            // Asked each time: its rates are of what it has seen.
            var line = _collection.Of(progress);
            if (IsDue("Collecting", progress.Tables == progress.AllTables))
                output.WriteLine(line);
        }
    }

    // At its beginning, once at its end, and now and then between.
    private bool IsDue(string task, bool isOver)
    {
        var now = _time.GetTimestamp();
        if (_lastShown.TryGetValue(task, out var last) && (isOver ? last == long.MaxValue : _time.GetElapsedTime(last, now) < Interval))
            return false;
        _lastShown[task] = isOver ? long.MaxValue : now;
        return true;
    }

    public void Note(string message)
    {
        lock (_lock)
            output.WriteLine(SafeText.LogLine(message));
    }
}
