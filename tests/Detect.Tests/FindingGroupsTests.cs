using System.Globalization;
using System.Text;
using Scanner.Detect;
using Scanner.Detect.Matching;
using Scanner.Detect.Rules;
using Scanner.Model;

namespace Detect.Tests;

/// <summary>What people are told of matches: one for each rule, principal and hour, its story, its next step, and what could be filtered.</summary>
public sealed class FindingGroupsTests
{
    private static readonly RuleSet Rules = RuleSet.Parse("r.yml", """
        title: a key is made
        id: key
        level: high
        logsource: {product: aws, service: cloudtrail}
        detection: {s: {eventName: CreateAccessKey}, condition: s}
        response:
          - "Turn it off: `aws iam list-access-keys --user-name USER`"
          - "Cut off who did it: `aws iam update-access-key --user-name USER --access-key-id KEY --status Inactive`"
          - See what TRAIL says
        """);

    private static Finding Match(int minute, string user, string target = "carol", string? error = null, string agent = "aws-cli/2")
    {
        using var session = new Detector(Rules, new DetectorOptions { IncludeEvents = true }).Begin();
        var json = $$"""
            {"eventName":"CreateAccessKey","eventSource":"iam.amazonaws.com","eventID":"{{user}}-{{minute}}-{{target}}","eventTime":"{{new DateTimeOffset(2026, 11, 20, 6, 0, 0, TimeSpan.Zero).AddMinutes(minute).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)}}",
            "awsRegion":"us-east-1","recipientAccountId":"111122223333","sourceIPAddress":"203.0.113.9","userAgent":"{{agent}}",{{(error is null ? "" : $"\"errorCode\":\"{error}\",")}}
            "userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/{{user}}","userName":"{{user}}","accessKeyId":"AKIAIOSFODNN7EXAMPLE"},"requestParameters":{"userName":"{{target}}"} }
            """;
        return RuleFindings.ToFinding(Assert.Single(session.Add(Encoding.UTF8.GetBytes(json), "log")));
    }

    [Fact]
    public void Matches_of_one_principal_within_an_hour_are_one_with_their_number_first_last_and_ids()
    {
        var groups = new FindingGroups();
        foreach (var finding in new[] { Match(20, "alice"), Match(5, "alice"), Match(40, "alice", error: "AccessDenied"), Match(10, "bob"), Match(70, "alice"), Match(20, "alice") })
            groups.Add(finding);
        Assert.Equal(3, groups.Findings.Count);
        var first = groups.Findings[0];
        Assert.Equal(3, first.Seen!.Count);
        Assert.Equal("alice-5-carol", first.Resource);
        Assert.Equal(5, first.Seen.First!.Value.Minute);
        Assert.Equal(40, first.Seen.Last!.Value.Minute);
        Assert.Equal(3, first.Seen.EventIds.Count);
        Assert.Contains("3 such matches within the hour, 1 of them refused, the last at 2026-11-20T06:40:00Z", first.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("such matches", groups.Findings[1].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_several_matches_touched_is_named_though_the_first_is_shown()
    {
        var groups = new FindingGroups();
        foreach (var (minute, target) in new[] { (1, "carol"), (2, "dave"), (3, "carol") })
            groups.Add(Match(minute, "alice", target));
        Assert.Contains("(3 such matches within the hour, on 2 resources: arn:aws:iam::111122223333:user/carol, arn:aws:iam::111122223333:user/dave, the last at", Assert.Single(groups.Findings).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_match_says_who_did_what_to_what_from_where_with_what()
    {
        var message = Match(5, "alice").Message;
        foreach (var part in new[] { "user/alice", "CreateAccessKey of iam.amazonaws.com", "user/carol", "from 203.0.113.9 (internet)", "at 2026-11-20T06:05:00Z", "with aws-cli/2" })
            Assert.Contains(part, message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("carol", "`aws iam list-access-keys --user-name carol`")]
    [InlineData("x; rm -rf /", "`aws iam list-access-keys --user-name USER`")]
    [InlineData("$(id)", "`aws iam list-access-keys --user-name USER`")]
    [InlineData("--profile", "`aws iam list-access-keys --user-name USER`")]
    public void Names_are_filled_into_commands_where_a_shell_takes_them_as_they_are(string target, string expected)
    {
        var steps = NextSteps.Of(Rules.Rules[0].Response, Match(5, "alice", target));
        Assert.Contains(expected, steps[0], StringComparison.Ordinal);
        Assert.Contains("--user-name alice --access-key-id AKIAIOSFODNN7EXAMPLE", steps[1], StringComparison.Ordinal);
        Assert.Equal("See what TRAIL says", steps[2]);
    }

    [Fact]
    public void Filters_are_proposed_for_who_sets_a_rule_off_again_and_again_and_load_as_Sigma_filters()
    {
        var proposals = new FilterProposals();
        for (var i = 0; i < 4; i++)
            proposals.Add(Rules.Rules[0], Match(i, "deploy*", agent: "Terraform/1.11"));
        proposals.Add(Rules.Rules[0], Match(9, "alice"));
        var yaml = proposals.ToYaml();
        Assert.Contains("would save 4 of 5 matches", yaml, StringComparison.Ordinal);
        Assert.Contains("pipeline_roles", yaml, StringComparison.Ordinal);
        Assert.DoesNotContain("alice", yaml, StringComparison.Ordinal);
        var tuned = RuleSet.Parse("tuned.yml", """
            title: a key is made
            id: key
            logsource: {product: aws, service: cloudtrail}
            detection: {s: {eventName: CreateAccessKey}, condition: s}
            ---

            """ + yaml);
        Assert.Empty(tuned.Errors);
        Assert.Empty(new Detector(tuned).Match("""{"eventName":"CreateAccessKey","userIdentity":{"arn":"arn:aws:iam::111122223333:user/deploy*"}}"""u8));
        Assert.Single(new Detector(tuned).Match("""{"eventName":"CreateAccessKey","userIdentity":{"arn":"arn:aws:iam::111122223333:user/deployer"}}"""u8));
    }

    [Theory]
    [InlineData("{product: aws, service: cloudtrial}", "did you mean 'aws/cloudtrail'")]
    [InlineData("{product: asw, service: cloudtrail}", "did you mean 'aws/cloudtrail'")]
    [InlineData("{product: aws, service: vpcflows}", "did you mean 'aws/vpcflow'")]
    [InlineData("{product: windows, service: security}", "1 rule is about logs that are not read here")]
    public void A_rule_about_a_log_that_nothing_is_read_of_is_said(string source, string expected)
    {
        var rules = RuleSet.Parse("r.yml", $"title: t\nid: t\nlogsource: {source}\ndetection: {{s: {{a: b}}, condition: s}}\n");
        Assert.Contains(expected, Assert.Single(rules.Notes), StringComparison.Ordinal);
    }
}
