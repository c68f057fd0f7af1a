using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Scanner.Model;

namespace Scanner.Detect.Logs;

/// <summary>
/// A text log read as JSON lines. A line that is no record is reported and passed over. Where reading fails, what was
/// whole before comes first and the failure after it.
/// </summary>
internal sealed class TextLogStream(Stream text, ILogLineFormat format, Action<string> onDefect) : ForwardStream
{
    private const int MaxLine = 1 << 20;
    private const int Enough = 1 << 15;

    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private readonly ArrayBufferWriter<byte> _out = new(Enough * 2);
    private readonly ArrayBufferWriter<byte> _record = new(1 << 10);
    private Utf8JsonWriter? _json;
    private byte[] _in = new byte[1 << 16];
    private int _start;
    private int _end;
    private int _taken;
    private long _line;
    private bool _ended;
    private bool _skipping;
    private Exception? _failure;

    /// <summary>Bytes of text read so far.</summary>
    internal long ContentLength { get; private set; }

    /// <summary>The format of a source's text logs, where the first bytes of a log are not those of JSON; null: read it as it is.</summary>
    internal static ILogLineFormat? FormatOf(LogSource source, ReadOnlySpan<byte> head)
    {
        if (source == LogSource.CloudTrail)
            return null;
        // Byte order marks and the zeros of UTF-16 say nothing of the format.
        var first = head.IndexOfAnyExcept(" \t\r\n\0\u00EF\u00BB\u00BF\u00FE\u00FF".Select(c => (byte)c).ToArray());
        if (first < 0 || head[first] is (byte)'{' or (byte)'[')
            return null;
        return source == LogSource.VpcFlow ? new FlowLogFormat() : new AccessLogFormat();
    }

    public override int Read(Span<byte> buffer)
    {
        if (_taken == _out.WrittenCount)
        {
            _out.ResetWrittenCount();
            _taken = 0;
            while (_out.WrittenCount < Enough && NextLine())
            {
            }

            if (_out.WrittenCount == 0 && _failure is { } failure)
            {
                _failure = null;
                System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
            }
        }

        var count = Math.Min(buffer.Length, _out.WrittenCount - _taken);
        _out.WrittenSpan.Slice(_taken, count).CopyTo(buffer);
        _taken += count;
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _json?.Dispose();
            text.Dispose();
        }

        base.Dispose(disposing);
    }

    private bool NextLine()
    {
        while (true)
        {
            var left = _in.AsSpan(_start, _end - _start);
            var at = left.IndexOf((byte)'\n');
            if (at >= 0 || (_ended && left.Length > 0))
            {
                var line = at >= 0 ? left[..at] : left;
                _start += at >= 0 ? at + 1 : left.Length;
                _line++;
                if (!_skipping)
                    Convert(line);
                _skipping = false;
                return true;
            }

            if (_ended)
                return false;
            if (_skipping)
            {
                _start = _end;
            }
            else if (left.Length >= MaxLine)
            {
                Defect(_line + 1, "is longer than 1 MiB");
                _skipping = true;
                _start = _end;
            }

            Fill();
        }
    }

    private void Convert(ReadOnlySpan<byte> line)
    {
        line = line.TrimEnd("\r \t"u8);
        if (_line == 1 && line.StartsWith("\u00EF\u00BB\u00BF".Select(c => (byte)c).ToArray()))
            line = line[3..];
        if (line.Length == 0)
            return;
        _record.ResetWrittenCount();
        if (_json is null)
            _json = new Utf8JsonWriter(_record, Relaxed);
        else
            _json.Reset();
        if (format.Convert(line, _json) is { } wrong)
        {
            Defect(_line, wrong);
            return;
        }

        _json.Flush();
        _out.Write(_record.WrittenSpan);
        // A line end also for a header: a log without records is not an empty file.
        _out.Write("\n"u8);
    }

    private void Defect(long line, string what) => onDefect(string.Create(CultureInfo.InvariantCulture, $"line {line} {what}"));

    private void Fill()
    {
        if (_start > 0)
        {
            System.Buffer.BlockCopy(_in, _start, _in, 0, _end - _start);
            _end -= _start;
            _start = 0;
        }

        if (_end == _in.Length)
            Array.Resize(ref _in, _in.Length * 2);
        try
        {
            var read = text.Read(_in, _end, _in.Length - _end);
            _end += read;
            ContentLength += read;
            _ended = read == 0;
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            // What is left is half a line.
            _failure = e;
            _ended = true;
            _start = _end;
        }
    }
}
