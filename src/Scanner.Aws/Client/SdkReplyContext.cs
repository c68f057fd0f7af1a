using Amazon.Runtime.Internal.Transform;
using Scanner.Aws.Models;

namespace Scanner.Aws.Client;

/// <summary>The whole body of a reply; it is in memory already when the SDK asks for it (<see cref="BufferingHandler"/>).</summary>
internal sealed class SdkReplyContext : UnmarshallerContext
{
    private readonly Stream _stream;

    public SdkReplyContext(IWebResponseData response, Stream stream, OperationModel operation)
    {
        WebResponseData = response;
        _stream = stream;
        Operation = operation;
    }

    /// <summary>What was asked.</summary>
    public OperationModel Operation { get; }

    public override string CurrentPath => "";

    public override int CurrentDepth => 0;

    public override bool IsStartElement => false;

    public override bool IsEndElement => false;

    public override bool IsStartOfDocument => true;

    /// <summary>The bytes.</summary>
    public ReadOnlyMemory<byte> ReadBody()
    {
        if (_stream is MemoryStream memory && memory.TryGetBuffer(out var segment))
            return segment.AsMemory((int)memory.Position);
        using var copy = new MemoryStream();
        _stream.CopyTo(copy);
        return copy.GetBuffer().AsMemory(0, (int)copy.Length);
    }
}
