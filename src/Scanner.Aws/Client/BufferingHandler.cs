namespace Scanner.Aws.Client;

/// <summary>
/// Reads the whole reply before the SDK sees it. The SDK's unmarshaller reads synchronously; this way no thread waits
/// for the network, and a body that is cut off fails where the retry policy sees it as a connection failure.
/// </summary>
internal sealed class BufferingHandler(HttpMessageHandler inner, TimeSpan firstByte) : DelegatingHandler(inner)
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(firstByte);
        HttpResponseMessage response;
        try
        {
            response = await base.SendAsync(request, limit.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new NoAnswerException("no answer", e);
        }
        // The body has the rest of the attempt's time.
        limit.CancelAfter(Timeout.InfiniteTimeSpan);
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
