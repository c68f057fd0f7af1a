using Amazon.Runtime;
using Amazon.Runtime.Internal;

namespace Scanner.Aws.Client;

/// <summary>
/// Stands before the signer, so a request waits for its slot unsigned and holds it for one attempt only: waits between
/// attempts block nobody. Counts the attempts that reached the wire.
/// </summary>
internal sealed class WireGate(SemaphoreSlim all, SemaphoreSlim service, Pace? eventReads, Action reachedTheWire) : PipelineHandler
{
    public override async Task<T> InvokeAsync<T>(IExecutionContext executionContext)
    {
        var context = executionContext.RequestContext;
        var cancellation = context.CancellationToken;
        if (eventReads is not null && ((SdkRequest)context.OriginalRequest).Operation.Name is "LookupEvents" or "FilterLogEvents")
            await eventReads.WaitAsync(cancellation);
        await service.WaitAsync(cancellation);
        try
        {
            await all.WaitAsync(cancellation);
            try
            {
                var result = await base.InvokeAsync<T>(executionContext);
                reachedTheWire();
                return result;
            }
            catch (Exception e)
            {
                if (!ConnectionFailure.BeforeTheWire(e))
                    reachedTheWire();
                throw;
            }
            finally
            {
                all.Release();
            }
        }
        finally
        {
            service.Release();
        }
    }
}
