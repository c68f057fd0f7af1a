using Amazon.Runtime;

namespace Scanner.Collect.Live;

/// <summary>A request as the SDK's pipeline carries it.</summary>
internal sealed class ProtocolRequest(OperationModel operation, WireRequest wire, string? bucket) : AmazonWebServiceRequest
{
    /// <summary>The operation.</summary>
    public OperationModel Operation => operation;

    /// <summary>What goes over the wire, before endpoint and signature.</summary>
    public WireRequest Wire => wire;

    /// <summary>S3: the bucket, which may become part of the host name; null otherwise.</summary>
    public string? Bucket => bucket;

    /// <summary>How long the request has waited for the client's own rate, over all attempts.</summary>
    public TimeSpan ThrottledWait { get; set; }
}
