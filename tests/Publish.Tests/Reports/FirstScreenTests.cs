using Scanner.Model;
using Scanner.Publish.Reports;

namespace Publish.Tests.Reports;

/// <summary>What a security lead reads first: stories of matches, what to do first, and words that never reassure without cause.</summary>
public sealed class FirstScreenTests
{
    private static readonly DateTimeOffset Night = new(2026, 1, 31, 4, 0, 0, TimeSpan.Zero);

    private static readonly RuleInfo StopLogging = Rule("r-stop", "A trail is stopped", Severity.Critical);
    private static readonly RuleInfo NewKey = Rule("r-key", "A key is made", Severity.High);
    private static readonly RuleInfo Change = Rule("r-change", "Something is changed", Severity.Low);

    [Fact]
    public void Urgent_matches_that_share_an_outside_address_or_an_actor_are_one_incident_though_in_two_accounts()
    {
        var one = Match(StopLogging, "ben", "198.51.100.201", 28);
        var two = Match(NewKey, "ben", "203.0.113.9", 40);
        var three = Match(NewKey, "root", "198.51.100.201", 5) with { Account = "222222222222" };
        var other = Match(StopLogging, "eve", "192.0.2.77", 30);

        var incidents = Incident.Of([one, two, three, other]);

        Assert.Equal([3, 1], incidents.Select(incident => incident.Findings.Count));
        Assert.Equal([three.Resource, one.Resource, two.Resource], incidents[0].Findings.Select(finding => finding.Resource));
        Assert.Equal(["ben", "root"], incidents[0].Actors);
        Assert.Equal(["198.51.100.201", "203.0.113.9"], incidents[0].Addresses);
    }

    [Fact]
    public void Matches_a_day_apart_and_calls_of_services_and_private_addresses_are_not_joined()
    {
        Assert.Equal(2, Incident.Of([Match(StopLogging, "ben", "198.51.100.201", 0), Match(StopLogging, "ben", "198.51.100.201", (25 * 60) + 1)]).Count);
        Assert.Equal(2, Incident.Of([Match(StopLogging, "a", "10.0.0.7", 0), Match(StopLogging, "b", "10.0.0.7", 1)]).Count);
        Assert.Equal(2, Incident.Of([Match(StopLogging, "a", "cloudformation.amazonaws.com", 0), Match(StopLogging, "b", "cloudformation.amazonaws.com", 1)]).Count);
    }

    [Fact]
    public void A_day_of_ordinary_work_is_no_incident_and_no_part_of_one()
    {
        var work = Enumerable.Range(0, 20).Select(i => Match(Change, "terraform", "198.51.100.9", i * 60)).ToList();

        Assert.Empty(Incident.Of(work));

        var incident = Assert.Single(Incident.Of([.. work, Match(StopLogging, "terraform", "198.51.100.9", (10 * 60) + 5)]));
        Assert.Equal(3, incident.Findings.Count);
    }

    [Fact]
    public void The_runs_of_attack_techniques_are_one_incident_each_and_medium_matches_of_one_rule_or_of_a_whole_day_are_none()
    {
        var tool = Rule("r-tool", "An attack tool calls", Severity.Medium);
        var share = Rule("r-share", "An image is shared", Severity.Medium);
        var policy = Rule("r-policy", "A policy is changed", Severity.Medium);

        // A tool shares an image: two rules, one story, with what it did on the way.
        Assert.Equal(3, Assert.Single(Incident.Of([Match(tool, "red", "192.0.2.6", 1), Match(share, "red", "192.0.2.6", 2), Match(Change, "red", "192.0.2.6", 3)])).Findings.Count);
        // A role that the tool takes on comes from the same address.
        Assert.Equal(3, Assert.Single(Incident.Of([Match(tool, "red", "192.0.2.6", 1), Match(tool, "role", "192.0.2.6", 2), Match(share, "role", "192.0.2.6", 3)])).Findings.Count);
        // Two techniques of two principals are two stories.
        Assert.Equal(2, Incident.Of([Match(tool, "a", "192.0.2.6", 1), Match(share, "a", "192.0.2.6", 2), Match(tool, "b", "192.0.2.7", 1), Match(policy, "b", "192.0.2.7", 2)]).Count);
        // Terraform changes policies all day, and another rule matches it twice: stories of an hour each.
        var day = Enumerable.Range(0, 24).Select(i => Match(policy, "terraform", "198.51.100.9", i * 60)).ToList();
        Assert.Empty(Incident.Of(day));
        var incidents = Incident.Of([.. day, Match(share, "terraform", "198.51.100.9", (5 * 60) + 1), Match(share, "terraform", "198.51.100.9", (15 * 60) + 1)]);
        Assert.Equal(2, incidents.Count);
        Assert.All(incidents, incident => Assert.True(incident.Last - incident.First <= Incident.Near, incident.Findings.Count.ToString(System.Globalization.CultureInfo.InvariantCulture)));
    }

    [Fact]
    public void A_correlation_takes_part_by_the_fields_that_its_events_share()
    {
        var correlation = SampleReport.Of(StopLogging, FindingStatus.Fail, "e-1") with
        {
            Seen = new Sighting(Night, Night.AddMinutes(4), 7, ["e-0", "e-1"], new Dictionary<string, string> { ["sourceIPAddress"] = "198.51.100.201" }),
        };

        var incident = Assert.Single(Incident.Of([correlation, Match(NewKey, "ben", "198.51.100.201", 10)]));

        Assert.Equal((Night, Night.AddMinutes(10)), (incident.First, incident.Last));
    }

    [Fact]
    public void Attacks_stand_before_what_strangers_can_reach_and_that_before_logging_and_other_settings()
    {
        var exposed = SampleReport.RootMfa with { Id = "x-open", Fails = "Things are open", Severity = Severity.High, Urgency = Urgency.Exposure };
        var other = SampleReport.RootMfa with { Id = "x-other", Fails = "Other", Severity = Severity.Critical };
        var trail = SampleReport.Trail with { Urgency = Urgency.Logging };
        Finding[] findings = [SampleReport.Of(other, FindingStatus.Fail, "r1"), SampleReport.TrailFails(), SampleReport.Of(exposed, FindingStatus.Fail, "r2"), Match(StopLogging, "ben", "198.51.100.201", 28)];
        var report = SampleReport.Report(findings) with { Rules = new[] { exposed, other, trail, StopLogging }.ToDictionary(rule => rule.Id) };

        var lines = StartHere.Of(report);

        Assert.Equal([Urgency.Attack, Urgency.Exposure, Urgency.Logging, Urgency.None], lines.Select(line => line.Urgency));
        Assert.Equal(["A trail is stopped", "Things are open", "Trails are stopped", "Other"], lines.Select(line => line.What));
        Assert.Equal("main in 111111111111, us-east-1", lines[2].Where);
    }

    [Fact]
    public void There_are_five_lines_at_most_and_no_kind_takes_all_of_them()
    {
        var attacks = Enumerable.Range(0, 8).Select(i => Match(StopLogging, $"u{i}", $"198.51.100.{i}", i));
        var rules = Enumerable.Range(0, 8).Select(i => SampleReport.RootMfa with { Id = $"x-{i}", Fails = $"Open {i}", Urgency = Urgency.Exposure }).ToList();
        var report = SampleReport.Report([.. attacks, .. rules.Select(rule => SampleReport.Of(rule, FindingStatus.Fail, rule.Id)), SampleReport.TrailFails()]) with
        {
            Rules = rules.Concat([SampleReport.Trail with { Urgency = Urgency.Logging }, StopLogging]).ToDictionary(rule => rule.Id),
        };

        Assert.Equal([Urgency.Attack, Urgency.Attack, Urgency.Exposure, Urgency.Exposure, Urgency.Logging], StartHere.Of(report).Select(line => line.Urgency));
    }

    [Fact]
    public void Nothing_that_could_not_be_read_reassures()
    {
        var denied = SampleReport.Of(SampleReport.GuardDuty, FindingStatus.Unknown, SampleReport.Account);
        var pass = SampleReport.Of(SampleReport.GuardDuty, FindingStatus.Pass, "d1");

        Assert.Equal("Nothing could be assessed: 1 answer is missing", Headline(denied));
        Assert.Equal("Nothing that could be assessed fails, 1 could not be assessed", Headline(denied, pass));
        Assert.Equal("Nothing fails", Headline(pass));
        Assert.True(FirstScreen.SawNothing([denied]));
        Assert.False(FirstScreen.SawNothing([denied, pass]));
        Assert.False(FirstScreen.SawNothing([]));
    }

    [Fact]
    public void Settings_and_events_are_counted_apart_and_the_share_says_of_what()
    {
        var first = FirstScreen.Of(SampleReport.Whole());

        Assert.Equal("1 incident, 2 settings fail, 1 could not be assessed", first.Headline);
        Assert.Equal("1 of 3 judged settings pass (33 %)", first.Share);
        Assert.Equal("1 match in 7 events: 1 high", first.Seen(SampleReport.Whole().Scan));
    }

    [Theory]
    [InlineData("""{"eventSource":"cloudtrail.amazonaws.com","awsRegion":"eu-west-1","requestParameters":{"name":"legacy"}}""", "arn:aws:cloudtrail:eu-west-1:111111111111:trail/legacy")]
    [InlineData("""{"eventSource":"iam.amazonaws.com","userIdentity":{"arn":"arn:aws-cn:iam::1:user/a"},"requestParameters":{"userName":"anna"}}""", "arn:aws-cn:iam::111111111111:user/anna")]
    [InlineData("""{"eventSource":"s3.amazonaws.com","resources":[{"type":"AWS::S3::Object"},{"ARN":"arn:aws:s3:::b/k"}]}""", "arn:aws:s3:::b/k")]
    [InlineData("""{"eventSource":"ec2.amazonaws.com","awsRegion":"us-east-1","requestParameters":{"instancesSet":{"items":[{"instanceId":"i-1"}]}}}""", "arn:aws:ec2:us-east-1:111111111111:instance/i-1")]
    [InlineData("""{"eventSource":"ec2.amazonaws.com","awsRegion":"us-east-1","requestParameters":{"DeleteFlowLogsRequest":{"FlowLogId":{"tag":1,"content":"fl-1"}}}}""", "arn:aws:ec2:us-east-1:111111111111:vpc-flow-log/fl-1")]
    [InlineData("""{"eventSource":"ec2.amazonaws.com","awsRegion":"us-east-1","requestParameters":{"DeleteFlowLogsRequest":{"FlowLogId":[{"tag":1,"content":"fl-1"},{"tag":2,"content":"fl-2"}]}}}""", "arn:aws:ec2:us-east-1:111111111111:vpc-flow-log/fl-1")]
    [InlineData("""{"eventSource":"ec2.amazonaws.com","awsRegion":"us-east-1","requestParameters":{"DeleteNatGatewayRequest":{"NatGatewayId":"nat-1"}}}""", "arn:aws:ec2:us-east-1:111111111111:natgateway/nat-1")]
    [InlineData("""{"eventSource":"ec2.amazonaws.com","awsRegion":"us-east-1","requestParameters":{"DescribeNatGatewaysRequest":{"NatGatewayId":{"tag":[]},"MaxResults":5}}}""", null)]
    [InlineData("""{"eventSource":"s3.amazonaws.com","awsRegion":"us-east-1","requestParameters":{"Request":{"VpcId":"vpc-1"}}}""", null)]
    [InlineData("""{"eventSource":"signin.amazonaws.com","requestParameters":null}""", null)]
    public void What_an_event_was_done_to_is_an_arn_where_one_can_be_told(string json, string? arn) =>
        Assert.Equal(arn, EventFacts.Of(SampleReport.Login("e") with { Event = json })!.Touched);

    [Theory]
    [InlineData("[]")]
    [InlineData("nothing")]
    [InlineData("""{"userIdentity":[],"eventTime":7,"requestParameters":"x","resources":{}}""")]
    [InlineData("{\"userIdentity\":{\"arn\":\"\uDC00\"}}")]
    public void An_event_that_says_nothing_is_no_error(string json) =>
        Assert.Null(EventFacts.Of(SampleReport.Login("e") with { Event = json })!.Time);

    private static string Headline(params Finding[] findings) => FirstScreen.Of(SampleReport.Report(findings)).Headline;

    private static RuleInfo Rule(string id, string title, Severity severity) =>
        new() { Id = id, Title = title, Severity = severity, Kind = FindingKind.Detection, Urgency = Urgency.Attack };

    private static Finding Match(RuleInfo rule, string actor, string source, int minute)
    {
        var at = Night.AddMinutes(minute);
        var id = $"{rule.Id}-{actor}-{minute}";
        return SampleReport.Of(rule, FindingStatus.Fail, id) with
        {
            Seen = new Sighting(at, at, 1, [id], new Dictionary<string, string>()),
            Event = $$$"""{"eventID":"{{{id}}}","eventName":"Do{{{rule.Id}}}","eventTime":"{{{at:yyyy-MM-ddTHH:mm:ssZ}}}","sourceIPAddress":"{{{source}}}","userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::111111111111:user/{{{actor}}}"}}""",
        };
    }
}
