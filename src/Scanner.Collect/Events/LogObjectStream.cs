using Amazon.Runtime;
using Amazon.S3.Model;

namespace Scanner.Collect.Events;

/// <summary>An object's bytes as they come; what goes wrong on the way is an <see cref="IOException"/>.</summary>
internal sealed class LogObjectStream(GetObjectResponse response, Action<Exception> onFailure) : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override int Read(Span<byte> buffer)
    {
        try
        {
            return response.ResponseStream.Read(buffer);
        }
        catch (Exception e) when (e is IOException or AmazonServiceException or AmazonClientException or HttpRequestException or OperationCanceledException)
        {
            onFailure(e);
            throw new IOException(e.Message, e);
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            response.Dispose();
        base.Dispose(disposing);
    }
}
