using System.Text;
using System.Text.Json;
using Scanner.Model;
using Scanner.Publish.Reports;

namespace Publish.Tests.Reports;

/// <summary>On which of the last 90 days a source was seen to deliver, and its gaps: from scan to scan, of bounded size, in every text.</summary>
public sealed class EvidenceHistoryTests
{
    private const string Source = "fl-<b>1</b>|";
    private static readonly RuleInfo Flows = SampleReport.Trail with { Id = "vpc-flow-logs-arriving", Title = "Flow logs arrive", IsEvidence = true };

    [Fact]
    public void The_share_of_days_and_the_gaps_are_in_every_text_and_count_what_no_scan_looked_at()
    {
        // A day each; then three days without a scan, and nothing to log on the day after.
        var report = Chain("pass pass fail fail unknown");
        report = Next(report, 4, FindingStatus.Pass);
        report = Next(report, 1, FindingStatus.NotApplicable);

        var days = Assert.Single(report.History!.Evidence);
        Assert.Equal("aassk---aq", days.Days);
        Assert.Equal((3, 9), (days.Alive, days.Of));
        Assert.Equal("silent 2026-02-02 to 2026-02-03, not known 2026-02-04, no scan looked 2026-02-05 to 2026-02-07", EvidenceGaps.Words(days));

        report = Next(report, 1, FindingStatus.Pass);
        Assert.Equal("40 % (4 of 10 days)", EvidenceGaps.Share(Assert.Single(report.History!.Evidence)));
        var markdown = Written("markdown", report);
        Assert.Contains("✅ 1, 40 %", markdown, StringComparison.Ordinal);
        Assert.Contains("| 40 % (4 of 10 days) | silent 2026-02-02 to 2026-02-03, not known 2026-02-04, no scan looked 2026-02-05 to 2026-02-07 |", markdown, StringComparison.Ordinal);
        var html = Written("html", report);
        Assert.Contains("seen to arrive on 40 % of days", html, StringComparison.Ordinal);
        Assert.Contains("<td>40 % (4 of 10 days)</td><td>silent 2026-02-02 to 2026-02-03", html, StringComparison.Ordinal);
        foreach (var text in new[] { markdown, html })
            Assert.DoesNotContain("<b>1</b>", text, StringComparison.Ordinal);
        using var json = JsonDocument.Parse(Written("json", report));
        var kept = Assert.Single(json.RootElement.GetProperty("history").GetProperty("evidence").EnumerateArray());
        Assert.Equal((40, "aassk---aqa", 3), (kept.GetProperty("share").GetDouble(), kept.GetProperty("days").GetString(), kept.GetProperty("gaps").GetArrayLength()));
        Assert.Equal((4, 10), (json.RootElement.GetProperty("evidence")[0].GetProperty("days_alive").GetInt32(), json.RootElement.GetProperty("evidence")[0].GetProperty("days_counted").GetInt32()));
    }

    [Theory]
    [InlineData("2026-01-31T11:51:10Z", "9 minutes", "9 min")]
    [InlineData("2026-01-31T09:00:00Z", "3 hours", "3 h")]
    [InlineData("2026-01-28T11:00:00Z", "73 hours", "3 d")]
    public void The_matrix_says_how_old_what_arrived_last_is_where_the_finding_says_it(string seen, string words, string age)
    {
        var message = $"Flow log fl puts files into bucket b: the last that was seen is of {seen[..10]} {seen[11..16]} UTC, {words} before the scan";
        var report = At(SampleReport.Time, SampleReport.Of(Flows, FindingStatus.Pass, Source, message: message));

        Assert.Contains($"✅ 1, {age} ", Written("markdown", report), StringComparison.Ordinal);
        Assert.Contains($"<small>{age}</small>", Written("html", report), StringComparison.Ordinal);
    }

    [Fact]
    public void On_one_day_silence_outweighs_and_a_first_scan_tells_no_share()
    {
        var report = Chain("pass");
        Assert.DoesNotContain("%", Written("markdown", report).Split("Evidence of delivery")[^1], StringComparison.Ordinal);

        report = Next(Next(report, 0, FindingStatus.Fail), 0, FindingStatus.Pass);
        Assert.Equal("s", Assert.Single(report.History!.Evidence).Days);
        // A recording of the day before changes nothing, and an accepted risk is silent all the same.
        Assert.Equal("s", Assert.Single(Next(report, -1, FindingStatus.Pass).History!.Evidence).Days);
        Assert.Equal("ss", Assert.Single(Next(report, 1, FindingStatus.Muted).History!.Evidence).Days);
    }

    [Fact]
    public void Of_a_region_that_could_not_be_read_nothing_is_known_of_its_sources_and_one_that_is_gone_is_told_no_more()
    {
        var report = Chain("pass pass");

        var blind = Then(report, 1, SampleReport.Of(Flows, FindingStatus.Unknown, SampleReport.Account, message: "denied"));
        Assert.Equal("aak", Assert.Single(blind.History!.Evidence).Days);

        var gone = Then(report, 1, SampleReport.Of(Flows, FindingStatus.Pass, "fl-2"));
        Assert.Equal(["fl-2", Source], gone.History!.Evidence.Select(days => days.Resource));
        Assert.Empty(EvidenceGaps.Of(gone));
        // What never logged is no source.
        Assert.DoesNotContain(Then(report, 1, SampleReport.Of(Flows, FindingStatus.NotApplicable, SampleReport.Account)).History!.Evidence, days => days.Resource == SampleReport.Account);
    }

    [Fact]
    public void What_is_kept_has_a_bound()
    {
        var report = Chain("pass");
        for (var day = 0; day < 200; day++)
            report = Next(report, 1, day % 2 == 0 ? FindingStatus.Pass : FindingStatus.Fail);
        Assert.Equal(EvidenceDays.Most, Assert.Single(report.History!.Evidence).Days.Length);
        Assert.EndsWith("and 40 before", EvidenceGaps.Words(Assert.Single(report.History!.Evidence)), StringComparison.Ordinal);
        Assert.Equal("s", Assert.Single(Next(report, 5_000, FindingStatus.Fail).History!.Evidence).Days.Trim('-'));

        var many = Enumerable.Range(0, EvidenceDays.MostSources + 5).Select(i => new EvidenceDays("c", "a", "r", $"{i}", DateOnly.FromDateTime(report.Scan.Time.UtcDateTime).AddDays(-i % 80), "a")).ToList();
        Assert.Equal(EvidenceDays.MostSources, EvidenceDays.After(many, report).Count);
    }

    [Theory]
    [InlineData("2026-02-30", "aa")]
    [InlineData("2026-02-01", "")]
    [InlineData("2026-02-01", "ax")]
    public void What_no_scan_has_kept_is_nothing(string last, string days)
    {
        Assert.Null(EvidenceDays.Read("c", "a", "r", "x", last, days));
        Assert.Null(EvidenceDays.Read("c", "a", "r", "x", "2026-02-01", new string('a', 91)));
        Assert.NotNull(EvidenceDays.Read("c", "a", "r", "x", "2026-02-01", new string('a', 90)));
    }

    private static ScanReport Chain(string days)
    {
        var all = days.Split(' ').Select(word => Names.TryParse(word, out FindingStatus status) ? status : throw new FormatException(word)).ToList();
        var report = Baseline.Begin(At(SampleReport.Time, SampleReport.Of(Flows, all[0], Source)));
        return all.Skip(1).Aggregate(report, (before, status) => Next(before, 1, status));
    }

    private static ScanReport Next(ScanReport report, int days, FindingStatus status) => Then(report, days, SampleReport.Of(Flows, status, Source));

    private static ScanReport Then(ScanReport report, int days, Finding finding) => Baseline.Of(report).Compare(At(report.Scan.Time.AddDays(days), finding));

    private static ScanReport At(DateTimeOffset time, Finding finding)
    {
        var report = HistoryTests.At(time, finding);
        return report with { Rules = new Dictionary<string, RuleInfo>(report.Rules) { [Flows.Id] = Flows } };
    }

    private static string Written(string format, ScanReport report)
    {
        var output = new MemoryStream();
        var writer = format switch { "markdown" => (IReportFormat)new MarkdownReport(), "html" => new HtmlReport(), _ => new JsonReport() };
        writer.WriteAsync(report, output, TestContext.Current.CancellationToken).GetAwaiter().GetResult();
        return Encoding.UTF8.GetString(output.ToArray());
    }
}
