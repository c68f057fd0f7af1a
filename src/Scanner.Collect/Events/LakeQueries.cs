using System.Globalization;
using System.Text.Json.Nodes;
using Scanner.Aws;
using Scanner.Model;

namespace Scanner.Collect.Events;

/// <summary>Queries on an event data store of CloudTrail Lake: StartQuery, DescribeQuery, GetQueryResults, CancelQuery.</summary>
public sealed class LakeQueries : LogQueries
{
    private const string Service = "cloudtrail";

    private readonly EventDataStoreAddress _address;
    private readonly string? _owner;

    /// <summary>Makes ready to ask.</summary>
    /// <param name="api">The account that asks and pays.</param>
    /// <param name="region">Region, where the address names none.</param>
    /// <param name="address">The event data store.</param>
    /// <param name="options">Waits and limits.</param>
    public LakeQueries(IAwsApi api, string region, EventDataStoreAddress address, LogQueryOptions options) : base(api, address.Region ?? region, options)
    {
        _address = address;
        // A delegated administrator asks a store that belongs to the management account.
        _owner = address.Owner == api.Account ? null : address.Owner;
    }

    /// <inheritdoc/>
    public override string Place => _address.ToString();

    /// <inheritdoc/>
    public override string Table => _address.Id;

    /// <inheritdoc/>
    public override string Engine => "CloudTrail Lake";

    /// <inheritdoc/>
    public override string WhyEmpty => "check that the event data store still takes events in, and how long it keeps them";

    /// <summary>10,000 characters (CloudTrail API reference, StartQuery, QueryStatement).</summary>
    public override int MostBytes => 10_000;

    private protected override string StateOperation => "cloudtrail:DescribeQuery";

    private protected override string RowsOperation => "cloudtrail:GetQueryResults";

    /// <inheritdoc/>
    public override Task<LogSpan> SpanAsync(DateTimeOffset since, DateTimeOffset until, CancellationToken cancellation) =>
        Task.FromResult(new LogSpan(string.Create(CultureInfo.InvariantCulture, $"eventtime >= timestamp '{since.UtcDateTime:yyyy-MM-dd HH:mm:ss}' and eventtime <= timestamp '{until.UtcDateTime:yyyy-MM-dd HH:mm:ss}'"), null));

    private protected override async Task<string> StartAsync(string sql, CancellationToken cancellation)
    {
        var call = Call("StartQuery", "QueryStatement", sql);
        return Text(call, await Api.CallAsync(call, cancellation), "QueryId");
    }

    private protected override async Task<QueryState> StateAsync(string id, CancellationToken cancellation)
    {
        var call = Call("DescribeQuery", "QueryId", id);
        var reply = await Api.CallAsync(call, cancellation);
        var name = Text(call, reply, "QueryStatus");
        var reason = reply["ErrorMessage"]?.ToString();
        var statistics = reply["QueryStatistics"] as JsonObject;
        var bytes = Number(statistics?["BytesScanned"]);
        var hasRead = Number(statistics?["EventsScanned"] ?? statistics?["BytesScanned"]) > 0;
        return name switch
        {
            "QUEUED" or "RUNNING" => new QueryState(name, false, false, false, null, bytes, hasRead),
            "FINISHED" => new QueryState(name, true, true, true, null, bytes, hasRead),
            // After an hour CloudTrail gives up and keeps what it found until then.
            "TIMED_OUT" => new QueryState(name, true, false, true, reason, bytes, hasRead),
            "FAILED" or "CANCELLED" => new QueryState(name, true, false, false, reason, bytes, hasRead),
            _ => throw new AwsApiException(call, CollectionOutcome.Error, ErrorClassification.MalformedReply, $"'{name}' is no state of a query"),
        };
    }

    private protected override AwsCall RowsOf(string id) => Call("GetQueryResults", "QueryId", id);

    private protected override AwsCall StopOf(string id) => Call("CancelQuery", "QueryId", id);

    /// <summary>A row is a list of maps, each with one column. A page may leave an empty list out, so the rows are counted.</summary>
    private protected override QueryRows Rows(JsonObject reply)
    {
        var total = Number((reply["QueryStatistics"] as JsonObject)?["TotalResultsCount"]);
        var rows = reply["QueryResultRows"] switch
        {
            JsonArray list => list,
            null when reply["QueryStatistics"] is JsonObject => [],
            _ => throw new FormatException("the result has no rows"),
        };
        var read = new List<IReadOnlyDictionary<string, string?>>(rows.Count);
        foreach (var row in rows)
        {
            if (row is not JsonArray columns)
                throw new FormatException("a row is not a list of columns");
            var values = new Dictionary<string, string?>(StringComparer.Ordinal);
            foreach (var column in columns)
            {
                foreach (var (name, value) in column as JsonObject ?? throw new FormatException("a column has no name"))
                    values[name] = value is null or JsonValue ? value?.ToString() : throw new FormatException("a value is not a text");
            }

            read.Add(values);
        }

        return new QueryRows(read, read.Count < total ? string.Create(CultureInfo.InvariantCulture, $"the result has {read.Count} of its {total} rows") : null);
    }

    // StartQuery looks at the statement before it takes it.
    private protected override bool IsOfStatement(AwsApiException refusal) => refusal.Code is "InvalidQueryStatementException";

    private AwsCall Call(string operation, string member, string value)
    {
        var parameters = new JsonObject { [member] = value };
        if (_owner is not null)
            parameters["EventDataStoreOwnerAccountId"] = _owner;
        return new AwsCall(Region, Service, operation, parameters);
    }
}
