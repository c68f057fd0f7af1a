using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Scanner.Aws.Wire;
using Scanner.Model;

namespace Scanner.Aws.Client;

/// <summary>
/// The SDK's adaptive policy with four changes: attempts are bounded by their number alone (the SDK's shared retry
/// quota would turn the throttling of one busy region into failures elsewhere), a reply that was cut off or makes
/// no sense is asked for again, callers that wait for the client's own rate take turns (the SDK lets them race, and
/// fails who has lost fifteen times: of 200 calls, 48 at once, to a service that takes 20 a second, 85 did), and that rate is
/// what the service takes (<see cref="SendRate"/>).
/// </summary>
internal sealed class SdkRetryPolicy : AdaptiveRetryPolicy
{
    // A reply that does not parse is more likely our misunderstanding than the network's fault: once more, not eight times.
    private const int MalformedRetries = 1;

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(10);

    private readonly SemaphoreSlim _turn = new(1);
    private readonly SendRate _rate = new(TimeProvider.System);
    private readonly TimeSpan _maxThrottledWait;
    private readonly bool _rateLimited;

    private readonly Breakers.Breaker _breaker;

    public SdkRetryPolicy(IClientConfig config, LiveAwsOptions options, Breakers.Breaker breaker) : base(config)
    {
        _breaker = breaker;
        _rateLimited = options.AdaptiveRate && config.RetryMode == RequestRetryMode.Adaptive;
        MaxRetries = Math.Max(0, (options.MaxAttempts ?? FallbackInternalConfigurationFactory.MaxAttempts ?? 8) - 1);
        RetryCapacity = null;
        _maxThrottledWait = options.MaxThrottledWait;
        MaxBackoffInMilliseconds = (int)options.MaxBackoff.TotalMilliseconds;
    }

    public override void NotifySuccess(IExecutionContext executionContext)
    {
        _rate.Replied(throttled: false);
        base.NotifySuccess(executionContext);
    }

    public override Task<bool> RetryForExceptionAsync(IExecutionContext executionContext, Exception exception)
    {
        if (exception is AmazonServiceException reply)
            _rate.Replied(IsThrottlingError(reply));
        if (exception is InputException)
            return Task.FromResult(false);
        // Whoever resends what may have been accepted starts, and pays for, a second query that nobody knows to stop.
        if (executionContext.RequestContext.OriginalRequest is SdkRequest { Operation: { Name: "StartQuery", Service.Service: "cloudtrail" } } && !IsRefused(exception))
            return Task.FromResult(false);
        if (exception is MalformedReplyException)
            return Task.FromResult(executionContext.RequestContext.Retries < MalformedRetries);
        // A host that does not exist will not exist a second later: the service is not offered in the region.
        if (ConnectionFailure.Socket(exception) is SocketError.HostNotFound or SocketError.NoData)
            return Task.FromResult(executionContext.RequestContext.Retries < MalformedRetries);
        // Who said nothing for so long is asked once more, and not where others found it silent too.
        if (ConnectionFailure.IsSilence(exception))
            return Task.FromResult(!_breaker.IsOpen && executionContext.RequestContext.Retries < 1);
        if (ConnectionFailure.Is(exception) && !executionContext.RequestContext.CancellationToken.IsCancellationRequested)
            return Task.FromResult(true);
        if (exception is AmazonServiceException service
            && ((int)service.StatusCode >= 500 || IsThrottled(service)))
        {
            return Task.FromResult(true);
        }
        return base.RetryForExceptionAsync(executionContext, exception);
    }

    /// <summary>Whether it is certain that AWS did not take the request: it never left, or was answered with a refusal.</summary>
    private static bool IsRefused(Exception exception) =>
        ConnectionFailure.BeforeTheWire(exception) || (exception is AmazonServiceException service and not AmazonUnmarshallingException && (IsThrottled(service) || (int)service.StatusCode is >= 400 and < 500));

    public override bool IsThrottlingError(Exception exception) =>
        exception is AmazonServiceException service && (IsThrottled(service) || base.IsThrottlingError(exception));

    private static bool IsThrottled(AmazonServiceException exception) =>
        ErrorClassification.Outcome(exception.ErrorCode, (int)exception.StatusCode, exception.Message) == CollectionOutcome.Throttled;

    public override async Task ObtainSendTokenAsync(IExecutionContext executionContext, Exception exception)
    {
        if (!_rateLimited)
            return;
        var context = executionContext.RequestContext;
        var request = (SdkRequest)context.OriginalRequest;
        var watch = Stopwatch.StartNew();
        if (!await _turn.WaitAsync(Left(), context.CancellationToken))
            throw GivenUp(exception);
        try
        {
            while (!_rate.TryTake())
            {
                if (Left() == TimeSpan.Zero)
                    throw GivenUp(exception);
                await Task.Delay(Look, context.CancellationToken);
            }
        }
        finally
        {
            _turn.Release();
            request.ThrottledWait += watch.Elapsed;
        }

        TimeSpan Left() => _maxThrottledWait - request.ThrottledWait - watch.Elapsed is var left && left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    /// <summary>What the service said last, or else, where this request was never sent, that the service throttles the others.</summary>
    private AmazonServiceException GivenUp(Exception? last) =>
        last as AmazonServiceException
        ?? new AmazonServiceException(
            string.Create(CultureInfo.InvariantCulture, $"The service throttles, and this request had no turn within {_maxThrottledWait.TotalSeconds:0} seconds."),
            last, ErrorType.Receiver, "ThrottledBeforeSending", "", HttpStatusCode.TooManyRequests);
}
