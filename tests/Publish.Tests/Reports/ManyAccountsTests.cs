using System.Globalization;
using System.Text;
using Loopback;
using Publish.Tests.Text;
using Scanner.Model;
using Scanner.Publish.Actions;
using Scanner.Publish.GitHub;

namespace Publish.Tests.Reports;

/// <summary>What people read of hundreds of accounts: within GitHub's limits, the important part whole, and what is left out said.</summary>
public sealed class ManyAccountsTests
{
    private static readonly string[] Regions = ["eu-west-1", "us-east-1", "ap-southeast-2"];

    private static string Id(int i) => (100000000000 + i).ToString(CultureInfo.InvariantCulture);

    /// <summary>Accounts with as many failing checks as the sample account has, refusals that name each account's own role, and an incident in one of ten.</summary>
    internal static ScanReport Organization(int accounts, int checks = 60)
    {
        var rules = Enumerable.Range(0, checks).Select(c => SampleReport.Trail with
        {
            Id = $"check-number-{c:D2}",
            Fails = $"Something of number {c} is not as it should be",
            Severity = (Severity)(1 + (c % 4)),
            Coverage = c < 13 ? [new CoverageRole("source-" + c, $"Logging source {c}: use", c, Arrives: false)] : [],
        }).ToList();
        var findings = new List<Finding>();
        var collection = new List<CollectionStatus>();
        for (var a = 0; a < accounts; a++)
        {
            foreach (var rule in rules)
            {
                for (var i = 0; i < 3; i++)
                    findings.Add(SampleReport.Of(rule, i == 0 && a % 3 > 0 ? FindingStatus.Pass : FindingStatus.Fail, $"arn:aws:ec2:{Regions[i]}:{Id(a)}:thing/a-name-of-ordinary-length-{i}", Regions[i], $"Thing a-name-of-ordinary-length-{i} is not as it should be, because of a setting", Id(a)));
            }
            foreach (var operation in (ReadOnlySpan<string>)["guardduty:ListDetectors", "guardduty:GetDetector", "securityhub:DescribeHub", "inspector2:BatchGetAccountStatus"])
            {
                var cause = new CollectionStatus("aws_guardduty_detector", Id(a), "eu-west-1", CollectionOutcome.Denied, operation,
                    $"AccessDeniedException: User: arn:aws:sts::{Id(a)}:assumed-role/scanner-member-read-only/scanner is not authorized to perform: {operation} on resource: arn:aws:x:eu-west-1:{Id(a)}:/ with an explicit deny in a service control policy");
                collection.Add(cause);
                findings.Add(SampleReport.Of(rules[0], FindingStatus.Unknown, Id(a), "eu-west-1", "Could not be assessed", Id(a)) with { Check = rules[^1].Id, Causes = [cause] });
            }
            if (a % 10 == 0)
                findings.AddRange(Enumerable.Range(0, 3).Select(i => Match(a, i)));
        }
        var report = SampleReport.Report(findings);
        return report with
        {
            Rules = rules.Append(SampleReport.RootLogin).ToDictionary(rule => rule.Id, StringComparer.Ordinal),
            Collection = collection,
            Scan = report.Scan with { Accounts = [.. Enumerable.Range(0, accounts).Select(Id)], AccountNames = Enumerable.Range(0, accounts).ToDictionary(Id, i => $"workload-{i:D3}", StringComparer.Ordinal), Regions = Regions },
        };
    }

    private static Finding Match(int account, int i) => SampleReport.Of(SampleReport.RootLogin, FindingStatus.Fail, $"event-{account}-{i}", "us-east-1", "root logged in", Id(account)) with
    {
        Severity = Severity.Critical,
        Event = $$"""{"eventID":"event-{{account}}-{{i}}","eventName":"ConsoleLogin","eventTime":"2026-01-31T0{{i}}:00:00Z","sourceIPAddress":"203.0.113.{{account / 10}}","userIdentity":{"type":"IAMUser","userName":"user-{{account}}","arn":"arn:aws:iam::{{Id(account)}}:user/user-{{account}}","accountId":"{{Id(account)}}"} }""",
    };

    [Theory]
    [InlineData(50)]
    [InlineData(200)]
    [InlineData(500)]
    public void A_summary_keeps_what_matters_whole_and_says_what_it_left_out(int accounts)
    {
        var report = Organization(accounts);
        var text = StepSummary.Compose(report, ["scanner-report/report.json"], null, StepSummary.MaxBytes - 4096);
        Assert.InRange(Encoding.UTF8.GetByteCount(text), 10_000, StepSummary.MaxBytes - 4096);
        var page = GitHubLike.Render(text);
        Assert.Equal(5, page.QuerySelectorAll("ol").First().QuerySelectorAll("li").Length);
        // Incidents: each of them, by name and account.
        var incidents = Incident.Of(report.Findings);
        Assert.Equal(accounts / 10, incidents.Count);
        Assert.All(incidents, incident => Assert.Contains(report.Scan.Called(incident.Accounts[0]), text, StringComparison.Ordinal));
        // What could not be read: one cause, of all accounts, and the number of findings without an answer.
        var unread = page.QuerySelectorAll("h2").Single(one => one.TextContent == "What could not be assessed");
        Assert.Contains($"{4 * accounts:N0} findings have no answer", text, StringComparison.Ordinal);
        var causes = page.QuerySelectorAll("table").Single(table => table.TextContent.Contains("How it ended", StringComparison.Ordinal)).QuerySelectorAll("tbody tr");
        Assert.Contains("with an explicit deny in a service control policy", Assert.Single(causes).TextContent, StringComparison.Ordinal);
        Assert.NotNull(unread);
        Assert.Contains("Logging: on, and arriving?", text, StringComparison.Ordinal);
        Assert.Contains("workload-007", text, StringComparison.Ordinal);
        if (accounts < 200)
            return;
        Assert.Contains("**This is not everything**, because GitHub takes no more than 1 MiB", text, StringComparison.Ordinal);
        Assert.Contains("- What fails: ", text, StringComparison.Ordinal);
        Assert.EndsWith("Everything is in `scanner-report/report.json`.\n", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(300_000)]
    [InlineData(120_000)]
    public void In_less_room_what_matters_is_still_whole(int bytes)
    {
        var text = StepSummary.Compose(Organization(200), [], null, bytes);
        Assert.InRange(Encoding.UTF8.GetByteCount(text), 10_000, bytes);
        foreach (var part in (ReadOnlySpan<string>)["## Start here", "## Incidents", "## What could not be assessed", "## Logging: on, and arriving?", "**This is not everything**"])
            Assert.Contains(part, text, StringComparison.Ordinal);
    }

    [Fact]
    public void In_hardly_any_room_the_order_decides()
    {
        var text = StepSummary.Compose(Organization(200), [], null, 8_000);
        Assert.InRange(Encoding.UTF8.GetByteCount(text), 1_000, 8_000);
        Assert.Contains("## Start here", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dashboard_of_five_hundred_accounts_holds_what_matters_and_fits()
    {
        await using var github = await GitHubServer.StartAsync();
        var options = new GitHubOptions
        {
            Token = GitHubServer.Token,
            Owner = GitHubServer.Owner,
            Name = GitHubServer.Name,
            ApiUrl = github.ApiUrl,
            WriteInterval = TimeSpan.Zero,
            MaxNewIssues = 1_000,
            RepositoryUrl = new Uri("https://github.com/acme/security/"),
            DashboardImage = new Uri("https://github.com/acme/security/raw/scanner-history/coverage.svg"),
            Wait = (_, _) => Task.CompletedTask,
        };
        var report = Organization(500);
        var publisher = new GitHubPublisher(options);
        var published = await publisher.PublishIssuesAsync(report);
        // One a check, and one an incident whose matches several rules tell or one rule in one account.
        Assert.InRange(published.Created, 60, 110);
        foreach (var issue in github.Issues.Take(5))
        {
            issue.Labels.RemoveAll(label => label.StartsWith("due:", StringComparison.Ordinal));
            issue.Labels.Add("due:2026-01-0" + issue.Number);
        }
        await publisher.PublishDashboardAsync(report, published.Issues);
        var body = github.Issues[^1].Body;
        Assert.InRange(body.Length, 5_000, 65_000);
        var page = GitHubLike.Render(body);
        var headings = page.QuerySelectorAll("h2").Select(one => one.TextContent).ToList();
        Assert.Equal(["Start here", "Settings", "Due", "Logging: on, and arriving?", "What could not be assessed"], headings);
        var due = page.QuerySelectorAll("table").Single(table => table.TextContent.Contains("Whose", StringComparison.Ordinal));
        Assert.Equal(["2026-01-01", "2026-01-02"], due.QuerySelectorAll("tbody tr").Take(2).Select(row => row.Children[0].TextContent[..10]));
        Assert.Contains("days over", due.TextContent, StringComparison.Ordinal);
        Assert.Equal("https://github.com/acme/security/raw/scanner-history/coverage.svg", page.QuerySelector("img")!.GetAttribute("src"));
        Assert.Contains("workload-0", body, StringComparison.Ordinal);

        // The same again writes nothing but the same.
        var first = body;
        await publisher.PublishDashboardAsync(report, published.Issues);
        Assert.Equal(first.Split('\n')[1..], github.Issues[^1].Body.Split('\n')[1..]);
    }

    [Fact]
    public async Task A_dry_run_of_five_hundred_accounts_prints_the_dashboard_without_a_token()
    {
        var publisher = new GitHubPublisher(GitHubOptions.FromEnvironment(_ => null, dryRun: true));
        await publisher.PublishDashboardAsync(Organization(500));
        Assert.InRange(Assert.Single(publisher.Drafts).Body.Length, 5_000, 65_000);
        Assert.Contains("## Start here", publisher.Drafts[0].Body, StringComparison.Ordinal);
    }
}
