using CsCheck;
using Scanner.Catalog;
using Scanner.Evaluate;
using Scanner.Model;
using static Evaluate.Tests.Samples;

namespace Evaluate.Tests;

public sealed class MutingTests
{
    private static readonly DateOnly Today = new(2026, 3, 31);

    private static Finding Finding(FindingStatus status, string resource = "arn:aws:s3:::public-site") => new()
    {
        Check = "s3-logging",
        Status = status,
        Severity = Severity.Low,
        Account = A,
        Region = "eu-west-1",
        Resource = resource,
    };

    private static Mute Mute(string check = "*", string account = "*", string region = "*", string resource = "*", string expires = "2026-03-31") =>
        new(check, account, region, resource, "Public site", DateOnly.ParseExact(expires, "yyyy-MM-dd", null), "mutes/a.yml", 3);

    private static MutingResult Apply(Finding finding, Mute[] mutes, params AcceptedRisk[] risks) => Muting.Apply([finding], mutes, risks, Today, []);

    [Fact]
    public void A_fail_that_a_mute_covers_is_muted_with_its_reason_up_to_its_last_day()
    {
        var result = Apply(Finding(FindingStatus.Fail), [Mute("s3-*", A, "eu-*", "arn:aws:s3:::public-*")]);

        Assert.Equal(FindingStatus.Muted, result.Findings[0].Status);
        Assert.Equal("Public site (until 2026-03-31, mutes/a.yml:3)", result.Findings[0].MutedReason);
        Assert.Empty(result.Notes);
    }

    [Fact]
    public void A_mute_of_a_check_covers_the_checks_within_it() =>
        Assert.Equal(FindingStatus.Muted, Muting.Apply([Finding(FindingStatus.Fail)], [Mute("wider")], [], Today, [Check("select 1", ["aws_trail"], id: "s3-logging") with { Within = "wider" }]).Findings[0].Status);

    [Theory]
    [InlineData(FindingStatus.Unknown)]
    [InlineData(FindingStatus.Pass)]
    [InlineData(FindingStatus.NotApplicable)]
    public void Only_a_fail_is_muted(FindingStatus status)
    {
        var finding = Finding(status);

        Assert.Equal(status, Apply(finding, [Mute()], new AcceptedRisk(finding.Key, "r")).Findings[0].Status);
    }

    [Theory]
    [InlineData("s3", "*", "*", "*")]
    [InlineData("*", "222222222222", "*", "*")]
    [InlineData("*", "*", "us-*", "*")]
    [InlineData("*", "*", "*", "arn:aws:s3:::private-*")]
    [InlineData("S3-LOGGING", "*", "*", "*")]
    public void A_mute_for_something_else_changes_nothing(string check, string account, string region, string resource) =>
        Assert.Equal(FindingStatus.Fail, Apply(Finding(FindingStatus.Fail), [Mute(check, account, region, resource)]).Findings[0].Status);

    [Fact]
    public void An_expired_mute_does_not_apply_and_is_noted()
    {
        var result = Apply(Finding(FindingStatus.Fail), [Mute(expires: "2026-03-30"), Mute("other", expires: "2025-01-01")]);

        Assert.Equal(FindingStatus.Fail, result.Findings[0].Status);
        Assert.Equal(
            ["mutes/a.yml:3: the mute of * expired on 2026-03-30; 1 finding fails again",
             "mutes/a.yml:3: the mute of other expired on 2025-01-01; nothing fails that it would cover, so it can be removed"],
            result.Notes);
    }

    [Fact]
    public void A_risk_accepted_by_key_mutes_until_it_ends()
    {
        var finding = Finding(FindingStatus.Fail);

        Assert.Equal("issue #3", Apply(finding, [], new AcceptedRisk(finding.Key, "issue #3")).Findings[0].MutedReason);
        Assert.Equal(FindingStatus.Muted, Apply(finding, [], new AcceptedRisk(finding.Key, "r", Today)).Findings[0].Status);
        Assert.Equal(FindingStatus.Fail, Apply(finding, [], new AcceptedRisk("0", "r")).Findings[0].Status);
        var lapsed = Apply(finding, [], new AcceptedRisk(finding.Key, "r", Today.AddDays(-1)));
        Assert.Equal(FindingStatus.Fail, lapsed.Findings[0].Status);
        Assert.Equal(["s3-logging fails again for arn:aws:s3:::public-site: its risk was accepted until 2026-03-30"], lapsed.Notes);
    }

    [Fact]
    public void A_pattern_matches_as_the_same_regular_expression_does() =>
        Gen.Select(Gen.String[Gen.Char["ab*."], 0, 8], Gen.String[Gen.Char["ab."], 0, 10]).Sample((pattern, text) =>
        {
            var expected = System.Text.RegularExpressions.Regex.IsMatch(text,
                "^" + System.Text.RegularExpressions.Regex.Escape(pattern).Replace("\\*", ".*", StringComparison.Ordinal) + "$",
                System.Text.RegularExpressions.RegexOptions.NonBacktracking);
            return Glob.Matches(pattern, text) == expected;
        });
}
