using System.Runtime.InteropServices;
using System.Text;
using Scanner.Detect.Logs;

namespace Scanner.Detect.Correlation;

/// <summary>Writes the hits of one thread into blocks, straight from the bytes of their events.</summary>
internal sealed class HitWriter(CorrelationPlan plan, HitCounters counters, ShownFacts shown, Action<ReadOnlySpan<byte>, ReadOnlySpan<byte>> onFull)
{
    private const int BlockBytes = 1 << 20;
    private const int NotAsked = -2;
    private const byte Separator = (byte)CorrelationPlan.Separator;

    private readonly HitTexts _texts = new();
    private readonly List<byte> _joined = [];
    private readonly int[] _shown = new int[ShownFacts.Names.Count];
    private byte[] _hits = new byte[1 << 12];
    private int _length;
    private HitHead _event;
    private byte[] _lastTime = [];
    private long _lastTicks;

    /// <summary>Says which event the hits that follow are of.</summary>
    /// <param name="file">Number of the file.</param>
    /// <param name="place">Where in it.</param>
    /// <param name="capture">The event.</param>
    /// <param name="id">Slot of its id, or -1.</param>
    /// <param name="time">Slot of its time.</param>
    internal void Begin(int file, EventPlace place, EventCapture capture, int id, int time)
    {
        if (_texts.Length + _length > BlockBytes)
            Flush();
        Array.Fill(_shown, NotAsked);
        var timeAt = TextOf(capture, time);
        _event = new HitHead(timeAt < 0 ? 0 : TicksOf(_texts[timeAt]), place.Record, place.Offset, file, 0, id < 0 ? -1 : IdOf(capture, id), timeAt);
    }

    /// <summary>Adds a hit of that event.</summary>
    /// <param name="rule">Number of the rule in the plan.</param>
    /// <param name="capture">The event.</param>
    /// <param name="slots">Slots of the fields that the plan keeps of the rule's events; the complement of the number of one of <see cref="ShownFacts.Names"/>.</param>
    internal void Add(int rule, EventCapture capture, int[] slots)
    {
        var counts = plan.CountsOf(rule) ?? [];
        var size = plan.SizeOf(rule);
        if (_hits.Length - _length < size)
            Array.Resize(ref _hits, Math.Max(_hits.Length * 2, _length + size));
        var hit = _hits.AsSpan(_length, size);
        _length += size;
        MemoryMarshal.Write(hit, _event with { Rule = rule });
        var keys = MemoryMarshal.Cast<byte, ulong>(hit.Slice(CorrelationPlan.HeadBytes, counts.Length * sizeof(ulong)));
        var values = MemoryMarshal.Cast<byte, int>(hit[(CorrelationPlan.HeadBytes + (counts.Length * sizeof(ulong)))..]);
        for (var i = 0; i < slots.Length; i++)
            values[i] = slots[i] >= 0 ? TextOf(capture, slots[i]) : ShownOf(capture, ~slots[i]);
        for (var i = 0; i < counts.Length; i++)
        {
            var count = counts[i];
            keys[i] = HasList(count, values) ? HitLog.AnyGroup : KeyOf(count, values);
            var number = count.Field < 0 ? 1 : values[count.Field] < 0 ? 0 : _texts[values[count.Field]].Count(Separator) + 1;
            if (keys[i] == HitLog.AnyGroup)
                CountEach(count, values, number);
            else
                counters.Add(keys[i], count.PieceOf(_event.Ticks), number);
        }
    }

    /// <summary>Hands over the block that is being written.</summary>
    internal void Flush()
    {
        if (_length == 0)
            return;
        onFull(_hits.AsSpan(0, _length), _texts.Bytes);
        _length = 0;
        _texts.Clear();
    }

    private bool HasList(HitCount count, ReadOnlySpan<int> values)
    {
        foreach (var at in count.Group)
        {
            if (values[at] >= 0 && _texts[values[at]].Contains(Separator))
                return true;
        }
        return false;
    }

    /// <summary>Counts a hit in each of its groups, as <see cref="KeyOf"/> numbers them.</summary>
    private void CountEach(HitCount count, ReadOnlySpan<int> values, int number)
    {
        var fields = new string[]?[count.Group.Length];
        for (var i = 0; i < fields.Length; i++)
            fields[i] = values[count.Group[i]] < 0 ? null : Encoding.UTF8.GetString(_texts[values[count.Group[i]]]).Split(CorrelationPlan.Separator);
        foreach (var group in HitCount.Combinations(fields))
        {
            var hash = default(HashCode);
            hash.Add(count.Correlation);
            foreach (var value in group)
            {
                var bytes = value is null ? [] : Encoding.UTF8.GetBytes(value);
                hash.Add(value is null ? -1 : bytes.Length);
                hash.AddBytes(bytes);
            }
            counters.Add(Mixed(hash), count.PieceOf(_event.Ticks), number);
        }
    }

    private static ulong Mixed(HashCode hash) => (ulong)(uint)hash.ToHashCode() * 0xFF51AFD7ED558CCD;

    /// <summary>Equal for hits that the correlation puts in one group.</summary>
    private ulong KeyOf(HitCount count, ReadOnlySpan<int> values)
    {
        var hash = default(HashCode);
        hash.Add(count.Correlation);
        foreach (var at in count.Group)
        {
            var text = values[at] < 0 ? default : _texts[values[at]];
            var end = text.IndexOf(Separator);
            hash.Add(values[at] < 0 ? -1 : end < 0 ? text.Length : end);
            hash.AddBytes(end < 0 ? text : text[..end]);
        }
        return Mixed(hash);
    }

    /// <summary>Made once an event, whatever number of rules it matches.</summary>
    private int ShownOf(EventCapture capture, int number)
    {
        if (_shown[number] == NotAsked)
        {
            shown.Write(number, capture, _joined);
            _shown[number] = _joined.Count == 0 ? -1 : _texts.Add(CollectionsMarshal.AsSpan(_joined));
        }
        return _shown[number];
    }

    private int IdOf(EventCapture capture, int slot)
    {
        for (var value = capture.First(slot); value >= 0; value = capture.Next(value))
        {
            if (HasText(capture, value))
                return _texts.AddUnique(capture.TextOf(value));
        }
        return -1;
    }

    /// <summary>The text of a field; several values stand one after another with separators between them.</summary>
    private int TextOf(EventCapture capture, int slot)
    {
        var value = capture.First(slot);
        while (value >= 0 && !HasText(capture, value))
            value = capture.Next(value);
        if (value < 0)
            return -1;
        var next = capture.Next(value);
        while (next >= 0 && !HasText(capture, next))
            next = capture.Next(next);
        if (next < 0)
            return _texts.Add(capture.TextOf(value));
        _joined.Clear();
        _joined.AddRange(capture.TextOf(value));
        for (; next >= 0; next = capture.Next(next))
        {
            if (!HasText(capture, next))
                continue;
            _joined.Add(Separator);
            _joined.AddRange(capture.TextOf(next));
        }
        return _texts.Add(CollectionsMarshal.AsSpan(_joined));
    }

    private static bool HasText(EventCapture capture, int value) => capture.KindOf(value) is not (EventCapture.Kind.Null or EventCapture.Kind.EmptyArray);

    /// <summary>Events of one second stand together as a rule.</summary>
    private long TicksOf(ReadOnlySpan<byte> time)
    {
        if (!time.SequenceEqual(_lastTime))
        {
            _lastTime = time.ToArray();
            _lastTicks = EventTimes.Parse(Encoding.UTF8.GetString(time))?.UtcTicks ?? 0;
        }
        return _lastTicks;
    }
}
