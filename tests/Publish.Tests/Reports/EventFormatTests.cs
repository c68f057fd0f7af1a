using System.Text;
using System.Text.Json;
using Scanner.Model;
using Scanner.Publish.Reports;

namespace Publish.Tests.Reports;

/// <summary>When, who and what: every format has the time of an event, its actor, its source and what it was done to in fields of their own.</summary>
public sealed class EventFormatTests
{
    private const string Time = "2026-01-31T04:28:00Z";
    private const string Trail = "arn:aws:cloudtrail:us-east-1:111111111111:trail/legacy";
    private const string Actor = "arn:aws:iam::111111111111:user/ben";

    private static readonly DateTimeOffset At = new(2026, 1, 31, 4, 28, 0, TimeSpan.Zero);

    private static readonly Finding Stopped = SampleReport.Login("e-1") with
    {
        Seen = new Sighting(At.AddMinutes(-3), At, 2, ["e-0", "e-1"], new Dictionary<string, string>()),
        Event = $$$"""{"eventID":"e-1","eventName":"StopLogging","eventSource":"cloudtrail.amazonaws.com","eventTime":"{{{Time}}}","awsRegion":"us-east-1","sourceIPAddress":"198.51.100.201","userIdentity":{"type":"IAMUser","arn":"{{{Actor}}}","accessKeyId":"AKIAIOSFODNN7EXAMPLE"},"requestParameters":{"name":"legacy"}}""",
    };

    [Fact]
    public async Task Ocsf_has_the_event_in_its_own_time_with_actor_call_source_and_resource()
    {
        using var json = JsonDocument.Parse(await Write("ocsf"));
        var e = json.RootElement;
        var evidence = e.GetProperty("evidences")[0];

        Assert.Equal(At.ToUnixTimeMilliseconds(), e.GetProperty("time").GetInt64());
        Assert.Equal((At.AddMinutes(-3).ToUnixTimeMilliseconds(), At.ToUnixTimeMilliseconds()), (e.GetProperty("start_time").GetInt64(), e.GetProperty("end_time").GetInt64()));
        Assert.Equal(Trail, e.GetProperty("resources")[0].GetProperty("uid").GetString());
        Assert.Equal("AwsCloudTrailTrail", e.GetProperty("resources")[0].GetProperty("type").GetString());
        Assert.Equal((Actor, "ben"), (Text(evidence, "actor", "user", "uid"), Text(evidence, "actor", "user", "name")));
        Assert.Equal(("StopLogging", "cloudtrail.amazonaws.com"), (Text(evidence, "api", "operation"), Text(evidence, "api", "service", "name")));
        Assert.Equal("198.51.100.201", Text(evidence, "src_endpoint", "ip"));
        Assert.Equal(["e-0", "e-1"], e.GetProperty("finding_info").GetProperty("related_events").EnumerateArray().Select(one => one.GetProperty("uid").GetString()));
    }

    [Fact]
    public async Task Asff_has_first_and_last_the_call_and_typed_resources()
    {
        using var json = JsonDocument.Parse(await Write("asff"));
        var e = json.RootElement[0];

        Assert.Equal(("2026-01-31T04:25:00.000Z", "2026-01-31T04:28:00.000Z"), (e.GetProperty("FirstObservedAt").GetString(), e.GetProperty("LastObservedAt").GetString()));
        Assert.Equal([("AwsCloudTrailTrail", Trail), ("AwsIamUser", Actor)], e.GetProperty("Resources").EnumerateArray().Select(one => (one.GetProperty("Type").GetString()!, one.GetProperty("Id").GetString()!)));
        Assert.Equal(("StopLogging", "198.51.100.201"), (Text(e, "Action", "AwsApiCallAction", "Api"), Text(e, "Action", "AwsApiCallAction", "RemoteIpDetails", "IpAddressV4")));
        Assert.Equal("e-0 e-1", Text(e, "ProductFields", "ScannerEventIds"));
    }

    [Fact]
    public async Task Csv_has_the_time_and_an_account_that_no_program_takes_for_a_number()
    {
        var report = SampleReport.Report(Stopped with { Account = "012345678901" });
        report = report with { Scan = report.Scan with { AccountNames = new Dictionary<string, string>(StringComparer.Ordinal) { ["012345678901"] = "acme-prod" } } };
        var lines = Encoding.UTF8.GetString(await Write("csv", report)).Split("\r\n");
        var tail = lines[1].Split(',')[^11..];

        Assert.Equal("time,account_arn,actor,source,action,touched,first_time,event_ids,owner,account_name,read_at", string.Join(',', lines[0].Split(',')[^11..]));
        Assert.Equal([Time, "arn:aws:iam::012345678901:root", Actor, "198.51.100.201", "StopLogging", Trail.Replace("111111111111", "012345678901", StringComparison.Ordinal), "2026-01-31T04:25:00Z", "e-0 e-1", "", "acme-prod", ""], tail);
    }

    [Fact]
    public async Task Sarif_has_them_among_the_properties_and_names_the_thing_that_was_touched()
    {
        using var json = JsonDocument.Parse(await Write("sarif"));
        var result = json.RootElement.GetProperty("runs")[0].GetProperty("results")[0];

        Assert.Equal("2026-01-31T04:28:00.000Z", Text(result, "properties", "lastSeen"));
        Assert.Equal((Actor, "198.51.100.201", Trail), (Text(result, "properties", "actor"), Text(result, "properties", "source"), Text(result, "properties", "touched")));
        Assert.Equal(Trail, result.GetProperty("locations")[0].GetProperty("logicalLocations")[0].GetProperty("fullyQualifiedName").GetString());
    }

    [Fact]
    public async Task Json_has_actor_source_action_and_what_was_touched_beside_the_event()
    {
        using var json = JsonDocument.Parse(await Write("json"));
        var e = json.RootElement.GetProperty("findings")[0];

        Assert.Equal((Actor, "198.51.100.201", "StopLogging", Trail), (Text(e, "actor"), Text(e, "source"), Text(e, "action"), Text(e, "touched")));
        Assert.Equal("2026-01-31T04:25:00+00:00", Text(e, "seen", "first"));
    }

    [Fact]
    public async Task Html_names_what_was_touched_where_resources_stand_and_the_times_of_the_first_and_the_last_event()
    {
        var html = Encoding.UTF8.GetString(await Write("html"));

        Assert.Contains($"<td role=\"cell\"><code>{Trail}</code><br>by <code>ben</code><br>from <code>198.51.100.201</code><br><time datetime=\"2026-01-31T04:25:00Z\">2026-01-31 04:25:00</time> to <time datetime=\"{Time}\">2026-01-31 04:28:00</time> event <code>e-1</code></td>", html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("csv", ",\"ana, team acme/network\",,\r\n")]
    [InlineData("html", "<br>owner <code>ana, team acme/network</code>")]
    [InlineData("json", "\"team\": \"acme/network\"")]
    public async Task Whose_a_finding_is_is_told(string format, string expected) =>
        Assert.Contains(expected, Encoding.UTF8.GetString(await Write(format, SampleReport.Report(SampleReport.TrailFails() with { Owner = new Owner("ana", "acme/network") }))), StringComparison.Ordinal);

    [Fact]
    public async Task The_head_of_a_page_names_the_version_and_who_asked()
    {
        var report = SampleReport.Report(Stopped);
        report = report with { Scan = report.Scan with { Caller = "arn:aws:sts::111111111111:assumed-role/scanner/run" } };

        Assert.Contains(" · Scanner 0.1.0, asked as `arn:aws:sts::111111111111:assumed-role/scanner/run`\n", Encoding.UTF8.GetString(await Write("markdown", report)).Split("## ")[0], StringComparison.Ordinal);
        Assert.Contains(" · Scanner 0.1.0, asked as arn:aws:sts::111111111111:assumed-role/scanner/run · <a href=\"#asked\">what was asked</a></p>", Encoding.UTF8.GetString(await Write("html", report)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("json")]
    [InlineData("sarif")]
    [InlineData("ocsf")]
    [InlineData("asff")]
    [InlineData("markdown")]
    [InlineData("html")]
    public async Task Every_format_that_has_room_says_who_asked_with_which_parameters_and_version(string format)
    {
        var report = SampleReport.Report(Stopped);
        report = report with { Scan = report.Scan with { Caller = "arn:aws:sts::111111111111:assumed-role/scanner/run", Parameters = "regions=eu-west-1", Version = "7.6.5" } };

        var text = Encoding.UTF8.GetString(await Write(format, report));

        Assert.Contains("arn:aws:sts::111111111111:assumed-role/scanner/run", text, StringComparison.Ordinal);
        Assert.Contains("regions=eu-west-1", text, StringComparison.Ordinal);
        Assert.Contains("7.6.5", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_events_that_share_only_an_address_the_account_stands_for_the_resource_and_never_the_event()
    {
        var correlated = SampleReport.Report(Stopped with { Event = null, Resource = "e-1", Seen = new Sighting(At.AddMinutes(-3), At, 2, ["e-0", "e-1"], new Dictionary<string, string> { ["sourceIPAddress"] = "198.51.100.201" }) });

        using var sarif = JsonDocument.Parse(await Write("sarif", correlated));
        Assert.Equal(SampleReport.Account, sarif.RootElement.GetProperty("runs")[0].GetProperty("results")[0].GetProperty("locations")[0].GetProperty("logicalLocations")[0].GetProperty("fullyQualifiedName").GetString());
        Assert.Contains($"<td role=\"cell\"><code>{SampleReport.Account}</code><br>", Encoding.UTF8.GetString(await Write("html", correlated)), StringComparison.Ordinal);
        Assert.Contains(",198.51.100.201,,,2026-01-31T04:25:00Z,e-0 e-1,,,\r\n", Encoding.UTF8.GetString(await Write("csv", correlated)), StringComparison.Ordinal);
    }

    /// <summary>What a format calls the resource of a finding, everything that it says of one, and what it says of times.</summary>
    public static TheoryData<string, string> Formats => new()
    {
        { "json", "\"resource\": \"arn:aws:s3:::one\"" },
        { "csv", ",arn:aws:s3:::one," },
        { "sarif", "\"fullyQualifiedName\": \"arn:aws:s3:::one\"" },
        { "ocsf", "\"uid\":\"arn:aws:s3:::one\"" },
        { "asff", "\"Id\": \"arn:aws:s3:::one\"" },
        { "junit", "name=\"arn:aws:s3:::one, event e-1 (us-east-1)\"" },
        { "html", "<td role=\"cell\"><code>arn:aws:s3:::one</code>, <code>arn:aws:s3:::two</code><br>by <code>ben</code>, <code>r/s</code><br>from " },
        { "markdown", "| 2026-01-31 04:25:00 to 04:28:00 | `ben`, `r/s` | `198.51.100.201`, `203.0.113.9` | `one`, `two` |" },
    };

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task Every_format_tells_of_several_events_when_who_from_where_and_on_what_and_calls_no_event_a_resource(string format, string resource)
    {
        var report = SampleReport.Report(Stopped with
        {
            Event = null,
            Seen = new Sighting(At.AddMinutes(-3), At, 2, ["e-0", "e-1"], new Dictionary<string, string>())
            {
                Actors = [Actor, "arn:aws:sts::111111111111:assumed-role/r/s"],
                Sources = ["198.51.100.201", "203.0.113.9"],
                Actions = ["StopLogging", "DeleteTrail"],
                Touched = ["arn:aws:s3:::one", "arn:aws:s3:::two"],
            },
        });

        var text = Encoding.UTF8.GetString(await Write(format, report));

        Assert.Contains(resource, text, StringComparison.Ordinal);
        // The last is a name, which every form of who, from where and on what holds; OCSF has times in milliseconds.
        foreach (var said in new[] { "ben", "r/s", "198.51.100.201", "203.0.113.9", "one", "two", "e-1", format == "ocsf" ? "1769833500000" : "04:25:00", format == "ocsf" ? "1769833680000" : "04:28:00" })
            Assert.Contains(said, text, StringComparison.Ordinal);
        foreach (var mistaken in new[] { "\"resource\": \"e-", "\"Id\": \"e-", "name=\"e-", "<td role=\"cell\"><code>e-", "\"fullyQualifiedName\": \"e-" })
            Assert.DoesNotContain(mistaken, text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_list_of_formats_that_the_test_above_goes_over_is_whole() =>
        Assert.Equal(ReportWriter.FormatNames.Except(["navigator", "controls", "svg"]).Order(StringComparer.Ordinal), Formats.Select(row => row.Data.Item1).Order(StringComparer.Ordinal));

    [Theory]
    [InlineData("arn:aws:s3:::b", "AwsS3Bucket")]
    [InlineData("arn:aws:s3:::b/k", "AwsS3Object")]
    [InlineData("arn:aws:iam::111111111111:role/x/y", "AwsIamRole")]
    [InlineData("arn:aws:rds:eu-west-1:111111111111:db:orders", "AwsRdsDbInstance")]
    [InlineData("arn:aws:elasticloadbalancing:eu-west-1:111111111111:loadbalancer/app/a/1", "AwsElbv2LoadBalancer")]
    [InlineData("arn:aws:elasticloadbalancing:eu-west-1:111111111111:loadbalancer/classic", "AwsElbLoadBalancer")]
    [InlineData("arn:aws-us-gov:sqs:us-gov-west-1:111111111111:q", "AwsSqsQueue")]
    [InlineData("sg-0bastion", "AwsEc2SecurityGroup")]
    [InlineData("111111111111", "AwsAccount")]
    [InlineData("arn:aws:glue:eu-west-1:111111111111:job/x", "Other")]
    [InlineData("something else", "Other")]
    [InlineData("arn:::", "Other")]
    public void A_resource_has_the_type_that_security_hub_filters_by(string resource, string type) =>
        Assert.Equal(type, AsffType.Of(resource, SampleReport.Account, "eu-west-1", "aws").Type);

    private static string? Text(JsonElement element, params string[] path) =>
        path.Aggregate(element, (at, name) => at.GetProperty(name)).GetString();

    private static Task<byte[]> Write(string format) => Write(format, SampleReport.Report(Stopped));

    private static async Task<byte[]> Write(string format, ScanReport report)
    {
        using var stream = new MemoryStream();
        await ReportWriter.WriteAsync(report, format, stream, TestContext.Current.CancellationToken);
        return stream.ToArray();
    }
}
