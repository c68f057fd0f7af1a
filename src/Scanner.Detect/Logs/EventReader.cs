using System.Globalization;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Unicode;
using Scanner.Model;

namespace Scanner.Detect.Logs;

/// <summary>
/// Takes a log apart into events and scans each, without holding more than one of them. For one thread; reused for file
/// after file. What is wrong is noted, and reading goes on where the next event starts.
/// </summary>
/// <param name="capture">Takes the fields that rules ask for.</param>
/// <param name="source">What the log holds.</param>
/// <param name="largeRecordBytes">Larger records are reported, and looked at all the same.</param>
/// <param name="maxRecordBytes">Larger records are skipped and reported.</param>
internal sealed class EventReader(EventCapture capture, LogSource source, int largeRecordBytes, int maxRecordBytes)
{
    private const int UsualSize = 1 << 18;
    // Around the number of a record in a message.
    private const char Number = '\u0001';

    private static readonly byte[] Marker = "{\"eventVersion\""u8.ToArray();

    private const int LargeSize = 8 << 20;
    private const int MostPackings = 4;

    // One thread at a time may hold a very large record, and all use the same buffer for it: memory stays bounded whatever
    // the number of threads and of such records.
    private static readonly SemaphoreSlim LargeBuffer = new(1, 1);
    private static readonly WeakReference<byte[]?> Spare = new(null);

    private byte[] _buffer = new byte[UsualSize];
    private bool _holdsLarge;
    private Stream _stream = Stream.Null;
    private readonly byte[] _head = new byte[Packed.HeadLength];
    private string? _member;
    private long _bytesBefore;
    private long _records;
    private bool _transcoded;
    private int _start;
    private int _end;
    private long _base;
    private bool _ended;
    private State _state;
    private bool _inWrapper;
    private string? _firstDefect;
    private int _defects;
    private bool _large;
    private Func<ReadOnlyMemory<byte>, Stream, PartsRead>? _share;

    private enum State
    {
        TopLevel,
        InArray,
        AfterArray,
        Done,
    }

    /// <summary>Events seen in the file so far.</summary>
    internal long Events { get; private set; }

    /// <summary>Records seen in the file so far.</summary>
    internal long Records => _records;

    /// <summary>What was wrong first, and how much is wrong in all.</summary>
    internal string? FirstDefect => _firstDefect;

    /// <inheritdoc cref="FirstDefect"/>
    internal int Defects => _defects;

    /// <summary>Bytes of JSON read.</summary>
    internal long Bytes => _bytesBefore + _base + _end;

    /// <summary>Whether this thread is the one that may hold a very large record.</summary>
    internal bool HoldsLargeBuffer => _holdsLarge;

    /// <summary>Whether the log is text that was made into records: none of them can be something else.</summary>
    internal bool IsConverted { get; private set; }

    /// <summary>Files in archives that are no logs by their names.</summary>
    internal List<string> PassedOver { get; } = [];

    /// <summary>Reads a whole log; <paramref name="onEvent"/> is called while the capture holds a record.</summary>
    /// <param name="log">Closed after reading.</param>
    /// <param name="onEvent">Says how many events were in the record.</param>
    /// <param name="share">Reads a log of JSON lines with other threads; null: it is read here.</param>
    /// <returns>What is wrong with the file, or null.</returns>
    internal string? Read(Stream log, Func<EventPlace, int> onEvent, Func<ReadOnlyMemory<byte>, Stream, PartsRead>? share = null)
    {
        _share = share;
        _firstDefect = null;
        _defects = 0;
        _records = 0;
        _bytesBefore = 0;
        _start = _end = 0;
        _base = 0;
        Events = 0;
        PassedOver.Clear();
        try
        {
            ReadPacked(log, 0, null, onEvent);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            Defect($"cannot be read: {e.Message}");
        }
        finally
        {
            log.Dispose();
            _stream = Stream.Null;
            ReleaseLarge();
        }

        var first = _firstDefect is null ? null : Numbered(_firstDefect, 0);
        return _defects > 1 ? $"{first} (and {_defects - 1} more defect{(_defects == 2 ? "" : "s")})" : first;
    }

    /// <summary>Reads one part of a log that several threads read. What it gives is counted from the start of the part, but for bytes.</summary>
    internal void ReadPart(LogPart part, Func<EventPlace, int> onEvent)
    {
        (_firstDefect, _defects, _records, _bytesBefore, _share) = (null, 0, 0, 0, null);
        Events = 0;
        PassedOver.Clear();
        (_start, _end, _base, _ended, _state, _inWrapper, IsConverted) = (0, 0, part.Offset, false, State.TopLevel, false, false);
        using var content = part.Open();
        _stream = content;
        try
        {
            while (_state != State.Done)
                Step(onEvent);
        }
        finally
        {
            _stream = Stream.Null;
            ReleaseLarge();
        }
    }

    /// <summary>A message with the right numbers of records, where so many are before them.</summary>
    internal static string Numbered(string message, long before)
    {
        var pieces = message.Split(Number);
        for (var i = 1; i < pieces.Length; i += 2)
            pieces[i] = (long.Parse(pieces[i], CultureInfo.InvariantCulture) + before).ToString(CultureInfo.InvariantCulture);
        return string.Concat(pieces);
    }

    private static string Numbered(long record) => $"{Number}{record}{Number}";

    /// <summary>Unpacks until there is a log.</summary>
    private void ReadPacked(Stream stream, int depth, GzipSource? gzip, Func<EventPlace, int> onEvent)
    {
        var head = Peek(ref stream);
        var packing = Packed.Of(head);
        if (packing != Packing.None && (!packing.IsKnown || depth > MostPackings))
        {
            Defect(packing.IsKnown ? "is packed more than four times" : $"is packed with {packing.Name}, which is not read here; unpack it, or pack it with gz, zst or zip");
            return;
        }

        if (packing == Packing.Gzip)
        {
            var packed = new GzipSource(stream);
            using var content = new GZipStream(packed, CompressionMode.Decompress);
            ReadPacked(content, depth + 1, packed, onEvent);
        }
        else if (packing == Packing.Zstandard)
        {
            using var content = new ZstandardSource(stream);
            ReadPacked(content, depth + 1, null, onEvent);
        }
        else if (packing == Packing.Parquet)
        {
            using var rows = new ParquetRows(stream);
            ReadLog(rows, null, onEvent);
        }
        else if (packing.IsArchive)
        {
            ReadArchive(packing, stream, depth, onEvent);
        }
        else
        {
            ReadLog(AsJson(stream, head), gzip, onEvent);
        }
    }

    private void ReadArchive(Packing packing, Stream archive, int depth, Func<EventPlace, int> onEvent)
    {
        var any = false;
        foreach (var (name, content) in Packed.Members(packing, archive))
        {
            if (!LogFiles.IsLog(name))
            {
                PassedOver.Add(SafeText.Line(name));
                continue;
            }

            any = true;
            _member = SafeText.Line(name);
            ReadPacked(content, depth + 1, null, onEvent);
            _member = null;
        }

        if (!any)
            Defect($"holds no log: the {packing.Name} archive has no file that could be one");
    }

    private void ReadLog(Stream log, GzipSource? gzip, Func<EventPlace, int> onEvent)
    {
        _bytesBefore += _base + _end;
        _start = _end = 0;
        _base = 0;
        _ended = false;
        _state = State.TopLevel;
        _inWrapper = false;
        _stream = log;
        IsConverted = log is TextLogStream;
        var defects = _defects;
        if (_share is not null && _member is null && !IsConverted && !_transcoded && HasLines())
            Share();
        while (_state != State.Done)
            Step(onEvent);
        if (gzip is not null && !_transcoded && _defects == defects && !gzip.ClosesWith((log as TextLogStream)?.ContentLength ?? _base + _end))
            Defect("the gz data is cut off or damaged at its end, where its length should stand; what is before the end was read");
        if (_defects == defects && _base + _end == 0 && log is not ParquetRows)
            Defect("the file is empty: a log that was being written, or cut off at its start");
        _transcoded = false;
    }

    /// <summary>Whether the log is so large that it is worth sharing, and of JSON lines.</summary>
    private bool HasLines()
    {
        while (_end < UsualSize && Fill())
        {
        }

        return _end >= UsualSize && LineLog.IsLines(_buffer.AsSpan(0, _end));
    }

    private void Share()
    {
        var shared = _share!(_buffer.AsMemory(0, _end), _stream);
        (_base, _start, _end, _state) = (shared.Length, 0, 0, State.Done);
        _firstDefect ??= shared.FirstDefect;
        _defects += shared.Defects;
        _records = shared.Records;
        Events = shared.Events;
    }

    /// <summary>Text logs and tables are read as JSON lines; what is JSON already stays as it is.</summary>
    private Stream AsJson(Stream stream, ReadOnlySpan<byte> head)
    {
        Encoding? encoding = null;
        if (head.Length >= 2 && ((head[0] == 0xff && head[1] == 0xfe) || (head[0] != 0 && head[1] == 0)))
            encoding = Encoding.Unicode;
        else if (head.Length >= 2 && ((head[0] == 0xfe && head[1] == 0xff) || (head[0] == 0 && head[1] != 0)))
            encoding = Encoding.BigEndianUnicode;
        if (encoding is not null)
        {
            Defect("is UTF-16 text and not UTF-8 as AWS writes it: something rewrote the log; it was read as UTF-16");
            _transcoded = true;
            stream = Encoding.CreateTranscodingStream(stream, encoding, Encoding.UTF8);
        }

        if (CsvRows.IsHeader(head))
            return new CsvRows(stream, Defect);
        return TextLogStream.FormatOf(source, head) is { } format ? new TextLogStream(stream, format, Defect) : stream;
    }

    private ReadOnlySpan<byte> Peek(ref Stream stream)
    {
        var length = 0;
        var rest = stream;
        try
        {
            int read;
            while (length < _head.Length && (read = stream.Read(_head, length, _head.Length - length)) > 0)
                length += read;
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            Defect(Unreadable(e));
            rest = Stream.Null;
        }

        var head = _head.AsSpan(0, length).ToArray();
        stream = new PrefixedStream(head, rest);
        return head;
    }

    private static string Unreadable(Exception e) => e is InvalidDataException
        ? "the packed data is damaged or cut off: " + e.Message
        : "reading failed: " + e.Message;

    private void Step(Func<EventPlace, int> onEvent)
    {
        SkipWhite();
        if (_start >= _end)
        {
            if (_state != State.TopLevel)
                Defect($"ends within its list of records, after record {Numbered(_records)}: the file is cut off");
            _state = State.Done;
            return;
        }

        var c = _buffer[_start];
        switch (_state)
        {
            case State.TopLevel:
                if (_base + _start == 0 && c == 0xef && Ensure(3) && _buffer[_start + 1] == 0xbb && _buffer[_start + 2] == 0xbf)
                {
                    _start += 3;
                }
                else if (c == (byte)'[')
                {
                    _state = State.InArray;
                    _inWrapper = false;
                    _start++;
                }
                else if (c == (byte)'{')
                {
                    Record(onEvent);
                }
                else if (!TryText(c, onEvent) && !TrySkipTime(c))
                {
                    Defect($"{Place(_start)}: not JSON{Hint()}");
                    ToNextLine(_start);
                }

                break;
            case State.InArray:
                InArray(c, onEvent);
                break;
            default:
                AfterArray(c);
                break;
        }
    }

    /// <summary>In a list of records: a record, what is between two, or the end of the list.</summary>
    private void InArray(byte c, Func<EventPlace, int> onEvent)
    {
        if (c == (byte)',')
        {
            _start++;
        }
        else if (c == (byte)']')
        {
            _start++;
            _state = _inWrapper ? State.AfterArray : State.TopLevel;
        }
        else if (c == (byte)'{')
        {
            Record(onEvent);
        }
        else if (!TryText(c, onEvent))
        {
            Defect($"{Place(_start)}: a record that is no JSON object");
            if (!Skip())
                ToMarker(_start + 1);
        }
    }

    /// <summary>An event that is JSON in a text, as <c>--query 'Events[].CloudTrailEvent'</c> prints them.</summary>
    private bool TryText(byte c, Func<EventPlace, int> onEvent)
    {
        if (c != (byte)'"')
            return false;
        var from = _start;
        var at = _start;
        JsonEnd result;
        while ((result = EventCapture.SkipValue(_buffer.AsSpan(0, _end), ref at)) == JsonEnd.NeedMore && _end - _start < maxRecordBytes && Fill())
            at = _start;
        if (result != JsonEnd.Complete)
            return false;
        from = _start;
        var text = _buffer.AsSpan(from, at - from);
        if (!text[1..^1].TrimStart(" "u8).StartsWith("{"u8))
            return false;
        byte[] wrapped = [.. "{\"CloudTrailEvent\":"u8, .. text, (byte)'}'];
        _records++;
        if (capture.Scan(wrapped, 0, wrapped.Length, wrappers: false) == JsonEnd.Complete)
            Take(onEvent, from);
        _start = at;
        return true;
    }

    // What stands in the event in a part that was put off may be broken: then it is no event, and says so.
    private void Take(Func<EventPlace, int> onEvent, int start)
    {
        var found = onEvent(new EventPlace(_records, _base + start));
        if (capture.BrokenAt < 0)
            Events += found;
        else
            Defect($"{Place(ReferenceEquals(capture.Buffer, _buffer) ? capture.BrokenAt : start)}: not JSON, in record {Numbered(_records)}");
    }

    /// <summary>A time and a name of a stream stand before each event in exports of log groups to S3 and in what <c>aws logs tail</c> prints.</summary>
    private bool TrySkipTime(byte c)
    {
        if (!char.IsAsciiDigit((char)c))
            return false;
        Ensure(Packed.HeadLength);
        var line = _buffer.AsSpan(_start, Math.Min(_end - _start, Packed.HeadLength));
        var end = line.IndexOf((byte)'\n');
        line = end < 0 ? line : line[..end];
        var brace = line.IndexOf((byte)'{');
        if (brace < 10 || line[4] != (byte)'-' || line[7] != (byte)'-')
            return false;
        _start += brace;
        return true;
    }

    /// <summary>What else the file may be, where its first bytes say so.</summary>
    private string Hint()
    {
        if (_base + _start != 0)
            return "";
        var head = _buffer.AsSpan(0, Math.Min(_end, 200));
        if (source == LogSource.CloudTrail && (head.StartsWith("version account-id"u8) || head.StartsWith("version,account_id"u8) || head.StartsWith("2 "u8)))
            return "; it looks like a VPC flow log: give it with --source vpcflow";
        return head.IndexOf((byte)0) >= 0 ? "; it is no text" : "";
    }

    /// <summary>Behind a list of records, the object that holds it goes on.</summary>
    private void AfterArray(byte c)
    {
        if (c == (byte)'}')
        {
            _start++;
            _state = State.TopLevel;
            return;
        }

        if (c == (byte)',')
        {
            _start++;
            SkipWhite();
            if (_start < _end && _buffer[_start] == (byte)'"' && SkipName(out var isWrapper))
            {
                SkipWhite();
                if (_start < _end && _buffer[_start] == (byte)':')
                {
                    _start++;
                    SkipWhite();
                    if (isWrapper && _start < _end && _buffer[_start] == (byte)'[')
                    {
                        _start++;
                        _state = State.InArray;
                        return;
                    }

                    if (_start < _end && Skip())
                        return;
                }
            }
        }

        if (_start < _end)
            Defect($"{Place(_start)}: not JSON");
        ToMarker(_start);
    }

    private void Record(Func<EventPlace, int> onEvent)
    {
        while (true)
        {
            var result = capture.Scan(_buffer, _start, _end, wrappers: _state == State.TopLevel);
            switch (result)
            {
                case JsonEnd.Complete:
                    var length = capture.Position - _start;
                    _records++;
                    if (!Utf8.IsValid(_buffer.AsSpan(_start, length)))
                        Defect($"{Place(_start)}: invalid UTF-8 in record {Numbered(_records)}, which was looked at all the same");
                    if (length > largeRecordBytes)
                        Defect($"{Place(_start)}: record {Numbered(_records)} is {length >> 20} MiB large, and CloudTrail writes none above 1 MiB; it was looked at all the same");
                    Take(onEvent, _start);
                    _start += length;
                    if (_large)
                        ReleaseLarge();
                    return;
                case JsonEnd.Wrapper:
                    _start = capture.Position + 1;
                    _state = State.InArray;
                    _inWrapper = true;
                    return;
                case JsonEnd.NeedMore:
                    if (_end - _start >= maxRecordBytes)
                    {
                        Defect($"{Place(_start)}: record {Numbered(_records + 1)} is larger than {maxRecordBytes >> 20} MiB and was skipped");
                        _records++;
                        SkipHuge();
                        return;
                    }

                    if (FillFor(_end - _start))
                        break;
                    Defect($"{Place(_start)}: the file ends in the middle of record {Numbered(_records + 1)}");
                    ToMarker(_start + 1);
                    return;
                default:
                    Defect($"{Place(capture.Position)}: not JSON, in record {Numbered(_records + 1)}");
                    Resume(capture.Position);
                    return;
            }
        }
    }

    /// <summary>Goes on behind a record that is wrong inside.</summary>
    private void Resume(int defect)
    {
        if (_state == State.TopLevel)
        {
            // JSON lines: a line that was cut off ends where the next one starts.
            var line = _buffer.AsSpan(_start, defect - _start).LastIndexOf((byte)'\n');
            if (line >= 0)
                _start += line + 1;
            else
                ToNextLine(defect);
            return;
        }

        // In a list: where the brackets say that the record ends, unless the next one starts before (a quote was lost).
        _records++;
        while (true)
        {
            var at = _start;
            var result = EventCapture.SkipValue(_buffer.AsSpan(0, _end), ref at);
            var marker = _buffer.AsSpan(_start + 1, _end - _start - 1).IndexOf(Marker);
            var next = marker < 0 ? int.MaxValue : _start + 1 + marker;
            if (result == JsonEnd.Complete || marker >= 0)
            {
                _start = result == JsonEnd.Complete ? Math.Min(at, next) : next;
                return;
            }

            if (result != JsonEnd.NeedMore || _end - _start >= maxRecordBytes || !FillFor(_end - _start))
                break;
        }

        ToMarker(_start + 1);
    }

    /// <summary>Goes on at the next record: one that starts as CloudTrail's do.</summary>
    private void ToMarker(int from)
    {
        while (true)
        {
            from = Math.Min(from, _end);
            var found = _buffer.AsSpan(from, _end - from).IndexOf(Marker);
            if (found >= 0)
            {
                _start = from + found;
                if (_state == State.AfterArray)
                    _state = State.InArray;
                return;
            }

            // The marker may lie across the end of the buffer.
            _start = Math.Max(from, _end - Marker.Length + 1);
            from = _start;
            var keep = _end - _start;
            if (!Fill())
            {
                _start = _end;
                _state = State.Done;
                return;
            }

            from = _end - keep >= _start ? _start : from;
        }
    }

    private void ToNextLine(int from)
    {
        _start = from;
        while (true)
        {
            var line = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
            if (line >= 0)
            {
                _start += line + 1;
                return;
            }

            _start = _end;
            if (!Fill())
            {
                _state = State.Done;
                return;
            }
        }
    }

    private bool SkipName(out bool isWrapper)
    {
        isWrapper = false;
        if (!Ensure(64) && _end - _start < 3)
            return false;
        var name = _buffer.AsSpan(_start + 1, Math.Min(_end - _start - 1, 63));
        var end = name.IndexOf((byte)'"');
        isWrapper = end >= 0 && EventCapture.IsWrapper(name[..end]);
        return Skip();
    }

    /// <summary>Skips one value. False: it does not end, or is no JSON.</summary>
    private bool Skip()
    {
        while (true)
        {
            var at = _start;
            var result = EventCapture.SkipValue(_buffer.AsSpan(0, _end), ref at);
            if (result == JsonEnd.Complete)
            {
                _start = at;
                return true;
            }

            if (result != JsonEnd.NeedMore || _end - _start >= maxRecordBytes || !Fill())
                return false;
        }
    }

    private void SkipHuge()
    {
        var depth = 0;
        var inString = false;
        var escaped = false;
        while (true)
        {
            for (var i = _start; i < _end; i++)
            {
                var c = _buffer[i];
                if (escaped)
                {
                    escaped = false;
                }
                else if (inString)
                {
                    escaped = c == (byte)'\\';
                    inString = c != (byte)'"';
                }
                else if (c == (byte)'"')
                {
                    inString = true;
                }
                else if (c is (byte)'{' or (byte)'[')
                {
                    depth++;
                }
                else if (c is (byte)'}' or (byte)']' && --depth == 0)
                {
                    _start = i + 1;
                    ReleaseLarge();
                    return;
                }
            }

            _start = _end;
            if (!Fill())
            {
                _state = State.Done;
                return;
            }
        }
    }

    private void SkipWhite()
    {
        while (true)
        {
            _start = JsonSkip.White(_buffer.AsSpan(0, _end), _start);
            if (_start < _end || !Fill())
                return;
        }
    }

    private bool Ensure(int count)
    {
        while (_end - _start < count)
        {
            if (!Fill())
                return false;
        }

        return true;
    }

    /// <summary>Reads more of a record of which so much is there: a large one by a quarter of it, since it is scanned again.</summary>
    private bool FillFor(int have)
    {
        var wanted = have > 1 << 20 ? have + (have / 4) : have + 1;
        var any = false;
        while (_end - _start < wanted && Fill())
            any = true;
        return any;
    }

    /// <summary>Reads more behind what is left. Positions before <see cref="_start"/> are gone after it.</summary>
    private bool Fill()
    {
        if (_ended)
            return false;
        if (_start > 0)
        {
            System.Buffer.BlockCopy(_buffer, _start, _buffer, 0, _end - _start);
            _base += _start;
            _end -= _start;
            _start = 0;
        }

        if (_end == _buffer.Length)
            Grow();
        try
        {
            var read = _stream.Read(_buffer, _end, Math.Min(_buffer.Length - _end, 1 << 20));
            _end += read;
            if (read == 0)
                _ended = true;
            return read > 0;
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            Defect($"{Place(_end)}: {Unreadable(e)}");
            _ended = true;
            return false;
        }
    }

    private void Grow()
    {
        var size = _buffer.Length * 4;
        _large = true;
        byte[] larger;
        if (size <= LargeSize)
        {
            larger = GC.AllocateUninitializedArray<byte>(size);
        }
        else
        {
            if (!_holdsLarge)
            {
                LargeBuffer.Wait();
                _holdsLarge = true;
            }

            // At its full size at once, since growing would need the old and the new one together; pages that are not
            // written to take no memory.
            size = Math.Max(maxRecordBytes + UsualSize, _buffer.Length + UsualSize);
            if (!Spare.TryGetTarget(out var spare) || spare.Length < size)
            {
                spare = GC.AllocateUninitializedArray<byte>(size);
                Spare.SetTarget(spare);
            }

            larger = spare;
        }

        System.Buffer.BlockCopy(_buffer, 0, larger, 0, _end);
        _buffer = larger;
    }

    private void ReleaseLarge()
    {
        _large = false;
        if (!_holdsLarge)
            return;
        // What is read ahead of the next record is at most a quarter of the large one.
        var left = _end - _start;
        var usual = new byte[Math.Max(UsualSize, left)];
        System.Buffer.BlockCopy(_buffer, _start, usual, 0, left);
        _base += _start;
        _start = 0;
        _end = left;
        _buffer = usual;
        _holdsLarge = false;
        LargeBuffer.Release();
    }

    private string Place(int position) => $"byte {_base + position}";

    private void Defect(string message)
    {
        _firstDefect ??= _member is null ? message : $"{_member}: {message}";
        _defects++;
    }
}

/// <summary>What is wrong with a log file: events of it may not have been looked at, or not as its writer meant them.</summary>
/// <param name="File">Name of the file.</param>
/// <param name="Message">Where and what, one line; the first defect, and how many there are besides.</param>
public sealed record EventFileError(string File, string Message)
{
    /// <summary><c>file: message</c>.</summary>
    public override string ToString() => $"{File}: {Message}".ReplaceLineEndings(" ");
}

/// <summary>Where an event is: number in the file from 1, and byte in the decompressed file.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct EventPlace(long Record, long Offset);
