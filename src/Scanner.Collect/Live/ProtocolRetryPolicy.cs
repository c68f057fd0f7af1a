using System.Net.Sockets;

using Amazon.Runtime;
using Amazon.Runtime.Internal;

using Scanner.Model;

namespace Scanner.Collect.Live;

/// <summary>
/// The SDK's adaptive policy with two changes: attempts are bounded by their number alone (the SDK's shared retry
/// quota would turn the throttling of one busy region into failures elsewhere), and a reply that was cut off or makes
/// no sense is asked for again.
/// </summary>
internal sealed class ProtocolRetryPolicy : AdaptiveRetryPolicy
{
    // A reply that does not parse is more likely our misunderstanding than the network's fault: once more, not eight times.
    private const int MalformedRetries = 1;

    private readonly bool _rateLimited;

    public ProtocolRetryPolicy(IClientConfig config, LiveAwsOptions options) : base(config)
    {
        _rateLimited = options.AdaptiveRate && config.RetryMode == RequestRetryMode.Adaptive;
        MaxRetries = Math.Max(0, (options.MaxAttempts ?? FallbackInternalConfigurationFactory.MaxAttempts ?? 8) - 1);
        RetryCapacity = null;
        MaxBackoffInMilliseconds = (int)options.MaxBackoff.TotalMilliseconds;
    }

    public override Task<bool> RetryForExceptionAsync(IExecutionContext executionContext, Exception exception)
    {
        if (exception is InputException)
            return Task.FromResult(false);
        if (exception is MalformedReplyException)
            return Task.FromResult(executionContext.RequestContext.Retries < MalformedRetries);
        // A host that does not exist will not exist a second later: the service is not offered in the region.
        if (ConnectionFailure.Socket(exception) is SocketError.HostNotFound or SocketError.NoData)
            return Task.FromResult(executionContext.RequestContext.Retries < MalformedRetries);
        if (ConnectionFailure.Is(exception) && !executionContext.RequestContext.CancellationToken.IsCancellationRequested)
            return Task.FromResult(true);
        if (exception is AmazonServiceException service
            && ((int)service.StatusCode >= 500 || IsThrottled(service)))
        {
            return Task.FromResult(true);
        }
        return base.RetryForExceptionAsync(executionContext, exception);
    }

    public override bool IsThrottlingError(Exception exception) =>
        exception is AmazonServiceException service && (IsThrottled(service) || base.IsThrottlingError(exception));

    private static bool IsThrottled(AmazonServiceException exception) =>
        ErrorClassification.Outcome(exception.ErrorCode, (int)exception.StatusCode, exception.Message) == CollectionOutcome.Throttled;

    public override Task ObtainSendTokenAsync(IExecutionContext executionContext, Exception exception) =>
        _rateLimited ? base.ObtainSendTokenAsync(executionContext, exception) : Task.CompletedTask;
}
