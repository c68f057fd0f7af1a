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

    // Parts of one thread, whose matches are still to be made.
    private const int MostPending = 2;

    private readonly object _lock = new();
    private readonly Dictionary<int, (ReadPart Part, List<MadeMatch> Matches)> _finished = [];

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
        // Parts whose matches are made when it is known how many records are before them: meanwhile the next part is looked at.
        var pending = new Queue<ReadPart>();
        while (true)
        {
            if (!TryTake(pending.Count == 0, out var part))
            {
                Make(pending, untilLeft: 0);
                continue;
            }
            if (part is null)
                break;
            pending.Enqueue(Read(part, worker, stop));
            Make(pending, MostPending);
        }
        Make(pending, untilLeft: 0);
    }

    private ReadPart Read(LogPart part, DetectionWorker worker, CancellationToken stop)
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
            Count(part.Number, worker.Reader.Records);
            return new ReadPart(part.Number, id, found, worker.Reader.Records, worker.Reader.Events, worker.Thin, worker.Reader.FirstDefect, worker.Reader.Defects, new(worker.Strange, StringComparer.Ordinal));
        }
        finally
        {
            LineLog.Return(part);
        }
    }

    /// <summary>Makes the matches of the parts that those before have been counted of, and waits for that where more than so many would be left.</summary>
    private void Make(Queue<ReadPart> pending, int untilLeft)
    {
        while (pending.TryPeek(out var part) && TryBefore(part.Number, mayWait: pending.Count > untilLeft, out var before))
        {
            pending.Dequeue();
            // Matches are made outside of the lock: it is the most of the work where there are many.
            Complete(part, part.Found.ConvertAll(match => output.Make(before == 0 ? match : match with { Record = match.Record + before })));
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

    /// <summary>Takes the next part, null where none is left.</summary>
    /// <param name="mayWait">False: there is none now where too many wait for one before them, which the caller may have.</param>
    /// <param name="part">The part.</param>
    private bool TryTake(bool mayWait, out LogPart? part)
    {
        part = null;
        lock (_lock)
        {
            while (_taken - _next >= MostWaiting && !_abandoned)
            {
                if (!mayWait)
                    return false;
                Monitor.Wait(_lock);
            }
            if (_abandoned)
                throw new OperationCanceledException("another file's thread failed");
            _taken++;
        }

        part = log.Take();
        if (part is not null)
            return true;
        lock (_lock)
        {
            _taken--;
            Monitor.PulseAll(_lock);
        }

        return true;
    }

    private void Count(int number, long records)
    {
        lock (_lock)
        {
            _counts.Add(number, records);
            while (_counts.Remove(_counted, out var next))
            {
                _before[++_counted] = _recordsCounted += next;
                Monitor.PulseAll(_lock);
            }
        }
    }

    /// <summary>How many records are before a part; false where those before it have not been counted.</summary>
    private bool TryBefore(int number, bool mayWait, out long before)
    {
        lock (_lock)
        {
            while (mayWait && _counted < number && !_abandoned)
                Monitor.Wait(_lock);
            if (_abandoned)
                throw new OperationCanceledException("another file's thread failed");
            before = 0;
            if (_counted < number)
                return false;
            _before.Remove(number, out before);
            return true;
        }
    }

    private void Complete(ReadPart part, List<MadeMatch> matches)
    {
        lock (_lock)
        {
            _finished.Add(part.Number, (part, matches));
            while (_finished.Remove(_next, out var next))
            {
                foreach (var match in next.Matches)
                    output.Add(index, match, mayWait: true);
                Merge(next.Part);
                _next++;
            }

            Monitor.PulseAll(_lock);
        }
    }

    private void Merge(ReadPart part)
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

    /// <summary>A part that has been looked at.</summary>
    private sealed record ReadPart(
        int Number, int Id, List<DetectionMatch> Found, long Records, long Events, long Thin, string? FirstDefect, int Defects, Dictionary<string, StrangeRecords> Strange);
}
