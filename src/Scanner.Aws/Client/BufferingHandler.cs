namespace Scanner.Aws.Client;

/// <summary>
/// Reads the whole reply before the SDK sees it. The SDK's unmarshaller reads synchronously; this way no thread waits
/// for the network, and a body that is cut off fails where the retry policy sees it as a connection failure.
/// </summary>
internal sealed class BufferingHandler(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        try
        {
            await response.Content.LoadIntoBufferAsync(cancellationToken);
            return response;
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }
}
