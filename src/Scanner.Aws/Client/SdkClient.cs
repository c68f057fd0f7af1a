using System.Text.Json.Nodes;
using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Scanner.Aws.Models;
using Scanner.Model;

namespace Scanner.Aws.Client;

/// <summary>
/// One service in one region of one account, by its model, in the SDK's own runtime. Deriving from
/// <see cref="AmazonServiceClient"/> was tried first and kept, since it did not fight back: credential refresh, SigV4, clock
/// skew, retry modes, user agent and the lookup of endpoint overrides come with it, and it takes five small handlers, all
/// public extension points. The other way, <c>AWS4Signer</c> with an own HTTP and retry stack, was not built or measured.
/// </summary>
internal sealed class SdkClient : AmazonServiceClient
{
    private static readonly InvokeOptions Options = new()
    {
        RequestMarshaller = SdkMarshaller.Instance,
        ResponseUnmarshaller = SdkUnmarshaller.Instance,
    };

    private SdkClient(AWSCredentials credentials, SdkClientConfig config, Setup setup) : base(credentials, config)
    {
        var pipeline = RuntimePipeline;
        var breaker = setup.Transport.Breakers.Of(setup.Model.Service, setup.Region);
        pipeline.RemoveHandler<EndpointResolver>();
        pipeline.AddHandlerAfter<Marshaller>(new SdkEndpointHandler(setup.Model, setup.Region, setup.Override));
        pipeline.ReplaceHandler<RetryHandler>(new RetryHandler(new SdkRetryPolicy(config, setup.Transport.Options, breaker)));
        pipeline.AddHandlerAfter<RetryHandler>(new SdkAuthHandler());
        pipeline.AddHandlerBefore<Signer>(new WireGate(
            setup.Transport.Slots(setup.Model.Service, setup.Region), breaker, new Paces(setup.Model.Service, setup.Transport.Options), setup.ReachedTheWire));
    }

    /// <summary>Makes the client.</summary>
    public static SdkClient Create(ServiceModel model, string region, AWSCredentials credentials, AwsTransport transport, Action reachedTheWire)
    {
        var config = new SdkClientConfig(model, transport);
        // The SDK's getter looks at AWS_ENDPOINT_URL_<SERVICE>, AWS_ENDPOINT_URL and the profile.
        var endpoint = transport.Endpoint;
        if (endpoint is null && config.ServiceURL is { Length: > 0 } url
            && (!Uri.TryCreate(url, UriKind.Absolute, out endpoint) || endpoint.Scheme is not ("http" or "https")))
        {
            throw new InputException($"The endpoint {url} (AWS_ENDPOINT_URL or the profile) is not a URL; it looks like http://localhost:4566.");
        }
        config.AuthenticationRegion = region;
        config.RegionEndpoint = Amazon.RegionEndpoint.GetBySystemName(region);
        return new SdkClient(credentials, config, new Setup(model, region, endpoint, transport, reachedTheWire));
    }

    /// <summary>One request, with the SDK's retries; no further pages.</summary>
    public async Task<JsonObject> SendAsync(SdkRequest request, CancellationToken cancellation) =>
        (await InvokeAsync<SdkReply>(request, Options, cancellation)).Body;

    private sealed record Setup(ServiceModel Model, string Region, Uri? Override, AwsTransport Transport, Action ReachedTheWire);
}
