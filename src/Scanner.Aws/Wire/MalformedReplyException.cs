using Amazon.Runtime;

namespace Scanner.Aws.Wire;

/// <summary>A reply that is not what the service model says. The SDK's pipeline passes client exceptions through.</summary>
internal sealed class MalformedReplyException : AmazonClientException
{
    public MalformedReplyException(string message) : base(message)
    {
    }

    public MalformedReplyException(string message, Exception cause) : base(message, cause)
    {
    }
}
