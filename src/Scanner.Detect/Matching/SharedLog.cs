using Scanner.Detect.Correlation;
using Scanner.Detect.Logs;
using Scanner.Model;

namespace Scanner.Detect.Matching;

/// <summary>
/// A log that several threads read in parts: matches, numbers of records and what is wrong come together as if one had read it.
/// </summary>
/// <param name="index">Number of the file.</param>
/// <param name="file">The file.</param>
/// <param name="log">Hands out the parts.</param>
/// <param name="hits">Is told which part of which file a hit is in.</param>
/// <param name="output">Takes the matches.</param>
internal sealed class SharedLog(int index, LogFile file, LineLog log, HitLog hits, MatchOutput output)
{
    // Finished parts that wait for one before them.
    private const int MostWaiting = 8;

    private readonly object _lock = new();
    private readonly Dictionary<int, PartResult> _finished = [];

    // By number of the part: its records, and those before it. Of the first so many parts both are known.
    private readonly Dictionary<int, long> _counts = [];
    private readonly Dictionary<int, long> _before = [];
    private int _counted;
    private long _recordsCounted;
    private long _records;
    private long _events;
    private string? _firstDefect;
    private int _defects;
    private int _taken;
    private int _next;
    private bool _abandoned;

    internal LogSource Source => file.Source;

    internal bool IsTaken => log.IsTaken;

    /// <summary>What came of it; complete after <see cref="Wait"/>.</summary>
    internal PartsRead Result => new(log.Length, _records, _events, _firstDefect, _defects);

    /// <summary>As <see cref="DetectionWorker.Thin"/>, of all parts.</summary>
    internal long Thin { get; private set; }

    /// <summary>As <see cref="DetectionWorker.Strange"/>, of all parts.</summary>
    internal Dictionary<string, StrangeRecords> Strange { get; } = new(StringComparer.Ordinal);

    /// <summary>Looks at parts until all are taken.</summary>
    internal void Work(DetectionWorker worker, CancellationToken stop)
    {
        while (Take() is { } part)
        {
            try
            {
                var id = hits.AddPart(index);
                var found = new List<DetectionMatch>();
                worker.Begin();
                worker.Reader.ReadPart(part, place =>
                {
                    stop.ThrowIfCancellationRequested();
                    return worker.Read(id, file.Name, place, found.Add);
                });
                if (part.GoesOn is not null)
                    log.EndAt(worker.Reader.Bytes);
                // Matches are made outside of the lock: it is the most of the work where there are many.
                var before = Before(part.Number, worker.Reader.Records);
                var matches = found.ConvertAll(match => output.Make(before == 0 ? match : match with { Record = match.Record + before }));
                Complete(part.Number, new PartResult(id, matches, worker.Reader.Records, worker.Reader.Events, worker.Thin, worker.Reader.FirstDefect, worker.Reader.Defects, new(worker.Strange, StringComparer.Ordinal)));
            }
            finally
            {
                LineLog.Return(part);
            }
        }
    }

    /// <summary>Waits until all parts have been looked at.</summary>
    internal void Wait()
    {
        lock (_lock)
        {
            while (!_abandoned && _next < _taken)
                Monitor.Wait(_lock);
        }
    }

    /// <summary>Another thread failed: nobody waits any more.</summary>
    internal void Abandon()
    {
        lock (_lock)
        {
            _abandoned = true;
            Monitor.PulseAll(_lock);
        }
    }

    private LogPart? Take()
    {
        lock (_lock)
        {
            while (_taken - _next >= MostWaiting && !_abandoned)
                Monitor.Wait(_lock);
            if (_abandoned)
                throw new OperationCanceledException("another file's thread failed");
            _taken++;
        }

        if (log.Take() is { } part)
            return part;
        lock (_lock)
        {
            _taken--;
            Monitor.PulseAll(_lock);
        }

        return null;
    }

    /// <summary>How many records are before a part that has so many; waits until those before it have been counted.</summary>
    private long Before(int number, long records)
    {
        lock (_lock)
        {
            _counts.Add(number, records);
            while (_counts.Remove(_counted, out var next))
            {
                _before[++_counted] = _recordsCounted += next;
                Monitor.PulseAll(_lock);
            }

            while (_counted < number && !_abandoned)
                Monitor.Wait(_lock);
            if (_abandoned)
                throw new OperationCanceledException("another file's thread failed");
            _before.Remove(number, out var before);
            return before;
        }
    }

    private void Complete(int number, PartResult result)
    {
        lock (_lock)
        {
            _finished.Add(number, result);
            while (_finished.Remove(_next, out var next))
            {
                foreach (var match in next.Matches)
                    output.Add(index, match, mayWait: true);
                Merge(next);
                _next++;
            }

            Monitor.PulseAll(_lock);
        }
    }

    private void Merge(PartResult part)
    {
        hits.Place(part.Id, _records);
        foreach (var (kind, some) in part.Strange)
            StrangeRecords.Add(Strange, kind, some with { First = _records + some.First });

        _firstDefect ??= part.FirstDefect is null ? null : EventReader.Numbered(part.FirstDefect, _records);
        _defects += part.Defects;
        Thin += part.Thin;
        _events += part.Events;
        _records += part.Records;
    }

    private sealed record PartResult(
        int Id, List<MadeMatch> Matches, long Records, long Events, long Thin, string? FirstDefect, int Defects, Dictionary<string, StrangeRecords> Strange);
}
