using System.Globalization;
using System.Net;
using Polly;
using Polly.Retry;
using Scanner.Model;

namespace Scanner.Publish.GitHub;

/// <summary>
/// Keeps to GitHub's rules under Octokit: a pause between changes, waiting out primary and secondary rate limits
/// (<c>Retry-After</c>, <c>x-ratelimit-*</c>), and repeating what failed on the way. A POST is repeated only where GitHub
/// refused it unprocessed: whether a failed one was carried out is for the caller to find out.
/// </summary>
internal sealed class GitHubHandler : DelegatingHandler
{
    private const int Attempts = 6;
    private static readonly ResiliencePropertyKey<bool> Repeatable = new("repeatable");

    private readonly GitHubOptions _options;
    private readonly ResiliencePipeline<HttpResponseMessage> _pipeline;
    private readonly SemaphoreSlim _writes = new(1, 1);
    private long? _lastWrite;

    /// <summary>Wraps the handler that does the sending.</summary>
    public GitHubHandler(GitHubOptions options, HttpMessageHandler inner) : base(inner)
    {
        _options = options;
        _pipeline = new ResiliencePipelineBuilder<HttpResponseMessage>()
            .AddRetry(new RetryStrategyOptions<HttpResponseMessage>
            {
                MaxRetryAttempts = Attempts - 1,
                // The waiting is done in OnRetry, by the function that the options give.
                Delay = TimeSpan.Zero,
                ShouldHandle = args => ValueTask.FromResult(ShouldRepeat(args.Outcome, args.Context)),
                OnRetry = async args =>
                {
                    var wait = DelayOf(args.Outcome.Result, args.AttemptNumber);
                    args.Outcome.Result?.Dispose();
                    await _options.Wait(wait, args.Context.CancellationToken);
                },
            })
            .Build();
    }

    /// <inheritdoc />
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var writes = request.Method != HttpMethod.Get;
        if (writes)
            await PaceAsync(cancellationToken);
        var context = ResilienceContextPool.Shared.Get(cancellationToken);
        context.Properties.Set(Repeatable, request.Method != HttpMethod.Post);
        try
        {
            return await _pipeline.ExecuteAsync(async c =>
            {
                var response = await base.SendAsync(request, c.CancellationToken);
                try
                {
                    // A connection that breaks within the body is found here, where it can be repeated.
                    await response.Content.LoadIntoBufferAsync(c.CancellationToken);
                }
                catch
                {
                    response.Dispose();
                    throw;
                }
                return response;
            }, context);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
            if (writes)
            {
                _lastWrite = _options.Clock.GetTimestamp();
                _writes.Release();
            }
        }
    }

    /// <inheritdoc />
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _writes.Dispose();
        base.Dispose(disposing);
    }

    // Changes go out one after the other, with a pause between.
    private async Task PaceAsync(CancellationToken cancellation)
    {
        await _writes.WaitAsync(cancellation);
        try
        {
            if (_lastWrite is not { } last)
                return;
            var wait = _options.WriteInterval - _options.Clock.GetElapsedTime(last);
            if (wait > TimeSpan.Zero)
                await _options.Wait(wait, cancellation);
        }
        catch
        {
            _writes.Release();
            throw;
        }
    }

    private static bool ShouldRepeat(Outcome<HttpResponseMessage> outcome, ResilienceContext context)
    {
        var repeatable = context.Properties.GetValue(Repeatable, defaultValue: false);
        if (outcome.Exception is { } failure)
            return repeatable && failure is HttpRequestException or IOException && !context.CancellationToken.IsCancellationRequested;
        return outcome.Result is { } response && (IsRateLimit(response) || repeatable && (int)response.StatusCode >= 500);
    }

    private static bool IsRateLimit(HttpResponseMessage response) =>
        response.StatusCode == HttpStatusCode.TooManyRequests
        || response.StatusCode == HttpStatusCode.Forbidden
            && (response.Headers.RetryAfter is not null || Header(response, "x-ratelimit-remaining") == 0 || SaysSecondary(response));

    // Some secondary limits come without any header (GitHub: "Rate limits for the REST API").
    private static bool SaysSecondary(HttpResponseMessage response)
    {
        using var reader = new StreamReader(response.Content.ReadAsStream(), leaveOpen: true);
        var text = reader.ReadToEnd();
        response.Content.ReadAsStream().Position = 0;
        return text.Contains("secondary rate limit", StringComparison.OrdinalIgnoreCase) || text.Contains("abuse detection", StringComparison.OrdinalIgnoreCase);
    }

    private TimeSpan DelayOf(HttpResponseMessage? response, int attempt)
    {
        var backoff = TimeSpan.FromSeconds(Math.Pow(2, attempt));
        if (response is null || !IsRateLimit(response))
            return backoff;
        var now = _options.Clock.GetUtcNow();
        TimeSpan wait;
        if (response.Headers.RetryAfter is { } after)
            wait = after.Delta ?? after.Date - now ?? TimeSpan.FromMinutes(1);
        else if (Header(response, "x-ratelimit-remaining") == 0 && Header(response, "x-ratelimit-reset") is { } reset)
            wait = DateTimeOffset.FromUnixTimeSeconds(reset) - now + TimeSpan.FromSeconds(1);
        else
            // GitHub asks for a minute, and for longer each time.
            wait = TimeSpan.FromMinutes(Math.Pow(2, attempt));
        if (wait > _options.MaxWait)
        {
            throw new InputException(string.Create(CultureInfo.InvariantCulture,
                $"GitHub's rate limit is used up until {now + wait:yyyy-MM-dd HH:mm} UTC; run again then. What was published so far stays, and is not published twice"));
        }
        return wait > TimeSpan.Zero ? wait : TimeSpan.FromSeconds(1);
    }

    private static long? Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) && long.TryParse(values.First(), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;
}
