using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Amazon.Runtime;
using Loopback;
using Loopback.Aws;
using Scanner.Aws.Client;
using Scanner.Aws.Session;
using Scanner.Collect.Events;
using Scanner.Detect.Matching;
using Scanner.Detect.Rules;
using Scanner.Model;
using Scanner.Scan;

namespace EndToEnd.Tests;

/// <summary><c>--events athena:</c> and <c>--events lake:</c>, against an engine on loopback that keeps a state for each query.</summary>
public sealed class EngineSourceTests : IAsyncLifetime
{
    private const string Root = "76e75135-4b28-4f19-8c07-4186557aa659";
    private const string Trail = "45df112a-f81d-4417-97f0-7d6b25dc29dd";
    private const string LogsRule = "event-logs-readable";
    private const string Store = "0a1b2c3d-0000-4000-8000-00000000abcd";
    private const string Athena = "athena:security.cloudtrail_logs";

    private static readonly string Events = Path.Combine(Tools.Repository, "samples/acme/events");
    private static readonly Lazy<Task<Func<string, IReadOnlyList<IReadOnlyDictionary<string, string?>>>>> Sample = new(() => AnswersAsync(Events));
    private static readonly RuleSetOptions Lists = new() { Placeholders = Scanner.Catalog.CatalogLoader.TryReadPlaceholders(Path.Combine(Tools.Repository, "checks/lists/placeholders.yml"))! };
    private static readonly Lazy<RuleSet> Shipped = new(() => RuleSet.Load(RuleSet.FindFiles([Path.Combine(Tools.Repository, "checks/detections")]), Lists));

    private AwsServer _server = null!;
    private QueryEngine _engine = null!;
    private readonly Notes _notes = new();

    public async ValueTask InitializeAsync()
    {
        _server = await AwsServer.StartAsync();
        _engine = new QueryEngine(_server);
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData(Athena)]
    [InlineData("lake:" + Store)]
    public async Task The_findings_are_those_of_the_same_events_in_a_folder(string place)
    {
        var matches = await MatchesAsync();
        _engine.Finds = await Sample.Value;
        _engine.PageSize = 2;
        _engine.Looks = _ => 2;
        var local = await ScanAsync(Events, []);
        var queried = await ScanAsync(place, []);

        var kept = local.Findings.Where(f => f.Kind == FindingKind.Detection && Shipped.Value.Rules.Single(rule => rule.Id == f.Check).LogSource.Kind == LogSource.CloudTrail).Select(Text).ToList();
        Assert.Equal(
            matches.Select(match => match.Rule).Where(rule => rule.LogSource.Kind == LogSource.CloudTrail).Select(rule => rule.Id).Distinct().Order(StringComparer.Ordinal),
            local.Findings.Where(f => f is { Kind: FindingKind.Detection, Status: FindingStatus.Fail } && Shipped.Value.Rules.Single(rule => rule.Id == f.Check).LogSource.Kind == LogSource.CloudTrail).Select(f => f.Check).Distinct().Order(StringComparer.Ordinal));
        Assert.Contains(matches, match => match.Rule.Id == Root);
        Assert.Equal(kept.Order(StringComparer.Ordinal), queried.Findings.Where(f => f.Kind == FindingKind.Detection).Select(Text).Order(StringComparer.Ordinal));
        Assert.Contains(queried.Findings, f => f.Message.Contains(" events with ", StringComparison.Ordinal));
        Assert.All(_engine.Statements, sql => Assert.Matches(place == Athena ? "eventtime >= '20[0-9-]{8}T[0-9:]{8}Z' and eventtime <= '" : "eventtime >= timestamp '20[0-9-]{8} [0-9:]{8}' and eventtime <= timestamp '", sql));
        Assert.InRange(_engine.MostAtOnce, 2, 5);
        // Rules about other logs are told of in words, and do not make the scan unknown.
        Assert.Contains(_notes.Said, note => note.Contains("8 detections about aws/vpcflow did not run over it", StringComparison.Ordinal));
        // What the engine's table has no column for, or its statements no room, is unknown by name.
        if (place == Athena)
            Assert.DoesNotContain(queried.Findings, f => f.Check == LogsRule);
        else
            Assert.Contains("the engine takes 10000", Assert.Single(queried.Findings, f => f.Check == LogsRule).Message, StringComparison.Ordinal);

        static string Text(Finding f) => $"{f.Key} {f.Severity} {f.Account} {f.Region} {f.Resource} {f.Seen!.Count} [{string.Join(',', f.Controls)}] [{string.Join(',', f.Mitre)}]{Told(f)}";
    }

    /// <summary>Correlations are judged here, over events that are fetched once: with the events of an attack, and of all that rules are tested with.</summary>
    [Theory]
    [InlineData(Athena, 10)]
    [InlineData("lake:" + Store, 40)]
    public async Task Correlations_over_fetched_events_are_those_of_the_same_events_in_a_folder(string place, int passes)
    {
        using var folder = new TempFolder();
        var events = Shipped.Value.Rules.Where(rule => rule.LogSource.Kind == LogSource.CloudTrail).SelectMany(rule => rule.Tests).SelectMany(test => test.Events)
            .Select((e, i) =>
            {
                // Each is an event of its own, at a time of its own test.
                var own = (JsonObject)e.DeepClone();
                own["eventID"] = string.Create(CultureInfo.InvariantCulture, $"{i:00000000}-0000-4000-8000-000000000000");
                own["eventTime"] ??= "2026-11-24T10:00:00Z";
                own["eventName"] ??= "Nothing";
                return own.ToJsonString();
            }).ToList();
        Assert.InRange(events.Count, 500, 5_000);
        await File.WriteAllLinesAsync(Path.Combine(folder.Path, "tests.jsonl"), events, TestContext.Current.CancellationToken);
        File.Copy(Path.Combine(Events, "cloudtrail.json"), Path.Combine(folder.Path, "attack.json"));
        _engine.Finds = await AnswersAsync(folder.Path);
        var local = await ScanAsync(folder.Path, []);
        var queried = await ScanAsync(place, []);
        var correlations = Shipped.Value.Rules.Where(rule => rule is { IsCorrelation: true, LogSource.Kind: LogSource.CloudTrail }).Select(rule => rule.Id).ToHashSet(StringComparer.Ordinal);
        var expected = local.Findings.Where(f => correlations.Contains(f.Check)).Select(Text).Order(StringComparer.Ordinal).ToList();
        Assert.InRange(local.Findings.Where(f => correlations.Contains(f.Check)).DistinctBy(f => f.Check).Count(), 20, correlations.Count);
        Assert.Equal(expected, queried.Findings.Where(f => correlations.Contains(f.Check)).Select(Text).Order(StringComparer.Ordinal));
        // A match of one event tells the same too, in the same words, but for the rules that the engine has no room for.
        var unasked = queried.Findings.Where(f => f.Check == LogsRule).Select(f => f.Message).ToList();
        var others = Shipped.Value.Rules.Where(rule => rule is { IsCorrelation: false, LogSource.Kind: LogSource.CloudTrail } && !unasked.Exists(said => said.Contains($"'{rule.Title}'", StringComparison.Ordinal)))
            .Select(rule => rule.Id).ToHashSet(StringComparer.Ordinal);
        var single = local.Findings.Where(f => others.Contains(f.Check)).Select(Text).Order(StringComparer.Ordinal).ToList();
        Assert.InRange(local.Findings.Where(f => others.Contains(f.Check)).DistinctBy(f => f.Check).Count(), 170, others.Count);
        Assert.Equal(single, queried.Findings.Where(f => others.Contains(f.Check)).Select(Text).Order(StringComparer.Ordinal));
        // No statement counts, and few read the table at all.
        Assert.DoesNotContain(_engine.Statements, sql => sql.Contains("event_count", StringComparison.Ordinal));
        Assert.InRange(_engine.Statements.Count, 1, passes);

        static string Text(Finding f) => $"{f.Key} {f.Resource} {f.Message} {f.Seen!.Count} {f.Seen.First} {f.Seen.Last} {string.Join(',', f.Seen.Group.Select(pair => $"{pair.Key}={pair.Value}"))}{Told(f)}";
    }

    /// <summary>AWS documents the type of the maps alone: the first nested value tells how the others are written.</summary>
    [Theory]
    [InlineData("{\"s\":\"{b=c}\"}", "{b=c}", "{b=d}", true)]
    [InlineData("{\"s\":\"{\\\"b\\\":1}\"}", null, null, true)]
    [InlineData("{\"s\":\"{b:c}\"}", null, null, false)]
    [InlineData(null, null, null, true)]
    public async Task Nested_values_of_a_store_are_read_as_they_are_written_there(string? first, string? hit, string? miss, bool known)
    {
        using var folder = new TempFolder();
        const string Nested = "33333333-2222-4333-8444-555555555555";
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "nested.yml"), $$"""
            title: A nested value
            id: {{Nested}}
            status: test
            level: high
            logsource: {product: aws, service: cloudtrail}
            detection: {s: {requestParameters.a.b: c}, condition: s}
            """, TestContext.Current.CancellationToken);
        _engine.Finds = sql => sql.Contains(" as nested ", StringComparison.Ordinal)
            ? first is null ? [] : [new Dictionary<string, string?>(StringComparer.Ordinal) { ["nested"] = first }]
            : hit is null || !sql.Contains(Nested, StringComparison.Ordinal) ? []
            : [.. new[] { ("e-1", hit), ("e-2", miss) }.Select(one => new Dictionary<string, string?>(RootRow(one.Item1), StringComparer.Ordinal)
            {
                ["rule"] = Nested, ["kept_resources_arn"] = null, ["kept_requestparameters"] = new JsonObject { ["a"] = one.Item2 }.ToJsonString(), ["kept_responseelements"] = null,
            })];
        var report = await ScanAsync("lake:" + Store, [Nested, Root], checks: [folder.Path]);
        Assert.StartsWith("select json_format(cast(map_filter(requestparameters, ", _engine.Statements[0], StringComparison.Ordinal);
        Assert.Equal(hit is null ? [] : ["e-1"], report.Findings.Where(f => f.Check == Nested).SelectMany(f => f.Seen!.EventIds));
        Assert.Equal(hit is not null, _notes.Said.Any(note => note.Contains("are judged here", StringComparison.Ordinal)));
        var unknown = report.Findings.Where(f => f.Check == LogsRule).ToList();
        if (known)
            Assert.Empty(unknown);
        else
            Assert.Contains("neither as JSON nor as {name=value}, so that they cannot be told (lake:" + Store + "; without a whole answer: 'A nested value')", Assert.Single(unknown).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Athena, "athena")]
    [InlineData("lake:" + Store, "cloudtrail")]
    public async Task Where_too_many_events_match_the_engine_counts_them_itself(string place, string service)
    {
        var matches = await MatchesAsync();
        _engine.Finds = await Sample.Value;
        var ids = matches.Where(match => match.Rule is { IsCorrelation: true, LogSource.Kind: LogSource.CloudTrail }).Select(match => match.Rule.Id).Distinct().ToArray();
        Assert.NotEmpty(ids);
        var local = await ScanAsync(Events, ids);
        var queried = await ScanAsync(place, ids, queries: Quick with { MostPartRows = 1 });
        Assert.Equal(Keys(local), Keys(queried));
        Assert.Equal(ids.Length, _engine.Statements.Count(sql => sql.Contains("event_count", StringComparison.Ordinal)));
        Assert.Contains(_engine.Statements, sql => sql.Contains("where n <= 2 limit ", StringComparison.Ordinal));
        Assert.Contains(_notes.Said, note => note.Contains("counts them itself", StringComparison.Ordinal) && note.Contains(Shipped.Value.Rules.Single(rule => rule.Id == ids[0]).Title, StringComparison.Ordinal));
        // More rows of a statement than are read, whatever rules they are of.
        var fetched = _engine.Statements.Count;
        Assert.Equal(Keys(local), Keys(await ScanAsync(place, ids, queries: Quick with { MostRows = 3 })));
        Assert.Equal(ids.Length, _engine.Statements.Skip(fetched).Count(sql => sql.Contains("event_count", StringComparison.Ordinal)));
        // A statement without an answer concerns the correlations, by name.
        _server.Fault(service, "GetQueryResults", AwsFault.AccessDenied);
        var unknown = Assert.Single((await ScanAsync(place, ids)).Findings);
        Assert.Equal((LogsRule, FindingStatus.Unknown), (unknown.Check, unknown.Status));
        Assert.All(ids, id => Assert.Contains($"'{Shipped.Value.Rules.Single(rule => rule.Id == id).Title}'", unknown.Message, StringComparison.Ordinal));

        static List<string> Keys(ScanReport report) => [.. report.Findings.Where(f => f.Kind == FindingKind.Detection).Select(f => $"{f.Key} {f.Seen!.Count}").Order(StringComparer.Ordinal)];
    }

    /// <summary>What a reader is told of the events: who, from where, what, on what, how it ended, and what to do next.</summary>
    private static string Told(Finding f)
    {
        var facts = EventFacts.Of(f)!;
        var rule = Shipped.Value.Rules.Single(rule => rule.Id == f.Check);
        return $" by {string.Join(',', f.Seen!.Actors)} from {string.Join(',', f.Seen.Sources)} called {string.Join(',', f.Seen.Actions)} on {string.Join(',', f.Seen.Touched)}"
            + (rule.IsCorrelation ? "" : $" {facts.Touched} {facts.PrincipalArn} {facts.AccessKeyId} {facts.Mfa} {facts.Error} {facts.UserAgent}: {f.Message} {string.Join(" / ", NextSteps.Of(rule.Response, f))}");
    }

    /// <summary>
    /// What an engine that holds these events answers: of a statement an event is one row, with all of its rules that it matches; the matches of a
    /// correlation that it counts itself are rows of their own. Rules that are counted only are found with rules that were read without correlations.
    /// </summary>
    private static async Task<Func<string, IReadOnlyList<IReadOnlyDictionary<string, string?>>>> AnswersAsync(string events)
    {
        var documents = RuleSet.FindFiles([Path.Combine(Tools.Repository, "checks/detections")])
            .SelectMany(file => File.ReadAllText(file.Path).ReplaceLineEndings("\n").Split("\n---\n")).Where(document => !document.Contains("\ncorrelation:", StringComparison.Ordinal));
        var alone = RuleSet.Parse("alone.yml", string.Join("\n---\n", documents), Lists);
        Assert.Empty(alone.Errors);
        var found = new List<DetectionMatch>();
        var files = LogFiles.Find([events]).Files;
        await new Detector(alone, new DetectorOptions { IncludeEvents = true }).RunAsync(files, found.Add, TestContext.Current.CancellationToken);
        await new Detector(Shipped.Value, new DetectorOptions { IncludeEvents = true }).RunAsync(files, match => found.AddRange(match.Rule.IsCorrelation ? [match] : []), TestContext.Current.CancellationToken);
        return sql => [.. found.Where(match => sql.Contains($"'{match.Rule.Id}'", StringComparison.Ordinal))
            .GroupBy(match => (match.File, match.Record, Alone: match.Rule.IsCorrelation ? match : null))
            .Select(group =>
            {
                var texts = sql.Contains(" from " + Store, StringComparison.Ordinal);
                var row = Row(group.First(), texts);
                row["rule"] = string.Join('\u001f', group.Select(match => match.Rule.Id));
                if (sql.Contains("row_number() over (partition by rule)", StringComparison.Ordinal))
                    Keep(row, group.First().Event!, texts);
                return row;
            })];
    }

    /// <summary>The columns for correlations; in CloudTrail Lake the members of a map are texts.</summary>
    private static void Keep(Dictionary<string, string?> row, string json, bool texts)
    {
        var e = JsonNode.Parse(json)!.AsObject();
        foreach (var document in new[] { "requestParameters", "responseElements", "additionalEventData" })
            row["kept_" + document.ToLowerInvariant()] = Document(e[document], texts);

        row["kept_resources_arn"] = e["resources"] is JsonArray resources ? string.Join('\u001f', resources.Select(one => one?["ARN"]?.ToString()).OfType<string>()) : null;
        var who = e["userIdentity"] as JsonObject;
        row["kept_useridentity_accesskeyid"] = who?["accessKeyId"]?.ToString();
        foreach (var field in new[] { "userAgent", "errorMessage" })
            row["kept_" + field.ToLowerInvariant()] = e[field]?.ToString();
    }

    [Fact]
    public async Task A_correlation_that_the_engine_cannot_do_is_judged_here_or_unknown_by_name()
    {
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "late.yml"), """
            title: Nothing at all happens
            id: 11111111-2222-4333-8444-555555555555
            status: test
            level: high
            correlation: {type: event_count, rules: [22222222-2222-4333-8444-555555555555], timespan: 1m, condition: {lt: 3}}
            ---
            title: Something happens
            id: 22222222-2222-4333-8444-555555555555
            status: test
            level: high
            logsource: {product: aws, service: cloudtrail}
            detection: {s: {eventName: x}, condition: s}
            """, TestContext.Current.CancellationToken);
        const string Late = "11111111-2222-4333-8444-555555555555";
        _engine.Finds = sql => sql.Contains("'22222222-2222-4333-8444-555555555555'", StringComparison.Ordinal)
            ? [.. new[] { "e-1", "e-2" }.Select(id => new Dictionary<string, string?>(RootRow(id), StringComparer.Ordinal) { ["rule"] = "22222222-2222-4333-8444-555555555555", ["kept_resources_arn"] = null, ["kept_requestparameters"] = "{\"bucketName\":\"b\"}", ["kept_responseelements"] = null })]
            : [];
        var report = await ScanAsync(Athena, [Late, Root], checks: [folder.Path]);
        Assert.Equal((Late, 2), (Assert.Single(report.Findings).Check, report.Findings[0].Seen!.Count));
        Assert.Equal(2, _engine.Statements.Count);

        var unknown = Assert.Single((await ScanAsync(Athena, [Late, Root], checks: [folder.Path], queries: Quick with { MostPartRows = 1 })).Findings);
        Assert.Equal((LogsRule, FindingStatus.Unknown), (unknown.Check, unknown.Status));
        Assert.Contains("convert: more than 1 events match its rules", unknown.Message, StringComparison.Ordinal);
        Assert.Contains("'Nothing at all happens'", unknown.Message, StringComparison.Ordinal);
        Assert.Equal(4, _engine.Statements.Count);

        // Rows without what was asked for are no answer.
        _engine.Finds = sql => sql.Contains("'22222222-2222-4333-8444-555555555555'", StringComparison.Ordinal) ? [new Dictionary<string, string?>(RootRow("e-1"), StringComparer.Ordinal) { ["rule"] = "22222222-2222-4333-8444-555555555555" }] : [];
        Assert.Contains("has no column 'kept_", Assert.Single((await ScanAsync(Athena, [Late, Root], checks: [folder.Path])).Findings).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Athena, "LOCATION")]
    [InlineData("lake:" + Store, "takes events in")]
    public async Task An_engine_that_read_nothing_is_unknown(string place, string remedy)
    {
        _engine.BytesRead = 0;
        var unknown = Assert.Single((await ScanAsync(place, [Root, Trail])).Findings);
        Assert.Equal((LogsRule, FindingStatus.Unknown), (unknown.Check, unknown.Status));
        Assert.Contains("read no data", unknown.Message, StringComparison.Ordinal);
        Assert.Contains(remedy, unknown.Message, StringComparison.Ordinal);
        Assert.Contains("'The root user signs in", unknown.Message, StringComparison.Ordinal);
        // A row proves that something was read, whatever the statistics say.
        _engine.Finds = _ => [RootRow("e-1")];
        Assert.Equal(Root, Assert.Single((await ScanAsync(place, [Root, Trail])).Findings).Check);
    }

    [Theory]
    [InlineData("vpcflow:", LogSource.VpcFlow, "where (\"start\" >= ")]
    [InlineData("s3_access:", LogSource.S3Access, "where (to_unixtime(try(parse_datetime(requestdatetime")]
    public async Task A_table_of_flow_logs_or_access_logs_is_asked_for_the_rules_about_them(string log, LogSource source, string span)
    {
        var rule = Shipped.Value.Rules.First(rule => rule is { Reports: true, IsCorrelation: false } && rule.LogSource.Kind == source);
        _engine.Finds = _ => [new Dictionary<string, string?>(StringComparer.Ordinal) { ["rule"] = rule.Id, ["event_id"] = null, ["event_time"] = "1795000000", ["account"] = null, ["region"] = null, ["srcaddr"] = "203.0.113.9", ["remote_ip"] = "203.0.113.9" }];
        var report = await ScanAsync(log + Athena, [rule.Id, Root]);
        Assert.Contains(span, Assert.Single(_engine.Statements), StringComparison.Ordinal);
        var finding = Assert.Single(report.Findings, f => f.Kind == FindingKind.Detection);
        Assert.Contains("203.0.113.9 (internet)", finding.Message, StringComparison.Ordinal);
        Assert.Contains(_notes.Said, note => note.Contains("1 detection about aws/cloudtrail did not run over it", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Where_no_rule_fits_nothing_is_asked_and_nothing_said_to_be_read()
    {
        var flow = Shipped.Value.Rules.First(rule => rule is { Reports: true, LogSource.Kind: LogSource.VpcFlow }).Id;
        var report = await ScanAsync(Athena, [flow]);
        Assert.DoesNotContain(report.Collection, s => s.Table == "aws_cloudtrail_event");
        Assert.DoesNotContain(_server.Requests, r => r.Service == "athena");
        Assert.Contains(_notes.Said, note => note.Contains("did not run over it", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{"PartitionKeys":[{"Name":"timestamp","Type":"string"}],"Parameters":{"projection.enabled":"true","projection.timestamp.type":"date","projection.timestamp.format":"yyyy/MM/dd"}}""", "\"timestamp\" >= '{0:yyyy/MM/dd}' and \"timestamp\" <= '{1:yyyy/MM/dd}'")]
    [InlineData("""{"PartitionKeys":[{"Name":"region","Type":"string"},{"Name":"dt","Type":"varchar(10)"}],"Parameters":{"projection.enabled":"true","projection.dt.type":"date","projection.dt.format":"yyyy-MM-dd-HH","projection.dt.interval":"1","projection.dt.interval.unit":"HOURS"}}""", "\"dt\" >= '{0:yyyy-MM-dd}-00' and \"dt\" <= '{1:yyyy-MM-dd}-23'")]
    [InlineData("""{"PartitionKeys":[{"Name":"day","Type":"date"}],"Parameters":{"projection.enabled":"TRUE","projection.day.type":"date","projection.day.format":"yyyy-MM-dd"}}""", "\"day\" >= date '{0:yyyy-MM-dd}' and \"day\" <= date '{1:yyyy-MM-dd}'")]
    [InlineData("""{"PartitionKeys":[{"Name":"year","Type":"int"},{"Name":"month","Type":"int"},{"Name":"day","Type":"int"}]}""", "(\"year\" in ({0:yyyy}) and \"month\" in ({0:%M}) and \"day\" in ({0:%d}, ")]
    [InlineData("""{"PartitionKeys":[{"Name":"year","Type":"string"},{"Name":"month","Type":"string"}],"Parameters":{"projection.enabled":"true","projection.year.type":"integer","projection.year.range":"2020,2040","projection.month.type":"integer","projection.month.range":"1,12","projection.month.digits":"2"}}""", "(\"year\" in ('{0:yyyy}') and \"month\" in ('")]
    [InlineData("""{"PartitionKeys":[{"Name":"timestamp","Type":"string"}],"Parameters":{"projection.timestamp.format":"dd.MM.yyyy' or 1=1"}}""", null)]
    [InlineData("""{"PartitionKeys":[{"Name":"x\" or 1=1 --","Type":"string"}]}""", null)]
    [InlineData("""{"Name":"t"}""", null)]
    public async Task Partitions_by_day_are_pruned(string metadata, string? expected)
    {
        _server.Reply("athena", "GetTableMetadata", new JsonObject { ["TableMetadata"] = JsonNode.Parse(metadata) });
        var report = await ScanAsync("athena:other.security.cloudtrail_logs?workgroup=scan&output=s3://results/here&region=eu-west-1", [Root]);
        var sql = Assert.Single(_engine.Statements);
        Assert.Contains("from \"other\".\"security\".\"cloudtrail_logs\" where (", sql, StringComparison.Ordinal);
        var (first, last) = (report.Scan.Time.UtcDateTime.AddDays(-2), report.Scan.Time.UtcDateTime.AddDays(1));
        if (expected is null)
        {
            Assert.Contains("where (eventtime >= ", sql, StringComparison.Ordinal);
            Assert.Contains(_notes.Said, note => note.Contains("reads the whole table", StringComparison.Ordinal));
        }
        else
        {
            Assert.Contains("where (" + string.Format(CultureInfo.InvariantCulture, expected.StartsWith('(') ? "(" + expected : expected, first, last), sql, StringComparison.Ordinal);
            Assert.Contains(" and eventtime >= '", sql, StringComparison.Ordinal);
        }

        var asked = Assert.Single(_server.Requests, r => r.Operation == "GetTableMetadata");
        Assert.Equal(("other", "security", "cloudtrail_logs", "scan", "eu-west-1"), (asked["CatalogName"], asked["DatabaseName"], asked["TableName"], asked["WorkGroup"], asked.Region));
        var started = Assert.Single(_server.Requests, r => r.Operation == "StartQueryExecution");
        Assert.Equal(("scan", "eu-west-1"), (started["WorkGroup"], started.Region));
        Assert.Equal("s3://results/here", started.Parameters["ResultConfiguration"]!["OutputLocation"]!.ToString());
        Assert.Equal("security", started.Parameters["QueryExecutionContext"]!["Database"]!.ToString());
        Assert.Contains(report.Collection, s => s is { Table: "aws_cloudtrail_event", Region: "eu-west-1", Outcome: CollectionOutcome.Ok });
    }

    [Fact]
    public async Task Without_the_right_to_see_partitions_it_goes_on_and_says_so()
    {
        _server.Fault("athena", "GetTableMetadata", AwsFault.AccessDenied);
        _engine.Finds = _ => [RootRow("e-1")];
        var report = await ScanAsync(Athena, [Root]);
        Assert.Equal("e-1", Assert.Single(report.Findings).Resource);
        Assert.Contains(_notes.Said, note => note.Contains("athena:GetTableMetadata: AccessDeniedException", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_event_data_store_of_another_account_is_asked_for_by_its_owner()
    {
        await ScanAsync("lake:arn:aws:cloudtrail:eu-west-1:999999999999:eventdatastore/" + Store, [Root]);
        Assert.Contains($"from {Store} where (", Assert.Single(_engine.Statements), StringComparison.Ordinal);
        Assert.All(_server.Requests.Where(r => r.Service == "cloudtrail"), r => Assert.Equal(("999999999999", "eu-west-1"), (r["EventDataStoreOwnerAccountId"], r.Region)));
        Assert.Equal(["StartQuery", "DescribeQuery", "GetQueryResults"], _server.Requests.Where(r => r.Service == "cloudtrail").Select(r => r.Operation));
    }

    [Theory]
    [InlineData(Athena, "StartQueryExecution", AwsFault.AccessDenied, CollectionOutcome.Denied)]
    [InlineData(Athena, "StartQueryExecution", AwsFault.Throttling, CollectionOutcome.Throttled)]
    [InlineData(Athena, "GetQueryExecution", AwsFault.AccessDenied, CollectionOutcome.Denied)]
    [InlineData(Athena, "GetQueryExecution", AwsFault.EmptyBody, CollectionOutcome.Error)]
    [InlineData(Athena, "GetQueryExecution", AwsFault.WrongRoot, CollectionOutcome.Error)]
    [InlineData(Athena, "GetQueryResults", AwsFault.InternalError, CollectionOutcome.Error)]
    [InlineData(Athena, "GetQueryResults", AwsFault.CutOffBody, CollectionOutcome.Error)]
    [InlineData(Athena, "GetQueryResults", AwsFault.WrongKind, CollectionOutcome.Error)]
    [InlineData(Athena, "GetQueryResults", AwsFault.EmptyBody, CollectionOutcome.Error)]
    [InlineData("lake:" + Store, "StartQuery", AwsFault.AccessDenied, CollectionOutcome.Denied)]
    [InlineData("lake:" + Store, "StartQuery", AwsFault.Throttling, CollectionOutcome.Throttled)]
    [InlineData("lake:" + Store, "DescribeQuery", AwsFault.NotTheProtocol, CollectionOutcome.Error)]
    [InlineData("lake:" + Store, "DescribeQuery", AwsFault.WrongKind, CollectionOutcome.Error)]
    [InlineData("lake:" + Store, "GetQueryResults", AwsFault.TruncatedBody, CollectionOutcome.Error)]
    [InlineData("lake:" + Store, "GetQueryResults", AwsFault.WrongKind, CollectionOutcome.Error)]
    [InlineData("lake:" + Store, "GetQueryResults", AwsFault.EmptyBody, CollectionOutcome.Error)]
    [InlineData("lake:" + Store, "GetQueryResults", AwsFault.ExpiredToken, CollectionOutcome.Expired)]
    public async Task A_call_that_fails_is_unknown_and_never_silence(string place, string operation, AwsFault fault, CollectionOutcome outcome)
    {
        _engine.Finds = _ => [RootRow("e-1")];
        var service = place == Athena ? "athena" : "cloudtrail";
        _server.Fault(service, operation, fault);
        var report = await ScanAsync(place, [Root]);
        var unknown = Assert.Single(report.Findings, f => f.Check == LogsRule);
        Assert.Equal(FindingStatus.Unknown, unknown.Status);
        var status = Assert.Single(report.Collection, s => s.Table == "aws_cloudtrail_event");
        Assert.Equal((outcome, $"{service}:{operation}"), (status.Outcome, status.Operation));
        Assert.Contains("'The root user signs in", status.Reason, StringComparison.Ordinal);
        // A query that was started and is not known to have ended is stopped.
        Assert.Equal(operation is "GetQueryExecution" or "DescribeQuery" ? 1 : 0, _engine.Stopped.Count);
    }

    [Theory]
    [InlineData(Athena, "athena", "StartQueryExecution")]
    [InlineData("lake:" + Store, "cloudtrail", "StartQuery")]
    [InlineData("lake:" + Store, "cloudtrail", "DescribeQuery")]
    public async Task What_is_throttled_once_is_asked_again(string place, string service, string operation)
    {
        _engine.Finds = _ => [RootRow("e-1")];
        _server.Fault(service, operation, AwsFault.Throttling, times: 1);
        var report = await ScanAsync(place, [Root]);
        Assert.Equal("e-1", Assert.Single(report.Findings).Resource);
    }

    [Fact]
    public async Task When_other_people_ask_Lake_too_it_waits_for_its_turn()
    {
        var refused = 0;
        _engine.Finds = _ => [RootRow("e-1")];
        _server.Reply("cloudtrail", "StartQuery", _ => Interlocked.Increment(ref refused) == 1
            ? throw new AwsError("MaxConcurrentQueriesException", 400, "You are already running the maximum number of concurrent queries.")
            : new JsonObject { ["QueryId"] = "00000000-0000-4000-8000-000000000001" });
        _server.Reply("cloudtrail", "DescribeQuery", """{"QueryStatus":"FINISHED"}""");
        _server.Reply("cloudtrail", "GetQueryResults", new JsonObject { ["QueryResultRows"] = new JsonArray(new JsonArray([.. RootRow("e-1").Select(pair => (JsonNode)new JsonObject { [pair.Key] = pair.Value })])) });
        Assert.Equal("e-1", Assert.Single((await ScanAsync("lake:" + Store, [Root])).Findings).Resource);
    }

    [Theory]
    [InlineData(Athena, "athena")]
    [InlineData("lake:" + Store, "cloudtrail")]
    public async Task What_came_before_a_failed_page_is_kept(string place, string service)
    {
        _engine.Finds = _ => [RootRow("e-1"), RootRow("e-2")];
        _server.Fault(service, "GetQueryResults", AwsFault.FailedSecondPage);
        var report = await ScanAsync(place, [Root]);
        Assert.Equal(["e-1", "e-2"], report.Findings.Where(f => f.Check == Root).SelectMany(f => f.Seen!.EventIds).Order(StringComparer.Ordinal));
        Assert.Contains($"{service}:GetQueryResults", Assert.Single(report.Findings, f => f.Check == LogsRule).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Athena, "athena", "A page has no ResultSet.Rows")]
    [InlineData("lake:" + Store, "cloudtrail", "1 of its 3 rows")]
    public async Task A_further_page_without_rows_does_not_end_them_in_silence(string place, string service, string reason)
    {
        _server.Reply(service, "GetQueryResults", request => request["NextToken"] is not null
            ? service == "athena" ? new JsonObject { ["ResultSet"] = new JsonObject() } : []
            : service == "athena"
                ? new JsonObject { ["NextToken"] = "2", ["ResultSet"] = new JsonObject { ["Rows"] = new JsonArray(Data(RootRow("e-1").Keys), Data(RootRow("e-1").Values)) } }
                : new JsonObject
                {
                    ["NextToken"] = "2",
                    ["QueryStatistics"] = new JsonObject { ["TotalResultsCount"] = 3 },
                    ["QueryResultRows"] = new JsonArray(new JsonArray([.. RootRow("e-1").Select(pair => (JsonNode)new JsonObject { [pair.Key] = pair.Value })])),
                });
        var report = await ScanAsync(place, [Root]);
        Assert.Equal("e-1", Assert.Single(report.Findings, f => f.Check == Root).Resource);
        Assert.Contains(reason, Assert.Single(report.Findings, f => f.Check == LogsRule).Message, StringComparison.Ordinal);

        static JsonObject Data(IEnumerable<string?> values) =>
            new() { ["Data"] = new JsonArray([.. values.Select(value => (JsonNode)(value is null ? [] : new JsonObject { ["VarCharValue"] = value }))]) };
    }

    [Theory]
    [InlineData(Athena)]
    [InlineData("lake:" + Store)]
    public async Task More_matches_than_can_be_held_are_unknown(string place)
    {
        _engine.Finds = sql => sql.EndsWith(" limit 3", StringComparison.Ordinal) ? [RootRow("e-1"), RootRow("e-2"), RootRow("e-3")] : [];
        var report = await ScanAsync(place, [Root], queries: Quick with { MostRows = 2 });
        Assert.Equal(["e-1", "e-2"], report.Findings.Where(f => f.Check == Root).SelectMany(f => f.Seen!.EventIds).Order(StringComparer.Ordinal));
        Assert.Contains("more than 2 matches", Assert.Single(report.Findings, f => f.Check == LogsRule).Message, StringComparison.Ordinal);
        Assert.Empty((await ScanAsync(place, [Root], queries: Quick with { MostRows = 3 })).Findings);
        _engine.Finds = _ => [RootRow("e-1"), RootRow("e-2"), RootRow("e-3")];
        Assert.DoesNotContain((await ScanAsync(place, [Root], queries: Quick with { MostRows = 3 })).Findings, f => f.Check == LogsRule);
    }

    [Theory]
    [InlineData("""{"ResultSet":{"Rows":[]}}""")]
    [InlineData("""{"ResultSet":{"Rows":[{"Data":[{"VarCharValue":"rule"}]},{"Data":[]}]}}""")]
    [InlineData("""{"ResultSet":{"Rows":[{"Data":[{"VarCharValue":"rule"}]},{}]}}""")]
    [InlineData("""{"ResultSet":{"Rows":[{"Data":[{"VarCharValue":"rule"}]},{"Data":[{"VarCharValue":"another-rule"}]}]}}""")]
    [InlineData("""{"ResultSet":{"Rows":[{"Data":[{"VarCharValue":"rule"}]},{"Data":[{"VarCharValue":"76e75135-4b28-4f19-8c07-4186557aa659"}]}]}}""")]
    [InlineData("""{"ResultSet":{"Rows":[{"Data":[{}]}]}}""")]
    [InlineData("{}")]
    public async Task Rows_that_make_no_sense_are_unknown(string reply)
    {
        _server.Reply("athena", "GetQueryResults", reply);
        var report = await ScanAsync(Athena, [Root]);
        Assert.Equal(LogsRule, Assert.Single(report.Findings).Check);
    }

    [Theory]
    [InlineData(Athena, 2, "SYNTAX_ERROR: line 1:8: Column 'tlsdetails' cannot be resolved")]
    [InlineData(Athena, 1, "GENERIC_INTERNAL_ERROR: Compiler failed: Method too large: run()")]
    [InlineData("lake:" + Store, null, "line 1:8: Column 'tlsdetails' cannot be resolved")]
    public async Task One_rule_that_fails_does_not_take_the_others_with_it(string place, int? category, string reason)
    {
        var matches = await MatchesAsync();
        _engine.FailedCategory = category;
        _engine.Fails = sql => sql.Contains(Trail, StringComparison.Ordinal) ? reason : null;
        _engine.Finds = sql => [.. matches.Where(match => sql.Contains(match.Rule.Id, StringComparison.Ordinal)).Select(match => Row(match, texts: false))];
        var ids = Shipped.Value.Rules.Where(rule => rule is { Reports: true, IsCorrelation: false, LogSource.Kind: LogSource.CloudTrail }).Select(rule => rule.Id).Where(id => matches.Exists(match => match.Rule.Id == id)).Append(Trail).Append(Root).Distinct().ToList();
        var report = await ScanAsync(place, [.. ids]);
        Assert.Equal(
            matches.Select(match => match.Rule.Id).Where(id => id != Trail && ids.Contains(id)).Distinct().Order(StringComparer.Ordinal),
            report.Findings.Where(f => f.Kind == FindingKind.Detection).Select(f => f.Check).Distinct().Order(StringComparer.Ordinal));
        var unknown = Assert.Single(report.Findings, f => f.Check == LogsRule);
        Assert.Contains(reason, unknown.Message, StringComparison.Ordinal);
        Assert.Contains($"without a whole answer: '{Shipped.Value.Rules.Single(rule => rule.Id == Trail).Title}')", unknown.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("TABLE_NOT_FOUND: line 1:99: Table 'awsdatacatalog.security.cloudtrail_logs' does not exist", 2, CollectionOutcome.Error)]
    [InlineData("PERMISSION_DENIED: Insufficient permissions to execute the query. Access Denied (Request ID: ABC123)", 2, CollectionOutcome.Denied)]
    [InlineData("HIVE_CURSOR_ERROR: Row is not a valid JSON Object", 2, CollectionOutcome.Error)]
    [InlineData("Something went wrong", 1, CollectionOutcome.Error)]
    public async Task What_concerns_the_whole_table_is_tried_once_and_said_once(string reason, int category, CollectionOutcome outcome)
    {
        _engine.FailedCategory = category;
        _engine.Fails = _ => reason;
        var report = await ScanAsync(Athena, []);
        Assert.All(_engine.Statements.CountBy(sql => sql), pair => Assert.Equal(1, pair.Value));
        var status = Assert.Single(report.Collection, s => s is { Table: "aws_cloudtrail_event", Operation: not "convert" });
        Assert.Equal((outcome, "athena:GetQueryExecution"), (status.Outcome, status.Operation));
        Assert.Contains(" more)", status.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Athena, "CANCELLED", "Bytes scanned limit was exceeded", 0)]
    [InlineData("lake:" + Store, "CANCELLED", null, 0)]
    [InlineData("lake:" + Store, "TIMED_OUT", "the query ran for an hour", 2)]
    public async Task A_query_that_others_end_is_unknown_with_what_it_found(string place, string state, string? reason, int kept)
    {
        _engine.FailedState = state;
        _engine.Fails = _ => reason ?? "";
        _engine.Finds = _ => [RootRow("e-1"), RootRow("e-2")];
        _engine.PageSize = 1;
        var report = await ScanAsync(place, [Root, Trail]);
        Assert.Equal(kept, report.Findings.Where(f => f.Check == Root).Sum(f => f.Seen!.Count));
        var unknown = Assert.Single(report.Findings, f => f.Check == LogsRule);
        Assert.Contains(reason is null ? $"{state}, and the engine does not say why" : $"{state}: {reason}", unknown.Message, StringComparison.Ordinal);
        // Nobody can tell that it was one rule's fault: nothing is asked, and paid, twice.
        Assert.Single(_engine.Statements);
    }

    [Theory]
    [InlineData(Athena)]
    [InlineData("lake:" + Store)]
    public async Task A_query_without_end_is_stopped_and_unknown(string place)
    {
        _engine.Looks = _ => int.MaxValue;
        var report = await ScanAsync(place, [Root], queries: Quick with { TimeLimit = TimeSpan.FromMilliseconds(60) });
        Assert.Contains("was stopped", Assert.Single(report.Findings).Message, StringComparison.Ordinal);
        Assert.Single(_engine.Stopped);
    }

    [Theory]
    [InlineData(Athena)]
    [InlineData("lake:" + Store)]
    public async Task A_scan_that_is_cancelled_stops_its_queries(string place)
    {
        using var cancel = new CancellationTokenSource();
        var looks = 0;
        _engine.Looks = _ =>
        {
            if (Interlocked.Increment(ref looks) == 3)
                cancel.CancelAfter(TimeSpan.FromMilliseconds(1));
            return int.MaxValue;
        };
        WasStopped(await ScanUntilAsync(place, [Root], [], Quick, cancel.Token));
        Assert.Single(_engine.Stopped);
    }

    [Theory]
    [InlineData(Athena)]
    [InlineData("lake:" + Store)]
    public async Task A_query_that_starts_as_the_scan_is_cancelled_is_stopped(string place)
    {
        using var cancel = new CancellationTokenSource();
        _engine.OnStart = cancel.Cancel;
        WasStopped(await ScanUntilAsync(place, [Root], [], Quick, cancel.Token));
        Assert.Single(_engine.Stopped);
    }

    /// <summary>StartQuery has no token by which CloudTrail would know a request again.</summary>
    [Theory]
    [InlineData(AwsFault.CutOffBody)]
    [InlineData(AwsFault.InternalError)]
    public async Task A_query_of_Lake_that_may_run_is_not_started_again(AwsFault fault)
    {
        _server.Fault("cloudtrail", "StartQuery", fault, times: 1);
        var report = await ScanAsync("lake:" + Store, [Root]);
        Assert.Equal(LogsRule, Assert.Single(report.Findings).Check);
        Assert.Single(_server.Requests, r => r.Operation == "StartQuery");
    }

    [Fact]
    public async Task A_workgroup_without_a_place_for_results_comes_with_the_mend()
    {
        _server.Reply("athena", "StartQueryExecution", _ => throw new AwsError("InvalidRequestException", 400, "No output location provided. An output location is required either through the Workgroup result configuration setting or as an API input."));
        var report = await ScanAsync(Athena, [Root, Trail]);
        Assert.Contains("?output=s3://", Assert.Single(report.Findings).Message, StringComparison.Ordinal);
        Assert.Single(_server.Requests, r => r.Operation == "StartQueryExecution");
    }

    [Theory]
    [InlineData(Athena + "?workgroup=scanner")]
    [InlineData("lake:" + Store)]
    public async Task The_program_polls_pages_and_reports_hostile_text_harmlessly(string place)
    {
        using var folder = new TempFolder();
        const string Hostile = "\u001b[2J::error::owned\n|<script>alert(1)</script>`x` @everyone";
        _engine.Looks = _ => 3;
        _engine.PageSize = 1;
        _engine.Finds = _ => [RootRow("e-1"), RootRow("e-2", Hostile), RootRow("e-3")];
        var (code, output) = await ProgramAsync(folder, place, "--fail-on", "medium", "--report", "json=report.json", "--report", "html=report.html", "--report", "markdown=report.md");
        Assert.True(code == 1, output);
        Assert.DoesNotContain('\u001b', output);
        Assert.DoesNotContain("\n::error", output, StringComparison.Ordinal);
        var findings = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(folder.Path, "report.json"), TestContext.Current.CancellationToken))!["findings"]!.AsArray();
        Assert.Equal(["e-1", "e-2", "e-3"], findings.SelectMany(f => f!["seen"]!["events"]!.AsArray().Select(id => id!.ToString())).Order(StringComparer.Ordinal));
        Assert.Contains("arn:aws:iam::111111111111:root called ConsoleLogin of signin.amazonaws.com from 198.51.100.23 (internet) at 2026-11-24T10:15:00Z", findings[0]!["message"]!.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("<script>alert(1)", await File.ReadAllTextAsync(Path.Combine(folder.Path, "report.html"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        var calls = _server.Requests.Where(r => r.Service is "athena" or "cloudtrail").Select(r => r.Operation).CountBy(name => name).ToDictionary();
        Assert.Equal(4, calls[place.StartsWith("lake", StringComparison.Ordinal) ? "DescribeQuery" : "GetQueryExecution"]);
        Assert.Equal(3, calls["GetQueryResults"]);
        Assert.Empty(_engine.Stopped);
    }

    [Theory]
    [InlineData(Athena)]
    [InlineData("lake:" + Store)]
    public async Task The_program_stops_its_queries_when_it_is_interrupted(string place)
    {
        using var folder = new TempFolder();
        var started = new TaskCompletionSource();
        _engine.Looks = _ =>
        {
            started.TrySetResult();
            return int.MaxValue;
        };
        // A shell starts its background jobs with interrupts ignored, and all that those start inherits it: the program hears them again.
        List<string> command = ["dotnet", ScannerProgram.Program, "scan", "--regions", "us-east-1", "--only", Root, "--events", place];
        if (OperatingSystem.IsLinux())
            command.InsertRange(0, ["env", "--default-signal=INT"]);
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            WorkingDirectory = folder.Path,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var (name, value) in _server.EnvironmentVariables)
            start.Environment[name] = value;
        var cancellation = TestContext.Current.CancellationToken;
        using var process = Process.Start(start)!;
        await using var stop = cancellation.Register(() => Tools.Kill(process));
        var output = process.StandardOutput.ReadToEndAsync(cancellation);
        var error = process.StandardError.ReadToEndAsync(cancellation);
        await Task.WhenAny(started.Task, process.WaitForExitAsync(cancellation));
        Assert.True(started.Task.IsCompleted, "the program asked for nothing");
        await Tools.RunAsync("kill", ["-INT", process.Id.ToString(CultureInfo.InvariantCulture)], cancellation: cancellation);
        await process.WaitForExitAsync(cancellation);
        await output;
        Assert.True(process.ExitCode == 130, await error);
        Assert.Contains("The scan was stopped by Ctrl-C before its end", await output + await error, StringComparison.Ordinal);
        Assert.Single(_engine.Stopped);
    }

    [Fact]
    public async Task The_policy_has_what_was_called_and_no_more()
    {
        _engine.Finds = _ => [RootRow("e-1")];
        _engine.Looks = _ => int.MaxValue;
        foreach (var place in new[] { Athena + "?region=eu-west-1", "lake:" + Store })
        {
            _server.ClearRequests();
            _engine.Looks = _ => int.MaxValue;
            await ScanAsync(place, [Root], queries: Quick with { TimeLimit = TimeSpan.FromMilliseconds(20) });
            _engine.Looks = _ => 0;
            await ScanAsync(place, [Root]);
            var called = _server.Requests.Where(r => r.Service is "athena" or "cloudtrail").Select(r => $"{r.Service}:{r.Operation}").Distinct().Order(StringComparer.Ordinal);
            var without = await PolicyAsync("none");
            var with = (await PolicyAsync(place)).Except(without).ToList();
            Assert.Equal(called, with.Where(action => action.StartsWith("athena:", StringComparison.Ordinal) || action.StartsWith("cloudtrail:", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
            // Athena reads Glue and S3 for the caller.
            if (place.StartsWith("athena", StringComparison.Ordinal))
                Assert.Superset(new HashSet<string>(StringComparer.Ordinal) { "glue:GetTable", "glue:GetDatabase", "glue:GetPartitions", "s3:GetObject", "s3:ListBucket", "s3:GetBucketLocation" }, (await PolicyAsync(place)).ToHashSet(StringComparer.Ordinal));
        }

        static async Task<HashSet<string>> PolicyAsync(string events)
        {
            var (code, output) = await ScannerProgram.RunAsync(Tools.Repository, ["policy", "--only", "iam-root-access-key", "--events", events]);
            Assert.True(code == 0, output);
            // What is said on standard error comes after it.
            return [.. JsonNode.Parse(output[..(output.LastIndexOf('}') + 1)])!["Statement"]!.AsArray().SelectMany(statement => statement!["Action"]!.AsArray()).Select(action => action!.ToString())];
        }
    }

    [Theory]
    [InlineData("athena:db.t?output=s3://results/x", "*", "every bucket")]
    [InlineData("athena:db.t?output=s3://results/x,s3://logs/AWSLogs", "logs results", null)]
    [InlineData("athena:db.t,s3://logs", "logs", "the bucket of Athena's results is not known")]
    public async Task The_policy_names_the_buckets_that_it_knows(string events, string buckets, string? said)
    {
        var (code, output) = await ScannerProgram.RunAsync(Tools.Repository, ["policy", "--only", "iam-root-access-key", "--events", events]);
        Assert.True(code == 0, output);
        var end = output.LastIndexOf('}') + 1;
        var resources = JsonNode.Parse(output[..end])!["Statement"]!.AsArray().Where(statement => statement!["Action"]!.AsArray().Any(action => action!.ToString() == "s3:GetObject")).SelectMany(statement => statement!["Resource"]!.AsArray());
        Assert.Equal(buckets.Split(' ').Select(bucket => $"arn:*:s3:::{bucket}/*"), resources.Select(resource => resource!.ToString()));
        if (said is null)
            Assert.Equal("", output[end..].Trim());
        else
            Assert.Contains(said, output[end..], StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_program_says_unknown_with_its_exit_code()
    {
        using var folder = new TempFolder();
        _engine.Fails = _ => "HIVE_BAD_DATA: a file is broken";
        var (code, output) = await ProgramAsync(folder, Athena, "--fail-on-unknown");
        Assert.True(code == 3, output);
        Assert.Contains("HIVE_BAD_DATA", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("athena:")]
    [InlineData("athena:a.b.c.d")]
    [InlineData("athena:db.t;drop table x")]
    [InlineData("athena:db.\"t\"")]
    [InlineData("athena:db.t?")]
    [InlineData("athena:db.t?workgroup=")]
    [InlineData("athena:db.t?workgroup=a/b")]
    [InlineData("athena:db.t?region=nowhere")]
    [InlineData("athena:db.t?region=eu-west-1&region=eu-west-1")]
    [InlineData("athena:db.t?output=http://x")]
    [InlineData("athena:db.t?output=s3://UPPER/x")]
    [InlineData("athena:db.t?color=blue")]
    [InlineData("lake:")]
    [InlineData("lake:my-store")]
    [InlineData("lake:0A1B2C3D-0000-4000-8000-00000000ABCD")]
    [InlineData("lake:0a1b2c3d-0000-4000-8000-00000000abcd' or '1'='1")]
    [InlineData("lake:0a1b2c3d-0000-4000-8000-00000000abcd?workgroup=x")]
    [InlineData("lake:arn:aws:s3:eu-west-1:111111111111:eventdatastore/0a1b2c3d-0000-4000-8000-00000000abcd")]
    [InlineData("lake:arn:aws:cloudtrail:eu-west-1:111111111111:eventdatastore/0a1b2c3d-0000-4000-8000-00000000abcd?region=us-east-1")]
    public void An_address_that_is_none_is_one_line(string place)
    {
        var error = Assert.Throws<InputException>(() => new ScanRun(new ScanOptions { Events = [EventLocation.Parse(place)] }));
        Assert.StartsWith("--events '" + place[..5], error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public async Task The_program_refuses_such_an_address_before_it_asks_AWS()
    {
        using var folder = new TempFolder();
        var (code, output) = await ProgramAsync(folder, "athena:db.t?region=\u001b[31m");
        Assert.Equal(2, code);
        Assert.Equal(1, output.Split('\n').Count(line => line.Contains("--events", StringComparison.Ordinal)));
        Assert.DoesNotContain('\u001b', output);
        Assert.Empty(_server.Requests);
        var (recorded, line) = await ScannerProgram.RunAsync(folder.Path, ["scan", "--from", Path.Combine(Tools.Repository, "samples/acme"), "--events", Athena]);
        Assert.Equal(2, recorded);
        Assert.Contains("asks AWS, and --from does not", line, StringComparison.Ordinal);
    }

    // Asks often; the limits are longer than a program's, because a busy machine is not what is tested.
    private static LogQueryOptions Quick { get; } = new()
    {
        FirstWait = TimeSpan.FromMilliseconds(1),
        LongestWait = TimeSpan.FromMilliseconds(5),
        TimeLimit = TimeSpan.FromSeconds(30),
        StartLimit = TimeSpan.FromSeconds(20),
        StopLimit = TimeSpan.FromSeconds(20),
    };

    private Task<(int ExitCode, string Output)> ProgramAsync(TempFolder folder, string place, params string[] more) =>
        ScannerProgram.RunAsync(
            folder.Path, ["scan", "--regions", "us-east-1", "--only", Root, "--events", place, .. more], [.. _server.EnvironmentVariables.Select(pair => (pair.Key, pair.Value))]);

    private Task<ScanReport> ScanAsync(string place, string[] only, string[]? checks = null, LogQueryOptions? queries = null) =>
        ScanUntilAsync(place, only, checks ?? [], queries ?? Quick, TestContext.Current.CancellationToken);

    /// <summary>What is known is told, and nothing is said to have been watched.</summary>
    private static void WasStopped(ScanReport report)
    {
        Assert.Equal("the scan was stopped before all events were read", Assert.Single(report.Collection, status => status.Table == "aws_cloudtrail_event").Reason);
        var finding = Assert.Single(report.Findings, finding => finding.Check == LogsRule);
        Assert.Equal(FindingStatus.Unknown, finding.Status);
        Assert.Contains("the scan was stopped before all events were read", finding.Message, StringComparison.Ordinal);
    }

    private async Task<ScanReport> ScanUntilAsync(string place, string[] only, string[] checks, LogQueryOptions queries, CancellationToken cancellation)
    {
        // No posture check is among them, so nothing but the regions is collected.
        var options = new ScanOptions
        {
            Regions = ["us-east-1"],
            Events = [EventLocation.Parse(place)],
            Only = only.Length > 0 ? only : [.. Shipped.Value.Rules.Select(rule => rule.Id)],
            Checks = checks,
            Queries = queries,
        };
        var session = await AwsSession.OpenAsync(
            new AwsSessionOptions
            {
                Endpoint = _server.Url,
                Credentials = new BasicAWSCredentials(AwsServer.AccessKeyId, AwsServer.SecretAccessKey),
                Region = "us-east-1",
                Limits = new LiveAwsOptions { MaxBackoff = TimeSpan.FromMilliseconds(1), MaxAttempts = 2, AdaptiveRate = false },
                Environment = _ => null,
            },
            cancellation);
        using var source = await AccountSource.LiveAsync(session, options, _notes, cancellation);
        using var run = new ScanRun(options, SharedCatalog.For(options));
        return await run.RunAsync(source, [], _notes, cancellation);
    }

    private static async Task<List<DetectionMatch>> MatchesAsync()
    {
        var matches = new List<DetectionMatch>();
        await new Detector(Shipped.Value, new DetectorOptions { IncludeEvents = true }).RunAsync(LogFiles.Find([Events]).Files, matches.Add, TestContext.Current.CancellationToken);
        return matches;
    }

    /// <summary>What the engine would give for a match: the columns of the statement, and no others.</summary>
    private static Dictionary<string, string?> Row(DetectionMatch match, bool texts)
    {
        var row = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["rule"] = match.Rule.Id,
            ["event_id"] = match.EventId,
            ["event_time"] = match.EventTime,
            ["account"] = match.Account,
            ["region"] = match.Region,
        };
        if (match.Rule.IsCorrelation)
        {
            for (var i = 0; i < match.Group.Count; i++)
                row[string.Create(CultureInfo.InvariantCulture, $"g{i}")] = match.Group[i].Value;
            row["event_count"] = match.EventCount.ToString(CultureInfo.InvariantCulture);
            row["first_event_id"] = match.Events[0].EventId;
            row["first_event_time"] = match.Events[0].EventTime?.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
            return row;
        }

        using var document = JsonDocument.Parse(match.Event!);
        var e = document.RootElement;
        foreach (var (column, field) in new[] { ("event_source", "eventSource"), ("event_name", "eventName"), ("source_ip", "sourceIPAddress"), ("error_code", "errorCode") })
            row[column] = Text(e, field);
        foreach (var (column, field) in new[] { ("actor_type", "type"), ("actor_arn", "arn"), ("actor_name", "userName"), ("actor_id", "principalId"), ("actor_service", "invokedBy"), ("actor_account", "accountId") })
            row[column] = e.TryGetProperty("userIdentity", out var identity) ? Text(identity, field) : null;
        var whole = JsonNode.Parse(match.Event!)!.AsObject();
        var who = whole["userIdentity"] as JsonObject;
        var session = who?["sessionContext"] as JsonObject;
        row["actor_key"] = who?["accessKeyId"]?.ToString();
        row["actor_issuer"] = session?["sessionIssuer"]?["arn"]?.ToString();
        row["actor_mfa"] = session?["attributes"]?["mfaAuthenticated"]?.ToString();
        row["mfa_used"] = whole["additionalEventData"]?["MFAUsed"]?.ToString();
        row["user_agent"] = whole["userAgent"]?.ToString();
        row["resource_arn"] = (whole["resources"] as JsonArray)?.Select(one => one?["ARN"]?.ToString()).FirstOrDefault(arn => arn is not null);
        row["request_parameters"] = Document(whole["requestParameters"], texts);
        row["response_elements"] = Document(whole["responseElements"], texts);
        return row;

        static string? Text(JsonElement element, string field) => element.TryGetProperty(field, out var value) ? value.ToString() : null;
    }

    /// <summary>A part of an event as an engine gives it; in CloudTrail Lake the members of a map are texts.</summary>
    private static string? Document(JsonNode? part, bool texts) => part is not JsonObject kept ? null : !texts ? kept.ToJsonString()
        : new JsonObject(kept.Where(pair => pair.Value is not null).Select(pair => KeyValuePair.Create<string, JsonNode?>(pair.Key, pair.Value is JsonValue value ? value.ToString() : pair.Value!.ToJsonString()))).ToJsonString();

    private static Dictionary<string, string?> RootRow(string id, string address = "198.51.100.23") => new(StringComparer.Ordinal)
    {
        ["rule"] = Root,
        ["event_id"] = id,
        ["event_time"] = "2026-11-24T10:15:00Z",
        ["account"] = "111111111111",
        ["region"] = "us-east-1",
        ["event_source"] = "signin.amazonaws.com",
        ["event_name"] = "ConsoleLogin",
        ["source_ip"] = address,
        ["error_code"] = null,
        ["actor_type"] = "Root",
        ["actor_arn"] = "arn:aws:iam::111111111111:root",
    };

    private sealed class Notes : IProgressSink
    {
        public ConcurrentQueue<string> Said { get; } = new();

        public void Report(string task, long done, long total)
        {
        }

        public void Note(string message) => Said.Enqueue(message);
    }

    private sealed class TempFolder : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("scanner-engines-").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
