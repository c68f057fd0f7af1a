using System.Globalization;
using Loopback;
using Publish.Tests.Text;
using Scanner.Model;
using Scanner.Publish;
using Scanner.Publish.GitHub;

namespace Publish.Tests.GitHub;

/// <summary>One issue a check where it fails in many accounts: its life, and that nothing people decided is lost as issues join and part.</summary>
public sealed class IssueGroupingTests : IAsyncLifetime
{
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

    private GitHubOptions Options(int group = 3, int most = 50) => new()
    {
        Token = GitHubServer.Token,
        Owner = GitHubServer.Owner,
        Name = GitHubServer.Name,
        ApiUrl = _github.ApiUrl,
        WriteInterval = TimeSpan.Zero,
        GroupIssues = group,
        MaxNewIssues = most,
        RepositoryUrl = new Uri("https://github.com/acme/security/"),
        Wait = (_, _) => Task.CompletedTask,
    };

    private async Task<PublishResult> Publish(ScanReport report, int group = 3, int most = 50)
    {
        _github.Revive();
        var publisher = new GitHubPublisher(Options(group, most));
        var risks = (await publisher.LoadAcceptedRisksAsync()).ToDictionary(risk => risk.Key, StringComparer.Ordinal);
        var result = await publisher.PublishIssuesAsync(report with
        {
            Findings = [.. report.Findings.Select(f => f.Status == FindingStatus.Fail && risks.TryGetValue(AcceptedRisk.Shorten(f.Key), out var risk) ? f with { Status = FindingStatus.Muted, MutedReason = risk.Reason } : f)],
        });
        Assert.Empty(result.Errors);
        return result;
    }

    private static string Id(int i) => (100000000000 + i).ToString(CultureInfo.InvariantCulture);

    private static Finding Root(int account, FindingStatus status = FindingStatus.Fail) =>
        SampleReport.Of(SampleReport.RootMfa, status, Id(account), "global", "The root user has no MFA device", Id(account)) with
        {
            Causes = status == FindingStatus.Unknown ? [SampleReport.Denied("eu-west-1") with { Account = Id(account) }] : [],
        };

    private static ScanReport Of(params IEnumerable<Finding> findings)
    {
        var all = findings.ToList();
        var report = SampleReport.Report(all);
        var accounts = all.Select(f => f.Account).Distinct(StringComparer.Ordinal).ToList();
        return report with { Scan = report.Scan with { Accounts = accounts, AccountNames = accounts.ToDictionary(id => id, id => "team-" + id[^2..], StringComparer.Ordinal) } };
    }

    // Accounts 0 to count - 1, of which the first so many fail.
    private static ScanReport Fail(int failing, int count = 8) => Of(Enumerable.Range(0, count).Select(i => Root(i, i < failing ? FindingStatus.Fail : FindingStatus.Pass)));

    private GitHubIssue Only => Assert.Single(_github.Issues, issue => issue.State == "open");

    private static IssueState State(GitHubIssue issue) => IssueState.Parse(issue.Body)!;

    [Fact]
    public async Task Five_hundred_accounts_make_one_issue_with_a_row_each_and_their_names()
    {
        var result = await Publish(Fail(500, 500), group: 10);
        Assert.Equal((1, 0), (result.Created, result.OverCap));
        Assert.Equal("[critical] Root user has no MFA (500 accounts)", Only.Title);
        var page = GitHubLike.Render(Only.Body);
        Assert.Equal(500, page.QuerySelector("table")!.QuerySelectorAll("tbody tr").Length);
        Assert.Contains("team-07 (100000000007)", page.TextContent, StringComparison.Ordinal);
        Assert.True(Only.Body.Length <= 65_000);
        Assert.Equal(500, State(Only).Accounts.Count);
        Assert.Equal(500, result.Issues.Count);
        await Publish(Fail(500, 500), group: 10);
        Assert.Empty(_github.Writes);
    }

    [Fact]
    public async Task Issues_join_where_more_accounts_fail_and_part_where_few_do()
    {
        await Publish(Fail(2));
        Assert.Equal(["open", "open"], _github.Issues.Select(i => i.State));
        Assert.Equal("[critical] Root user has no MFA · team-00 (100000000000)", _github.Issues[0].Title);

        await Publish(Fail(4));
        Assert.Equal("[critical] Root user has no MFA (4 accounts)", Only.Title);
        Assert.Equal(["closed", "closed", "open"], _github.Issues.Select(i => i.State));
        Assert.Contains("#3", _github.Issues[0].Comments[^1].Body, StringComparison.Ordinal);

        // It does not come and go at its threshold.
        await Publish(Fail(3));
        Assert.Equal("[critical] Root user has no MFA (3 accounts)", Only.Title);
        Assert.Equal(3, _github.Issues.Count);

        // Each has its own again: the old ones, with all that people wrote in them.
        await Publish(Fail(1));
        Assert.Equal(["open", "closed", "closed"], _github.Issues.Select(i => i.State));
        Assert.Contains("#1", _github.Issues[2].Comments[^1].Body, StringComparison.Ordinal);
        Assert.Contains("has its own issue again", _github.Issues[0].Comments[^1].Body, StringComparison.Ordinal);
        Assert.Equal([Root(0).Key[..16]], State(_github.Issues[0]).Keys.Digits);

        await Publish(Fail(0));
        Assert.All(_github.Issues, issue => Assert.Equal("closed", issue.State));
        await Publish(Fail(0));
        Assert.Empty(_github.Writes);

        await Publish(Fail(5));
        Assert.Equal(("[critical] Root user has no MFA (5 accounts)", 3), (Only.Title, Only.Number));
        await Publish(Fail(0));
        Assert.Equal(("closed", "completed"), (_github.Issues[2].State, _github.Issues[2].StateReason));
    }

    [Fact]
    public async Task Another_threshold_joins_and_parts_the_same_issues()
    {
        await Publish(Fail(5), group: 0);
        Assert.Equal(5, _github.Issues.Count(i => i.State == "open"));
        await Publish(Fail(5), group: 4);
        Assert.Equal(6, Only.Number);
        await Publish(Fail(5), group: 0);
        Assert.Equal([1, 2, 3, 4, 5], _github.Issues.Where(i => i.State == "open").Select(i => i.Number));
        await Publish(Fail(5), group: 0);
        Assert.Empty(_github.Writes);
    }

    [Fact]
    public async Task A_risk_that_was_accepted_stays_accepted_as_issues_join_and_part()
    {
        // In an issue of one account, then joined.
        await Publish(Fail(2));
        _github.Close(1, "not_planned");
        await Publish(Fail(6));
        Assert.Equal("[critical] Root user has no MFA (5 accounts)", Only.Title);
        Assert.DoesNotContain(Id(0), Only.Body, StringComparison.Ordinal);
        Assert.Equal("closed", _github.Issues[0].State);

        // In the issue of many, then parted.
        var many = Only.Number;
        _github.Close(many, "not_planned");
        await Publish(Fail(6));
        Assert.DoesNotContain(_github.Issues, i => i.State == "open");
        Assert.Equal(6, (await new GitHubPublisher(Options()).LoadAcceptedRisksAsync()).Count);
        await Publish(Fail(6));
        Assert.Empty(_github.Writes);

        // Another account is another risk: an issue of its own, since it is one.
        await Publish(Fail(7));
        Assert.Contains(Id(6), Only.Body, StringComparison.Ordinal);
        Assert.EndsWith("· team-06 (100000000006)", Only.Title, StringComparison.Ordinal);
        await Publish(Fail(7), group: 0);
        Assert.Contains(Id(6), Only.Body, StringComparison.Ordinal);
        Assert.Equal(6, (await new GitHubPublisher(Options()).LoadAcceptedRisksAsync()).Count);
    }

    [Fact]
    public async Task New_accounts_reopen_an_accepted_issue_of_many_and_name_only_them()
    {
        await Publish(Fail(4, 12));
        _github.Close(1, "not_planned");
        await Publish(Fail(4, 12));
        await Publish(Fail(9, 12));
        Assert.Equal(("open", "[critical] Root user has no MFA (5 accounts)"), (_github.Issues[0].State, _github.Issues[0].Title));
        Assert.Contains("New since the risk was accepted", _github.Issues[0].Comments[^1].Body, StringComparison.Ordinal);
        Assert.DoesNotContain(Id(0), _github.Issues[0].Comments[^1].Body, StringComparison.Ordinal);
        Assert.Equal((5, 4), (State(_github.Issues[0]).Keys.Count, State(_github.Issues[0]).Accepted.Count));
    }

    [Fact]
    public async Task What_was_not_looked_at_is_neither_closed_nor_parted_nor_forgotten()
    {
        await Publish(Fail(5));
        // Three are unknown now, the others fixed; then a scan of one account alone.
        await Publish(Of(Enumerable.Range(0, 8).Select(i => Root(i, i < 3 ? FindingStatus.Unknown : FindingStatus.Pass))));
        Assert.Equal("open", _github.Issues[0].State);
        Assert.Equal(5, State(Only).Keys.Count);
        await Publish(Of(Root(4, FindingStatus.Pass)));
        Assert.Equal("open", Only.State);
        await Publish(Of(Root(0)));
        Assert.StartsWith("[critical] Root user has no MFA (", Only.Title, StringComparison.Ordinal);
        Assert.Equal([Id(0), Id(1), Id(2), Id(3)], State(Only).Accounts.Keys.Order(StringComparer.Ordinal).Where(id => id != Id(4)));
        Assert.Single(_github.Issues);
        await Publish(Fail(0));
        Assert.Equal("closed", _github.Issues[0].State);
    }

    [Fact]
    public async Task An_account_that_could_not_be_looked_at_keeps_its_own_issue_open()
    {
        await Publish(Fail(2));
        await Publish(Of(Enumerable.Range(0, 8).Select(i => Root(i, i == 0 ? FindingStatus.Unknown : FindingStatus.Fail))));
        Assert.Equal("open", _github.Issues[0].State);
        Assert.Equal("closed", _github.Issues[1].State);
        Assert.Equal("[critical] Root user has no MFA (7 accounts)", _github.Issues[2].Title);
        await Publish(Fail(8));
        Assert.Equal("[critical] Root user has no MFA (8 accounts)", Only.Title);
    }

    [Fact]
    public async Task A_person_who_reopens_the_issue_of_one_account_keeps_it()
    {
        await Publish(Fail(2));
        await Publish(Fail(5));
        _github.Reopen(1);
        await Publish(Fail(5));
        Assert.Empty(_github.Writes);
        Assert.Equal(["open", "closed", "open"], _github.Issues.Select(i => i.State));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_run_that_dies_anywhere_is_made_again_and_ends_the_same(bool afterProcessing)
    {
        for (var dies = 0; dies < 14; dies++)
        {
            await using var github = _github;
            _github = await GitHubServer.StartAsync();
            await Publish(Fail(3));
            _github.Revive();
            _github.DieAt(dies, afterProcessing);
            try
            {
                await new GitHubPublisher(Options()).PublishIssuesAsync(Fail(5));
            }
            catch (InputException)
            {
            }
            await Publish(Fail(5));
            Assert.Equal("[critical] Root user has no MFA (5 accounts)", Only.Title);
            Assert.Equal(["closed", "closed", "closed", "open"], _github.Issues.OrderBy(i => i.Number).Select(i => i.State));
            Assert.All(_github.Issues, issue => Assert.Equal(issue.Comments.Count, issue.Comments.Select(c => c.Body).Distinct(StringComparer.Ordinal).Count()));
        }
    }

    [Fact]
    public async Task A_run_at_its_cap_opens_the_worst_of_every_kind_first()
    {
        var report = Of(Enumerable.Range(0, 10).Select(i => Root(i))
            .Concat(Enumerable.Range(0, 10).Select(i => SampleReport.TrailFails() with { Account = Id(i) }))
            .Append(SampleReport.TrailFails("second") with { Account = Id(7) })
            .Concat(Enumerable.Range(0, 2).Select(i => SampleReport.Of(SampleReport.GuardDuty, FindingStatus.Fail, Id(i), account: Id(i)))));
        var result = await Publish(report, group: 0, most: 5);
        Assert.Equal((5, 17), (result.Created, result.OverCap));
        Assert.Equal(["[critical] Root", "[high] Trails", "[medium] GuardDuty", "[critical] Root", "[high] Trails"], _github.Issues.Select(i => string.Join(' ', i.Title.Split(' ')[..2])));
        // The account with most of it first.
        Assert.Contains(Id(7), _github.Issues[1].Title, StringComparison.Ordinal);
        await Publish(report, group: 0, most: 3);
        Assert.Equal(["[critical] Root", "[high] Trails", "[medium] GuardDuty"], _github.Issues[5..].Select(i => string.Join(' ', i.Title.Split(' ')[..2])));
    }

    [Fact]
    public async Task Owners_and_resources_of_all_accounts_are_in_it_and_hostile_names_are_inert()
    {
        var report = Of(Enumerable.Range(0, 6).SelectMany(i => new[] { "<b>x</b>-->", "@all" }.Select(name => SampleReport.TrailFails(name) with { Account = Id(i), Owner = new Owner(null, "acme/t" + i % 2) })));
        report = report with { Scan = report.Scan with { AccountNames = report.Scan.Accounts.ToDictionary(id => id, _ => "<img src=x> @org --> #1 |", StringComparer.Ordinal) } };
        await Publish(report);
        var page = GitHubLike.Render(Only.Body);
        Assert.Empty(page.QuerySelectorAll("img, b"));
        Assert.Equal(2, page.QuerySelectorAll("table").Count(table => table.QuerySelector("th")!.TextContent == "Account"));
        Assert.Equal(12, page.QuerySelectorAll("details table")[0].QuerySelectorAll("tbody tr").Length);
        Assert.All(page.QuerySelectorAll("table").Take(2), table => Assert.All(table.QuerySelectorAll("tbody tr"), row => Assert.Equal(4, row.Children.Length)));
        Assert.Contains("owner:acme/t0", Only.Labels);
        Assert.Contains("owner:acme/t1", Only.Labels);
    }

    [Fact]
    public async Task Of_more_accounts_and_resources_than_an_issue_remembers_every_account_has_its_share()
    {
        await Publish(Of(Enumerable.Range(0, 400).SelectMany(i => Enumerable.Range(0, 10).Select(n => SampleReport.TrailFails("t" + n) with { Account = Id(i) }))), group: 10);
        var state = State(Only);
        Assert.Equal(400, state.Accounts.Count);
        Assert.All(state.Accounts.Values, keys => Assert.InRange(keys.Count, 5, 6));
        Assert.InRange(state.Line().Length, 1, 40_000);
        Assert.True(Only.Body.Length <= 65_000);
        Assert.Contains("An issue can remember 2,400 resources", Only.Body, StringComparison.Ordinal);
    }
}
