using System.Text.Json.Nodes;
using Amazon.Runtime;
using Scanner.Aws.Models;
using Scanner.Aws.Wire;

namespace Scanner.Aws.Client;

/// <summary>A request as the SDK's pipeline carries it.</summary>
internal sealed class SdkRequest(OperationModel operation, WireRequest wire, string? bucket) : AmazonWebServiceRequest
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

/// <summary>A reply as the SDK's pipeline carries it.</summary>
internal sealed class SdkReply : AmazonWebServiceResponse
{
    /// <summary>The reply in the AWS CLI's shape.</summary>
    public JsonObject Body { get; init; } = [];
}
