using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;

namespace Loopback.Aws;

/// <summary>
/// The engine behind Athena's and CloudTrail Lake's calls, with a state for each query: it is queued, runs, ends, gives its
/// rows in pages, and can be stopped. What a statement finds is the test's to say.
/// </summary>
public sealed class QueryEngine
{
    private readonly ConcurrentDictionary<string, Query> _queries = new(StringComparer.Ordinal);
    private int _number;

    /// <summary>Stands behind the server's calls from now on.</summary>
    public QueryEngine(AwsServer server)
    {
        server.Reply("athena", "StartQueryExecution", request =>
        {
            if (!Guid.TryParse(request["ClientRequestToken"], out _))
                throw new AwsError("InvalidRequestException", 400, "the token of a repeated request is missing");
            return new JsonObject { ["QueryExecutionId"] = Start(request["QueryString"]) };
        });
        server.Reply("athena", "GetQueryExecution", request => Execution(Find(request["QueryExecutionId"]!)));
        server.Reply("athena", "GetQueryResults", request => AthenaPage(Find(request["QueryExecutionId"]!), request["NextToken"]));
        server.Reply("athena", "StopQueryExecution", request =>
        {
            Stopped.Enqueue(request["QueryExecutionId"]!);
            return [];
        });
        server.Reply("athena", "GetTableMetadata", request => new JsonObject { ["TableMetadata"] = new JsonObject { ["Name"] = request["TableName"] } });
        server.Reply("cloudtrail", "StartQuery", request => new JsonObject { ["QueryId"] = Start(request["QueryStatement"]) });
        server.Reply("cloudtrail", "DescribeQuery", request => Description(Find(request["QueryId"]!)));
        server.Reply("cloudtrail", "GetQueryResults", request => LakePage(Find(request["QueryId"]!), request["NextToken"]));
        server.Reply("cloudtrail", "CancelQuery", request =>
        {
            Stopped.Enqueue(request["QueryId"]!);
            return new JsonObject { ["QueryId"] = request["QueryId"], ["QueryStatus"] = "CANCELLED" };
        });
    }

    /// <summary>What a statement finds: rows of column and value.</summary>
    public Func<string, IReadOnlyList<IReadOnlyDictionary<string, string?>>> Finds { get; set; } = _ => [];

    /// <summary>Why a statement fails; null: it does not.</summary>
    public Func<string, string?> Fails { get; set; } = _ => null;

    /// <summary>The state in which a failing statement ends.</summary>
    public string FailedState { get; set; } = "FAILED";

    /// <summary>Athena: whose fault a failure is (1 system, 2 user, 3 other); null: it does not say.</summary>
    public int? FailedCategory { get; set; }

    /// <summary>Called when a statement has come, before its id goes back.</summary>
    public Action OnStart { get; set; } = () => { };

    /// <summary>How often a statement is still queued or running when it is looked at.</summary>
    public Func<string, int> Looks { get; set; } = _ => 0;

    /// <summary>Bytes that every query reads; 0: none, and no events.</summary>
    public long BytesRead { get; set; } = 5_000_000;

    /// <summary>Rows on a page.</summary>
    public int PageSize { get; set; } = 1000;

    /// <summary>Statements in the order in which they came.</summary>
    public IReadOnlyList<string> Statements => [.. _queries.Values.OrderBy(query => query.Number).Select(query => query.Sql)];

    /// <summary>Ids of the queries that were told to stop.</summary>
    public ConcurrentQueue<string> Stopped { get; } = new();

    /// <summary>Most queries that were under way at the same time.</summary>
    public int MostAtOnce { get; private set; }

    private string Start(string? sql)
    {
        if (string.IsNullOrEmpty(sql))
            throw new AwsError("InvalidRequestException", 400, "the statement is missing");
        var number = Interlocked.Increment(ref _number);
        var id = string.Create(CultureInfo.InvariantCulture, $"00000000-0000-4000-8000-{number:000000000000}");
        _queries[id] = new Query(number, sql);
        lock (_queries)
            MostAtOnce = Math.Max(MostAtOnce, _queries.Values.Count(query => !query.IsRead));
        OnStart();
        return id;
    }

    private Query Find(string id) => _queries.TryGetValue(id, out var query) ? query : throw new AwsError("InvalidRequestException", 400, $"QueryExecution {id} was not found");

    private string StateOf(Query query, string whole)
    {
        var looks = query.Look();
        var running = Looks(query.Sql);
        if (looks <= running)
            return looks == 1 ? "QUEUED" : "RUNNING";
        if (Fails(query.Sql) is null)
            return whole;
        query.IsRead = true;
        return FailedState;
    }

    private JsonObject Execution(Query query)
    {
        var status = new JsonObject { ["State"] = StateOf(query, "SUCCEEDED") };
        if (status["State"]!.ToString() == FailedState)
        {
            status["StateChangeReason"] = Fails(query.Sql);
            if (FailedCategory is { } category)
                status["AthenaError"] = new JsonObject { ["ErrorCategory"] = category };
        }

        return new JsonObject { ["QueryExecution"] = new JsonObject { ["Status"] = status, ["Query"] = query.Sql, ["Statistics"] = new JsonObject { ["DataScannedInBytes"] = BytesRead } } };
    }

    private JsonObject Description(Query query)
    {
        var reply = new JsonObject { ["QueryStatus"] = StateOf(query, "FINISHED"), ["QueryStatistics"] = new JsonObject { ["BytesScanned"] = BytesRead, ["EventsScanned"] = BytesRead / 500_000 } };
        if (reply["QueryStatus"]!.ToString() == FailedState)
            reply["ErrorMessage"] = Fails(query.Sql);
        return reply;
    }

    private JsonObject AthenaPage(Query query, string? token)
    {
        var rows = Finds(query.Sql);
        var columns = rows.Count == 0 ? ["rule", "event_id"] : rows[0].Keys.ToList();
        var (page, next) = Page(query, rows, token);
        var json = new JsonArray();
        if (token is null)
            json.Add(Row(columns));
        foreach (var row in page)
            json.Add(Row(columns.Select(column => row[column])));
        var reply = new JsonObject { ["ResultSet"] = new JsonObject { ["Rows"] = json, ["ResultSetMetadata"] = new JsonObject { ["ColumnInfo"] = new JsonArray([.. columns.Select(column => (JsonNode)new JsonObject { ["Name"] = column, ["Type"] = "varchar" })]) } } };
        if (next is not null)
            reply["NextToken"] = next;
        return reply;

        static JsonObject Row(IEnumerable<string?> values) =>
            new() { ["Data"] = new JsonArray([.. values.Select(value => (JsonNode)(value is null ? [] : new JsonObject { ["VarCharValue"] = value }))]) };
    }

    private JsonObject LakePage(Query query, string? token)
    {
        var rows = Finds(query.Sql);
        var (page, next) = Page(query, rows, token);
        var reply = new JsonObject
        {
            ["QueryStatus"] = "FINISHED",
            ["QueryStatistics"] = new JsonObject { ["ResultsCount"] = page.Count, ["TotalResultsCount"] = rows.Count },
            ["QueryResultRows"] = new JsonArray([.. page.Select(row => (JsonNode)new JsonArray([.. row.Select(pair => (JsonNode)new JsonObject { [pair.Key] = pair.Value })]))]),
        };
        if (next is not null)
            reply["NextToken"] = next;
        return reply;
    }

    private (IReadOnlyList<IReadOnlyDictionary<string, string?>> Rows, string? Next) Page(Query query, IReadOnlyList<IReadOnlyDictionary<string, string?>> rows, string? token)
    {
        var start = token is null || !int.TryParse(token, CultureInfo.InvariantCulture, out var at) ? 0 : at;
        var end = Math.Min(rows.Count, start + PageSize);
        query.IsRead |= end == rows.Count;
        return ([.. rows.Skip(start).Take(PageSize)], end < rows.Count ? end.ToString(CultureInfo.InvariantCulture) : null);
    }

    private sealed class Query(int number, string sql)
    {
        private int _looks;

        public int Number => number;

        public string Sql => sql;

        public bool IsRead { get; set; }

        public int Look() => Interlocked.Increment(ref _looks);
    }
}
