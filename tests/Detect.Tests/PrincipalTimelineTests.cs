using System.Globalization;
using System.Text;
using Scanner.Detect;
using Scanner.Detect.Matching;
using Scanner.Detect.Rules;
using Scanner.Model;

namespace Detect.Tests;

/// <summary>What a principal did ten minutes before and after a match, from the same logs; and what kind of network it came from.</summary>
public sealed class PrincipalTimelineTests
{
    private const string Alice = "arn:aws:iam::111122223333:user/alice";
    private static readonly DateTimeOffset Noon = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);

    private static readonly RuleSet Rules = RuleSet.Parse("r.yml", """
        title: a key is made
        id: key
        level: high
        logsource: {product: aws, service: cloudtrail}
        detection: {s: {eventName: CreateAccessKey}, condition: s}
        """);

    private static string Event(int seconds, string action, string arn = Alice, bool isRead = false, string? error = null, string? id = null) => $$"""
        {"eventName":"{{action}}","eventSource":"iam.amazonaws.com","eventID":"{{id ?? $"{action}-{seconds}"}}","eventTime":"{{Noon.AddSeconds(seconds).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)}}",
        "awsRegion":"us-east-1","recipientAccountId":"111122223333","sourceIPAddress":"203.0.113.9","readOnly":{{(isRead ? "true" : "false")}},{{(error is null ? "" : $"\"errorCode\":\"{error}\",")}}
        "userIdentity":{"type":"IAMUser","arn":"{{arn}}","userName":"x"},"requestParameters":{"userName":"carol"} }
        """.ReplaceLineEndings(" ");

    private static LogFile File(string name, params IEnumerable<string> events) => new(name, () => new MemoryStream(Encoding.UTF8.GetBytes(string.Join('\n', events))));

    private static async Task<IReadOnlyList<TimelineEntry>> TimelineAsync(params LogFile[] files)
    {
        var groups = new FindingGroups();
        await new Detector(Rules, new DetectorOptions { IncludeEvents = true }).RunAsync(files, match => groups.Add(RuleFindings.ToFinding(match)), TestContext.Current.CancellationToken);
        var findings = await PrincipalTimelines.AddAsync(groups.Findings, files, 2, TestContext.Current.CancellationToken);
        return findings[0].Seen!.Timeline;
    }

    [Fact]
    public async Task Ten_minutes_before_and_after_are_told_and_no_second_more_nor_anybody_else()
    {
        var timeline = await TimelineAsync(File(
            "a.json",
            [Event(-601, "TooEarly"), Event(-600, "First"), Event(0, "CreateAccessKey"), Event(1, "NotHers", Alice + "2"), Event(600, "Last"), Event(601, "TooLate")]));
        Assert.Equal(["First", "CreateAccessKey", "Last"], timeline.Select(entry => entry.Action));
        Assert.Equal([false, true, false], timeline.Select(entry => entry.IsMatch));
        Assert.All(timeline, entry => Assert.Equal("203.0.113.9", entry.Source));
    }

    [Fact]
    public async Task Calls_alike_and_reads_one_after_another_are_one_line_and_a_refusal_is_told_apart()
    {
        var timeline = await TimelineAsync(File(
            "a.json",
            [
                .. Enumerable.Range(0, 30).Select(i => Event(-300 + i, i % 2 == 0 ? "ListUsers" : "ListRoles", isRead: true)),
                Event(-100, "AttachUserPolicy", error: "AccessDenied"), Event(-90, "AttachUserPolicy"), Event(-80, "AttachUserPolicy"), Event(0, "CreateAccessKey"),
            ]));
        Assert.Equal([("ListRoles, ListUsers", 30, null), ("AttachUserPolicy", 1, "AccessDenied"), ("AttachUserPolicy", 2, null), ("CreateAccessKey", 1, (string?)null)],
            timeline.Select(entry => (entry.Action, (int)entry.Count, entry.Error)));
    }

    [Fact]
    public async Task Of_a_busy_principal_the_calls_nearest_to_the_match_are_told_and_the_rest_is_counted()
    {
        var timeline = await TimelineAsync(File("a.json", [.. Enumerable.Range(-500, 501).Select(i => Event(i, $"Put{i}")), Event(0, "CreateAccessKey")]));
        Assert.Equal(PrincipalTimelines.MostEntries, timeline.Count);
        Assert.Contains(timeline, entry => entry.IsMatch);
        Assert.Contains(timeline, entry => entry.Action == "Put-37");
        Assert.Equal(("calls that are not shown", 463), (timeline[^1].Action, timeline[^1].Count));
    }

    [Fact]
    public async Task Sessions_of_one_role_are_one_principal_and_an_event_that_came_twice_is_one()
    {
        const string Role = """{"type":"AssumedRole","arn":"arn:aws:sts::111122223333:assumed-role/R/NAME","sessionContext":{"sessionIssuer":{"arn":"arn:aws:iam::111122223333:role/R"}}}""";
        string Of(int seconds, string action, string session) => Event(seconds, action).Replace("""{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/alice","userName":"x"}""", Role.Replace("NAME", session, StringComparison.Ordinal), StringComparison.Ordinal);
        var timeline = await TimelineAsync(File("a.json", [Of(-10, "PutOne", "s1"), Of(0, "CreateAccessKey", "s2")]), File("b.json", [Of(-10, "PutOne", "s1")]));
        Assert.Equal([("PutOne", 1), ("CreateAccessKey", 1)], timeline.Select(entry => (entry.Action, (int)entry.Count)));
    }

    [Fact]
    public async Task Files_whose_names_say_that_they_cannot_hold_it_are_not_read_again()
    {
        var reads = 0;
        LogFile Named(string time, string text) => new($"s3://logs/AWSLogs/1/CloudTrail/us-east-1/2026/11/20/1_CloudTrail_us-east-1_{time}Z_x.json.gz", () =>
        {
            Interlocked.Increment(ref reads);
            return new MemoryStream(Encoding.UTF8.GetBytes(text));
        });
        var timeline = await TimelineAsync(
            Named("20261120T1100", Event(-3000, "Before")), Named("20261120T1205", Event(0, "CreateAccessKey") + "\n" + Event(-60, "PutOne")), Named("20261120T1600", Event(14000, "After")));
        Assert.Equal(["PutOne", "CreateAccessKey"], timeline.Select(entry => entry.Action));
        Assert.Equal(4, reads);
    }

    [Theory]
    [InlineData("0001-01-01T00:00:00Z")]
    [InlineData("9999-12-31T23:59:59Z")]
    [InlineData("yesterday")]
    public async Task A_match_without_a_time_that_can_be_has_no_timeline(string time) =>
        Assert.Empty(await TimelineAsync(File("a.json", [Event(0, "CreateAccessKey").Replace("2026-11-20T12:00:00Z", time, StringComparison.Ordinal)])));

    [Theory]
    [InlineData("203.0.113.9", SourceNetwork.Internet)]
    [InlineData("10.1.2.3", SourceNetwork.Private)]
    [InlineData("::ffff:192.168.1.1", SourceNetwork.Private)]
    [InlineData("fd00::1", SourceNetwork.Private)]
    [InlineData("3.5.140.2", SourceNetwork.Ec2)]
    [InlineData("2600:1f18:1:2::3", SourceNetwork.Ec2)]
    [InlineData("ec2.amazonaws.com", SourceNetwork.Service)]
    [InlineData("AWS Internal", SourceNetwork.Service)]
    [InlineData("not an address", null)]
    [InlineData(null, null)]
    public void An_address_tells_what_kind_of_network_it_is_of(string? source, string? expected) => Assert.Equal(expected, SourceNetwork.Of(source));
}
