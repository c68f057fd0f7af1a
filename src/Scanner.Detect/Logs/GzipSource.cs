using System.Buffers.Binary;

namespace Scanner.Detect.Logs;

/// <summary>
/// The compressed bytes under a gzip stream, whose last four must say how long the content is (RFC 1952). GZipStream does
/// not say when they are missing, and a log that was cut off there would pass for whole.
/// </summary>
internal sealed class GzipSource(Stream source) : ForwardStream
{
    private static readonly byte[] Header = [0x1f, 0x8b, 0x08];
    private readonly byte[] _tail = new byte[8];
    private long _length;
    private bool _severalMembers;

    /// <summary>Whether the closing length is that of what was read. A file that may have several members passes: where they end
    /// cannot be seen from here.</summary>
    internal bool ClosesWith(long contentLength) =>
        _severalMembers || (_length >= 18 && BinaryPrimitives.ReadUInt32LittleEndian(_tail.AsSpan(4)) == (uint)contentLength);

    public override int Read(Span<byte> buffer)
    {
        var read = source.Read(buffer);
        var bytes = buffer[..read];
        if (bytes.Length >= 8)
        {
            bytes[^8..].CopyTo(_tail);
        }
        else if (bytes.Length > 0)
        {
            _tail.AsSpan(bytes.Length).CopyTo(_tail);
            bytes.CopyTo(_tail.AsSpan(8 - bytes.Length));
        }

        if (!_severalMembers)
            _severalMembers = (_length == 0 && bytes.Length > 0 ? bytes[1..] : bytes).IndexOf(Header) >= 0;
        _length += read;
        return read;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            source.Dispose();
        base.Dispose(disposing);
    }
}
