using ZstdSharp;

namespace Scanner.Detect.Logs;

/// <summary>What is in zst data; damage is the same exception as in gz data.</summary>
internal sealed class ZstandardSource(Stream packed) : ForwardStream
{
    private readonly DecompressionStream _content = new(packed, leaveOpen: false);

    public override int Read(Span<byte> buffer)
    {
        try
        {
            return _content.Read(buffer);
        }
        catch (Exception e) when (e is ZstdException or EndOfStreamException)
        {
            throw new InvalidDataException(e.Message, e);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _content.Dispose();
            packed.Dispose();
        }

        base.Dispose(disposing);
    }
}
