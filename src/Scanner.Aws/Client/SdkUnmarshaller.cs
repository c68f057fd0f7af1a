using System.Net;
using Amazon.Runtime;
using Amazon.Runtime.Internal.Transform;
using Amazon.Runtime.Internal.Util;
using Scanner.Aws.Wire;

namespace Scanner.Aws.Client;

/// <summary>Replies and errors of all protocols, for the SDK's pipeline.</summary>
internal sealed class SdkUnmarshaller : ResponseUnmarshaller
{
    /// <summary>The one instance; it has no state.</summary>
    public static SdkUnmarshaller Instance { get; } = new();

    public override UnmarshallerContext CreateContext(
        IWebResponseData response, bool readEntireResponse, Stream stream, RequestMetrics metrics, bool isException, IRequestContext requestContext) =>
        new SdkReplyContext(response, stream, ((SdkRequest)requestContext.OriginalRequest).Operation);

    public override AmazonWebServiceResponse Unmarshall(UnmarshallerContext input)
    {
        var context = (SdkReplyContext)input;
        var response = context.ResponseData;
        // The SDK takes a redirect that it does not follow for a success; S3 answers so for a bucket of another region.
        if ((int)response.StatusCode >= 300)
            throw UnmarshallException(input, null!, response.StatusCode);
        return new SdkReply
        {
            HttpStatusCode = response.StatusCode,
            Body = ReplyReader.Read(
                context.Operation,
                (int)response.StatusCode,
                name => response.IsHeaderPresent(name) ? response.GetHeaderValue(name) : null,
                response.GetHeaderNames(),
                context.ReadBody()),
        };
    }

    public override AmazonServiceException UnmarshallException(UnmarshallerContext input, Exception innerException, HttpStatusCode statusCode)
    {
        var context = (SdkReplyContext)input;
        var response = context.ResponseData;
        string? Header(string name) => response.IsHeaderPresent(name) ? response.GetHeaderValue(name) : null;
        var error = ErrorReader.Read((int)statusCode, Header, context.ReadBody());
        var exception = new AmazonServiceException(error.Message, innerException, ErrorType.Unknown, error.Code, Header("x-amzn-RequestId") ?? Header("x-amz-request-id"), statusCode);
        if ((Header("x-amz-bucket-region") ?? error.Region) is { } region)
            exception.Data["bucket-region"] = region;
        return exception;
    }

    protected override UnmarshallerContext ConstructUnmarshallerContext(Stream responseStream, bool maintainResponseBody, IWebResponseData response, bool isException) =>
        throw new NotSupportedException();

    protected override UnmarshallerContext ConstructUnmarshallerContext(
        Stream responseStream, bool maintainResponseBody, IWebResponseData response, bool isException, IRequestContext requestContext) =>
        throw new NotSupportedException();
}
