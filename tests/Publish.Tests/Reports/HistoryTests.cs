using System.Text;
using Scanner.Model;
using Scanner.Publish.Reports;

namespace Publish.Tests.Reports;

/// <summary>What scans hand on to the next: ages, fixes, what comes and goes, and a trend, of bounded size.</summary>
public sealed class HistoryTests
{
    private static readonly Finding Trail = SampleReport.TrailFails();
    private static readonly Finding Passes = Trail with { Status = FindingStatus.Pass };

    [Fact]
    public void A_fault_keeps_its_age_over_many_scans_and_a_fix_counts_the_days_that_it_was_known()
    {
        var report = Chain(Trail, Trail, Trail, Trail);

        Assert.Equal([SampleReport.Time], report.Findings[0].Began);
        Assert.Equal("failing since 2026-01-31 (3 days)", Trend.Age(report.Findings[0], report.Scan.Time));

        report = Then(report, Passes);
        Assert.Equal((1, 4.0), report.History!.MeanTimeToFix);
        Assert.Equal("Settings that pass: ▁▁▁▁█ 0 % → 100 % over 5 scans since 2026-01-31. Mean time to fix: 4 days (1 fixed in the last 90 days).", FirstScreen.Until(report));
    }

    [Fact]
    public void A_fault_that_returns_within_a_month_flaps_and_says_so_in_every_text()
    {
        var report = Chain(Trail, Passes, Trail, Trail);

        Assert.Equal([SampleReport.Time, SampleReport.Time.AddDays(2)], report.Findings[0].Began);
        Assert.Equal("failing since 2026-02-02 (1 day), flaps: began to fail 2 times in 30 days", Trend.Age(report.Findings[0], report.Scan.Time));
        Assert.Contains("1 flaps", FirstScreen.Since(report), StringComparison.Ordinal);
        foreach (var format in new[] { "markdown", "html" })
            Assert.Contains("began to fail 2 times in 30 days", Written(format, report), StringComparison.Ordinal);
        Assert.Contains("\"began\"", Written("json", report), StringComparison.Ordinal);

        // A month later it only fails.
        var later = Baseline.Of(report).Compare(At(report.Scan.Time.AddDays(31), Trail));
        Assert.Equal(0, later.Since!.Flapping);
        Assert.DoesNotContain("flaps", Trend.Age(later.Findings[0], later.Scan.Time), StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_narrower_scan_did_not_look_at_is_as_old_afterwards_as_it_was()
    {
        var other = SampleReport.Of(SampleReport.RootMfa, FindingStatus.Pass, SampleReport.Account);
        var narrow = At(SampleReport.Time.AddDays(1), other);
        narrow = narrow with { Rules = narrow.Rules.Where(rule => rule.Key == SampleReport.RootMfa.Id).ToDictionary() };
        var report = Baseline.Of(Baseline.Of(Chain(Trail)).Compare(narrow)).Compare(At(SampleReport.Time.AddDays(2), Trail));

        Assert.Equal(0, report.History!.Scans.Sum(scan => scan.Fixed));
        Assert.Equal([SampleReport.Time], report.Findings[0].Began);
        Assert.Equal(FindingChange.Still, report.Findings[0].Change);
    }

    [Fact]
    public void Scans_that_were_asked_something_else_are_no_part_of_the_trend()
    {
        var report = Chain(Trail, Passes);
        var other = At(report.Scan.Time.AddDays(1), Trail);
        report = Baseline.Of(report).Compare(other with { Scan = other.Scan with { Scope = "cis-aws-5.0" } });

        Assert.Equal(3, report.History!.Scans.Count);
        Assert.Equal("", FirstScreen.Until(report).Replace("Mean time to fix: 1 day (1 fixed in the last 90 days).", "", StringComparison.Ordinal));
        Assert.DoesNotContain("class=\"trend\"", Written("html", report), StringComparison.Ordinal);
    }

    [Fact]
    public void A_year_of_scans_is_a_picture_and_a_line_and_what_is_kept_has_a_bound()
    {
        var report = Chain(Trail);
        for (var day = 1; day <= 450; day++)
            report = Then(report, day % 50 == 0 ? Passes : Trail);

        Assert.Equal(ScanHistory.MostScans, report.History!.Scans.Count);
        Assert.True(report.Findings[0].Began.Count <= 10);
        var html = Written("html", report);
        Assert.Contains("over 180 scans", html, StringComparison.Ordinal);
        Assert.Equal(180, html.Split("<polyline points=\"")[1].Split('"')[0].Split(' ').Length);
        Assert.Contains("→ 100 % over 180 scans since", FirstScreen.Until(report), StringComparison.Ordinal);
        Assert.Equal(30, FirstScreen.Until(report).Count(c => c is >= '▁' and <= '█'));

        var many = ScanHistory.None.With(report.History.Scans[^1], Enumerable.Range(0, ScanHistory.MostPast + 5).Select(i => new FindingPast($"{i}", "c", "a", "r", "x", [SampleReport.Time], report.Scan.Time.AddSeconds(-i), true)));
        Assert.Equal(ScanHistory.MostPast, many.Past.Count);
        Assert.Equal("0", many.Past[0].Key);
    }

    [Fact]
    public void What_was_fixed_long_ago_is_forgotten_and_begins_anew()
    {
        var report = Chain(Trail, Passes);
        var later = Baseline.Of(report).Compare(At(report.Scan.Time.AddDays(91), Passes));
        Assert.Empty(later.History!.Past);
    }

    private static ScanReport Chain(params Finding[] days)
    {
        var report = Baseline.Begin(At(SampleReport.Time, days[0]));
        return days.Skip(1).Aggregate(report, Then);
    }

    private static ScanReport Then(ScanReport report, Finding finding) => Baseline.Of(report).Compare(At(report.Scan.Time.AddDays(1), finding));

    internal static ScanReport At(DateTimeOffset time, params Finding[] findings)
    {
        var report = SampleReport.Report(findings);
        return report with { Scan = report.Scan with { Time = time } };
    }

    private static string Written(string format, ScanReport report)
    {
        var output = new MemoryStream();
        var writer = format switch { "markdown" => (IReportFormat)new MarkdownReport(), "html" => new HtmlReport(), _ => new JsonReport() };
        writer.WriteAsync(report, output, TestContext.Current.CancellationToken).GetAwaiter().GetResult();
        return Encoding.UTF8.GetString(output.ToArray());
    }
}
