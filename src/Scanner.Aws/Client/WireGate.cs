using Amazon.Runtime;
using Amazon.Runtime.Internal;

namespace Scanner.Aws.Client;

/// <summary>
/// Stands before the signer, so a request waits for its slot unsigned and holds it for one attempt only: waits between
/// attempts block nobody. Counts the attempts that reached the wire.
/// </summary>
internal sealed class WireGate(WireSlots slots, Breakers.Breaker breaker, Paces paces, Action reachedTheWire) : PipelineHandler
{
    public override async Task<T> InvokeAsync<T>(IExecutionContext executionContext)
    {
        var context = executionContext.RequestContext;
        var cancellation = context.CancellationToken;
        await paces.WaitAsync(((SdkRequest)context.OriginalRequest).Operation.Name, cancellation);
        breaker.ThrowIfOpen();
        return await slots.HoldAsync(
            () =>
            {
                breaker.ThrowIfOpen();
                return SendAsync<T>(executionContext);
            },
            cancellation);
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
