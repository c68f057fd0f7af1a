using System.Reflection;
using System.Runtime.CompilerServices;
using Scanner.Detect;
using Scanner.Detect.Matching;
using Scanner.Detect.Rules;
using Scanner.Model;

namespace Detect.Tests.Rules;

/// <summary>Rule tests, lint, and what reports are given.</summary>
public class RuleTests
{
    private const string Rule = """
        title: Root console login
        id: 6f5c1f0e-0000-4000-8000-000000000001
        status: stable
        description: Someone used the root user.
        references: [https://example.com/root]
        tags: [attack.initial-access, attack.t1078.004, cve.2020-1]
        logsource: {product: aws, service: cloudtrail}
        detection:
          selection: {eventSource: signin.amazonaws.com, eventName: ConsoleLogin, userIdentity.type: Root}
          condition: selection
        falsepositives: [Break-glass use]
        level: high
        response: [Ask the owner]
        tests:
          - name: a root login matches
            event: {eventSource: signin.amazonaws.com, eventName: ConsoleLogin, userIdentity: {type: Root}}
            expect: match
          - name: a user's login does not
            event: {eventSource: signin.amazonaws.com, eventName: ConsoleLogin, userIdentity: {type: IAMUser}}
            expect: no match

        """;

    [Fact]
    public void A_rule_that_has_been_read_cannot_be_changed()
    {
        foreach (var property in new[] { typeof(DetectionRule), typeof(RuleCorrelation), typeof(RuleSet) }
            .SelectMany(type => type.GetProperties(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)))
        {
            Assert.True(property.SetMethod is not { } setter || setter.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)), property.Name);
        }
    }

    [Fact]
    public void Tests_in_the_file_pass_and_the_rule_has_all_it_needs()
    {
        var rules = RuleSet.Parse("root.yml", Rule);
        Assert.Empty(rules.Errors);
        Assert.Equal(2, RuleTester.Run(rules).Count);
        Assert.All(RuleTester.Run(rules), result => Assert.True(result.Passed, result.Failure));
        Assert.Empty(RuleTester.Lint(rules));
    }

    [Fact]
    public void A_test_that_is_wrong_says_where_and_what()
    {
        var rules = RuleSet.Parse("root.yml", Rule.Replace("expect: no match", "expect: {matches: 2}", StringComparison.Ordinal));
        var failure = Assert.Single(RuleTester.Run(rules), result => !result.Passed).Failure;
        Assert.Equal("root.yml:18: Root console login: a user's login does not: expected 2 matches, and there are 0", failure);
    }

    [Theory]
    [InlineData("attack.t1685.022", "r.yml:5: the tag attack.t1685.022 names no technique of ATT&CK 19.1, so it counts for none; did you mean 't1685.002'?")]
    [InlineData("attack.t99999", "r.yml:5: the tag attack.t99999 names no technique of ATT&CK 19.1, so it counts for none; check the spelling")]
    [InlineData("attack.defence_impairment", "r.yml:5: the tag attack.defence_impairment names no tactic of ATT&CK 19.1, so it counts for none; did you mean 'defense-impairment'?")]
    [InlineData("attack.x12", "r.yml:5: the tag attack.x12 names no tactic of ATT&CK 19.1, so it counts for none; known are ")]
    public void A_tag_that_names_nothing_of_attack_is_said_and_the_rule_runs(string tag, string expected)
    {
        var rules = RuleSet.Parse("r.yml", $"title: t\nid: t\ntags:\n  - attack.t1685.002\n  - {tag}\nlogsource: {{product: aws, service: cloudtrail}}\ndetection: {{s: {{a: b}}, condition: s}}\n");
        Assert.StartsWith(expected, Assert.Single(rules.Notes), StringComparison.Ordinal);
        Assert.Single(new Detector(rules).Match("""{"a":"b"}"""u8));
    }

    [Fact]
    public void A_tag_of_attack_that_is_old_of_another_case_or_of_a_kind_without_a_list_is_no_fault() =>
        Assert.Empty(RuleSet.Parse("r.yml", """
            title: t
            id: t
            tags: [attack.T1562.008, attack.defense-evasion, attack.Defense_Evasion, attack.command_and_control, attack.g0016, attack.S0154, attack.m1047, attack.ds0028, cve.2026-1, detection.threat-hunting]
            logsource: {product: aws, service: cloudtrail}
            detection: {s: {a: b}, condition: s}
            """).Notes);

    [Fact]
    public void A_wrong_tag_in_many_rules_is_one_line()
    {
        var rules = RuleSet.Parse("r.yml", string.Join("\n---\n", Enumerable.Range(0, 3).Select(i => $"title: t\nid: t{i}\ntags: [attack.t99999]\nlogsource: {{product: aws, service: cloudtrail}}\ndetection: {{s: {{a: b}}, condition: s}}")));
        Assert.Equal("r.yml:3: the tag attack.t99999 names no technique of ATT&CK 19.1, so it counts for none; check the spelling (2 more rules likewise)", Assert.Single(rules.Notes));
    }

    [Theory]
    [InlineData("attack.defense-evasion, attack.t1685.002", "has the tag attack.defense-evasion, which ATT&CK 19 divided into attack.stealth and attack.defense-impairment|has the tag attack.t1685.002 and no tag of a tactic that it serves: defense-impairment")]
    [InlineData("attack.defense-impairment, attack.t1562.008", "has the tag attack.t1562.008, which ATT&CK revoked; attack.t1685.002 stands for it now")]
    [InlineData("attack.stealth, attack.t1685.022", "has the tag attack.t1685.022, which ATT&CK 19.1 does not have; did you mean 'T1685.002'?")]
    [InlineData("attack.stealth, attack.g0016", "has no MITRE ATT&CK technique tag such as attack.t1685.002")]
    public void Lint_holds_tags_to_todays_attack(string tags, string complaints)
    {
        var rules = RuleSet.Parse("root.yml", Rule.Replace("attack.initial-access, attack.t1078.004, cve.2020-1", tags, StringComparison.Ordinal));
        Assert.Empty(rules.Errors);
        Assert.Equal(complaints.Split('|'), RuleTester.Lint(rules).Select(error => error.Message[(error.Message.IndexOf("' has ", StringComparison.Ordinal) + 2)..]));
    }

    [Theory]
    [InlineData("attack.defense_evasion, attack.t1562.008", "defense-impairment T1685.002")]
    [InlineData("attack.T1078.004, attack.initial-access, cve.2026-1, attack.s0002", "T1078.004 initial-access")]
    public void Tags_of_older_attack_are_counted_with_todays(string tags, string mitre)
    {
        var rules = RuleSet.Parse("root.yml", Rule.Replace("attack.initial-access, attack.t1078.004, cve.2020-1", tags, StringComparison.Ordinal));
        Assert.Equal(mitre, string.Join(' ', RuleFindings.ToRuleInfo(rules.Rules[0]).Mitre));
    }

    [Fact]
    public void A_correlation_is_tested_with_several_events()
    {
        var rules = RuleSet.Parse("c.yml", """
            title: burst
            id: 6f5c1f0e-0000-4000-8000-000000000002
            correlation: {type: event_count, rules: [one], group-by: [sourceIPAddress], timespan: 5m, condition: {gte: 2}}
            tests:
              - {name: two match once, events: [{eventName: X, eventTime: 2026-01-01T00:00:00Z}, {eventName: X, eventTime: 2026-01-01T00:01:00Z}], expect: {matches: 1}}
              - {name: one does not, event: {eventName: X}, expect: no match}
            ---
            title: one
            name: one
            logsource: {product: aws, service: cloudtrail}
            detection: {s: {eventName: X}, condition: s}
            tests:
              - {name: part, event: {eventName: X}, expect: match}
            """);
        Assert.Empty(rules.Errors);
        Assert.All(RuleTester.Run(rules), result => Assert.True(result.Passed, result.Failure));
        Assert.Equal(3, RuleTester.Run(rules).Count);
    }

    [Fact]
    public void Lint_names_everything_that_is_missing()
    {
        var rules = RuleSet.Parse("bare.yml", "title: bare\nlogsource: {product: aws}\ndetection: {s: {a: b}, condition: s}\n");
        var messages = RuleTester.Lint(rules).Select(error => error.Message).ToList();
        foreach (var word in new[] { "UUID", "level", "description", "technique", "tactic", "falsepositives", "response", "events match", "do not match" })
            Assert.Contains(messages, message => message.Contains(word, StringComparison.Ordinal) && message.StartsWith("bare.yml:1:", StringComparison.Ordinal));
    }

    [Fact]
    public void A_rule_and_its_match_become_what_reports_need()
    {
        var rules = RuleSet.Parse("detections/root.yml", Rule);
        var info = RuleFindings.ToRuleInfo(rules.Rules[0]);
        Assert.Equal(FindingKind.Detection, info.Kind);
        Assert.Equal(Severity.High, info.Severity);
        Assert.Equal("signin", info.Service);
        Assert.Equal(["initial-access", "T1078.004"], info.Mitre);
        Assert.Equal(["Break-glass use"], info.FalsePositives);
        Assert.Equal(["Ask the owner"], info.Response);
        Assert.Equal("detections/root.yml", info.File);

        var match = Assert.Single(new Detector(rules, new DetectorOptions { IncludeEvents = true }).Match("""
            {"eventID":"id-1","eventTime":"2026-01-01T00:00:00Z","eventSource":"signin.amazonaws.com","eventName":"ConsoleLogin","awsRegion":"us-east-1",
            "recipientAccountId":"111111111111","sourceIPAddress":"198.51.100.7","errorCode":"Denied",
            "userIdentity":{"type":"Root","arn":"arn:aws:iam::111111111111:root"}}
            """u8));
        var finding = RuleFindings.ToFinding(match);
        Assert.Equal(rules.Rules[0].Id, finding.Check);
        Assert.Equal("id-1", finding.Resource);
        Assert.Equal("111111111111", finding.Account);
        Assert.Equal("us-east-1", finding.Region);
        Assert.Equal(FindingStatus.Fail, finding.Status);
        Assert.Equal("arn:aws:iam::111111111111:root called ConsoleLogin of signin.amazonaws.com from 198.51.100.7 (internet) at 2026-01-01T00:00:00Z, which failed with Denied", finding.Message);
        Assert.Contains("\"id-1\"", finding.Event, StringComparison.Ordinal);
    }

    [Fact]
    public void Rules_for_other_logs_are_noted_and_do_not_run()
    {
        var rules = RuleSet.Parse("w.yml", "title: w\nlogsource: {product: windows}\ndetection: {s: {a: b}, condition: s}\n");
        Assert.Empty(rules.Errors);
        Assert.Contains("1 rule is about logs", Assert.Single(rules.Notes), StringComparison.Ordinal);
        Assert.Empty(new Detector(rules).Match("""{"a":"b"}"""u8));
    }

    [Fact]
    public void Each_log_source_has_its_own_rules()
    {
        var rules = RuleSet.Parse("v.yml", """
            title: ssh
            logsource: {product: aws, service: vpcflow}
            detection: {s: {dstport: 22, action: ACCEPT}, condition: s}
            ---
            title: anonymous
            logsource: {product: aws, service: s3_access}
            detection: {s: {requester: '-'}, condition: s}
            """);
        var detector = new Detector(rules);
        Assert.Equal("ssh", Assert.Single(detector.Match("""{"dstport":22,"action":"ACCEPT","start":1700000000}"""u8, LogSource.VpcFlow)).Rule.Title);
        Assert.Equal("anonymous", Assert.Single(detector.Match("""{"requester":"-","requestid":"r1"}"""u8, LogSource.S3Access)).Rule.Title);
        Assert.Empty(detector.Match("""{"requester":"-"}"""u8));
    }

    [Fact]
    public void Aliases_are_written_out_and_those_that_would_fill_the_memory_are_refused_at_once()
    {
        var layers = string.Concat(Enumerable.Range(1, 30).Select(i => $"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 4))}]\n"));
        const string Good = "title: T\nlogsource: {product: aws, service: cloudtrail}\ndetection: {s: &s {eventName: &n A}, condition: s}\n";

        var bomb = RuleSet.Parse("bomb.yml", $"a0: &a0 x\n{layers}");
        var key = RuleSet.Parse("key.yml", $"a0: &a0 x\n{layers}? *a30\n: x\n");
        var circle = RuleSet.Parse("circle.yml", "a: &a [*a]\n");
        var good = RuleSet.Parse("good.yml", $"id: 5e3a1e8a-3f4f-4a0e-9d2c-000000000001\n{Good}falsepositives: [*n]\n");

        Assert.Contains("more than a million values once its aliases are written out", Assert.Single(bomb.Errors).Message, StringComparison.Ordinal);
        Assert.Single(key.Errors);
        Assert.Contains("the alias *a is inside of what it names", Assert.Single(circle.Errors).Message, StringComparison.Ordinal);
        Assert.Empty(good.Errors);
        Assert.Single(good.Rules);
    }

    [Theory]
    [InlineData("2", true)]
    [InlineData("2.2.0", true)]
    [InlineData("1", true)]
    [InlineData("3", false)]
    [InlineData("3.0.0", false)]
    [InlineData("newest", false)]
    public void A_rule_of_a_newer_Sigma_is_refused_by_name(string version, bool known)
    {
        var rules = RuleSet.Parse("r.yml", $"title: T\nsigma-version: {version}\nlogsource: {{product: aws, service: cloudtrail}}\ndetection: {{s: {{eventName: A}}, condition: s}}\n");

        Assert.Equal(known ? 1 : 0, rules.Rules.Count);
        if (!known)
            Assert.Contains($"r.yml:2: sigma-version {version} is not supported", Assert.Single(rules.Errors).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a: [b\n- c: d\n")]
    [InlineData("a: [a: b\n: {c\n")]
    [InlineData("? [a: b\n: {c\n", "a key must be plain text")]
    [InlineData("a:\n  - : : : b\n")]
    [InlineData("%YAML 9.9\n--- !!binary\n\t@")]
    public void Yaml_that_its_scanner_chokes_on_is_an_error_of_that_file_alone(string text, string expected = "not valid YAML")
    {
        var rules = RuleSet.Parse("broken.yml", text);

        Assert.StartsWith("broken.yml:", Assert.Single(rules.Errors).Message, StringComparison.Ordinal);
        Assert.Contains(expected, rules.Errors[0].Message, StringComparison.Ordinal);
    }
}
