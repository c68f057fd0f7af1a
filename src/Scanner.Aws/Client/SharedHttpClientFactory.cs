using Amazon.Runtime;

namespace Scanner.Aws.Client;

/// <summary>Gives every client the same HTTP client, and with it one connection pool.</summary>
internal sealed class SharedHttpClientFactory(HttpClient client) : HttpClientFactory
{
    public override HttpClient CreateHttpClient(IClientConfig clientConfig) => client;

    public override bool UseSDKHttpClientCaching(IClientConfig clientConfig) => false;

    public override bool DisposeHttpClientsAfterUse(IClientConfig clientConfig) => false;
}
