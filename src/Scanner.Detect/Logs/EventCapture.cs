using System.Buffers.Text;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Scanner.Detect.Logs;

/// <summary>
/// The values that one event has in the fields that rules use. Reused for event after event: nothing is allocated. Texts
/// stay where they are in the buffer and are unescaped only when a rule looks at them.
/// </summary>
internal sealed class EventCapture
{
    private const int MaxNesting = 100;
    private static readonly byte[][] WrapperNames = ["Records"u8.ToArray(), "records"u8.ToArray(), "Events"u8.ToArray(), "events"u8.ToArray(), "logEvents"u8.ToArray()];

    // A put-off object that is longer is scanned at once: so is what a missing quote makes of several records.
    private const int MostPutOff = 1 << 16;

    private readonly FieldTrie _trie;
    private readonly Slot[] _slots;
    private readonly NameOrder[] _orders;

    // By slot: the number of the node directly under the root that it is below.
    private readonly int[] _rootOf;

    // By node: whether it may be put off, and the event whose part of it is.
    private readonly bool[] _mayWait;
    private readonly int[] _waitingIn;
    private readonly List<(FieldTrie.Node Node, int Start)> _waiting = [];
    private Captured[] _values = new Captured[256];
    private int _count;
    private int _generation;
    private byte[] _scratch = new byte[4096];
    private int _scratchUsed;
    private byte[] _buffer = [];
    private int _end;
    private bool _wrappers;

    /// <param name="trie">The fields; complete.</param>
    /// <param name="always">Slots that are asked for of every event: what they stand in is not put off.</param>
    internal EventCapture(FieldTrie trie, ReadOnlySpan<int> always)
    {
        _trie = trie;
        _slots = new Slot[trie.SlotCount];
        _orders = new NameOrder[trie.NodeCount];
        _rootOf = new int[trie.SlotCount];
        _waitingIn = new int[trie.NodeCount];
        _mayWait = new bool[trie.NodeCount];
        foreach (var node in trie.Root.Children)
        {
            _mayWait[node.Number] = node.HasChildren;
            Own(node, node);
        }

        foreach (var slot in always)
            _mayWait[_rootOf[slot]] = false;
    }

    private void Own(FieldTrie.Node node, FieldTrie.Node root)
    {
        if (node.Slot >= 0)
        {
            // A field under two names: neither waits.
            if (_rootOf[node.Slot] is > 0 and var other)
                _mayWait[other] = _mayWait[root.Number] = false;
            _rootOf[node.Slot] = root.Number;
        }

        foreach (var child in node.Children)
            Own(child, root);
    }

    /// <summary>What a value is.</summary>
    internal enum Kind : byte
    {
        Text,
        EscapedText,
        Number,
        Literal,
        Null,
        Container,
        EmptyArray,
    }

    /// <summary>Where the scan stopped: behind the event, or at what is wrong.</summary>
    internal int Position { get; private set; }

    /// <summary>Where the event starts in the buffer.</summary>
    internal int Start { get; private set; }

    internal byte[] Buffer => _buffer;

    /// <summary>Where a part of the event that was asked for turned out to be no JSON; -1: nowhere. The fields of that part are not all there.</summary>
    internal int BrokenAt { get; private set; }

    /// <summary>
    /// Scans the object at <paramref name="start"/> and notes the values of all fields of the tree.
    /// </summary>
    /// <param name="buffer">Must stay as it is for as long as values are asked for.</param>
    /// <param name="start">Index of the opening brace.</param>
    /// <param name="end">End of what is in the buffer.</param>
    /// <param name="wrappers">Whether an array under Records (and the like) in this object is an array of events.</param>
    internal JsonEnd Scan(byte[] buffer, int start, int end, bool wrappers)
    {
        _buffer = buffer;
        _end = end;
        _wrappers = wrappers;
        Start = start;
        _count = 0;
        _scratchUsed = 0;
        _generation++;
        _waiting.Clear();
        BrokenAt = -1;
        var position = start;
        var result = ScanObject(buffer.AsSpan(0, end), ref position, _trie.Root, 0);
        Position = position;
        return result;
    }

    internal bool IsPresent(int slot) => First(slot) >= 0;

    /// <summary>Index of the first value of a field, or -1; the following ones by <see cref="Next"/>.</summary>
    internal int First(int slot)
    {
        if (_waitingIn[_rootOf[slot]] == _generation)
            Read(_rootOf[slot]);
        ref var head = ref _slots[slot];
        return head.Generation == _generation ? head.First : -1;
    }

    /// <summary>Looks also at what was put off until a rule asks for it.</summary>
    internal void ReadAll()
    {
        for (var i = 0; i < _waiting.Count; i++)
            Read(_waiting[i].Node.Number);
        // What comes under such a name again is put off anew, and what was read is not read with it once more.
        _waiting.Clear();
    }

    /// <summary>Scans the parts of the event under a name that were put off.</summary>
    private void Read(int root)
    {
        if (_waitingIn[root] != _generation)
            return;
        _waitingIn[root] = 0;
        var json = _buffer.AsSpan(0, _end);
        foreach (var (node, start) in _waiting)
        {
            if (node.Number != root)
                continue;
            var at = start;
            if (ScanValue(json, ref at, node, 1) != JsonEnd.Complete && BrokenAt < 0)
                BrokenAt = at;
        }
    }

    internal int Next(int value) => _values[value].Next;

    internal Kind KindOf(int value) => _values[value].Kind;

    /// <summary>The bytes of a value as they stand in the event, for containers.</summary>
    internal (int Start, int Length) RangeOf(int value) => (_values[value].Start, _values[value].Length);

    /// <summary>An object or list as JSON, until the next event is scanned or another text is asked for.</summary>
    internal ReadOnlyMemory<byte> JsonOf(int value)
    {
        ref var captured = ref _values[value];
        return (captured.InScratch ? _scratch : _buffer).AsMemory(captured.Start, captured.Length);
    }

    /// <summary>The text of a value: a string unescaped, numbers and booleans as written, an object as JSON without white space.</summary>
    internal ReadOnlySpan<byte> TextOf(int value)
    {
        ref var captured = ref _values[value];
        switch (captured.Kind)
        {
            case Kind.EscapedText:
                Unescape(ref captured);
                break;
            case Kind.Container when !captured.InScratch:
                Minify(ref captured);
                break;
        }

        return (captured.InScratch ? _scratch : _buffer).AsSpan(captured.Start, captured.Length);
    }

    /// <summary>The only value of a field as a string, or null where it has none.</summary>
    internal string? StringOf(int slot)
    {
        for (var value = First(slot); value >= 0; value = Next(value))
        {
            if (KindOf(value) is not (Kind.Null or Kind.EmptyArray))
                return Encoding.UTF8.GetString(TextOf(value));
        }

        return null;
    }

    /// <summary>Calls for every text, number and boolean in the event, wherever it stands, until the answer is true.</summary>
    internal bool AnyLeaf<T>(T state, LeafTest<T> test)
    {
        var json = _buffer.AsSpan(0, Position);
        var at = Start;
        while (at < json.Length)
        {
            var c = json[at];
            if (c == (byte)'"')
            {
                var from = at + 1;
                var to = JsonSkip.StringEndAt(json, from, out var escaped);
                if (to < 0)
                    return false;
                at = JsonSkip.White(json, to + 1);
                if (at < json.Length && json[at] == (byte)':')
                {
                    at++;
                    continue;
                }

                if (escaped)
                {
                    var used = _scratchUsed;
                    var captured = new Captured { Kind = Kind.EscapedText, Start = from, Length = to - from };
                    Unescape(ref captured);
                    var found = test(state, _scratch.AsSpan(captured.Start, captured.Length));
                    _scratchUsed = used;
                    if (found)
                        return true;
                }
                else if (test(state, json[from..to]))
                {
                    return true;
                }
            }
            else if (c is (byte)'-' or (>= (byte)'0' and <= (byte)'9') or (byte)'t' or (byte)'f' or (byte)'n')
            {
                var from = at;
                while (at < json.Length && !IsEndOfScalar(json[at]))
                    at++;
                if (c != (byte)'n' && test(state, json[from..at]))
                    return true;
            }
            else
            {
                at++;
            }
        }

        return false;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsEndOfScalar(byte c) => c is (byte)',' or (byte)'}' or (byte)']' or (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t' or (byte)':';

    // Hot from the first event on: waiting for the tiers of the just-in-time compiler costs more than it gains. One loop over the
    // bytes of an object, in one method: what it knows of its place stays in registers.
#pragma warning disable MA0051
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private JsonEnd ScanObject(ReadOnlySpan<byte> json, ref int at, FieldTrie.Node node, int depth)
    {
        var order = _orders[node.Number] ??= new NameOrder();
        order.Begin();
        var position = JsonSkip.White(json, at + 1);
        if (position >= json.Length)
            return JsonEnd.NeedMore;
        if (json[position] == (byte)'}')
        {
            at = position + 1;
            return JsonEnd.Complete;
        }

        while (true)
        {
            if (position >= json.Length)
                return JsonEnd.NeedMore;
            if (json[position] != (byte)'"')
            {
                at = position;
                return JsonEnd.Malformed;
            }

            FieldTrie.Node? child;
            var nameStart = position + 1;
            var nameEnd = order.Next(json, position, out child);
            var isKnown = nameEnd > 0;
            if (isKnown)
            {
                position = nameEnd + 2;
            }
            else
            {
                nameEnd = JsonSkip.StringEndAt(json, nameStart, out var escaped);
                if (nameEnd < 0)
                    return Ended(nameEnd, nameStart, ref at);
                position = nameEnd + 1;
                if (position < json.Length && json[position] != (byte)':')
                    position = JsonSkip.White(json, position);
                if (position >= json.Length)
                    return JsonEnd.NeedMore;
                if (json[position] != (byte)':')
                {
                    at = position;
                    return JsonEnd.Malformed;
                }

                position++;
                child = FindNew(json, node, nameStart, nameEnd, escaped, depth);
                if (!escaped)
                    order.Learn(json[(nameStart - 1)..(nameEnd + 1)], child);
            }

            if (position < json.Length && json[position] <= (byte)' ')
                position = JsonSkip.White(json, position);
            if (position >= json.Length)
                return JsonEnd.NeedMore;

            if (depth == 0 && _wrappers && json[position] == (byte)'[' && IsWrapper(json[nameStart..nameEnd]))
            {
                at = position;
                return JsonEnd.Wrapper;
            }

            var result = child is null ? SkipValue(json, ref position)
                : depth == 0 && json[position] is (byte)'{' or (byte)'[' && _mayWait[child.Number] ? PutOff(json, ref position, child)
                : ScanValue(json, ref position, child, depth + 1);
            if (result != JsonEnd.Complete)
            {
                at = position;
                return result;
            }

            if (position < json.Length && json[position] <= (byte)' ')
                position = JsonSkip.White(json, position);
            if (position >= json.Length)
                return JsonEnd.NeedMore;
            var c = json[position++];
            if (c == (byte)'}')
            {
                at = position;
                return JsonEnd.Complete;
            }

            if (c != (byte)',')
            {
                at = position - 1;
                return JsonEnd.Malformed;
            }

            if (position < json.Length && json[position] <= (byte)' ')
                position = JsonSkip.White(json, position);
        }
    }

#pragma warning restore MA0051

    /// <summary>Passes over a part of the event that is scanned when a rule asks for it: few rules are left by then, and mostly none.</summary>
    private JsonEnd PutOff(ReadOnlySpan<byte> json, ref int at, FieldTrie.Node node)
    {
        var end = JsonSkip.Container(json, at);
        // What is wrong is found out by scanning, with its place.
        if (end < 0 || end - at > MostPutOff)
            return ScanValue(json, ref at, node, 1);
        _waiting.Add((node, at));
        _waitingIn[node.Number] = _generation;
        at = end;
        return JsonEnd.Complete;
    }

    private FieldTrie.Node? FindNew(ReadOnlySpan<byte> json, FieldTrie.Node node, int start, int end, bool escaped, int depth)
    {
        var name = json[start..end];
        var child = escaped ? FindEscaped(node, start, end - start) : node.Find(name);
        if (child is not null || !name.Contains((byte)'.'))
            return child;
        // The values of a field stay in the order in which they stand in the event.
        if (depth == 0)
            ReadAll();
        return FindDotted(node, name);
    }

    /// <summary>Whether a list under that name is a list of events.</summary>
    internal static bool IsWrapper(ReadOnlySpan<byte> name)
    {
        foreach (var wrapper in WrapperNames)
        {
            if (name.SequenceEqual(wrapper))
                return true;
        }

        return false;
    }

    private static JsonEnd Ended(int reason, int position, ref int at)
    {
        if (reason == -1)
            return JsonEnd.NeedMore;
        at = position;
        return JsonEnd.Malformed;
    }

    /// <summary>A name with dots in it stands for the same field as objects in objects: flattened logs are written so.</summary>
    private static FieldTrie.Node? FindDotted(FieldTrie.Node node, ReadOnlySpan<byte> name)
    {
        var found = node;
        while (found is not null)
        {
            var dot = name.IndexOf((byte)'.');
            if (dot < 0)
                return found.Find(name);
            found = found.Find(name[..dot]);
            name = name[(dot + 1)..];
        }

        return null;
    }

    private FieldTrie.Node? FindEscaped(FieldTrie.Node node, int start, int length)
    {
        var name = new Captured { Kind = Kind.EscapedText, Start = start, Length = length };
        Unescape(ref name);
        return node.Find(_scratch.AsSpan(name.Start, name.Length));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static JsonEnd SkipValue(ReadOnlySpan<byte> json, ref int at)
    {
        int end;
        switch (json[at])
        {
            case (byte)'"':
                end = JsonSkip.StringEndAt(json, at + 1, out _);
                if (end < 0)
                    return Ended(end, at, ref at);
                at = end + 1;
                return JsonEnd.Complete;
            case (byte)'{' or (byte)'[':
                end = JsonSkip.Container(json, at);
                if (end < 0)
                    return Ended(end, at, ref at);
                at = end;
                return JsonEnd.Complete;
            default:
                return Scalar(json, ref at, out _);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static JsonEnd Scalar(ReadOnlySpan<byte> json, ref int at, out Kind kind)
    {
        var start = at;
        while (at < json.Length && !IsEndOfScalar(json[at]))
            at++;
        kind = Kind.Number;
        if (at >= json.Length)
        {
            at = start;
            return JsonEnd.NeedMore;
        }

        var text = json[start..at];
        if (text.Length == 0)
            return JsonEnd.Malformed;
        switch (text[0])
        {
            case (byte)'t' when text.SequenceEqual("true"u8):
            case (byte)'f' when text.SequenceEqual("false"u8):
                kind = Kind.Literal;
                return JsonEnd.Complete;
            case (byte)'n' when text.SequenceEqual("null"u8):
                kind = Kind.Null;
                return JsonEnd.Complete;
            case (byte)'-' or (>= (byte)'0' and <= (byte)'9'):
                if (text.ContainsAnyExcept("0123456789+-.eE"u8))
                    break;
                return JsonEnd.Complete;
        }

        at = start;
        return JsonEnd.Malformed;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private JsonEnd ScanValue(ReadOnlySpan<byte> json, ref int at, FieldTrie.Node node, int depth)
    {
        var start = at;
        switch (json[at])
        {
            case (byte)'"':
                var end = JsonSkip.StringEndAt(json, at + 1, out var escaped);
                if (end < 0)
                    return Ended(end, at, ref at);
                if (node.Slot >= 0)
                    Add(node.Slot, escaped ? Kind.EscapedText : Kind.Text, start + 1, end - start - 1);
                at = end + 1;
                return JsonEnd.Complete;
            case (byte)'{':
                if (!node.HasChildren || depth > MaxNesting)
                {
                    end = JsonSkip.Container(json, at);
                    if (end < 0)
                        return Ended(end, at, ref at);
                    at = end;
                }
                else
                {
                    var result = ScanObject(json, ref at, node, depth);
                    if (result != JsonEnd.Complete)
                        return result;
                }

                if (node.Slot >= 0)
                    Add(node.Slot, Kind.Container, start, at - start);
                return JsonEnd.Complete;
            case (byte)'[':
                if (depth > MaxNesting)
                    return SkipValue(json, ref at);
                return ScanArray(json, ref at, node, depth);
            default:
                var scalar = Scalar(json, ref at, out var kind);
                if (scalar == JsonEnd.Complete && node.Slot >= 0)
                    Add(node.Slot, kind, start, at - start);
                return scalar;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private JsonEnd ScanArray(ReadOnlySpan<byte> json, ref int at, FieldTrie.Node node, int depth)
    {
        var position = JsonSkip.White(json, at + 1);
        if (position >= json.Length)
            return JsonEnd.NeedMore;
        if (json[position] == (byte)']')
        {
            if (node.Slot >= 0)
                Add(node.Slot, Kind.EmptyArray, at, position + 1 - at);
            at = position + 1;
            return JsonEnd.Complete;
        }

        while (true)
        {
            position = JsonSkip.White(json, position);
            if (position >= json.Length)
                return JsonEnd.NeedMore;
            var result = ScanValue(json, ref position, node, depth + 1);
            if (result != JsonEnd.Complete)
            {
                at = position;
                return result;
            }

            position = JsonSkip.White(json, position);
            if (position >= json.Length)
                return JsonEnd.NeedMore;
            var c = json[position++];
            if (c == (byte)']')
            {
                at = position;
                return JsonEnd.Complete;
            }

            if (c != (byte)',')
            {
                at = position - 1;
                return JsonEnd.Malformed;
            }
        }
    }

    private void Add(int slot, Kind kind, int start, int length)
    {
        if (_count == _values.Length)
            Array.Resize(ref _values, _count * 2);
        ref var value = ref _values[_count];
        value.Kind = kind;
        value.InScratch = false;
        value.Start = start;
        value.Length = length;
        value.Next = -1;
        ref var head = ref _slots[slot];
        if (head.Generation == _generation)
        {
            _values[head.Last].Next = _count;
        }
        else
        {
            head.Generation = _generation;
            head.First = _count;
        }

        head.Last = _count++;
    }

    private Span<byte> Reserve(int length)
    {
        if (_scratchUsed + length > _scratch.Length)
            Array.Resize(ref _scratch, Math.Max(_scratch.Length * 2, _scratchUsed + length));
        return _scratch.AsSpan(_scratchUsed, length);
    }

    private void Unescape(ref Captured value)
    {
        var target = Reserve(value.Length);
        var length = Unescape(_buffer.AsSpan(value.Start, value.Length), target, keepStructure: false);
        value.Kind = Kind.Text;
        value.Start = _scratchUsed;
        value.Length = length;
        value.InScratch = true;
        _scratchUsed += length;
    }

    /// <summary>
    /// Copies a JSON string's inside and replaces its escapes. With <paramref name="keepStructure"/>, escapes that JSON
    /// needs (quote, backslash, control characters) stay: the text of an object is JSON itself.
    /// </summary>
    private static int Unescape(ReadOnlySpan<byte> source, Span<byte> target, bool keepStructure)
    {
        var written = 0;
        for (var i = 0; i < source.Length; i++)
        {
            var c = source[i];
            if (c != (byte)'\\' || i + 1 >= source.Length)
            {
                target[written++] = c;
                continue;
            }

            c = source[++i];
            if (c == (byte)'u' && i + 4 < source.Length && TryHex(source.Slice(i + 1, 4), out var unit))
            {
                i += 4;
                var rune = Rune.ReplacementChar;
                if (Rune.IsValid(unit))
                {
                    rune = new Rune(unit);
                }
                else if (char.IsHighSurrogate((char)unit) && i + 6 < source.Length && source[i + 1] == (byte)'\\' && source[i + 2] == (byte)'u'
                    && TryHex(source.Slice(i + 3, 4), out var second) && char.IsLowSurrogate((char)second))
                {
                    i += 6;
                    rune = new Rune((char)unit, (char)second);
                }

                if (keepStructure && (rune.Value < ' ' || rune.Value is '"' or '\\'))
                {
                    source.Slice(i - 5, 6).CopyTo(target[written..]);
                    written += 6;
                }
                else
                {
                    written += rune.EncodeToUtf8(target[written..]);
                }

                continue;
            }

            if (keepStructure && c != (byte)'/')
            {
                target[written++] = (byte)'\\';
                target[written++] = c;
                continue;
            }

            target[written++] = c switch
            {
                (byte)'n' => (byte)'\n',
                (byte)'r' => (byte)'\r',
                (byte)'t' => (byte)'\t',
                (byte)'b' => (byte)'\b',
                (byte)'f' => (byte)'\f',
                _ => c,
            };
        }

        return written;
    }

    private static bool TryHex(ReadOnlySpan<byte> digits, out int value) =>
        Utf8Parser.TryParse(digits, out value, out var used, 'x') && used == 4;

    private void Minify(ref Captured value)
    {
        var source = _buffer.AsSpan(value.Start, value.Length);
        var target = Reserve(value.Length);
        var written = 0;
        var at = 0;
        while (at < source.Length)
        {
            var c = source[at];
            if (c == (byte)'"')
            {
                var end = JsonSkip.StringEndAt(source, at + 1, out var escaped);
                if (end < 0)
                    break;
                if (escaped)
                {
                    target[written++] = (byte)'"';
                    written += Unescape(source[(at + 1)..end], target[written..], keepStructure: true);
                    target[written++] = (byte)'"';
                }
                else
                {
                    source[at..(end + 1)].CopyTo(target[written..]);
                    written += end + 1 - at;
                }

                at = end + 1;
            }
            else
            {
                if (c is not ((byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t'))
                    target[written++] = c;
                at++;
            }
        }

        value.Start = _scratchUsed;
        value.Length = written;
        value.InScratch = true;
        _scratchUsed += written;
    }

    [StructLayout(LayoutKind.Auto)]
    private struct Captured
    {
        internal Kind Kind;
        internal bool InScratch;
        internal int Start;
        internal int Length;
        internal int Next;
    }

    [StructLayout(LayoutKind.Auto)]
    private struct Slot
    {
        internal int Generation;
        internal int First;
        internal int Last;
    }

    /// <summary>Says whether a leaf passes.</summary>
    internal delegate bool LeafTest<in T>(T state, ReadOnlySpan<byte> text);
}

/// <summary>How the scan of one JSON value ended.</summary>
internal enum JsonEnd
{
    /// <summary>The value is whole.</summary>
    Complete,

    /// <summary>The buffer ends before the value does.</summary>
    NeedMore,

    /// <summary>Not JSON.</summary>
    Malformed,

    /// <summary>The object holds an array of events under a name such as <c>Records</c>.</summary>
    Wrapper,
}
