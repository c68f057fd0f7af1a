using System.Text.Json.Nodes;

using Amazon.Runtime;

namespace Scanner.Aws.Client;

/// <summary>A reply as the SDK's pipeline carries it.</summary>
internal sealed class SdkReply : AmazonWebServiceResponse
{
    /// <summary>The reply in the AWS CLI's shape.</summary>
    public JsonObject Body { get; init; } = [];
}
