using System.Text.Json.Nodes;
using Loopback;
using Scanner.Model;
using Scanner.Publish;
using Scanner.Publish.GitHub;

namespace Publish.Tests.GitHub;

/// <summary>The one issue that says how the accounts are, and the organization's fields of issues.</summary>
public sealed class DashboardTests : IAsyncLifetime
{
    private static readonly JsonObject[] Fields =
    [
        Field(1, "Severity", "single_select", "Critical", "High", "Medium", "Low"), Field(2, "Due date", "date"), Field(3, "Accepted until", "date"), Field(4, "Team", "text"),
    ];

    private GitHubServer _github = null!;

    public async ValueTask InitializeAsync()
    {
        _github = await GitHubServer.StartAsync();
        _github.ValidateBody = GitHubSchemas.Validator;
    }

    public async ValueTask DisposeAsync()
    {
        await _github.DisposeAsync();
        Assert.Empty(_github.SchemaErrors);
    }

    private static JsonObject Field(int id, string name, string kind, params string[] options) => new()
    {
        ["id"] = (long)id,
        ["node_id"] = "IFT_" + id,
        ["name"] = name,
        ["data_type"] = kind,
        ["options"] = new JsonArray([.. options.Select((option, i) => new JsonObject { ["id"] = i + 1, ["name"] = option, ["color"] = "red" })]),
    };

    private GitHubOptions Options(bool dryRun = false) => new()
    {
        Token = GitHubServer.Token,
        Owner = GitHubServer.Owner,
        Name = GitHubServer.Name,
        ApiUrl = _github.ApiUrl,
        WriteInterval = TimeSpan.Zero,
        DryRun = dryRun,
        RepositoryUrl = new Uri("https://github.com/acme/security/"),
        Clock = new FixedClock(),
        Wait = (_, _) => Task.CompletedTask,
    };

    private async Task<PublishResult> Dashboard(ScanReport report, bool dryRun = false)
    {
        var publisher = new GitHubPublisher(Options(dryRun));
        await publisher.CheckAsync();
        return await publisher.PublishDashboardAsync(report, new Dictionary<(string, string), Uri> { [(SampleReport.Trail.Id, SampleReport.Account)] = new("https://github.com/acme/security/issues/7") });
    }

    private async Task<PublishResult> Issues(ScanReport report)
    {
        var publisher = new GitHubPublisher(Options());
        await publisher.CheckAsync();
        return await publisher.PublishIssuesAsync(report);
    }

    private static ScanReport Failing(params string[] names) => SampleReport.Report(names.Select(name => SampleReport.TrailFails(name)));

    [Fact]
    public async Task It_is_opened_once_pinned_and_then_renewed()
    {
        var first = await Dashboard(Failing("main"));
        Assert.Equal((1, 0), (first.Created, first.Updated));
        var issue = Assert.Single(_github.Issues);
        Assert.Equal(["scanner"], issue.Labels);
        Assert.Equal([1], _github.Pinned);
        Assert.Contains("## Start here", issue.Body, StringComparison.Ordinal);
        Assert.Contains("](https://github.com/acme/security/issues/7)", issue.Body, StringComparison.Ordinal);
        Assert.Contains("| **all**", issue.Body, StringComparison.Ordinal);

        issue.Body = "Alice: see the runbook\n" + issue.Body + "Bob: thanks\n";
        var second = await Dashboard(SampleReport.Report(SampleReport.TrailFails() with { Status = FindingStatus.Pass, Message = "Trail main is logging" }));
        Assert.Equal((0, 1), (second.Created, second.Updated));
        Assert.Single(_github.Issues);
        Assert.Equal([1], _github.Pinned);
        Assert.StartsWith("Alice: see the runbook\n", issue.Body, StringComparison.Ordinal);
        Assert.EndsWith("Bob: thanks\n", issue.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("## Start here", issue.Body, StringComparison.Ordinal);
        Assert.Contains("Nothing fails", issue.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_is_found_by_its_key_without_label_and_title_and_the_other_issues_leave_it_alone()
    {
        await Dashboard(Failing("main"));
        _github.Issues[0].Labels.Clear();
        _github.Issues[0].Title = "How are we?";
        await Issues(Failing("main"));
        await Dashboard(Failing("main"));
        await Issues(SampleReport.Report(SampleReport.TrailFails() with { Status = FindingStatus.Pass }));
        Assert.Equal(2, _github.Issues.Count);
        Assert.Equal(("open", "How are we?"), (_github.Issues[0].State, _github.Issues[0].Title));
        Assert.Equal("closed", _github.Issues[1].State);
    }

    [Fact]
    public async Task A_token_that_may_not_pin_is_said_in_one_line_and_the_issue_is_there()
    {
        _github.MayPin = false;
        var result = await Dashboard(Failing("main"));
        Assert.Empty(result.Errors);
        Assert.Equal("dashboard: #1 is not pinned (Resource not accessible by integration); pin it by hand, on its page", Assert.Single(result.Notes));
        Assert.Single(_github.Issues);
    }

    [Fact]
    public async Task One_that_a_person_closed_is_left_alone()
    {
        await Dashboard(Failing("main"));
        _github.Close(1, "not_planned");
        var body = _github.Issues[0].Body;
        var result = await Dashboard(Failing("other"));
        Assert.Contains("#1 is closed", Assert.Single(result.Notes), StringComparison.Ordinal);
        Assert.Equal((1, "closed", body), (_github.Issues.Count, _github.Issues[0].State, _github.Issues[0].Body));
        Assert.Empty(await new GitHubPublisher(Options()).LoadAcceptedRisksAsync());
    }

    [Fact]
    public async Task A_strangers_copy_is_not_taken_for_it()
    {
        await Dashboard(Failing("main"));
        var ours = _github.Issues[0];
        _github.Issues.Clear();
        _github.Issues.Add(new GitHubIssue { Number = 1, Title = "t", Body = ours.Body, User = ("mallory", "User"), Association = "NONE" });
        _github.Issues[0].Labels.Add("scanner");
        var result = await Dashboard(Failing("main"));
        Assert.Equal((1, 2), (result.Created, _github.Issues.Count));
    }

    [Fact]
    public async Task A_dry_run_changes_nothing()
    {
        var result = await Dashboard(Failing("main"), dryRun: true);
        Assert.Equal("open: dashboard", Assert.Single(result.Actions));
        Assert.Empty(_github.Issues);
        Assert.Empty(_github.Pinned);
    }

    [Fact]
    public async Task Names_from_AWS_stay_inert_in_it()
    {
        await Dashboard(SampleReport.Report(SampleReport.TrailFails() with { Resource = "<img src=x onerror=alert(1)> @acme/all -->\n# x" }));
        var body = _github.Issues[0].Body;
        Assert.DoesNotContain("<img", body, StringComparison.Ordinal);
        Assert.DoesNotContain("\n# x", body, StringComparison.Ordinal);
        Assert.DoesNotContain(" @acme/all", body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(3, "[\"1\", \"2\", \"3\"]")]
    [InlineData(11, "1 --> 11")]
    public async Task The_trend_is_a_chart_with_a_line_that_can_be_seen_and_whole_numbers_of_scans(int scans, string axis)
    {
        var points = Enumerable.Range(0, scans).Select(i => new ScanPoint { Time = SampleReport.Time.AddDays(i - scans), Pass = i, Fail = 10 });
        await Dashboard(Failing("main") with { History = new ScanHistory([.. points], []) });
        var chart = Assert.Single(_github.Issues).Body.Split("```mermaid\n")[1].Split("\n```")[0];
        Assert.StartsWith("%%{init: {\"themeVariables\": {\"xyChart\": {\"plotColorPalette\": \"#2f81f7\"}}}}%%\nxychart-beta\n", chart, StringComparison.Ordinal);
        Assert.Contains($"x-axis \"scans\" {axis}\n", chart, StringComparison.Ordinal);
        Assert.Equal(scans, chart.Split("line [")[1].Split(',').Length);
    }

    [Fact]
    public async Task Fields_of_the_organization_say_severity_and_due_day_and_no_label_does()
    {
        _github.Fields = Fields;
        await Issues(Failing("main"));
        var issue = Assert.Single(_github.Issues);
        Assert.Equal("High", (string)issue.Fields["Severity"]["value"]!);
        Assert.Equal(DateOnly.FromDateTime(SampleReport.Time.UtcDateTime).AddDays(30).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture), (string)issue.Fields["Due date"]["value"]!);
        Assert.Equal(2, issue.Fields.Count);
        Assert.DoesNotContain(issue.Labels, label => label.StartsWith("due:", StringComparison.Ordinal));

        // A person moves the day and the severity; the day is theirs, the severity the check's.
        issue.Fields["Due date"]["value"] = "2027-01-01";
        issue.Fields["Severity"]["single_select_option"]!["name"] = "Low";
        await Issues(Failing("main", "other"));
        Assert.Equal(("2027-01-01", "High"), ((string)issue.Fields["Due date"]["value"]!, (string)issue.Fields["Severity"]["value"]!));
        Assert.DoesNotContain("overdue", issue.Labels);
        issue.Fields["Due date"]["value"] = "2020-01-01";
        await Issues(Failing("main", "other"));
        Assert.Contains("overdue", issue.Labels);
    }

    [Fact]
    public async Task Without_fields_that_are_ours_labels_say_it()
    {
        _github.Fields = [Field(1, "Severity", "single_select", "P1", "P2"), Field(2, "Due date", "text")];
        await Issues(Failing("main"));
        Assert.Empty(_github.Issues[0].Fields);
        Assert.Contains(_github.Issues[0].Labels, label => label.StartsWith("due:", StringComparison.Ordinal));
        Assert.Contains("severity:high", _github.Issues[0].Labels);
    }

    [Fact]
    public async Task A_field_ends_an_accepted_risk_as_the_label_does()
    {
        _github.Fields = Fields;
        await Issues(Failing("main"));
        _github.Close(1, "not_planned");
        void Until(DateOnly day) => _github.Issues[0].Fields["Accepted until"] = new JsonObject
        {
            ["issue_field_id"] = 3,
            ["issue_field_name"] = "Accepted until",
            ["node_id"] = "IFT_3",
            ["data_type"] = "date",
            ["value"] = day.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture),
        };
        var today = DateOnly.FromDateTime(SampleReport.Time.UtcDateTime);
        Until(today);
        Assert.Equal(today, Assert.Single(await new GitHubPublisher(Options()).LoadAcceptedRisksAsync()).Until);
        Until(today.AddDays(-1));
        Assert.Empty(await new GitHubPublisher(Options()).LoadAcceptedRisksAsync());
    }

    private sealed class FixedClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => SampleReport.Time;

        public override long GetTimestamp() => 0;
    }
}
