using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Scanner.Aws;
using Scanner.Model;

namespace Scanner.Collect.Events;

/// <summary>
/// Queries on a table of CloudTrail logs in Amazon Athena: StartQueryExecution, GetQueryExecution, GetQueryResults,
/// StopQueryExecution, and GetTableMetadata for the table's partitions.
/// </summary>
public sealed partial class AthenaQueries : LogQueries
{
    private const string Service = "athena";

    /// <summary>AthenaError.ErrorCategory (Athena API reference): 1 system, 2 user, 3 other.</summary>
    private const int SystemError = 1;

    private readonly AthenaTableAddress _address;
    private readonly LogSource _source;

    /// <summary>Makes ready to ask.</summary>
    /// <param name="api">The account that asks; it pays, and its Glue catalog is meant.</param>
    /// <param name="region">Region, where the address names none.</param>
    /// <param name="address">The table.</param>
    /// <param name="options">Waits and limits.</param>
    /// <param name="source">What the table holds: columns and times are those of Athena's guide for that log.</param>
    public AthenaQueries(IAwsApi api, string region, AthenaTableAddress address, LogQueryOptions options, LogSource source = LogSource.CloudTrail) : base(api, address.Region ?? region, options)
    {
        _address = address;
        _source = source;
    }

    /// <inheritdoc/>
    public override string Place => _address.ToString();

    /// <inheritdoc/>
    public override string Table => _address.ToSql();

    /// <inheritdoc/>
    public override string Engine => "Athena";

    /// <inheritdoc/>
    public override string WhyEmpty => "check the table's LOCATION, that its partitions are added or projected for these days, and that the trail still delivers";

    /// <summary>262,144 bytes (Athena user guide, "Service Quotas").</summary>
    public override int MostBytes => 262_144;

    private protected override string StateOperation => "athena:GetQueryExecution";

    private protected override string RowsOperation => "athena:GetQueryResults";

    /// <inheritdoc/>
    public override async Task<LogSpan> SpanAsync(DateTimeOffset since, DateTimeOffset until, CancellationToken cancellation)
    {
        var time = TimeOf(since, until);
        var parameters = new JsonObject { ["CatalogName"] = _address.Catalog, ["DatabaseName"] = _address.Database, ["TableName"] = _address.Table };
        if (_address.WorkGroup is { } group)
            parameters["WorkGroup"] = group;
        try
        {
            var reply = await Api.CallAsync(new AwsCall(Region, Service, "GetTableMetadata", parameters), cancellation);
            var days = AthenaPartitions.Condition(reply["TableMetadata"], since, until);
            var columns = ColumnsOf(reply["TableMetadata"]);
            return days is null
                ? new LogSpan(time, $"{Place} has no partition by day that Scanner knows: each query reads the whole table (Athena's user guide shows a table with partition projection)") { Columns = columns }
                : new LogSpan($"{days} and {time}", null) { Columns = columns };
        }
        catch (AwsApiException e)
        {
            return new LogSpan(time, $"{Place}: its partitions are not known ({e.Operation}: {e.Message}), so each query reads the whole table");
        }
    }

    private string TimeOf(DateTimeOffset since, DateTimeOffset until) => _source switch
    {
        LogSource.VpcFlow => string.Create(CultureInfo.InvariantCulture, $"\"start\" >= {since.ToUnixTimeSeconds()} and \"start\" <= {until.ToUnixTimeSeconds()}"),
        LogSource.S3Access => string.Create(CultureInfo.InvariantCulture,
            $"to_unixtime(try(parse_datetime(requestdatetime, 'dd/MMM/yyyy:HH:mm:ss Z'))) between {since.ToUnixTimeSeconds()} and {until.ToUnixTimeSeconds()}"),
        // CloudTrail writes one form of time only, in which the order of the texts is that of the moments.
        _ => string.Create(CultureInfo.InvariantCulture, $"eventtime >= '{since.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}' and eventtime <= '{until.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}'"),
    };

    /// <summary>A table that was made from AWS's guide some years ago lacks what the guide has gained since.</summary>
    private static HashSet<string>? ColumnsOf(JsonNode? metadata)
    {
        if (metadata?["Columns"] is not JsonArray { Count: > 0 } list)
            return null;
        var columns = new HashSet<string>(StringComparer.Ordinal);
        foreach (var column in list)
        {
            if (column?["Name"]?.ToString().ToLowerInvariant() is not { Length: > 0 } name)
                continue;
            columns.Add(name);
            if (column["Type"]?.ToString().ToLowerInvariant() is not { } type)
                continue;
            foreach (var member in new[] { "onbehalfof", "inscopeof" })
            {
                if (type.Contains(member + ":", StringComparison.Ordinal))
                    columns.Add($"{name}.{member}");
            }
        }

        // A table without events' names is none of CloudTrail: every statement says so by itself.
        return columns.Contains("eventname") ? columns : null;
    }

    private protected override async Task<string> StartAsync(string sql, CancellationToken cancellation)
    {
        var parameters = new JsonObject
        {
            ["QueryString"] = sql,
            // A retry after a lost reply must not start, and pay for, a second query.
            ["ClientRequestToken"] = Guid.NewGuid().ToString(),
            ["QueryExecutionContext"] = new JsonObject { ["Catalog"] = _address.Catalog, ["Database"] = _address.Database },
        };
        if (_address.WorkGroup is { } group)
            parameters["WorkGroup"] = group;
        if (_address.Output is { } output)
            parameters["ResultConfiguration"] = new JsonObject { ["OutputLocation"] = output };
        var call = new AwsCall(Region, Service, "StartQueryExecution", parameters);
        return Text(call, await Api.CallAsync(call, cancellation), "QueryExecutionId");
    }

    private protected override async Task<QueryState> StateAsync(string id, CancellationToken cancellation)
    {
        var call = new AwsCall(Region, Service, "GetQueryExecution", new JsonObject { ["QueryExecutionId"] = id });
        var execution = (await Api.CallAsync(call, cancellation))["QueryExecution"] as JsonObject;
        var status = execution?["Status"] as JsonObject;
        var name = Text(call, status, "State");
        var error = status?["AthenaError"] as JsonObject;
        var reason = (status?["StateChangeReason"] ?? error?["ErrorMessage"])?.ToString();
        var bytes = Number((execution?["Statistics"] as JsonObject)?["DataScannedInBytes"]);
        return name switch
        {
            "QUEUED" or "RUNNING" => new QueryState(name, false, false, false, null, bytes, bytes > 0),
            "SUCCEEDED" => new QueryState(name, true, true, true, null, bytes, bytes > 0),
            "FAILED" or "CANCELLED" => new QueryState(name, true, false, false, reason, bytes, bytes > 0) { IsOfService = Number(error?["ErrorCategory"]) == SystemError },
            _ => throw new AwsApiException(call, CollectionOutcome.Error, ErrorClassification.MalformedReply, $"'{name}' is no state of a query"),
        };
    }

    // Athena counts the rows nowhere, so that a page without its list would end them in silence.
    private protected override AwsCall RowsOf(string id) =>
        new(Region, Service, "GetQueryResults", new JsonObject { ["QueryExecutionId"] = id }) { RequiresLists = true };

    private protected override AwsCall StopOf(string id) => new(Region, Service, "StopQueryExecution", new JsonObject { ["QueryExecutionId"] = id });

    /// <summary>The first row of the first page is the columns' names.</summary>
    private protected override QueryRows Rows(JsonObject reply)
    {
        if ((reply["ResultSet"] as JsonObject)?["Rows"] is not JsonArray { Count: > 0 } rows)
            throw new FormatException("the result has no row with the names of the columns");
        var names = Cells(rows[0]).Select(name => name ?? throw new FormatException("a column has no name")).ToList();
        var read = new List<IReadOnlyDictionary<string, string?>>(rows.Count - 1);
        foreach (var row in rows.Skip(1))
        {
            var cells = Cells(row);
            if (cells.Count != names.Count)
                throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"a row has {cells.Count} values for {names.Count} columns"));
            var values = new Dictionary<string, string?>(StringComparer.Ordinal);
            for (var i = 0; i < cells.Count; i++)
                values[names[i]] = cells[i];
            read.Add(values);
        }

        return new QueryRows(read);
    }

    // A syntax error is refused at the start, with the place in the statement; whatever else is refused concerns all statements.
    private protected override bool IsOfStatement(AwsApiException refusal) => refusal.Code == "InvalidRequestException" && PlaceInStatement().IsMatch(refusal.Message);

    private protected override string Explain(AwsApiException e) => e.Message.Contains("output location", StringComparison.OrdinalIgnoreCase)
        ? $"{e.Message} (name a workgroup that has a place for results with ?workgroup=NAME, or a place with ?output=s3://bucket/prefix)"
        : e.Message;

    private static List<string?> Cells(JsonNode? row)
    {
        if ((row as JsonObject)?["Data"] is not JsonArray cells)
            throw new FormatException("a row has no values");
        return [.. cells.Select(cell => cell switch
        {
            JsonObject datum => datum["VarCharValue"] switch
            {
                null => null,
                JsonValue value when value.TryGetValue(out string? text) => text,
                _ => throw new FormatException("a value is not a text"),
            },
            _ => throw new FormatException("a value is not one"),
        })];
    }

    [GeneratedRegex(@"\bline [0-9]{1,9}:[0-9]{1,9}\b", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex PlaceInStatement();
}
