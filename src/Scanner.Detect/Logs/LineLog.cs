using System.Buffers;

namespace Scanner.Detect.Logs;

/// <summary>
/// One log of JSON lines that several threads read: whoever asks takes the next part, and unpacks it. No JSON text has a line break between
/// <c>}</c> and <c>{</c> but between two values at its top, so that a part begins and ends with a whole one.
/// </summary>
/// <param name="head">What was read of it already.</param>
/// <param name="rest">The rest; closed by its owner.</param>
/// <param name="partBytes">About how large a part is.</param>
internal sealed class LineLog(ReadOnlySpan<byte> head, Stream rest, int partBytes)
{
    // From here on what is no line goes to one thread, whole.
    private const int MostTimes = 8;

    private readonly Lock _lock = new();
    private byte[] _buffer = Filled(head, partBytes);
    private int _length = head.Length;
    private int _number;
    private bool _ended;
    private bool _all;
    private Stream? _failed;

    /// <summary>Bytes of all parts that were taken.</summary>
    internal long Length { get; private set; }

    /// <summary>Whether the last part was taken.</summary>
    internal bool IsTaken
    {
        get
        {
            lock (_lock)
                return _all;
        }
    }

    /// <summary>Whether what a log begins with is a line that is one JSON object, with another behind it.</summary>
    /// <param name="head">Its first bytes.</param>
    internal static bool IsLines(ReadOnlySpan<byte> head)
    {
        if (head.StartsWith("\uFEFF"u8))
            head = head[3..];
        if (head.Length == 0 || head[0] != (byte)'{')
            return false;
        var end = JsonSkip.Container(head, 0);
        if (end < 0)
            return false;
        var behind = head[end..];
        return behind.StartsWith("\n{"u8) || behind.StartsWith("\r\n{"u8);
    }

    /// <summary>The next part; null: there is none any more.</summary>
    internal LogPart? Take()
    {
        lock (_lock)
        {
            if (_all)
                return null;
            var wanted = partBytes;
            while (true)
            {
                Fill(wanted);
                var cut = _ended ? _length : Boundary(_buffer.AsSpan(0, _length));
                if (cut > 0 || _ended)
                    return Cut(cut, _ended ? _failed : null);
                if (_length >= partBytes * MostTimes)
                    return Cut(_length, rest);
                wanted = _length * 2;
            }
        }
    }

    /// <summary>Says where the log ends, where the last part went on behind its buffer.</summary>
    internal void EndAt(long length)
    {
        lock (_lock)
            Length = length;
    }

    /// <summary>Gives the memory of a part back.</summary>
    internal static void Return(LogPart part) => ArrayPool<byte>.Shared.Return(part.Buffer);

    private LogPart? Cut(int length, Stream? goesOn)
    {
        _all = _ended || goesOn is not null;
        if (length == 0 && goesOn is null)
            return null;
        var part = new LogPart(_number++, Length, _buffer, length, goesOn);
        var left = _buffer.AsSpan(length, _length - length);
        _buffer = _all ? [] : Filled(left, Math.Max(partBytes, left.Length));
        _length = left.Length;
        Length += length;
        return part;
    }

    private void Fill(int wanted)
    {
        if (_buffer.Length < wanted)
        {
            var larger = Filled(_buffer.AsSpan(0, _length), wanted);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }

        try
        {
            while (_length < wanted && !_ended)
            {
                var read = rest.Read(_buffer, _length, wanted - _length);
                _length += read;
                _ended = read == 0;
            }
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            // Whoever reads the last part comes upon it, behind what could be read.
            (_failed, _ended) = (new FailedStream(e), true);
        }
    }

    /// <summary>Behind the last line break that has an end before it and a start behind it; 0: there is none.</summary>
    private static int Boundary(ReadOnlySpan<byte> text)
    {
        while (text.LastIndexOf("\n{"u8) is > 0 and var at)
        {
            var before = text[at - 1] == (byte)'\r' && at > 1 ? text[at - 2] : text[at - 1];
            if (before == (byte)'}')
                return at + 1;
            text = text[..at];
        }

        return 0;
    }

    private static byte[] Filled(ReadOnlySpan<byte> content, int size)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(Math.Max(size, content.Length));
        content.CopyTo(buffer);
        return buffer;
    }
}

/// <summary>What came of a log that several threads have read.</summary>
/// <param name="Length">Its bytes.</param>
/// <param name="Records">Its records.</param>
/// <param name="Events">The events in them.</param>
/// <param name="FirstDefect">What is wrong first; null: nothing.</param>
/// <param name="Defects">How much is wrong.</param>
internal sealed record PartsRead(long Length, long Records, long Events, string? FirstDefect, int Defects);

/// <summary>A part of a log, of whole lines.</summary>
/// <param name="Number">From 0, in the order of the log.</param>
/// <param name="Offset">Byte of the log at which it starts.</param>
/// <param name="Buffer">Holds it.</param>
/// <param name="Length">Its bytes in the buffer.</param>
/// <param name="GoesOn">What comes behind them, where the rest of the log is one part, or could not be read.</param>
internal sealed record LogPart(int Number, long Offset, byte[] Buffer, int Length, Stream? GoesOn)
{
    /// <summary>Its content.</summary>
    internal Stream Open() => GoesOn is null ? new MemoryStream(Buffer, 0, Length, writable: false) : new PrefixedStream(Buffer.AsMemory(0, Length), GoesOn);
}
