using System.Runtime.InteropServices;
using System.Text;
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

    /// <summary>The hits that may be part of a match, ready to be read in order. No writer may be in use.</summary>
    /// <param name="all">Also those that can be part of none.</param>
    internal HitSpool Sort(bool all = false)
    {
        lock (_lock)
        {
            _writers.ForEach(writer => writer.Flush());
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

    private void Read(ReadOnlySpan<byte> hits, ReadOnlySpan<byte> texts, HitSpool spool, bool all)
    {
        // A text that several hits of the block share becomes one string.
        var strings = new Dictionary<int, string>();
        for (var at = 0; at < hits.Length;)
        {
            var head = MemoryMarshal.Read<HitHead>(hits[at..]);
            var size = plan.SizeOf(head.Rule);
            var rest = hits.Slice(at + CorrelationPlan.HeadBytes, size - CorrelationPlan.HeadBytes);
            at += size;
            var counts = plan.CountsOf(head.Rule);
            var keys = MemoryMarshal.Cast<byte, ulong>(rest[..((counts?.Length ?? 0) * sizeof(ulong))]);
            if (!all && counts is not null && !MayMatch(head.Ticks, counts, keys))
                continue;
            var places = MemoryMarshal.Cast<byte, int>(rest[(keys.Length * sizeof(ulong))..]);
            var values = new string?[places.Length];
            var newBytes = 0;
            for (var i = 0; i < values.Length; i++)
                values[i] = Text(texts, places[i]);
            var (file, before) = head.File < 0 ? _parts[-head.File - 1] : (head.File, 0);
            spool.Add(new Hit
            {
                Ticks = head.Ticks,
                File = file,
                Record = before + head.Record,
                Offset = head.Offset,
                Rule = head.Rule,
                EventId = Text(texts, head.Id),
                EventTime = Text(texts, head.Time),
                Values = values,
            }, newBytes);

            string? Text(ReadOnlySpan<byte> from, int place)
            {
                if (place < 0)
                    return null;
                if (!strings.TryGetValue(place, out var text))
                {
                    strings.Add(place, text = Encoding.UTF8.GetString(HitTexts.At(from, place)));
                    newBytes += 24 + (text.Length * 2);
                }
                return text;
            }
        }
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
