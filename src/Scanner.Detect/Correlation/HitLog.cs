using System.Runtime.InteropServices;
using Scanner.Detect.Logs;

namespace Scanner.Detect.Correlation;

/// <summary>
/// The hits of a run in no order, as bytes: most events of a busy account are reading calls, which correlations count, and
/// nearly none of them comes to anything. Only those that may be part of a match become objects and are sorted
/// (<see cref="HitCount"/>). Beyond a bound, blocks are written to a temporary file.
/// </summary>
internal sealed class HitLog(CorrelationPlan plan, string? folder, int maxBytes) : IDisposable
{
    /// <summary>In place of a key: the hit belongs to several groups, any of which may matter.</summary>
    internal const ulong AnyGroup = 0;

    private readonly HitCounters _counters = new();
    private readonly Lock _lock = new();
    private readonly List<HitWriter> _writers = [];
    private readonly List<(byte[] Hits, byte[] Texts)> _blocks = [];
    private readonly List<(long At, int Hits, int Texts)> _written = [];
    private readonly List<(int File, long Before)> _parts = [];
    private long _bytes;
    private FileStream? _file;

    /// <summary>Opens a writer for one thread.</summary>
    /// <param name="shown">What is told of the events of that thread.</param>
    internal HitWriter Open(ShownFacts shown)
    {
        lock (_lock)
        {
            var writer = new HitWriter(plan, _counters, shown, Take);
            _writers.Add(writer);
            return writer;
        }
    }

    /// <summary>Begins a part of a file, whose hits are numbered from its own start until it is known how many records are before it.</summary>
    /// <param name="file">Number of the file.</param>
    /// <returns>What stands in a hit in place of the number of the file.</returns>
    internal int AddPart(int file)
    {
        lock (_lock)
        {
            _parts.Add((file, 0));
            return -_parts.Count;
        }
    }

    /// <summary>Says how many records of the file are before a part.</summary>
    internal void Place(int part, long before)
    {
        lock (_lock)
            _parts[-part - 1] = _parts[-part - 1] with { Before = before };
    }

    /// <summary>The hits that may be part of a match, ready to be read in order. No writer may be in use, and the log must stay as it is meanwhile.</summary>
    /// <param name="all">Also those that can be part of none.</param>
    internal SortedHits Sort(bool all = false)
    {
        lock (_lock)
        {
            _writers.ForEach(writer => writer.Flush());
            if (_written.Count == 0)
                return Index(all);
            var spool = new HitSpool(folder);
            try
            {
                foreach (var (hits, texts) in _blocks)
                    Read(hits, texts, spool, all);
                byte[] buffer = [];
                foreach (var (at, hits, texts) in _written)
                {
                    if (buffer.Length < hits + texts)
                        buffer = new byte[hits + texts];
                    _file!.Position = at;
                    _file.ReadExactly(buffer.AsSpan(0, hits + texts));
                    Read(buffer.AsSpan(0, hits), buffer.AsSpan(hits, texts), spool, all);
                }
                return spool;
            }
            catch
            {
                spool.Dispose();
                throw;
            }
        }
    }

    public void Dispose() => _file?.Dispose();

    private void Take(ReadOnlySpan<byte> hits, ReadOnlySpan<byte> texts)
    {
        lock (_lock)
        {
            _bytes += hits.Length + texts.Length;
            if (_bytes <= maxBytes)
            {
                _blocks.Add((hits.ToArray(), texts.ToArray()));
                return;
            }

            try
            {
                _file ??= TemporaryFile.Create(folder);
                var at = _file.Seek(0, SeekOrigin.End);
                _file.Write(hits);
                _file.Write(texts);
                _file.Flush();
                _written.Add((at, hits.Length, texts.Length));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw HitSpool.CannotWrite(e);
            }
        }
    }

    /// <summary>Hits of blocks that are all in memory stay there.</summary>
    private HitIndex Index(bool all)
    {
        var strings = new HitStrings();
        List<HitBlock> blocks = [.. _blocks.Select((block, number) => new HitBlock(number, block.Hits, block.Texts, strings))];
        var index = new HitIndex(place => HitAt(blocks[place.Block], place.At));
        for (var block = 0; block < _blocks.Count; block++)
        {
            ReadOnlySpan<byte> hits = _blocks[block].Hits;
            for (var at = 0; at < hits.Length; at += plan.SizeOf(RuleAt(hits, at)))
            {
                if (all || MayMatch(hits[at..]))
                    index.Add(new HitPlace(MemoryMarshal.Read<HitHead>(hits[at..]).Ticks, block, at));
            }
        }
        return index;
    }

    private void Read(ReadOnlySpan<byte> hits, ReadOnlySpan<byte> texts, HitSpool spool, bool all)
    {
        var strings = new HitStrings();
        for (var at = 0; at < hits.Length; at += plan.SizeOf(RuleAt(hits, at)))
        {
            if (!all && !MayMatch(hits[at..]))
                continue;
            var before = strings.Bytes;
            spool.Add(HitAt(hits[at..], texts, strings), strings.Bytes - before);
        }
    }

    private static int RuleAt(ReadOnlySpan<byte> hits, int at) => MemoryMarshal.Read<HitHead>(hits[at..]).Rule;

    /// <summary>A hit that reads its values when they are asked for.</summary>
    private KeptHit HitAt(HitBlock block, int at)
    {
        var head = MemoryMarshal.Read<HitHead>(block.Hits.AsSpan(at));
        var values = CorrelationPlan.HeadBytes + KeyBytes(head.Rule);
        var (file, before) = PlaceOf(head);
        return new KeptHit(block, head.Time, at + values, (plan.SizeOf(head.Rule) - values) / sizeof(int))
        {
            Ticks = head.Ticks,
            File = file,
            Record = before + head.Record,
            Offset = head.Offset,
            Rule = head.Rule,
            EventId = block.Strings.OnceOf(block.Texts, head.Id),
        };
    }

    private int KeyBytes(int rule) => (plan.CountsOf(rule)?.Length ?? 0) * sizeof(ulong);

    private (int File, long Before) PlaceOf(HitHead head) => head.File < 0 ? _parts[-head.File - 1] : (head.File, 0);

    /// <summary>The hit that stands first.</summary>
    private Hit HitAt(ReadOnlySpan<byte> hits, ReadOnlySpan<byte> texts, HitStrings strings)
    {
        var head = MemoryMarshal.Read<HitHead>(hits);
        var places = MemoryMarshal.Cast<byte, int>(hits[(CorrelationPlan.HeadBytes + KeyBytes(head.Rule))..plan.SizeOf(head.Rule)]);
        var values = new string?[places.Length];
        for (var i = 0; i < values.Length; i++)
            values[i] = strings.Of(0, texts, places[i]);
        var (file, before) = PlaceOf(head);
        return new Hit
        {
            Ticks = head.Ticks,
            File = file,
            Record = before + head.Record,
            Offset = head.Offset,
            Rule = head.Rule,
            EventId = strings.OnceOf(texts, head.Id),
            EventTime = strings.Of(0, texts, head.Time),
            Values = values,
        };
    }

    private bool MayMatch(ReadOnlySpan<byte> hits)
    {
        var head = MemoryMarshal.Read<HitHead>(hits);
        return plan.CountsOf(head.Rule) is not { } counts
            || MayMatch(head.Ticks, counts, MemoryMarshal.Cast<byte, ulong>(hits.Slice(CorrelationPlan.HeadBytes, counts.Length * sizeof(ulong))));
    }

    private bool MayMatch(long ticks, HitCount[] counts, ReadOnlySpan<ulong> keys)
    {
        for (var i = 0; i < counts.Length; i++)
        {
            if (keys[i] == AnyGroup || _counters.MayReach(keys[i], counts[i].PieceOf(ticks), counts[i].Least))
                return true;
        }
        return false;
    }
}
