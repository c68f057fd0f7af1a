using Scanner.Model;
using Scanner.Publish.Reports;

namespace Publish.Tests.Reports;

/// <summary>What changed since an earlier scan: nothing that was not looked at, then or now, counts as new or as fixed.</summary>
public sealed class BaselineTests
{
    private static readonly DateTimeOffset Yesterday = SampleReport.Time.AddDays(-1);

    [Fact]
    public void What_fails_now_is_new_or_still_there_and_what_does_no_longer_is_fixed()
    {
        var still = SampleReport.TrailFails("still");
        var fresh = SampleReport.TrailFails("fresh");
        var report = Earlier(still, SampleReport.TrailFails("gone"), SampleReport.TrailFails("fresh") with { Status = FindingStatus.Pass }).Compare(SampleReport.Report(still, fresh));

        Assert.Equal([FindingChange.Still, FindingChange.New], report.Findings.Select(finding => finding.Change!.Value));
        Assert.Equal(new SinceBaseline(Yesterday, 1, 1, 1, 0) { Oldest = Yesterday }, report.Since);
        Assert.Equal("Since 2026-01-30 12:00 UTC: 1 new, 1 fixed, 1 still failing (the oldest for 1 day)", FirstScreen.Since(report));
    }

    [Fact]
    public void What_could_not_be_looked_at_again_is_not_fixed()
    {
        var report = Earlier(SampleReport.TrailFails()).Compare(SampleReport.Report(SampleReport.Of(SampleReport.Trail, FindingStatus.Unknown, SampleReport.Account)));

        Assert.Equal(new SinceBaseline(Yesterday, 0, 0, 0, 1), report.Since);
    }

    [Fact]
    public void What_is_outside_of_this_scan_is_neither_fixed_nor_new()
    {
        var elsewhere = SampleReport.TrailFails() with { Account = "222222222222" };
        var region = SampleReport.TrailFails(region: "sa-east-1");
        var other = SampleReport.TrailFails() with { Check = "not-run-today" };
        var unjudged = SampleReport.Of(SampleReport.RootMfa, FindingStatus.Unknown, SampleReport.Account);
        var report = Earlier(elsewhere, region, other, unjudged).Compare(SampleReport.Report(unjudged with { Status = FindingStatus.Fail }));

        Assert.Equal(new SinceBaseline(Yesterday, 0, 0, 0, 0), report.Since);
        Assert.Null(report.Findings[0].Change);
    }

    [Fact]
    public void A_match_that_was_not_there_is_new_and_one_that_is_over_is_not_fixed()
    {
        var report = Earlier(SampleReport.Login("yesterday")).Compare(SampleReport.Report(SampleReport.Login("today")));

        Assert.Equal(new SinceBaseline(Yesterday, 1, 0, 0, 0), report.Since);
    }

    [Fact]
    public void A_baseline_of_other_accounts_is_refused()
    {
        var earlier = Earlier() with { Accounts = ["999999999999"] };

        var refused = Assert.Throws<InputException>(() => earlier.Compare(SampleReport.Report(SampleReport.TrailFails())));

        Assert.Contains("999999999999", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_accepted_since_is_not_fixed()
    {
        var report = Earlier(SampleReport.TrailFails()).Compare(SampleReport.Report(SampleReport.TrailFails() with { Status = FindingStatus.Muted }));

        Assert.Equal(new SinceBaseline(Yesterday, 0, 0, 0, 0) { Accepted = 1 }, report.Since);
        // When the acceptance ends, it is as old as it was.
        var later = Next(report, 1, SampleReport.TrailFails());
        Assert.Equal([Yesterday], later.Findings[0].Began);
    }

    private static Baseline Earlier(params Finding[] findings) => new(Yesterday, [SampleReport.Account, "222222222222"], ["us-east-1", "sa-east-1"], [.. findings.Select(BaselineFinding.Of)]);

    private static ScanReport Next(ScanReport before, int days, params Finding[] findings) => Baseline.Of(before).Compare(HistoryTests.At(before.Scan.Time.AddDays(days), findings));
}
