using System.Collections.Concurrent;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using Scanner.Aws;
using Scanner.Model;

namespace Scanner.Collect.Events;

/// <summary>
/// CloudTrail events in a log group of CloudWatch Logs. FilterLogEvents gives all of them, in pages of 10,000; time is asked for in spans,
/// the newest first, each as long as the traffic before allows. What is too large to fetch is asked of Logs Insights, which gives the events
/// that the rules may match. The rules themselves run here, over both alike.
/// </summary>
/// <param name="api">The account that is asked.</param>
/// <param name="region">Region of the log group.</param>
/// <param name="address">The log group.</param>
/// <param name="options">Waits and limits.</param>
/// <param name="progress">Told how far it is.</param>
public sealed class LogGroupEvents(IAwsApi api, string region, LogGroupAddress address, LogQueryOptions options, IProgressSink progress)
{
    private const string Fetching = "logs:FilterLogEvents";
    private const int PageSize = 10_000;
    private const int FewEvents = 2_500;
    private const int ManyEvents = 20_000;
    private const int MostHeld = 1_000_000;

    private static readonly TimeSpan FirstSpan = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan ShortestSpan = TimeSpan.FromSeconds(1);

    private readonly ConcurrentQueue<QueryFailure> _failures = new();
    private readonly Lock _writing = new();
    private long _events;
    private long _records;
    private long _asked;
    private bool _hasRead;

    /// <summary>Reads the events of a span of time.</summary>
    /// <param name="since">First moment; whole seconds count.</param>
    /// <param name="until">Last moment.</param>
    /// <param name="filters">Conditions of Logs Insights that let through what the rules may match.</param>
    /// <param name="cancellation">Ends it; what was read until then is kept.</param>
    /// <returns>The events, null where there are none, and what could not be read. <c>Asked</c> tells whether Logs Insights stood in for
    /// a part of them.</returns>
    public async Task<LogGroupRead> ReadAsync(DateTimeOffset since, DateTimeOffset until, IReadOnlyList<string> filters, CancellationToken cancellation)
    {
        using var memory = new MemoryStream();
        var asked = false;
        using (var packed = new GZipStream(memory, CompressionLevel.Fastest, leaveOpen: true))
        {
            var begin = DateTimeOffset.FromUnixTimeSeconds(since.ToUnixTimeSeconds());
            var end = DateTimeOffset.FromUnixTimeSeconds(until.ToUnixTimeSeconds() + 1);
            try
            {
                var to = address.Reading == LogGroupReading.Insights ? end : await FetchAsync(begin, end, packed, cancellation);
                if (to > begin && _failures.IsEmpty)
                {
                    asked = true;
                    progress.Note(string.Create(CultureInfo.InvariantCulture, $"{address}: {(_events == 0 ? "" : $"the newest {_events} events since {to.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC were fetched; of the others ")}Logs Insights is asked for those that the rules may match"));
                    await AskAsync(begin, to, filters, packed, cancellation);
                    if (_records == 0 && _failures.IsEmpty)
                        await ProbeAsync(begin, to, cancellation);
                }
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                // What came before is matched all the same; the caller says that the scan was stopped.
            }
        }

        Judge(asked);
        if (_asked > 0)
            progress.Note(string.Create(CultureInfo.InvariantCulture, $"Logs Insights read {_asked / 1e9:0.###} GB of {address}"));
        var bytes = memory.ToArray();
        return new LogGroupRead(
            _records == 0 ? null : new LogFile($"{address} ({api.Account}/{region})", () => new MemoryStream(bytes, writable: false)),
            [.. _failures.DistinctBy(failure => (failure.Outcome, failure.Operation, failure.Reason))],
            asked);
    }

    /// <summary>An error in words, with the remedy where one is known.</summary>
    internal static string Explain(AwsApiException e, LogGroupAddress address, string account) => e.Code == "ResourceNotFoundException"
        ? $"there is no log group {address.Name} in {e.Call.Region} of account {account}; look at its name, and write ?region= where it is elsewhere"
        : e.Message;

    /// <summary>Reads all events, the newest first.</summary>
    /// <returns>The first moment that was read; later than the span's where there were too many events.</returns>
    private async Task<DateTimeOffset> FetchAsync(DateTimeOffset begin, DateTimeOffset end, GZipStream packed, CancellationToken cancellation)
    {
        var most = address.Reading == LogGroupReading.Fetch ? long.MaxValue : options.MostFetched;
        var to = end;
        var span = FirstSpan;
        while (to > begin && _events < most)
        {
            var from = to - begin <= span ? begin : to - span;
            JsonObject? reply;
            AwsApiException? failure = null;
            try
            {
                reply = await api.CallAsync(new AwsCall(region, "logs", "FilterLogEvents", Parameters(from, to)), cancellation);
            }
            catch (AwsApiException e)
            {
                // The pages before the one that failed hold matches as good as any.
                failure = e;
                reply = e.Partial;
            }

            var events = reply?["events"] as JsonArray ?? [];
            foreach (var entry in events)
                Take((entry as JsonObject)?["message"]?.ToString(), packed);
            if (failure is not null)
            {
                _failures.Enqueue(new QueryFailure(failure.Outcome, failure.Operation, Explain(failure, address, api.Account), false));
                return to;
            }

            _hasRead = true;
            to = from;
            if (events.Count < FewEvents)
                span *= 4;
            else if (events.Count > ManyEvents && span / 4 >= ShortestSpan)
                span = TimeSpan.FromSeconds(Math.Floor((span / 4).TotalSeconds));
            progress.Report($"Reading {address}", (long)(end - to).TotalMinutes, (long)(end - begin).TotalMinutes);
        }

        return to;
    }

    private JsonObject Parameters(DateTimeOffset from, DateTimeOffset to)
    {
        // An event at endTime itself is one of the span (CloudWatch Logs API reference, FilterLogEvents).
        var parameters = new JsonObject { ["startTime"] = from.ToUnixTimeMilliseconds(), ["endTime"] = to.ToUnixTimeMilliseconds() - 1, ["limit"] = PageSize };
        parameters[address.Arn is null ? "logGroupName" : "logGroupIdentifier"] = address.Arn ?? address.Name;
        return parameters;
    }

    private async Task AskAsync(DateTimeOffset begin, DateTimeOffset end, IReadOnlyList<string> filters, GZipStream packed, CancellationToken cancellation)
    {
        // A filter may let through what another one did.
        var seen = new HashSet<string>(StringComparer.Ordinal);
        await Parallel.ForEachAsync(
            filters,
            new ParallelOptions { MaxDegreeOfParallelism = options.AtOnce, CancellationToken = cancellation },
            async (filter, token) => await AskAsync(filter, begin, end, seen, packed, token));
    }

    /// <summary>Asks for [begin, end), in halves where there are more events than a query gives.</summary>
    private async Task AskAsync(string filter, DateTimeOffset begin, DateTimeOffset end, HashSet<string> seen, GZipStream packed, CancellationToken cancellation)
    {
        var queries = new InsightsQueries(api, region, address, begin, end, options);
        var answer = await queries.RunAsync($"fields @timestamp, @message | filter {filter}", cancellation);
        Interlocked.Add(ref _asked, answer.BytesRead);
        if (answer.HasRead)
            _hasRead = true;
        if (answer.Failure is { } failure)
            _failures.Enqueue(failure);
        if (answer.Rows.Count >= InsightsQueries.MostEvents && answer.Failure is null)
        {
            var half = TimeSpan.FromSeconds(Math.Floor((end - begin).TotalSeconds / 2));
            if (half < ShortestSpan)
            {
                _failures.Enqueue(new QueryFailure(CollectionOutcome.Error, "logs:GetQueryResults", string.Create(CultureInfo.InvariantCulture,
                    $"more than {InsightsQueries.MostEvents} events at {begin.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC may match; ask for fewer rules with --only"), false));
            }
            else
            {
                await AskAsync(filter, begin + half, end, seen, packed, cancellation);
                await AskAsync(filter, begin, begin + half, seen, packed, cancellation);
                return;
            }
        }

        lock (_writing)
        {
            if (_records > MostHeld)
            {
                _failures.Enqueue(new QueryFailure(CollectionOutcome.Error, "logs:GetQueryResults", "the rules may match more events than can be held; narrow --since, or ask for fewer rules with --only", false));
                return;
            }

            foreach (var row in answer.Rows)
            {
                // endTime is within the span for Logs Insights; the fetched events, or the other half's, begin there.
                if (row.GetValueOrDefault("@timestamp") is { } time
                    && DateTimeOffset.TryParse(time, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) && (at < begin || at >= end))
                    continue;
                if (row.GetValueOrDefault("@message") is { } message && seen.Add(message))
                    Take(message, packed);
            }
        }
    }

    /// <summary>Nothing matched: whether the group holds CloudTrail's events at all is asked too.</summary>
    private async Task ProbeAsync(DateTimeOffset begin, DateTimeOffset end, CancellationToken cancellation)
    {
        var answer = await new InsightsQueries(api, region, address, begin, end, options).RunAsync("fields @timestamp, @message | filter @message like /\"eventSource\"\\s*:/ | limit 1", cancellation);
        Interlocked.Add(ref _asked, answer.BytesRead);
        if (answer.Failure is { } failure)
            _failures.Enqueue(failure);
        else if (answer.Rows.Count == 0 && answer.HasRead)
            _failures.Enqueue(new QueryFailure(CollectionOutcome.Error, "logs:GetQueryResults", $"{address} holds no CloudTrail event; name the log group of a trail, or aws/cloudtrail/managementevents", false));
    }

    private void Take(string? message, GZipStream packed)
    {
        _events++;
        // A record, bare or in the envelope of EventBridge. The reader says what is wrong with one that ends in the middle.
        if (message is null || !message.AsSpan().TrimStart().StartsWith('{')
            || !message.Contains("\"eventSource\"", StringComparison.Ordinal) || !message.Contains("\"eventName\"", StringComparison.Ordinal))
            return;
        _records++;
        packed.Write(Encoding.UTF8.GetBytes(message.ReplaceLineEndings(" ")));
        packed.WriteByte((byte)'\n');
    }

    /// <summary>An empty group, or one of something else, is no quiet account.</summary>
    private void Judge(bool asked)
    {
        if (!_failures.IsEmpty)
            return;
        if (!_hasRead || (_events == 0 && !asked))
        {
            _failures.Enqueue(new QueryFailure(CollectionOutcome.Error, asked ? "logs:GetQueryResults" : Fetching,
                $"{address} holds no event of this span of time; check that a trail or a telemetry rule still fills the log group, and how long it keeps events", false));
        }
        else if (_records == 0 && _events > 0)
        {
            _failures.Enqueue(new QueryFailure(CollectionOutcome.Error, asked ? "logs:GetQueryResults" : Fetching,
                string.Create(CultureInfo.InvariantCulture, $"{address} holds no CloudTrail event: {_events} log events were read, and none is a CloudTrail record; name the log group of a trail, or aws/cloudtrail/managementevents"), false));
        }
        else if (_records < _events)
        {
            progress.Note(string.Create(CultureInfo.InvariantCulture, $"{address}: {_events - _records} of {_events} log events are no CloudTrail records and were left out"));
        }
    }
}

/// <summary>What a log group gave.</summary>
/// <param name="File">The events as JSON lines; null: there are none.</param>
/// <param name="Failures">Why it is not whole; empty: it is.</param>
/// <param name="Asked">Whether Logs Insights was asked for a part of the span.</param>
public sealed record LogGroupRead(LogFile? File, IReadOnlyList<QueryFailure> Failures, bool Asked);
