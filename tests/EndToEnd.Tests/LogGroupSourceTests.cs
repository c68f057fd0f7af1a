using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Amazon.Runtime;
using Loopback;
using Loopback.Aws;
using Scanner.Aws.Client;
using Scanner.Aws.Session;
using Scanner.Collect.Events;
using Scanner.Detect.Rules;
using Scanner.Model;
using Scanner.Scan;

namespace EndToEnd.Tests;

/// <summary><c>--events logs:GROUP</c>, against a log group on loopback that pages, throttles and answers late.</summary>
public sealed class LogGroupSourceTests : IAsyncLifetime
{
    private const string Group = "aws/cloudtrail/managementevents";
    private const string LogsRule = "event-logs-readable";
    private const string Root = "76e75135-4b28-4f19-8c07-4186557aa659";

    private static readonly string Sample = Path.Combine(Tools.Repository, "samples/acme/events");

    private static readonly Lazy<IReadOnlyList<string>> Shipped = new(() => Ids());

    private readonly Notes _notes = new();
    private AwsServer _server = null!;
    private LogGroup _group = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await AwsServer.StartAsync();
        _group = new LogGroup(_server, Group);
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("logs:" + Group, 1_000_000)]
    [InlineData("logs:arn:aws:logs:us-east-1:111111111111:log-group:" + Group + ":*", 1_000_000)]
    [InlineData("logs:" + Group + "?read=insights", 1_000_000)]
    [InlineData("logs:" + Group, 40)]
    public async Task The_findings_are_those_of_the_same_events_in_a_folder(string place, int mostFetched)
    {
        Fill(await RecordsAsync());
        _server.Fault("logs", "FilterLogEvents", AwsFault.Throttling, times: 1);
        _server.Fault("logs", "GetQueryResults", AwsFault.Throttling, times: 1);
        var local = await ScanAsync(Sample);
        var read = await ScanAsync(place, mostFetched);

        Assert.Contains(local, finding => finding is { Check: Root, Status: FindingStatus.Fail });
        Assert.Contains(local, finding => finding.Message.Contains(" events with ", StringComparison.Ordinal));
        Assert.Equal(Texts(local), Texts(read));
        var isAsked = mostFetched < 1000 || place.EndsWith("insights", StringComparison.Ordinal);
        Assert.Equal(isAsked, _group.Queries.Count > 0);
        Assert.Equal(place.EndsWith("insights", StringComparison.Ordinal), !_server.Requests.Any(request => request.Operation == "FilterLogEvents"));
        Assert.All(_group.Queries, query => Assert.True(query.Length <= 10_000));

        static IEnumerable<string> Texts(IReadOnlyList<Finding> findings) => findings
            .Where(f => f.Kind == FindingKind.Detection).Select(f => $"{f.Key} {f.Severity} {f.Account} {f.Region} {f.Resource} {f.Message}").Order(StringComparer.Ordinal);
    }

    [Fact]
    public async Task More_events_than_a_query_gives_are_asked_for_in_halves()
    {
        var records = await RecordsAsync();
        Fill(records);
        _group.MostRows = 10_000;
        // The same call many times over: only names of calls are asked for.
        var noise = JsonNode.Parse(records.First(record => record.Contains("\"ConsoleLogin\"", StringComparison.Ordinal)))!.AsObject();
        for (var i = 0; i < 11_000; i++)
        {
            noise["eventID"] = $"noise-{i}";
            noise["eventTime"] = "2026-11-24T10:15:00Z";
            noise["responseElements"] = new JsonObject { ["ConsoleLogin"] = "Nothing" };
            noise["userIdentity"] = new JsonObject { ["type"] = "Other" };
            _group.Events.Add((DateTimeOffset.UtcNow.AddSeconds(-10 - (i * 7)), noise.ToJsonString()));
        }

        var local = await ScanAsync(Sample);
        var read = await ScanAsync($"logs:{Group}?read=insights");
        Assert.Equal(Keys(local), Keys(read));
        Assert.DoesNotContain(read, finding => finding.Status == FindingStatus.Unknown);
        Assert.True(_group.Queries.Count > 3);

        static IEnumerable<string> Keys(IReadOnlyList<Finding> findings) => findings.Where(f => f.Kind == FindingKind.Detection && f.Status == FindingStatus.Fail).Select(f => f.Key).Order(StringComparer.Ordinal);
    }

    [Theory]
    [InlineData("logs:/aws/none", "there is no log group /aws/none in us-east-1")]
    [InlineData("logs:/aws/none?read=insights", "there is no log group /aws/none in us-east-1")]
    [InlineData("logs:" + Group, "holds no CloudTrail event")]
    [InlineData("logs:" + Group + "?read=insights", "holds no CloudTrail event")]
    public async Task A_group_that_is_not_there_or_of_another_kind_is_unknown_in_one_line(string place, string expected)
    {
        _group.Events.Add((DateTimeOffset.UtcNow.AddMinutes(-5), "2 111111111111 eni-1 10.0.0.1 10.0.0.2 443 50000 6 10 840 1 2 ACCEPT OK"));
        var unknown = Assert.Single(await ScanAsync(place), finding => finding.Check == LogsRule);
        Assert.Equal(FindingStatus.Unknown, unknown.Status);
        Assert.Contains(expected, unknown.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', unknown.Message);
    }

    [Theory]
    [InlineData("logs:" + Group)]
    [InlineData("logs:" + Group + "?read=insights")]
    public async Task An_empty_group_is_no_quiet_account(string place)
    {
        var unknown = Assert.Single(await ScanAsync(place), finding => finding.Check == LogsRule);
        Assert.Contains("check that a trail or a telemetry rule still fills the log group", unknown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_came_before_a_page_that_failed_is_matched()
    {
        var records = await RecordsAsync();
        for (var i = 0; i < records.Count; i++)
            _group.Events.Add((DateTimeOffset.UtcNow.AddSeconds(-40 + (i * 0.2)), records[i]));
        _group.PageSize = records.Count - 3;
        _server.Fault("logs", "FilterLogEvents", AwsFault.AccessDenied, when: request => request["nextToken"] is { } token && token != "0");
        var findings = await ScanAsync("logs:" + Group);
        Assert.Contains(findings, finding => finding is { Kind: FindingKind.Detection, Status: FindingStatus.Fail });
        Assert.Contains("logs:FilterLogEvents", Assert.Single(findings, finding => finding.Check == LogsRule).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_query_that_fails_is_unknown()
    {
        Fill(await RecordsAsync());
        _group.EndsAs = "Failed";
        Assert.Contains("logs:GetQueryResults", Assert.Single(await ScanAsync($"logs:{Group}?read=insights"), finding => finding.Check == LogsRule).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rule_that_any_event_may_match_is_named_where_Logs_Insights_stood_in()
    {
        Fill(await RecordsAsync());
        var folder = Directory.CreateTempSubdirectory("logs-");
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "any.yml"), """
            title: Anything but the console
            id: 0b1f0f57-5f7e-4d53-9b58-5b0d3c4ad001
            logsource: {product: aws, service: cloudtrail}
            detection:
              filter: {sourceIPAddress: 192.0.2.1}
              condition: not filter
            level: low
            """, TestContext.Current.CancellationToken);
        var findings = await ScanAsync($"logs:{Group}?read=insights", checks: folder.FullName);
        Assert.Contains("'Anything but the console'", Assert.Single(findings, finding => finding.Check == LogsRule).Message, StringComparison.Ordinal);
    }

    private void Fill(IReadOnlyList<string> records)
    {
        for (var i = 0; i < records.Count; i++)
            _group.Events.Add((DateTimeOffset.UtcNow.AddMinutes(-2 - (i * 5)), records[i]));
    }

    private static async Task<IReadOnlyList<string>> RecordsAsync()
    {
        var log = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(Sample, "cloudtrail.json")))!;
        return [.. log["Records"]!.AsArray().Select(record => record!.ToJsonString())];
    }

    private async Task<IReadOnlyList<Finding>> ScanAsync(string place, int mostFetched = 1_000_000, string? checks = null)
    {
        var cancellation = TestContext.Current.CancellationToken;
        var options = new ScanOptions
        {
            Regions = ["us-east-1"],
            Events = [EventLocation.Parse(place)],
            Since = TimeSpan.FromDays(3),
            Checks = checks is null ? [] : [checks],
            // No posture check is among them, so nothing but the regions is collected.
            Only = checks is null ? Shipped.Value : Ids(checks),
            Queries = new LogQueryOptions { FirstWait = TimeSpan.FromMilliseconds(1), LongestWait = TimeSpan.FromMilliseconds(2), MostFetched = mostFetched },
        };
        var session = await AwsSession.OpenAsync(
            new AwsSessionOptions
            {
                Endpoint = _server.Url,
                Credentials = new BasicAWSCredentials(AwsServer.AccessKeyId, AwsServer.SecretAccessKey),
                Region = "us-east-1",
                Limits = new LiveAwsOptions { MaxBackoff = TimeSpan.FromMilliseconds(1), MaxAttempts = 3, AdaptiveRate = false, FilterLogEventsPerSecond = 10_000 },
                Environment = _ => null,
            },
            cancellation);
        using var source = await AccountSource.LiveAsync(session, options, _notes, cancellation);
        using var run = new ScanRun(options, SharedCatalog.For(options));
        return (await run.RunAsync(source, [], _notes, cancellation)).Findings;
    }

    private static IReadOnlyList<string> Ids(params string[] folders) =>
        [.. RuleSet.Load(RuleSet.FindFiles([Path.Combine(Tools.Repository, "checks/detections"), .. folders])).Rules.Select(rule => rule.Id)];

    private sealed class Notes : IProgressSink
    {
        public ConcurrentQueue<string> Said { get; } = new();

        public void Report(string task, long done, long total)
        {
        }

        public void Note(string message) => Said.Enqueue(message);
    }
}
