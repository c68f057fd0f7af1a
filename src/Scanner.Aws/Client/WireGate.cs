using Amazon.Runtime;
using Amazon.Runtime.Internal;

namespace Scanner.Aws.Client;

/// <summary>
/// Stands before the signer, so a request waits for its slot unsigned and holds it for one attempt only: waits between
/// attempts block nobody. Counts the attempts that reached the wire.
/// </summary>
internal sealed class WireGate(SemaphoreSlim all, SemaphoreSlim region, SemaphoreSlim service, Breakers.Breaker breaker, Pace? eventReads, Action reachedTheWire) : PipelineHandler
{
    public override async Task<T> InvokeAsync<T>(IExecutionContext executionContext)
    {
        var context = executionContext.RequestContext;
        var cancellation = context.CancellationToken;
        if (eventReads is not null && ((SdkRequest)context.OriginalRequest).Operation.Name is "LookupEvents" or "FilterLogEvents")
            await eventReads.WaitAsync(cancellation);
        breaker.ThrowIfOpen();
        await service.WaitAsync(cancellation);
        try
        {
            // The region's slot before the common one: who waits for a slow region holds nobody else's place.
            await region.WaitAsync(cancellation);
            try
            {
                await all.WaitAsync(cancellation);
                try
                {
                    breaker.ThrowIfOpen();
                    return await SendAsync<T>(executionContext);
                }
                finally
                {
                    all.Release();
                }
            }
            finally
            {
                region.Release();
            }
        }
        finally
        {
            service.Release();
        }
    }

    private async Task<T> SendAsync<T>(IExecutionContext executionContext)
        where T : AmazonWebServiceResponse, new()
    {
        try
        {
            var result = await base.InvokeAsync<T>(executionContext);
            reachedTheWire();
            breaker.Answered();
            return result;
        }
        catch (Exception e)
        {
            if (!ConnectionFailure.BeforeTheWire(e))
                reachedTheWire();
            if (ConnectionFailure.IsSilence(e))
            {
                breaker.Silent();
                throw breaker.Unanswered(e);
            }
            if (e is AmazonServiceException)
                breaker.Answered();
            throw;
        }
    }
}
