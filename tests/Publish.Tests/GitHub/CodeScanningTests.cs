using System.Text.Json;
using Loopback;
using Scanner.Model;
using Scanner.Publish.GitHub;
using Scanner.Publish.Reports;

namespace Publish.Tests.GitHub;

/// <summary>
/// Code scanning closes what an analysis of a category leaves out. The server of these tests does so too, and no scan may close the alert of something
/// that it did not look at.
/// </summary>
public sealed class CodeScanningTests : IAsyncLifetime
{
    private const string Other = "222222222222";

    private GitHubServer _github = null!;

    private GitHubOptions Options => new()
    {
        Token = GitHubServer.Token,
        Owner = GitHubServer.Owner,
        Name = GitHubServer.Name,
        ApiUrl = _github.ApiUrl,
        Sha = new string('a', 40),
        Ref = "refs/heads/main",
        WriteInterval = TimeSpan.Zero,
        Wait = (_, _) => Task.CompletedTask,
    };

    public async ValueTask InitializeAsync() => _github = await GitHubServer.StartAsync();

    public ValueTask DisposeAsync() => _github.DisposeAsync();

    [Theory]
    [InlineData("cis-aws-5.0")]
    [InlineData("only-iam-root-mfa")]
    [InlineData("regions-eu-west-1")]
    public async Task A_narrowed_scan_leaves_the_alerts_of_the_full_scan_alone(string scope)
    {
        await UploadAsync(Fails(SampleReport.TrailFails(), SampleReport.TrailFails("second")));
        await UploadAsync(Fails(SampleReport.TrailFails()), scope);

        Assert.Equal(3, _github.Alerts.Count(alert => alert.IsOpen));
    }

    [Fact]
    public async Task What_was_fixed_is_closed()
    {
        await UploadAsync(Fails(SampleReport.TrailFails(), SampleReport.TrailFails("second")));
        await UploadAsync(Fails(SampleReport.TrailFails("second"), SampleReport.Of(SampleReport.Trail, FindingStatus.Pass, SampleReport.TrailFails().Resource)));

        Assert.Equal(SampleReport.TrailFails("second").Key + ":1", Assert.Single(_github.Alerts, alert => alert.IsOpen).Print);
    }

    [Fact]
    public async Task One_more_account_of_an_organization_and_one_fewer_that_was_named_close_nothing_and_double_nothing()
    {
        var first = SampleReport.TrailFails();
        var second = SampleReport.TrailFails() with { Account = Other };
        await UploadAsync(Fails(first), "organization");
        await UploadAsync(Fails(first, second), "organization");
        Assert.Equal(2, _github.Alerts.Count(alert => alert.IsOpen));

        await UploadAsync(Named(first, second));
        await UploadAsync(Named(second));
        await UploadAsync(Named(first, second));
        Assert.Equal(4, _github.Alerts.Count(alert => alert.IsOpen));
        Assert.Equal(4, _github.Alerts.Count);
    }

    [Fact]
    public async Task A_check_that_could_not_be_assessed_this_time_keeps_its_alerts()
    {
        var elsewhere = SampleReport.Of(SampleReport.RootMfa, FindingStatus.Fail, SampleReport.Account, "global", "The root user has no MFA");
        await UploadAsync(Fails(SampleReport.TrailFails(), SampleReport.TrailFails("weird [name] \\ (x"), elsewhere));

        await UploadAsync(Fails(SampleReport.Of(SampleReport.Trail, FindingStatus.Unknown, SampleReport.Account, message: "Could not be read"),
            elsewhere with { Status = FindingStatus.Pass }));

        Assert.Contains(_github.Alerts, alert => alert.IsOpen && alert.Print == SampleReport.TrailFails().Key + ":1");
        Assert.DoesNotContain(_github.Alerts, alert => alert.IsOpen && alert.Rule == SampleReport.RootMfa.Id);
    }

    [Fact]
    public async Task What_stands_in_a_category_is_what_was_asked_and_messages_and_tags_are_within_what_github_shows()
    {
        var rule = SampleReport.Trail with { Controls = [.. Enumerable.Range(1, 7).Select(i => new Control($"cis-aws-{i}.0", "3.1", "x")), .. Enumerable.Range(1, 9).Select(i => new Control($"other-{i}", "1", "x"))] };
        var report = Fails(SampleReport.TrailFails() with { Message = new string('m', 3_000) }) with { Rules = new Dictionary<string, RuleInfo> { [rule.Id] = rule } };
        using var stream = new MemoryStream();
        await ReportWriter.WriteAsync(report, "sarif", stream, TestContext.Current.CancellationToken);
        using var json = JsonDocument.Parse(stream.ToArray());
        var run = json.RootElement.GetProperty("runs")[0];
        var tags = run.GetProperty("tool").GetProperty("driver").GetProperty("rules")[0].GetProperty("properties").GetProperty("tags").EnumerateArray().Select(tag => tag.GetString()).ToList();

        Assert.Equal("scanner/", run.GetProperty("automationDetails").GetProperty("id").GetString());
        Assert.Equal(10, tags.Count);
        Assert.Contains("cis-aws-7.0/3.1", tags);
        Assert.DoesNotContain("cis-aws-6.0/3.1", tags);
        Assert.InRange(run.GetProperty("results")[0].GetProperty("message").GetProperty("text").GetString()!.Length, 500, 1_000);
        Assert.True(run.GetProperty("tool").GetProperty("driver").TryGetProperty("informationUri", out _));
    }

    private static ScanReport Fails(params Finding[] findings) => SampleReport.Report(findings);

    private static ScanReport Named(params Finding[] findings)
    {
        var report = SampleReport.Report(findings);
        return report with { Scan = report.Scan with { AccountsNamed = true, Accounts = [.. findings.Select(finding => finding.Account).Distinct()] } };
    }

    private async Task UploadAsync(ScanReport report, string? scope = null)
    {
        var done = await new GitHubPublisher(Options).UploadSarifAsync(scope is null ? report : report with { Scan = report.Scan with { Scope = scope } }, TestContext.Current.CancellationToken);
        Assert.True(done.Notes.Count == 0, string.Join(" ", done.Notes));
    }
}
