using System.Globalization;
using System.Text.Json.Nodes;
using Scanner.Aws;
using Scanner.Model;

namespace Scanner.Collect.Events;

/// <summary>
/// A query engine that holds a log: starts a statement, waits until it has ended, and reads all pages of its
/// rows. What cannot be had is a <see cref="QueryFailure"/> and no exception. Thread-safe.
/// </summary>
public abstract class LogQueries
{
    private static readonly string[] Denials = ["PERMISSION_DENIED", "Access Denied", "AccessDenied", "Insufficient permissions", "not authorized", "Permission denied"];
    private static readonly string[] OfTable = ["TABLE_NOT_FOUND", "SCHEMA_NOT_FOUND", "CATALOG_NOT_FOUND", "DATABASE_NOT_FOUND", "HIVE_METASTORE_ERROR", "TABLE_REDIRECTION_ERROR"];

    // What a smaller statement may get through; the Java machine's own limit on a method's size comes as an internal error.
    private static readonly string[] OfSize =
    [
        "exhausted resources", "method too large", "code too large", "too complex", "stack overflow", "StackOverflow", "COMPILER_ERROR", "Compiler failed",
        "QUERY_TEXT_TOO_LARGE", "out of memory", "OUT_OF_MEMORY", "MEMORY_LIMIT", "TIME_LIMIT", "CPU_LIMIT",
    ];

    // The data or the service: another statement over the same files would fail, and be paid for, as well.
    private static readonly string[] OfData =
    [
        "HIVE_", "ICEBERG_", "INTERNAL_ERROR", "internal error", "internal service error", "internal failure", "SlowDown", "Slow Down", "SLOW_DOWN",
        "reduce your request rate", "Rate exceeded", "Throttl", "TOO_MANY_REQUESTS", "service unavailable", "REMOTE_TASK_", "REMOTE_HOST_GONE", "PAGE_TRANSPORT_",
        "NO_NODES_AVAILABLE", "NETWORK_ERROR", "NoSuchBucket", "NoSuchKey",
    ];

    private readonly LogQueryOptions _options;

    private protected LogQueries(IAwsApi api, string region, LogQueryOptions options)
    {
        Api = api;
        Region = region;
        _options = options;
    }

    /// <summary>What is asked, as the user wrote it without options, such as <c>athena:security.cloudtrail_logs</c>.</summary>
    public abstract string Place { get; }

    /// <summary>The table in the engine's SQL.</summary>
    public abstract string Table { get; }

    /// <summary>The engine's name for messages.</summary>
    public abstract string Engine { get; }

    /// <summary>What to look at when queries read no data at all, in words.</summary>
    public abstract string WhyEmpty { get; }

    /// <summary>Most bytes of a statement.</summary>
    public abstract int MostBytes { get; }

    /// <summary>Region whose endpoint is asked.</summary>
    public string Region { get; }

    private protected IAwsApi Api { get; }

    private protected abstract string StateOperation { get; }

    private protected abstract string RowsOperation { get; }

    /// <summary>Says how the engine is asked for a span of time.</summary>
    /// <param name="since">First moment.</param>
    /// <param name="until">Last moment.</param>
    /// <param name="cancellation">Ends it.</param>
    public abstract Task<LogSpan> SpanAsync(DateTimeOffset since, DateTimeOffset until, CancellationToken cancellation);

    /// <summary>Runs one statement to its end.</summary>
    /// <param name="sql">One <c>select</c>.</param>
    /// <param name="cancellation">Ends it: the engine is told to stop too.</param>
    /// <exception cref="InvalidOperationException">It is not one <c>select</c> alone; nothing was sent.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async Task<QueryAnswer> RunAsync(string sql, CancellationToken cancellation)
    {
        Require(sql);
        var started = _options.Time.GetTimestamp();
        string? running = null;
        long bytes = 0;
        try
        {
            var id = running = await BeginAsync(sql, cancellation);
            cancellation.ThrowIfCancellationRequested();
            QueryState state;
            for (var wait = _options.FirstWait; ; wait = wait * 1.5 < _options.LongestWait ? wait * 1.5 : _options.LongestWait)
            {
                state = await StateAsync(id, cancellation);
                bytes = state.BytesRead;
                if (state.IsOver)
                    break;
                if (_options.Time.GetElapsedTime(started) >= _options.TimeLimit)
                {
                    return new QueryAnswer([], Failed(CollectionOutcome.Error, StateOperation, string.Create(CultureInfo.InvariantCulture,
                        $"the query was still {state.Name} after {_options.TimeLimit.TotalMinutes:0.##} minutes and was stopped")), bytes);
                }

                await Task.Delay(wait, _options.Time, cancellation);
            }

            running = null;
            if (!state.HasRows)
                return new QueryAnswer([], Ended(state), bytes);
            var answer = await ReadAsync(id, cancellation);
            return answer with { Failure = answer.Failure ?? Ended(state), BytesRead = bytes, HasRead = state.HasRead || answer.Rows.Count > 0 };
        }
        catch (AwsApiException e)
        {
            return new QueryAnswer([], Failed(e.Outcome, e.Operation, Explain(e), running is null && IsOfStatement(e)), bytes);
        }
        finally
        {
            if (running is not null)
                await StopAsync(running);
        }
    }

    /// <summary>The last line before the engine: a statement that does more than ask is not sent.</summary>
    private protected virtual void Require(string sql) => SingleSelect.Require(sql);

    /// <summary>Starts a statement.</summary>
    /// <returns>The query's id.</returns>
    /// <exception cref="AwsApiException">It did not start.</exception>
    private protected abstract Task<string> StartAsync(string sql, CancellationToken cancellation);

    /// <summary>Looks how far a query is.</summary>
    private protected abstract Task<QueryState> StateAsync(string id, CancellationToken cancellation);

    /// <summary>The call that gives all rows of a query that has ended.</summary>
    private protected abstract AwsCall RowsOf(string id);

    /// <summary>Reads the rows out of the joined pages of a reply.</summary>
    /// <exception cref="FormatException">It is not such a reply.</exception>
    private protected abstract QueryRows Rows(JsonObject reply);

    /// <summary>The call that stops a query.</summary>
    private protected abstract AwsCall StopOf(string id);

    /// <summary>Whether a refusal to start is about the statement's own text.</summary>
    private protected abstract bool IsOfStatement(AwsApiException refusal);

    /// <summary>An error in words, with the remedy where one is known.</summary>
    private protected virtual string Explain(AwsApiException e) => e.Message;

    /// <summary>A text member that must be there.</summary>
    private protected static string Text(AwsCall call, JsonNode? parent, string member) =>
        parent is JsonObject item && item[member] is JsonValue value && value.TryGetValue(out string? text) && text.Length > 0
            ? text
            : throw new AwsApiException(call, CollectionOutcome.Error, ErrorClassification.MalformedReply, $"the reply has no {member}");

    /// <summary>A number, or 0.</summary>
    private protected static long Number(JsonNode? node) => node is JsonValue value && value.TryGetValue(out long number) ? number : 0;

    private protected static QueryFailure Failed(CollectionOutcome outcome, string operation, string reason, bool isOfStatement = false) =>
        new(outcome, operation, reason, isOfStatement);

    private static bool Has(string reason, string[] words) => words.Any(word => reason.Contains(word, StringComparison.OrdinalIgnoreCase));

    private async Task<QueryAnswer> ReadAsync(string id, CancellationToken cancellation)
    {
        JsonObject? reply;
        QueryFailure? failure = null;
        try
        {
            reply = await Api.CallAsync(RowsOf(id), cancellation);
        }
        catch (AwsApiException e)
        {
            // The pages before the one that failed hold matches as good as any.
            reply = e.Partial;
            failure = Failed(e.Outcome, e.Operation, Explain(e));
        }

        try
        {
            var read = reply is null ? new QueryRows([]) : Rows(reply);
            return new QueryAnswer(read.Rows, failure ?? (read.Missing is { } missing ? Malformed(missing) : null), 0);
        }
        catch (FormatException e)
        {
            return new QueryAnswer([], failure ?? Malformed(e.Message), 0);
        }
    }

    private QueryFailure Malformed(string what) => Failed(CollectionOutcome.Error, RowsOperation, $"{ErrorClassification.MalformedReply}: {what}");

    /// <summary>How a query that is over failed; null: it did not.</summary>
    private QueryFailure? Ended(QueryState state)
    {
        if (state.IsWhole)
            return null;
        var reason = state.Reason is { Length: > 0 } why ? $"{state.Name}: {why}" : $"{state.Name}, and the engine does not say why";
        var denied = Has(reason, Denials);
        var ofStatement = Has(reason, OfSize) || !(state.IsOfService || Has(reason, OfTable) || Has(reason, OfData));
        return Failed(denied ? CollectionOutcome.Denied : CollectionOutcome.Error, StateOperation, reason, state.Name == "FAILED" && !denied && ofStatement);
    }

    /// <summary>
    /// Starts a statement; cancelled in the midst of that, it waits a moment for the id, without which a query that runs could
    /// not be stopped.
    /// </summary>
    private async Task<string> BeginAsync(string sql, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        using var limit = new CancellationTokenSource();
        await using var registration = cancellation.Register(() => limit.CancelAfter(_options.StartLimit));
        return await StartAsync(sql, limit.Token);
    }

    private async Task StopAsync(string id)
    {
        using var limit = new CancellationTokenSource(_options.StopLimit);
        try
        {
            await Api.CallAsync(StopOf(id), limit.Token);
        }
        catch (Exception e) when (e is AwsApiException or OperationCanceledException)
        {
            // It may have ended by itself; and what is told to the user is why it had to be stopped.
        }
    }
}

/// <summary>A span of time as an engine is asked for it.</summary>
/// <param name="Condition">A SQL condition on the table's columns, in the engine's dialect.</param>
/// <param name="Note">What the user should know, one line; null: nothing.</param>
public sealed record LogSpan(string Condition, string? Note)
{
    /// <summary>The columns of the table, lower case, with <c>useridentity.onbehalfof</c> and <c>useridentity.inscopeof</c> where that structure has them; null: not known.</summary>
    public IReadOnlySet<string>? Columns { get; init; }
}

/// <summary>What an engine answered to one statement.</summary>
/// <param name="Rows">Column name to value as text, null for none; hostile. With a failure: what came before it.</param>
/// <param name="Failure">Null: the answer is whole.</param>
/// <param name="BytesRead">How much data the engine read for it, which is what it costs; 0 where it does not say.</param>
/// <param name="HasRead">Whether the engine read any data or events, as it says or as the rows prove. An answer without rows
/// from a query that read nothing says nothing about the log.</param>
public sealed record QueryAnswer(IReadOnlyList<IReadOnlyDictionary<string, string?>> Rows, QueryFailure? Failure, long BytesRead, bool HasRead = false);

/// <summary>Why an engine did not answer, or not whole.</summary>
/// <param name="Outcome">Never <see cref="CollectionOutcome.Ok"/>.</param>
/// <param name="Operation">As reports name it, such as <c>athena:GetQueryExecution</c>.</param>
/// <param name="Reason">As AWS gave it (hostile text), or our own words.</param>
/// <param name="IsOfStatement">Whether it may be this statement alone that the engine cannot run, and not the table, the
/// rights or the service.</param>
public sealed record QueryFailure(CollectionOutcome Outcome, string Operation, string Reason, bool IsOfStatement);

/// <summary>The rows of a reply.</summary>
/// <param name="Rows">Column name to value as text, null for none; hostile.</param>
/// <param name="Missing">In words: how the reply tells that there were more rows; null: these are all.</param>
internal sealed record QueryRows(IReadOnlyList<IReadOnlyDictionary<string, string?>> Rows, string? Missing = null);

/// <summary>How far a query is.</summary>
/// <param name="Name">The engine's word for it.</param>
/// <param name="IsOver">Whether it has ended, well or not.</param>
/// <param name="IsWhole">Whether it has ended well.</param>
/// <param name="HasRows">Whether there are rows to read, though perhaps not all.</param>
/// <param name="Reason">Why it has not ended well, as the engine says; null where it does not.</param>
/// <param name="BytesRead">How much data it has read so far; 0 where the engine does not say.</param>
/// <param name="HasRead">Whether the engine says that it has read any data or events.</param>
internal sealed record QueryState(string Name, bool IsOver, bool IsWhole, bool HasRows, string? Reason, long BytesRead, bool HasRead)
{
    /// <summary>Whether the engine says that a failure is its own, and no matter of the statement.</summary>
    public bool IsOfService { get; init; }
}
