using System.Diagnostics;
using System.Globalization;
using Scanner.Model;

namespace Scanner.Terminal;

/// <summary>Progress for logs: a line when a piece of work begins and ends, and one now and then between.</summary>
internal sealed class PlainProgress(TextWriter output) : IProgressSink
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private readonly Lock _lock = new();
    private readonly Dictionary<string, long> _lastShown = new(StringComparer.Ordinal);

    public void Report(string task, long done, long total)
    {
        var now = Stopwatch.GetTimestamp();
        lock (_lock)
        {
            var finished = total > 0 && done >= total;
            if (_lastShown.TryGetValue(task, out var last) && !finished && Stopwatch.GetElapsedTime(last, now) < Interval)
                return;
            if (finished && last == long.MaxValue)
                return;
            _lastShown[task] = finished ? long.MaxValue : now;
            output.WriteLine(total > 0
                ? string.Create(CultureInfo.InvariantCulture, $"{SafeText.LogLine(task)}: {done}/{total}")
                : string.Create(CultureInfo.InvariantCulture, $"{SafeText.LogLine(task)}: {done}"));
        }
    }

    public void Note(string message)
    {
        lock (_lock)
            output.WriteLine(SafeText.LogLine(message));
    }
}
