using System.Text.Json.Nodes;
using Scanner.Aws;
using Scanner.Model;

namespace Scanner.Collect.Events;

/// <summary>
/// Queries of CloudWatch Logs Insights on one log group and span of time: StartQuery, GetQueryResults, StopQuery. A row is an event, with
/// the columns <c>@timestamp</c> (UTC) and <c>@message</c>.
/// </summary>
internal sealed class InsightsQueries : LogQueries
{
    /// <summary>Most rows of a query (CloudWatch Logs API reference, StartQuery, limit).</summary>
    public const int MostEvents = 10_000;

    private const string Service = "logs";

    private readonly LogGroupAddress _address;
    private readonly DateTimeOffset _from;
    private readonly DateTimeOffset _to;

    /// <summary>Makes ready to ask.</summary>
    /// <param name="api">The account that asks and pays.</param>
    /// <param name="region">Region of the log group.</param>
    /// <param name="address">The log group.</param>
    /// <param name="from">First second.</param>
    /// <param name="to">Last second.</param>
    /// <param name="options">Waits and limits.</param>
    public InsightsQueries(IAwsApi api, string region, LogGroupAddress address, DateTimeOffset from, DateTimeOffset to, LogQueryOptions options) : base(api, region, options) =>
        (_address, _from, _to) = (address, from, to);

    /// <inheritdoc/>
    public override string Place => _address.ToString();

    /// <inheritdoc/>
    public override string Table => _address.Name;

    /// <inheritdoc/>
    public override string Engine => "Logs Insights";

    /// <inheritdoc/>
    public override string WhyEmpty => "check that a trail or a telemetry rule still fills the log group, and how long it keeps events";

    /// <summary>10,000 characters (CloudWatch Logs API reference, StartQuery, queryString).</summary>
    public override int MostBytes => 10_000;

    private protected override string StateOperation => "logs:GetQueryResults";

    private protected override string RowsOperation => "logs:GetQueryResults";

    /// <inheritdoc/>
    public override Task<LogSpan> SpanAsync(DateTimeOffset since, DateTimeOffset until, CancellationToken cancellation) => Task.FromResult(new LogSpan("", null));

    // The language has no statement that changes anything; ours begin so and name no other log group.
    private protected override void Require(string query)
    {
        if (!query.StartsWith("fields @timestamp, @message | filter ", StringComparison.Ordinal))
            throw new InvalidOperationException("A query that does not ask for events is refused.");
    }

    private protected override async Task<string> StartAsync(string sql, CancellationToken cancellation)
    {
        var parameters = new JsonObject
        {
            ["startTime"] = _from.ToUnixTimeSeconds(),
            ["endTime"] = _to.ToUnixTimeSeconds(),
            ["queryString"] = sql,
            ["limit"] = MostEvents,
        };
        if (_address.Arn is { } arn)
            parameters["logGroupIdentifiers"] = new JsonArray(arn);
        else
            parameters["logGroupName"] = _address.Name;
        var call = new AwsCall(Region, Service, "StartQuery", parameters);
        return Text(call, await Api.CallAsync(call, cancellation), "queryId");
    }

    private protected override async Task<QueryState> StateAsync(string id, CancellationToken cancellation)
    {
        var call = RowsOf(id);
        var reply = await Api.CallAsync(call, cancellation);
        var name = Text(call, reply, "status");
        var statistics = reply["statistics"] as JsonObject;
        var bytes = (long)Real(statistics?["bytesScanned"]);
        var hasRead = Real(statistics?["recordsScanned"]) > 0;
        return name switch
        {
            "Scheduled" or "Running" or "Unknown" => new QueryState(name, false, false, false, null, bytes, hasRead),
            "Complete" => new QueryState(name, true, true, true, null, bytes, hasRead),
            // After an hour Logs Insights gives up and keeps what it found until then.
            "Timeout" => new QueryState(name, true, false, true, null, bytes, hasRead),
            "Failed" or "Cancelled" => new QueryState(name, true, false, false, null, bytes, hasRead),
            _ => throw new AwsApiException(call, CollectionOutcome.Error, ErrorClassification.MalformedReply, $"'{name}' is no state of a query"),
        };
    }

    private protected override AwsCall RowsOf(string id) => new(Region, Service, "GetQueryResults", new JsonObject { ["queryId"] = id });

    private protected override AwsCall StopOf(string id) => new(Region, Service, "StopQuery", new JsonObject { ["queryId"] = id });

    /// <summary>A row is a list of fields with values.</summary>
    private protected override QueryRows Rows(JsonObject reply)
    {
        var read = new List<IReadOnlyDictionary<string, string?>>();
        foreach (var row in reply["results"] as JsonArray ?? throw new FormatException("the result has no rows"))
        {
            var values = new Dictionary<string, string?>(StringComparer.Ordinal);
            foreach (var cell in row as JsonArray ?? throw new FormatException("a row is not a list of fields"))
            {
                if (cell is not JsonObject named || named["field"]?.ToString() is not { } field)
                    throw new FormatException("a value has no field");
                values[field] = named["value"]?.ToString();
            }

            read.Add(values);
        }

        return new QueryRows(read);
    }

    private protected override bool IsOfStatement(AwsApiException refusal) => refusal.Code is "MalformedQueryException";

    private protected override string Explain(AwsApiException e) => LogGroupEvents.Explain(e, _address, Api.Account);

    // Statistics are doubles.
    private static double Real(JsonNode? node) => node is JsonValue value && value.TryGetValue(out double number) ? number : 0;
}
