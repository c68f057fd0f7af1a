using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using Amazon.Runtime;
using Loopback.Aws;
using Scanner.Aws.Client;
using Scanner.Aws.Session;
using Scanner.Collect.Events;
using Scanner.Model;
using Scanner.Scan;

namespace EndToEnd.Tests;

public sealed class EventSourceTests : IAsyncLifetime
{
    private const string RootLogin = "76e75135-4b28-4f19-8c07-4186557aa659";
    private const string LogsRule = "event-logs-readable";

    private AwsServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await AwsServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task An_event_that_two_regions_show_is_one_finding()
    {
        LookUp(_ => [RootEvent("e-1")]);
        var report = await ScanAsync(["us-east-1", "eu-west-1"], "lookup");
        var finding = Assert.Single(report.Findings, f => f.Check == RootLogin);
        Assert.Equal("e-1", finding.Resource);
        Assert.DoesNotContain(report.Findings, f => f.Status == FindingStatus.Unknown);
        Assert.Equal(["eu-west-1", "us-east-1"], report.Collection.Where(s => s.Table == "aws_cloudtrail_event" && s.Outcome == CollectionOutcome.Ok).Select(s => s.Region).Order(StringComparer.Ordinal));
        Assert.Equal(1, report.Scan.Events);
    }

    [Fact]
    public async Task The_whole_span_is_asked_for_without_a_gap_and_the_home_region_too()
    {
        LookUp(_ => []);
        await ScanAsync(["eu-west-1"], "lookup");
        var calls = _server.Requests.Where(r => r.Operation == "LookupEvents").ToList();
        Assert.Equal(["eu-west-1", "us-east-1"], calls.Select(r => r.Region).Distinct().Order(StringComparer.Ordinal));
        foreach (var region in calls.GroupBy(r => r.Region))
        {
            var spans = region.Select(r => (From: Seconds(r["StartTime"]!), To: Seconds(r["EndTime"]!))).OrderBy(span => span.From).ToList();
            Assert.True(spans[^1].To - spans[0].From >= 24 * 3600);
            for (var i = 1; i < spans.Count; i++)
                Assert.Equal(spans[i - 1].To, spans[i].From);
        }
    }

    [Fact]
    public async Task A_region_that_refuses_is_unknown_and_the_others_are_matched()
    {
        LookUp(request => request.Region == "us-east-1" ? [RootEvent("e-1")] : []);
        _server.Fault("cloudtrail", "LookupEvents", AwsFault.AccessDenied, when: r => r.Region == "eu-west-1");
        var report = await ScanAsync(["us-east-1", "eu-west-1"], "lookup");
        Assert.Single(report.Findings, f => f.Check == RootLogin);
        var unknown = Assert.Single(report.Findings, f => f.Check == LogsRule);
        Assert.Equal((FindingStatus.Unknown, "eu-west-1"), (unknown.Status, unknown.Region));
        Assert.Contains("cloudtrail:LookupEvents", unknown.Message, StringComparison.Ordinal);
        Assert.Contains(report.Collection, s => s is { Table: "aws_cloudtrail_event", Region: "eu-west-1", Outcome: CollectionOutcome.Denied });
    }

    [Fact]
    public async Task What_was_read_before_a_failed_page_is_matched()
    {
        LookUp(_ => [RootEvent("e-1")]);
        _server.Fault("cloudtrail", "LookupEvents", AwsFault.FailedSecondPage);
        var report = await ScanAsync(["us-east-1"], "lookup");
        Assert.Single(report.Findings, f => f.Check == RootLogin);
        Assert.Equal(FindingStatus.Unknown, Assert.Single(report.Findings, f => f.Check == LogsRule).Status);
    }

    [Theory]
    [InlineData("s3://trail-logs")]
    [InlineData("s3://trail-logs/audit/org")]
    [InlineData("s3://trail-logs/audit/org/AWSLogs/o-acme123456")]
    [InlineData("s3://trail-logs/audit/org/AWSLogs/o-acme123456/222222222222/CloudTrail/eu-west-1/?region=us-east-1")]
    public async Task Only_the_hours_asked_for_are_read_from_a_trail(string place)
    {
        var now = DateTimeOffset.UtcNow;
        var wanted = Put("222222222222", "eu-west-1", now.AddMinutes(-20), Packed(RootRecord("e-1")));
        Put("222222222222", "eu-west-1", now.AddHours(-3), "too old to be opened"u8.ToArray());
        Put("222222222222", "eu-west-1", now.AddDays(-40), "far too old"u8.ToArray());
        _server.PutObject("trail-logs", "audit/org/AWSLogs/o-acme123456/222222222222/CloudTrail-Digest/eu-west-1/" + now.ToString("yyyy'/'MM'/'dd", CultureInfo.InvariantCulture) + "/222222222222_CloudTrail-Digest_eu-west-1_x_20990101T0000Z.json.gz", "digest"u8.ToArray());

        var report = await ScanAsync(["eu-west-1"], place, since: TimeSpan.FromHours(1));
        Assert.Equal("e-1", Assert.Single(report.Findings, f => f.Check == RootLogin).Resource);
        Assert.DoesNotContain(report.Findings, f => f.Check == LogsRule);
        Assert.Equal([wanted], _server.Requests.Where(r => r.Operation == "GetObject").Select(r => r["Key"]));
        Assert.DoesNotContain(_server.Requests, r => r.Operation == "ListObjectsV2" && (r["Prefix"] ?? "").Contains("Digest", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_object_that_is_refused_is_unknown_and_the_others_are_matched()
    {
        var now = DateTimeOffset.UtcNow;
        Put("222222222222", "eu-west-1", now.AddMinutes(-20), Packed(RootRecord("e-1")));
        var refused = Put("333333333333", "us-east-1", now.AddMinutes(-20), Packed(RootRecord("e-2")));
        var cut = Put("333333333333", "eu-west-1", now.AddMinutes(-21), Packed(RootRecord("e-3"))[..^12]);
        _server.Fault("*", "GetObject", AwsFault.AccessDenied, when: r => r["Key"] == refused);
        var report = await ScanAsync(["eu-west-1"], "s3://trail-logs/audit/org", since: TimeSpan.FromHours(1));
        Assert.Contains(report.Findings, f => f.Check == RootLogin && f.Resource == "e-1");
        var unknown = Assert.Single(report.Findings, f => f.Check == LogsRule && f.Account == "333333333333");
        Assert.Equal((FindingStatus.Unknown, "us-east-1"), (unknown.Status, unknown.Region));
        Assert.Contains("s3:GetObject: AccessDenied", unknown.Message, StringComparison.Ordinal);
        Assert.Contains(report.Findings, f => f.Check == LogsRule && f.Message.Contains(cut, StringComparison.Ordinal));
        Assert.Contains(report.Collection, s => s is { Account: "333333333333", Region: "us-east-1", Outcome: CollectionOutcome.Denied });
    }

    [Theory]
    [InlineData(AwsFault.AccessDenied, CollectionOutcome.Denied)]
    [InlineData(AwsFault.Throttling, CollectionOutcome.Throttled)]
    [InlineData(AwsFault.InternalError, CollectionOutcome.Error)]
    public async Task A_listing_that_fails_is_unknown(AwsFault fault, CollectionOutcome outcome)
    {
        Put("222222222222", "eu-west-1", DateTimeOffset.UtcNow, Packed(RootRecord("e-1")));
        _server.Fault("s3", "ListObjectsV2", fault);
        var report = await ScanAsync(["eu-west-1"], "s3://trail-logs/audit/org", since: TimeSpan.FromHours(1));
        Assert.Equal(FindingStatus.Unknown, Assert.Single(report.Findings, f => f.Check == LogsRule).Status);
        Assert.Contains(report.Collection, s => s.Table == "aws_cloudtrail_event" && s.Outcome == outcome && s.Operation == "s3:ListObjectsV2");
    }

    [Fact]
    public async Task A_trail_that_delivered_nothing_is_unknown_and_not_silence()
    {
        Put("222222222222", "eu-west-1", DateTimeOffset.UtcNow.AddDays(-3), Packed(RootRecord("e-1")));
        var report = await ScanAsync(["eu-west-1"], "s3://trail-logs", since: TimeSpan.FromHours(1));
        Assert.Contains("there is no log file", Assert.Single(report.Findings, f => f.Check == LogsRule).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Flow_logs_and_access_logs_are_read_from_buckets_as_AWS_delivers_them()
    {
        var now = DateTimeOffset.UtcNow;
        _server.PutObject("flows", string.Create(CultureInfo.InvariantCulture, $"AWSLogs/222222222222/vpcflowlogs/eu-west-1/{now:yyyy'/'MM'/'dd}/222222222222_vpcflowlogs_eu-west-1_fl-1_{now:yyyyMMdd'T'HHmm'Z'}_ab12.log.gz"),
            Gzip("version account-id srcaddr dstaddr dstport protocol start end action log-status\n2 222222222222 203.0.113.7 10.0.1.20 22 6 1795515300 1795515360 ACCEPT OK\n"));
        _server.PutObject("access", string.Create(CultureInfo.InvariantCulture, $"site/{now:yyyy-MM-dd-HH-mm-ss}-ABCDEF0123456789"),
            "79a59df900b949e5 customer-data [06/Feb/2019:00:00:38 +0000] 192.0.2.3 - REQ1 REST.GET.BUCKET - \"GET /?list-type=2 HTTP/1.1\" 200 - 113 - 7 - \"-\" \"curl\" - - - - - - TLSv1.3 - -\n"u8.ToArray());
        var report = await ScanAsync(["eu-west-1"], ["vpcflow:s3://flows", "s3_access:s3://access/site"], TimeSpan.FromHours(1), "62c17b53-e97e-4145-8a08-3bdfe9425528", "e635e48f-0180-417c-9f19-a0e7f4a05dd3");
        Assert.Equal("222222222222", Assert.Single(report.Findings, f => f.Check.StartsWith("62c17b53", StringComparison.Ordinal)).Account);
        Assert.Equal("REQ1", Assert.Single(report.Findings, f => f.Check.StartsWith("e635e48f", StringComparison.Ordinal)).Resource);
        Assert.DoesNotContain(report.Findings, f => f.Check == LogsRule);
    }

    [Theory]
    [InlineData("s3:/x")]
    [InlineData("s3://Not_A_Bucket/x")]
    [InlineData("s3://bucket/x?region=nowhere")]
    [InlineData("athena:db.table")]
    public void A_place_that_is_none_is_one_clear_line(string text)
    {
        var error = Assert.Throws<InputException>(() => text.StartsWith("s3://", StringComparison.Ordinal) ? LogBucketAddress.Parse(text) : (object)new ScanRun(new ScanOptions { Events = [EventLocation.Parse(text)], From = "x" }));
        Assert.DoesNotContain('\n', error.Message);
    }

    private Task<ScanReport> ScanAsync(string[] regions, string place, TimeSpan? since = null) => ScanAsync(regions, [place], since ?? TimeSpan.FromHours(24), RootLogin);

    private async Task<ScanReport> ScanAsync(string[] regions, string[] places, TimeSpan since, params string[] only)
    {
        var cancellation = TestContext.Current.CancellationToken;
        var options = new ScanOptions { Regions = regions, Events = [.. places.Select(EventLocation.Parse)], Since = since, Only = only };
        var session = await AwsSession.OpenAsync(
            new AwsSessionOptions
            {
                Endpoint = _server.Url,
                Credentials = new BasicAWSCredentials(AwsServer.AccessKeyId, AwsServer.SecretAccessKey),
                Region = "us-east-1",
                Limits = new LiveAwsOptions { MaxBackoff = TimeSpan.FromMilliseconds(1), MaxAttempts = 2, AdaptiveRate = false, LookupEventsPerSecond = 1000 },
                Environment = _ => null,
            },
            cancellation);
        using var source = await AccountSource.LiveAsync(session, options, Silent.Instance, cancellation);
        using var run = new ScanRun(options, SharedCatalog.For(options));
        return await run.RunAsync(source, [], Silent.Instance, cancellation);
    }

    private void LookUp(Func<AwsRequest, string[]> records)
    {
        _server.Reply("cloudtrail", "LookupEvents", request => new JsonObject { ["Events"] = new JsonArray([.. records(request).Select(text => JsonNode.Parse(text))]) });
    }

    private string Put(string account, string region, DateTimeOffset time, byte[] content)
    {
        var key = string.Create(CultureInfo.InvariantCulture, $"audit/org/AWSLogs/o-acme123456/{account}/CloudTrail/{region}/{time:yyyy'/'MM'/'dd}/{account}_CloudTrail_{region}_{time:yyyyMMdd'T'HHmm'Z'}_AbCdEfGhIjKlMnOp.json.gz");
        _server.PutObject("trail-logs", key, content);
        return key;
    }

    private static string RootEvent(string id) => new JsonObject { ["EventId"] = id, ["EventName"] = "ConsoleLogin", ["CloudTrailEvent"] = RootRecord(id) }.ToJsonString();

    private static string RootRecord(string id) => $$"""
        {"eventVersion":"1.11","eventID":"{{id}}","eventTime":"2026-11-24T10:15:00Z","eventSource":"signin.amazonaws.com","eventName":"ConsoleLogin","awsRegion":"us-east-1","sourceIPAddress":"198.51.100.23","userIdentity":{"type":"Root","accountId":"111111111111","arn":"arn:aws:iam::111111111111:root"},"responseElements":{"ConsoleLogin":"Success"},"additionalEventData":{"MFAUsed":"Yes"},"eventType":"AwsConsoleSignIn","recipientAccountId":"111111111111"}
        """;

    private static byte[] Packed(string record) => Gzip("{\"Records\":[" + record + "]}");

    private static byte[] Gzip(string text)
    {
        using var memory = new MemoryStream();
        using (var gz = new GZipStream(memory, CompressionLevel.Fastest))
            gz.Write(Encoding.UTF8.GetBytes(text));
        return memory.ToArray();
    }

    private static long Seconds(string text) =>
        long.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number
        : double.TryParse(text, CultureInfo.InvariantCulture, out var real) ? (long)real
        : DateTimeOffset.Parse(text, CultureInfo.InvariantCulture).ToUnixTimeSeconds();

    private sealed class Silent : IProgressSink
    {
        public static Silent Instance { get; } = new();

        public void Report(string task, long done, long total)
        {
        }

        public void Note(string message)
        {
        }
    }
}
