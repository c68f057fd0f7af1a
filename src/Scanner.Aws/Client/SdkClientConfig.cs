using Amazon.Runtime;
using Amazon.Runtime.Endpoints;
using Amazon.Runtime.Internal;
using Scanner.Aws.Models;

namespace Scanner.Aws.Client;

/// <summary>
/// Client configuration for a service that is known by its model only. The SDK's own lookups apply: endpoint overrides
/// by <c>ServiceId</c>, retry mode, attempts, profile, FIPS.
/// </summary>
internal sealed class SdkClientConfig : ClientConfig
{
    private static readonly DefaultConfigurationProvider Defaults = new(
        (IEnumerable<IDefaultConfiguration>)
        [
            new DefaultConfiguration { Name = DefaultConfigurationMode.Standard, RetryMode = RequestRetryMode.Adaptive },
            new DefaultConfiguration { Name = DefaultConfigurationMode.InRegion, RetryMode = RequestRetryMode.Adaptive },
            new DefaultConfiguration { Name = DefaultConfigurationMode.CrossRegion, RetryMode = RequestRetryMode.Adaptive },
            new DefaultConfiguration { Name = DefaultConfigurationMode.Mobile, RetryMode = RequestRetryMode.Adaptive },
        ]);

    private readonly ServiceModel _model;

    public SdkClientConfig(ServiceModel model, AwsTransport transport) : base(Defaults)
    {
        _model = model;
        ServiceId = model.ServiceId;
        AuthenticationServiceName = model.SigningName;
        HttpClientFactory = new SharedHttpClientFactory(transport.Http);
        AllowAutoRedirect = false;
        DisableLogging = true;
        LogMetrics = false;
    }

    public override string ServiceVersion => _model.ApiVersion;

    public override string UserAgent => "scanner/0.1";

    public override string RegionEndpointServiceName => _model.EndpointPrefix;

    public override Endpoint DetermineServiceOperationEndpoint(ServiceOperationEndpointParameters parameters) =>
        throw new NotSupportedException();
}
