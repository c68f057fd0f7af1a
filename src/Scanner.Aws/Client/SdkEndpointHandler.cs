using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Scanner.Aws.Models;

namespace Scanner.Aws.Client;

/// <summary>Puts endpoint and signing region on the request: the override where there is one, AWS's own host otherwise.</summary>
internal sealed class SdkEndpointHandler(ServiceModel model, string region, Uri? endpointOverride) : PipelineHandler
{
    public override Task<T> InvokeAsync<T>(IExecutionContext executionContext)
    {
        Resolve(executionContext.RequestContext);
        return base.InvokeAsync<T>(executionContext);
    }

    private void Resolve(IRequestContext context)
    {
        var source = (SdkRequest)context.OriginalRequest;
        var (host, signingRegion) = EndpointTable.Default.Resolve(model.EndpointPrefix, region);
        var request = context.Request;
        if (endpointOverride is not null)
        {
            // Buckets and account ids stay out of the host name of an override: it is one host.
            request.Endpoint = endpointOverride;
        }
        else
        {
            if (source.Wire.HostPrefix is { } prefix)
                host = prefix + host;
            if (source.Bucket is { } bucket && IsHostLabel(bucket))
            {
                host = bucket + "." + host;
                request.ResourcePath = request.ResourcePath.Replace("/{Bucket}", "", StringComparison.Ordinal);
                if (request.ResourcePath.Length == 0)
                    request.ResourcePath = "/";
                request.PathResources.Remove("{Bucket}");
            }
            request.Endpoint = new Uri("https://" + host);
        }
        request.AuthenticationRegion = signingRegion;
    }

    /// <summary>Dots would not match S3's certificate; what is not a DNS label must not become part of a host name.</summary>
    private static bool IsHostLabel(string bucket) =>
        bucket.Length is >= 3 and <= 63
        && bucket.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-')
        && bucket[0] != '-' && bucket[^1] != '-';
}
