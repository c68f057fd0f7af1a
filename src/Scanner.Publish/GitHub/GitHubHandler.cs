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

    // Of a limit the budget of time is the bound.
    private const int MostWaits = 1000;
    private static readonly ResiliencePropertyKey<bool> Repeatable = new("repeatable");

    private readonly GitHubOptions _options;
    private readonly ResiliencePipeline<HttpResponseMessage> _pipeline;
    private readonly SemaphoreSlim _writes = new(1, 1);
    private readonly Queue<long> _sent = new();
    private TimeSpan _waited;
    private long? _lastWrite;

    /// <summary>Wraps the handler that does the sending.</summary>
    public GitHubHandler(GitHubOptions options, HttpMessageHandler inner) : base(inner)
    {
        _options = options;
        _pipeline = new ResiliencePipelineBuilder<HttpResponseMessage>()
            .AddRetry(new RetryStrategyOptions<HttpResponseMessage>
            {
                MaxRetryAttempts = MostWaits,
                // The waiting is done in OnRetry, by the function that the options give.
                Delay = TimeSpan.Zero,
                ShouldHandle = args => ValueTask.FromResult(ShouldRepeat(args.Outcome, args.Context, args.AttemptNumber)),
                OnRetry = async args =>
                {
                    var wait = DelayOf(args.Outcome.Result, args.AttemptNumber);
                    args.Outcome.Result?.Dispose();
                    await WaitAsync(wait, args.Context.CancellationToken);
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
                // Each request has its own time; the waits between have GitHub's.
                using var time = CancellationTokenSource.CreateLinkedTokenSource(c.CancellationToken);
                time.CancelAfter(_options.RequestTimeout);
                try
                {
                    return await SendOnceAsync(request, time.Token);
                }
                catch (OperationCanceledException e) when (!c.CancellationToken.IsCancellationRequested)
                {
                    throw new HttpRequestException(string.Create(CultureInfo.InvariantCulture, $"no answer within {_options.RequestTimeout.TotalSeconds:0} s"), e);
                }
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

    private async Task<HttpResponseMessage> SendOnceAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        var response = await base.SendAsync(request, cancellation);
        try
        {
            // A connection that breaks within the body is found here, where it can be repeated.
            await response.Content.LoadIntoBufferAsync(cancellation);
            RequireJson(request, response);
        }
        catch
        {
            response.Dispose();
            throw;
        }
        return response;
    }

    // A page of a proxy, or nothing, in the place of a list would look like "there is no issue", and everything would be opened again.
    private static void RequireJson(HttpRequestMessage request, HttpResponseMessage response)
    {
        if (!response.IsSuccessStatusCode || response.StatusCode == HttpStatusCode.NoContent)
            return;
        var path = request.RequestUri!.AbsolutePath;
        var isList = request.Method == HttpMethod.Get && (path.EndsWith("/issues", StringComparison.Ordinal) && !path.EndsWith("/search/issues", StringComparison.Ordinal)
            || path.EndsWith("/comments", StringComparison.Ordinal) || path.EndsWith("/labels", StringComparison.Ordinal) || path.EndsWith("/issue-fields", StringComparison.Ordinal) || path.EndsWith("/files", StringComparison.Ordinal) || path.EndsWith("/code-scanning/alerts", StringComparison.Ordinal));
        var body = response.Content.ReadAsStream();
        int first;
        do
            first = body.ReadByte();
        while (first is ' ' or '\t' or '\r' or '\n' or 0xEF or 0xBB or 0xBF);
        body.Position = 0;
        if (first != (isList ? '[' : '{'))
            throw new HttpRequestException($"the answer to {request.Method} {path} (HTTP {(int)response.StatusCode}) is not GitHub's: {(first < 0 ? "it is empty" : isList ? "it is no list" : "it is no JSON object")}");
    }

    private async Task WaitAsync(TimeSpan wait, CancellationToken cancellation)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _options.Stop);
        await _options.Wait(wait, either.Token);
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
            _options.Stop.ThrowIfCancellationRequested();
            while (_sent.TryPeek(out var oldest) && _options.Clock.GetElapsedTime(oldest) >= TimeSpan.FromHours(1))
                _sent.Dequeue();
            if (_sent.Count >= _options.WritesPerHour)
                await WaitAsync(Budgeted(TimeSpan.FromHours(1) - _options.Clock.GetElapsedTime(_sent.Dequeue())), cancellation);
            if (_lastWrite is { } last && _options.WriteInterval - _options.Clock.GetElapsedTime(last) is var wait && wait > TimeSpan.Zero)
                await WaitAsync(wait, cancellation);
            _options.Stop.ThrowIfCancellationRequested();
            _sent.Enqueue(_options.Clock.GetTimestamp());
        }
        catch
        {
            _writes.Release();
            throw;
        }
    }

    private static bool ShouldRepeat(Outcome<HttpResponseMessage> outcome, ResilienceContext context, int attempt)
    {
        var repeatable = attempt < Attempts - 1 && context.Properties.GetValue(Repeatable, defaultValue: false);
        if (outcome.Exception is { } failure)
            return repeatable && failure is HttpRequestException or IOException && !context.CancellationToken.IsCancellationRequested;
        // The search is only a second look, with a small limit of its own: not worth a wait.
        return outcome.Result is { } response && response.RequestMessage?.RequestUri?.AbsolutePath.EndsWith("/search/issues", StringComparison.Ordinal) != true
            && (IsRateLimit(response) || repeatable && (int)response.StatusCode >= 500);
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
        var backoff = TimeSpan.FromSeconds(Math.Pow(2, Math.Min(attempt, 10)));
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
            wait = TimeSpan.FromMinutes(Math.Pow(2, Math.Min(attempt, 10)));
        // A limit that is said to end, and does not, is asked about less and less often.
        return Budgeted(wait > backoff ? wait : TimeSpan.FromSeconds(Math.Max(backoff.TotalSeconds, 1)));
    }

    /// <summary>The wait, where the run may still wait that long.</summary>
    private TimeSpan Budgeted(TimeSpan wait)
    {
        if (_waited + wait > _options.MaxWait)
        {
            throw new InputException(string.Create(CultureInfo.InvariantCulture,
                $"GitHub's rate limit is used up until {_options.Clock.GetUtcNow() + wait:yyyy-MM-dd HH:mm} UTC, and a run waits {_options.MaxWait.TotalMinutes:0} minutes at most; run again then. What was published so far stays, and is not published twice"));
        }
        _waited += wait;
        return wait;
    }

    private static long? Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) && long.TryParse(values.First(), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;
}
