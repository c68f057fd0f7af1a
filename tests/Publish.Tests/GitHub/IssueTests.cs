using CsCheck;
using Loopback;
using Publish.Tests.Text;
using Scanner.Model;
using Scanner.Publish;
using Scanner.Publish.GitHub;

namespace Publish.Tests.GitHub;

public sealed class IssueTests : IAsyncLifetime
{
    private GitHubServer _github = null!;
    private readonly List<TimeSpan> _waits = [];
    private DateTimeOffset _now = SampleReport.Time;

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

    private GitHubOptions Options(GitHubServer? server = null) => new()
    {
        Token = GitHubServer.Token,
        Owner = GitHubServer.Owner,
        Name = GitHubServer.Name,
        ApiUrl = (server ?? _github).ApiUrl,
        WriteInterval = TimeSpan.Zero,
        Clock = new FixedClock(() => _now),
        Wait = (time, _) =>
        {
            _waits.Add(time);
            return Task.CompletedTask;
        },
    };

    // As the program does: what was accepted is muted before issues are published.
    private async Task<PublishResult> Publish(ScanReport report, GitHubOptions? options = null)
    {
        var publisher = new GitHubPublisher(options ?? Options());
        var risks = await publisher.LoadAcceptedRisksAsync();
        var result = await Try(publisher, report, risks);
        return result.Errors.Count == 0 ? result : throw new InputException(result.Errors[0]);
    }

    private static Task<PublishResult> Try(GitHubPublisher publisher, ScanReport report, IReadOnlyList<AcceptedRisk>? risks = null) =>
        publisher.PublishIssuesAsync(report with
        {
            Findings = [.. report.Findings.Select(f => f.Status == FindingStatus.Fail && Covering(risks ?? [], f) is { } risk ? f with { Status = FindingStatus.Muted, MutedReason = risk.Reason } : f)],
        });

    private async Task<PublishResult> TryAgain(ScanReport report, GitHubOptions? options = null)
    {
        _github.Revive();
        return await Try(new GitHubPublisher(options ?? Options()), report);
    }

    private static AcceptedRisk? Covering(IReadOnlyList<AcceptedRisk> risks, Finding finding)
    {
        // Once for all of them: a key is a hash.
        var key = AcceptedRisk.Shorten(finding.Key);
        return risks.FirstOrDefault(risk => risk.Key == key);
    }

    private Task<IReadOnlyList<AcceptedRisk>> Accepted() => new GitHubPublisher(Options()).LoadAcceptedRisksAsync();

    private async Task<PublishResult> Again(ScanReport report)
    {
        _github.Revive();
        return await Publish(report);
    }

    [Fact]
    public async Task An_issue_goes_to_the_owners_of_what_fails_and_those_who_cannot_have_it_are_said_once()
    {
        _github.Assignable.Add("ana");
        var report = SampleReport.Report(
            SampleReport.TrailFails("a") with { Owner = new Owner("ana", "acme/network") },
            SampleReport.TrailFails("b") with { Owner = new Owner("gone", null) },
            SampleReport.TrailFails("c")) with
        { DueDays = new Dictionary<Severity, int> { [SampleReport.TrailFails().Severity] = 3 } };

        var result = await Publish(report);

        var issue = Assert.Single(_github.Issues);
        Assert.Equal(["ana"], issue.Assignees);
        Assert.Contains("owner:acme/network", issue.Labels);
        Assert.Contains(FormattableString.Invariant($"due:{_now.AddDays(3):yyyy-MM-dd}"), issue.Labels);
        Assert.Contains("**Owner**: `ana`, team `acme/network` (1), `gone` (1)", issue.Body, StringComparison.Ordinal);
        Assert.Contains("| `gone` |", issue.Body, StringComparison.Ordinal);
        Assert.Equal(["issues cannot be assigned to gone: whoever owners.yml names needs access to acme/security"], result.Notes);
    }

    [Fact]
    public async Task An_issue_that_is_nobodys_gets_its_owner_and_a_person_whom_people_chose_stays()
    {
        foreach (var login in new[] { "ana", "ben" })
            _github.Assignable.Add(login);
        var finding = SampleReport.TrailFails("a");
        await Publish(SampleReport.Report(finding));
        Assert.Empty(_github.Issues[0].Assignees);

        await Again(SampleReport.Report(finding with { Owner = new Owner("ana", "acme/network") }));
        Assert.Equal(["ana"], _github.Issues[0].Assignees);

        _github.Issues[0].Assignees[0] = "zoe";
        _github.Issues[0].Labels.Add("owner:me");
        await Again(SampleReport.Report(finding with { Owner = new Owner("ben", "acme/data") }));
        Assert.Equal(["zoe"], _github.Issues[0].Assignees);
        Assert.Equal(["owner:acme/data", "owner:me"], _github.Issues[0].Labels.Where(label => label.StartsWith("owner:", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.Contains("**Owner**: `ben`, team `acme/data`\n", _github.Issues[0].Body, StringComparison.Ordinal);

        // Nothing more to do: the same again changes nothing.
        await Again(SampleReport.Report(finding with { Owner = new Owner("ben", "acme/data") }));
        Assert.Empty(_github.Writes);
    }

    [Fact]
    public async Task A_team_that_owners_yml_no_longer_names_goes_from_the_issue_and_a_label_that_a_person_put_there_stays()
    {
        var finding = SampleReport.TrailFails("a");
        var happened = SampleReport.Login("e-1");
        await Publish(SampleReport.Report(finding with { Owner = new Owner(null, "acme/network") }, happened with { Owner = new Owner(null, "acme/a,b") }));
        _github.Issues.ForEach(issue => issue.Labels.Add("owner:acme/people"));
        Assert.All(_github.Issues, issue => Assert.Equal(2, issue.Labels.Count(label => label.StartsWith("owner:", StringComparison.Ordinal))));

        await Again(SampleReport.Report(finding, happened));

        Assert.All(_github.Issues, issue => Assert.Equal(["owner:acme/people"], issue.Labels.Where(label => label.StartsWith("owner:", StringComparison.Ordinal))));
        await Again(SampleReport.Report(finding, happened));
        Assert.Empty(_github.Writes);
    }

    [Fact]
    public async Task A_dry_run_needs_no_token_asks_nobody_and_tells_the_texts_that_would_be_written()
    {
        var options = GitHubOptions.FromEnvironment(_ => null, dryRun: true);
        var publisher = new GitHubPublisher(options);
        var report = SampleReport.Report(SampleReport.TrailFails("a") with { Owner = new Owner("ana", "acme/network") });

        await publisher.CheckAsync();
        Assert.Empty(await publisher.LoadAcceptedRisksAsync());
        var result = await publisher.PublishIssuesAsync(report);
        await publisher.PublishDashboardAsync(report);

        Assert.Equal((true, 1), (result.DryRun, result.Created));
        Assert.Empty(result.Errors);
        Assert.Equal(2, publisher.Drafts.Count);
        Assert.Equal(["ana"], publisher.Drafts[0].Assignees);
        Assert.Contains("owner:acme/network", publisher.Drafts[0].Labels);
        Assert.Contains("**Owner**: `ana`, team `acme/network`\n", publisher.Drafts[0].Body, StringComparison.Ordinal);
        Assert.Contains("| `ana, team acme/network` | 0 | 1 | 1 |\n", publisher.Drafts[1].Body, StringComparison.Ordinal);
        Assert.Throws<InputException>(() => GitHubOptions.FromEnvironment(_ => null));
    }

    private static ScanReport Failing(params string[] names) => SampleReport.Report(names.Select(n => SampleReport.TrailFails(n)));

    private static ScanReport Passing() => SampleReport.Report(SampleReport.TrailFails() with { Status = FindingStatus.Pass, Message = "Trail main is logging" });

    private static ScanReport Unknown() => SampleReport.Report(
        SampleReport.Of(SampleReport.Trail, FindingStatus.Unknown, SampleReport.Account) with
        {
            Causes = [new CollectionStatus("aws_cloudtrail_trail", SampleReport.Account, "us-east-1", CollectionOutcome.Denied, "cloudtrail:DescribeTrails", "AccessDenied: no")],
        });

    [Fact]
    public void Bodies_are_checked_against_githubs_own_description()
    {
        var schemas = GitHubSchemas.Need();
        Assert.Empty(schemas.Validate("POST", "/issues", """{"title":"x","body":"y","labels":["scanner"]}"""));
        Assert.NotEmpty(schemas.Validate("POST", "/issues", """{"body":"y"}"""));
        Assert.NotEmpty(schemas.Validate("PATCH", "/issues/{issue_number}", """{"state":"shut"}"""));
        Assert.NotEmpty(schemas.Validate("PATCH", "/issues/{issue_number}", """{"stat":"open"}"""));
    }

    [Fact]
    public async Task Each_failing_check_and_account_gets_one_issue()
    {
        var report = SampleReport.Report(
            SampleReport.Of(SampleReport.RootMfa, FindingStatus.Fail, SampleReport.Account, "global", "The root user has no MFA device"),
            SampleReport.TrailFails("a"), SampleReport.TrailFails("b"),
            SampleReport.TrailFails("c") with { Account = "222222222222" },
            SampleReport.Of(SampleReport.GuardDuty, FindingStatus.Unknown, SampleReport.Account),
            SampleReport.Login("e1"));
        var result = await Publish(report);
        Assert.Equal((4, 0, 0, 0), (result.Created, result.Updated, result.Reopened, result.Closed));
        Assert.Equal(
            [
                "[critical] Root user has no MFA (account 111111111111)",
                "[high] Detected: Root account console login (account 111111111111)",
                "[high] Trails are stopped (account 111111111111)",
                "[high] Trails are stopped (account 222222222222)",
            ],
            _github.Issues.Select(i => i.Title));
        Assert.Equal(["scanner", "severity:high", "service:cloudtrail", "due:" + _now.AddDays(30).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture)], _github.Issues[2].Labels);
        Assert.Equal("b42318", _github.Labels["severity:high"].Color);
        var body = GitHubLike.Render(_github.Issues[2].Body);
        Assert.Equal(2, body.QuerySelector("table")!.QuerySelectorAll("tbody tr").Length);
        Assert.Contains(body.QuerySelectorAll("a"), a => a.GetAttribute("href") == "https://attack.mitre.org/techniques/T1685/002/");
        Snapshot.Match("issue.md", _github.Issues[2].Body);
        Snapshot.Match("issue-detection.md", _github.Issues[1].Body);
    }

    [Fact]
    public async Task What_the_principal_did_around_a_match_is_folded_in_the_issue_and_inert()
    {
        const string Hostile = "@octocat | </details><img src=x> ` `` **b**";
        var match = SampleReport.Login("e-1");
        var calls = Enumerable.Range(0, 3).Select(i => new TimelineEntry(SampleReport.Time.AddMinutes(i - 1), $"Call{i} {Hostile}", Hostile, Hostile, i == 0 ? Hostile : null, i + 1, i == 1)).ToList();
        var report = SampleReport.Report(match with
        {
            Event = match.Event!.Replace("{", "{\"userIdentity\":{\"arn\":\"arn:aws:iam::1:user/@octocat<b>\"},", StringComparison.Ordinal),
            Seen = new Sighting(SampleReport.Time, SampleReport.Time, 1, ["e-1"], new Dictionary<string, string>()) { Timeline = calls },
        });
        await Publish(report);
        var body = GitHubLike.Render(Assert.Single(_github.Issues).Body);
        var details = Assert.Single(body.QuerySelectorAll("details"), one => one.QuerySelector("summary")!.TextContent.StartsWith("Timeline of arn:aws:iam::1:user/@octocat", StringComparison.Ordinal));
        Assert.Equal(3, details.QuerySelectorAll("tbody tr").Length);
        Assert.Contains("➤ 12:00:00", details.TextContent, StringComparison.Ordinal);
        Assert.Empty(body.QuerySelectorAll("img"));
        Assert.NotNull(details.QuerySelector("summary code"));
        Assert.All(details.QuerySelectorAll("td:nth-child(3)"), cell => Assert.NotNull(cell.QuerySelector("code")));
    }

    [Fact]
    public async Task A_second_run_that_finds_the_same_changes_nothing()
    {
        await Publish(SampleReport.Whole());
        var before = _github.Picture();
        _now += TimeSpan.FromDays(1);
        var result = await Again(SampleReport.Whole() with { Scan = SampleReport.Whole().Scan with { Time = _now } });
        Assert.Empty(_github.Writes);
        Assert.Equal(before, _github.Picture());
        Assert.Equal(0, result.Created + result.Updated + result.Closed + result.Reopened);
    }

    [Fact]
    public async Task A_change_updates_in_place_and_leaves_what_people_set()
    {
        await Publish(Failing("a"));
        _github.Issues[0].Labels.Add("team-blue");
        _github.Issues[0].Milestone = 3;
        var result = await Again(Failing("a", "b"));
        Assert.Equal(1, result.Updated);
        Assert.Single(_github.Issues);
        Assert.Contains("trail/b", _github.Issues[0].Body, StringComparison.Ordinal);
        Assert.Contains("team-blue", _github.Issues[0].Labels);
        Assert.Equal(3, _github.Issues[0].Milestone);
        Assert.Single(_github.Writes);
    }

    [Fact]
    public async Task What_is_mended_is_closed_with_a_comment()
    {
        await Publish(Failing("main"));
        var result = await Again(Passing());
        Assert.Equal(1, result.Closed);
        var issue = _github.Issues[0];
        Assert.Equal(("closed", "completed"), (issue.State, issue.StateReason));
        Assert.Contains("Fixed", Assert.Single(issue.Comments).Body, StringComparison.Ordinal);
        await Again(Passing());
        Assert.Empty(_github.Writes);
    }

    [Fact]
    public async Task A_regression_reopens_with_a_comment()
    {
        await Publish(Failing("main"));
        await Again(Passing());
        var result = await Again(Failing("main"));
        Assert.Equal(1, result.Reopened);
        Assert.Equal("open", _github.Issues[0].State);
        Assert.Contains("It fails again", _github.Issues[0].Comments[1].Body, StringComparison.Ordinal);
        // And once more around: every occasion is said.
        await Again(Passing());
        await Again(Failing("main"));
        Assert.Equal(4, _github.Issues[0].Comments.Count);
        Assert.Single(_github.Issues);
    }

    [Fact]
    public async Task Unknown_never_closes_and_is_said_once()
    {
        await Publish(Failing("main"));
        await Again(Unknown());
        await Again(Unknown());
        Assert.Empty(_github.Writes);
        Assert.Equal("open", _github.Issues[0].State);
        var comment = Assert.Single(_github.Issues[0].Comments).Body;
        Assert.Contains("could not assess", comment, StringComparison.Ordinal);
        Assert.Contains("cloudtrail:DescribeTrails", comment, StringComparison.Ordinal);
        await Again(Passing());
        Assert.Equal("closed", _github.Issues[0].State);
    }

    [Fact]
    public async Task A_region_that_was_not_scanned_keeps_the_issue_open()
    {
        await Publish(SampleReport.Report(SampleReport.TrailFails("a", "eu-west-1")));
        var elsewhere = Passing();
        await Again(elsewhere with { Scan = elsewhere.Scan with { Regions = ["us-east-1"] } });
        Assert.Equal("open", _github.Issues[0].State);
        Assert.Empty(_github.Writes);
        await Again(elsewhere);
        Assert.Equal("closed", _github.Issues[0].State);
    }

    [Fact]
    public async Task What_could_not_be_looked_at_again_is_carried_on()
    {
        await Publish(SampleReport.Report(SampleReport.TrailFails("a", "eu-west-1"), SampleReport.TrailFails("b")));
        var half = SampleReport.Report([SampleReport.TrailFails("b"), .. Unknown().Findings.Select(f => f with { Region = "eu-west-1" })]);
        await Again(half);
        Assert.Contains("1 resource that was listed here before could not be looked at", _github.Issues[0].Body, StringComparison.Ordinal);
        await Again(half);
        Assert.Empty(_github.Writes);
    }

    [Fact]
    public async Task A_check_or_account_that_was_not_scanned_keeps_its_issue()
    {
        await Publish(Failing("main"));
        await Again(SampleReport.Report(SampleReport.Of(SampleReport.RootMfa, FindingStatus.Pass, SampleReport.Account)));
        await Again(SampleReport.Report(Passing().Findings.Select(f => f with { Account = "222222222222" })));
        Assert.Equal("open", _github.Issues[0].State);
        Assert.Empty(_github.Writes);
    }

    [Fact]
    public async Task Closing_as_not_planned_accepts_the_listed_resources_and_no_others()
    {
        await Publish(Failing("a", "b"));
        _github.Close(1, "not_planned");
        var risks = await Accepted();
        Assert.Equal("accepted in #1 by octocat", Covering(risks, SampleReport.TrailFails("a"))?.Reason);
        Assert.NotNull(Covering(risks, SampleReport.TrailFails("b")));
        Assert.Null(Covering(risks, SampleReport.TrailFails("c")));

        await Again(Failing("a", "b"));
        Assert.Equal("closed", _github.Issues[0].State);
        Assert.Empty(_github.Issues[0].Comments);
        await Again(Failing("a", "b"));
        Assert.Empty(_github.Writes);

        var result = await Again(Failing("a", "b", "c"));
        Assert.Equal(1, result.Reopened);
        var comment = Assert.Single(_github.Issues[0].Comments).Body;
        Assert.Contains("trail/c", comment, StringComparison.Ordinal);
        Assert.DoesNotContain("trail/a", comment, StringComparison.Ordinal);
        // The first two stay accepted while the third is discussed.
        Assert.Equal(2, (await Accepted()).Count);
        await Again(Failing("a", "b", "c"));
        Assert.Empty(_github.Writes);
        // Accepted too.
        _github.Close(1, "not_planned", "hubot-the-human");
        await Again(Failing("a", "b", "c"));
        Assert.Equal("closed", _github.Issues[0].State);
        Assert.Equal(3, (await Accepted()).Count);
    }

    [Fact]
    public async Task A_mended_newcomer_closes_the_issue_as_accepted_again()
    {
        await Publish(Failing("a"));
        _github.Close(1, "not_planned");
        await Again(Failing("a", "b"));
        Assert.Equal("open", _github.Issues[0].State);
        await Again(Failing("a"));
        Assert.Equal(("closed", "not_planned"), (_github.Issues[0].State, _github.Issues[0].StateReason));
        Assert.Single(await Accepted());
    }

    [Fact]
    public async Task Reopening_takes_the_acceptance_back()
    {
        await Publish(Failing("a"));
        _github.Close(1, "not_planned");
        await Again(Failing("a"));
        _github.Reopen(1);
        Assert.Empty(await Accepted());
        await Again(Failing("a"));
        Assert.Equal("open", _github.Issues[0].State);
    }

    [Fact]
    public async Task An_acceptance_ends_with_its_label()
    {
        await Publish(Failing("a"));
        _github.Issues[0].Labels.Add("accepted-until:2026-02-01");
        _github.Close(1, "not_planned");
        await Again(Failing("a"));
        Assert.Equal("closed", _github.Issues[0].State);
        _now = new DateTimeOffset(2026, 2, 1, 23, 59, 0, TimeSpan.Zero);
        await Again(Failing("a"));
        Assert.Equal("closed", _github.Issues[0].State);
        _now = new DateTimeOffset(2026, 2, 2, 0, 0, 0, TimeSpan.Zero);
        Assert.Empty(await Accepted());
        await Again(Failing("a"));
        Assert.Equal("open", _github.Issues[0].State);
        Assert.Contains("accepted until 2026-02-01", _github.Issues[0].Comments[^1].Body, StringComparison.Ordinal);
        Assert.Contains("accepted-until:2026-02-01", _github.Issues[0].Labels);
    }

    [Fact]
    public async Task What_is_open_past_its_day_is_overdue_until_the_day_moves_or_it_is_closed()
    {
        var report = Failing("a");
        await Publish(report);
        var due = DateOnly.FromDateTime(_now.UtcDateTime).AddDays(30);
        _now = new DateTimeOffset(due, new TimeOnly(23, 59), TimeSpan.Zero);
        await Again(report);
        Assert.DoesNotContain("overdue", _github.Issues[0].Labels);

        _now = _now.AddMinutes(1);
        var dry = await Publish(report, Options() with { DryRun = true });
        Assert.Contains("mark #1 as overdue: " + _github.Issues[0].Title, dry.Actions);
        Assert.DoesNotContain("overdue", _github.Issues[0].Labels);
        var body = _github.Issues[0].Body;
        var result = await Again(report);
        Assert.Equal((1, body), (result.Updated, _github.Issues[0].Body));
        Assert.Contains("overdue", _github.Issues[0].Labels);
        Assert.Contains("overdue", _github.Labels.Keys);
        await Again(report);
        Assert.Empty(_github.Writes);

        // Another finding changes the text, and takes nothing away.
        await Again(Failing("a", "b"));
        Assert.Contains("overdue", _github.Issues[0].Labels);

        _github.Issues[0].Labels.RemoveAll(label => label.StartsWith("due:", StringComparison.Ordinal));
        _github.Issues[0].Labels.Add("due:2027-01-01");
        await Again(Failing("a", "b"));
        Assert.DoesNotContain("overdue", _github.Issues[0].Labels);
        Assert.Contains("due:2027-01-01", _github.Issues[0].Labels);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_is_fixed_or_accepted_is_overdue_no_more_and_is_again_where_it_reopens(bool accepted)
    {
        await Publish(Failing("a"));
        _now = _now.AddDays(31);
        await Again(Failing("a"));
        Assert.Contains("overdue", _github.Issues[0].Labels);
        if (accepted)
            _github.Close(1, "not_planned");
        await Again(accepted ? Failing("a") : Passing());
        Assert.Equal("closed", _github.Issues[0].State);
        Assert.DoesNotContain("overdue", _github.Issues[0].Labels);
        await Again(Failing("a", "b"));
        Assert.Equal("open", _github.Issues[0].State);
        Assert.Contains("overdue", _github.Issues[0].Labels);
    }

    [Fact]
    public async Task A_label_without_a_date_accepts_nothing()
    {
        await Publish(Failing("a"));
        _github.Issues[0].Labels.Add("accepted-until:spring");
        _github.Close(1, "not_planned");
        await Again(Failing("a"));
        Assert.Equal("open", _github.Issues[0].State);
        Assert.Contains("holds no date", _github.Issues[0].Comments[0].Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Closing_as_completed_while_it_fails_reopens()
    {
        await Publish(Failing("a"));
        _github.Close(1, "completed");
        await Again(Failing("a"));
        Assert.Equal("open", _github.Issues[0].State);
        Assert.Contains("Closed as completed, but", _github.Issues[0].Comments[0].Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bot_that_closes_as_not_planned_accepts_nothing()
    {
        await Publish(Failing("a"));
        _github.Close(1, "not_planned", "stale[bot]", "Bot");
        Assert.Empty(await Accepted());
        await Again(Failing("a"));
        Assert.Equal("open", _github.Issues[0].State);
        Assert.Contains("Closed by a bot", _github.Issues[0].Comments[0].Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_detection_stays_open_and_new_events_reopen_it()
    {
        await Publish(SampleReport.Report(SampleReport.Login("e1")));
        await Again(SampleReport.Report(SampleReport.Login("e1")));
        Assert.Empty(_github.Writes);
        await Again(SampleReport.Report(SampleReport.Login("e2")));
        Assert.Equal("open", _github.Issues[0].State);
        Assert.Contains("e2", _github.Issues[0].Body, StringComparison.Ordinal);
        _github.Close(1, "completed");
        await Again(SampleReport.Report(SampleReport.Login("e1"), SampleReport.Login("e2")));
        Assert.Equal("closed", _github.Issues[0].State);
        Assert.Equal(2, (await Accepted()).Count);
        var result = await Again(SampleReport.Report(SampleReport.Login("e2"), SampleReport.Login("e3")));
        Assert.Equal(1, result.Reopened);
        Assert.Contains("e3", Assert.Single(_github.Issues[0].Comments).Body, StringComparison.Ordinal);
        Assert.Single(_github.Issues);
    }

    [Fact]
    public async Task A_mute_file_closes_the_issue_as_not_planned_and_says_why()
    {
        await Publish(Failing("a"));
        var muted = SampleReport.Report(SampleReport.TrailFails("a") with { Status = FindingStatus.Muted, MutedReason = "ask @security" });
        await Again(muted);
        Assert.Equal(("closed", "not_planned"), (_github.Issues[0].State, _github.Issues[0].StateReason));
        Assert.Contains("ask `@security`", _github.Issues[0].Comments[0].Body, StringComparison.Ordinal);
        Assert.Empty(await Accepted());
        await Again(Failing("a"));
        Assert.Equal("open", _github.Issues[0].State);
    }

    [Fact]
    public async Task A_stranger_cannot_steer_with_an_issue_that_looks_like_ours()
    {
        await Publish(Failing("a"));
        var ours = _github.Issues[0];
        var forged = new GitHubIssue { Number = 2, Title = ours.Title, Body = ours.Body, User = ("mallory", "User"), Association = "NONE" };
        forged.Labels.AddRange(ours.Labels);
        _github.Issues.Clear();
        // Older than ours, with our label by an issue template, closed by its own author as not planned.
        _github.Issues.Add(forged);
        _github.Close(1, "not_planned", "mallory");
        Assert.Empty(await Accepted());
        var result = await Again(Failing("a"));
        Assert.Equal(1, result.Created);
        Assert.Equal("closed", _github.Issues[0].State);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Duplicates_from_a_race_are_closed_in_favour_of_the_oldest(bool knowsDuplicates)
    {
        _github.KnowsDuplicates = knowsDuplicates;
        await Publish(Failing("a"));
        var copy = new GitHubIssue { Number = 2, Title = _github.Issues[0].Title, Body = _github.Issues[0].Body, User = _github.Actor };
        copy.Labels.AddRange(_github.Issues[0].Labels);
        _github.Issues.Add(copy);
        await Again(Failing("a"));
        Assert.Equal(["open", "closed"], _github.Issues.Select(i => i.State));
        Assert.Contains("Duplicate of #1", Assert.Single(copy.Comments).Body, StringComparison.Ordinal);
        Assert.Equal(knowsDuplicates ? ("duplicate", 10_001L) : ("not_planned", null), (copy.StateReason, copy.DuplicateOf));
        await Again(Failing("a"));
        Assert.Empty(_github.Writes);
    }

    [Fact]
    public async Task An_issue_that_a_person_closes_as_a_duplicate_accepts_nothing()
    {
        await Publish(Failing("a"));
        _github.Close(1, "duplicate");
        await Again(Failing("a"));
        Assert.Equal("open", _github.Issues[0].State);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Killed_at_any_request_and_run_again_ends_as_if_undisturbed(bool afterProcessing)
    {
        // Three runs that open, update, close, reopen, say "could not look" and note an accepted risk.
        var first = SampleReport.Report(
            SampleReport.Of(SampleReport.RootMfa, FindingStatus.Fail, SampleReport.Account, "global"), SampleReport.TrailFails("a"),
            SampleReport.Of(SampleReport.GuardDuty, FindingStatus.Fail, SampleReport.Account, "eu-west-1"), SampleReport.Login("e1"));
        var second = SampleReport.Report(
            SampleReport.Of(SampleReport.RootMfa, FindingStatus.Pass, SampleReport.Account, "global"), SampleReport.TrailFails("a"), SampleReport.TrailFails("b"),
            SampleReport.Of(SampleReport.GuardDuty, FindingStatus.Unknown, SampleReport.Account, "eu-west-1") with { Causes = [SampleReport.Denied("eu-west-1")] },
            SampleReport.Login("e2"));
        void People(GitHubServer server)
        {
            server.Close(server.Issues.Single(i => i.Title.Contains("Root account", StringComparison.Ordinal)).Number, "completed");
            server.Close(server.Issues.Single(i => i.Title.Contains("Trails", StringComparison.Ordinal)).Number, "not_planned");
        }
        await using var calm = await GitHubServer.StartAsync();
        await Publish(first, Options(calm));
        var firstRequests = calm.Log.Count;
        People(calm);
        calm.Revive();
        await Publish(second, Options(calm));
        var secondRequests = calm.Log.Count;
        Assert.True(firstRequests > 8 && secondRequests > 8);

        for (var k = 0; k < Math.Max(firstRequests, secondRequests); k++)
        {
            await using var server = await GitHubServer.StartAsync();
            await Survive(server, first, k);
            People(server);
            await Survive(server, second, k);
            Assert.Equal(calm.Picture(), server.Picture());
            server.Revive();
            await Publish(second, Options(server));
            Assert.Empty(server.Writes);
        }

        async Task Survive(GitHubServer server, ScanReport report, int k)
        {
            server.Revive();
            server.DieAt(k, afterProcessing);
            try
            {
                await Publish(report, Options(server));
            }
            catch (InputException)
            {
            }
            server.Revive();
            await Publish(report, Options(server));
        }
    }

    [Fact]
    public async Task A_lost_reply_does_not_make_an_issue_twice()
    {
        _now = DateTimeOffset.UtcNow;
        await Publish(SampleReport.Whole());
        var undisturbed = _github.Log.Count;
        var calm = _github.Picture();
        foreach (var fault in new[] { GitHubFault.Reset, GitHubFault.ResetAfter, GitHubFault.ServerError, GitHubFault.ServerErrorAfter, GitHubFault.SecondaryLimit, GitHubFault.SecondaryLimitWithoutHeader, GitHubFault.TooManyRequests, GitHubFault.PrimaryLimit })
        {
            for (var k = 0; k < undisturbed; k++)
            {
                await using var server = await GitHubServer.StartAsync();
                server.Fail(k, fault);
                await Publish(SampleReport.Whole(), Options(server));
                Assert.Equal(calm, server.Picture());
            }
        }
    }

    [Fact]
    public async Task Rate_limits_are_waited_out_as_github_says()
    {
        _github.Fail(0, GitHubFault.SecondaryLimit);
        _github.Fail(1, GitHubFault.TooManyRequests);
        _github.Fail(2, GitHubFault.SecondaryLimitWithoutHeader);
        await Publish(Failing("a"));
        Assert.Equal([7, 3, 240], _waits.Select(w => w.TotalSeconds).Take(3));
        Assert.Single(_github.Issues);
    }

    [Fact]
    public async Task A_limit_that_lasts_too_long_is_one_clear_line()
    {
        _github.ResetSeconds = 3600;
        _now = DateTimeOffset.UtcNow;
        _github.Fail(1, GitHubFault.PrimaryLimit);
        var said = await Assert.ThrowsAsync<InputException>(() => Publish(Failing("a")));
        Assert.Contains("rate limit is used up until", said.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Changes_are_a_second_apart()
    {
        await Publish(Failing("a"), Options() with { WriteInterval = TimeSpan.FromSeconds(1) });
        // Four labels and an issue: four pauses, with a clock that stands still.
        Assert.Equal([1, 1, 1, 1], _waits.Select(w => w.TotalSeconds));
    }

    [Fact]
    public async Task The_cap_takes_the_worst_and_says_how_many_wait()
    {
        var report = SampleReport.Report(
            SampleReport.Of(SampleReport.GuardDuty, FindingStatus.Fail, "d"), SampleReport.TrailFails("a"),
            SampleReport.Of(SampleReport.RootMfa, FindingStatus.Fail, SampleReport.Account, "global"));
        var result = await Publish(report, Options() with { MaxNewIssues = 2 });
        Assert.Equal((2, 1), (result.Created, result.OverCap));
        Assert.Equal(["[critical]", "[high]"], _github.Issues.Select(i => i.Title.Split(' ')[0]));
        Assert.Contains("1 failing checks have no issue yet", Assert.Single(result.Notes), StringComparison.Ordinal);
        Assert.Equal(1, (await Again(report)).Created);
    }

    [Fact]
    public async Task A_dry_run_says_everything_and_changes_nothing()
    {
        var result = await Publish(SampleReport.Whole(), Options() with { DryRun = true });
        Assert.True(result.DryRun);
        Assert.Equal(3, result.Created);
        Assert.Equal(3, result.Actions.Count);
        Assert.Empty(_github.Writes);
    }

    [Fact]
    public async Task Five_thousand_resources_fit_and_the_rest_is_counted()
    {
        var report = Failing([.. Enumerable.Range(0, 5_000).Select(i => $"a-rather-long-name-of-a-trail-{i:D5}")]);
        await Publish(report);
        var body = _github.Issues[0].Body;
        Assert.True(body.Length <= 65_000);
        var page = GitHubLike.Render(body);
        var rows = page.QuerySelector("table")!.QuerySelectorAll("tbody tr");
        Assert.All(rows, r => Assert.Equal(3, r.Children.Length));
        Assert.Contains(FormattableString.Invariant($"{5_000 - rows.Length:N0} more resources"), page.TextContent, StringComparison.Ordinal);
        Assert.Contains("An issue can remember 3,000 resources", page.TextContent, StringComparison.Ordinal);
        await Again(report);
        Assert.Empty(_github.Writes);
        _github.Close(1, "not_planned");
        Assert.Equal(IssueState.MaxKeys, (await Accepted()).Count);
        await Again(report);
        Assert.Equal("open", _github.Issues[0].State);
        Assert.True(_github.Issues[0].Body.Length <= 65_000);
    }

    [Fact]
    public async Task Hundreds_of_issues_are_paged_through()
    {
        var report = SampleReport.Report(Enumerable.Range(0, 250).Select(i => SampleReport.TrailFails("t") with { Account = (100000000000 + i).ToString(System.Globalization.CultureInfo.InvariantCulture) }));
        var apart = Options() with { MaxNewIssues = 1000, GroupIssues = 0 };
        await Publish(report, apart);
        Assert.Equal(250, _github.Issues.Count);
        _github.Revive();
        await Publish(report, apart);
        Assert.Empty(_github.Writes);
        Assert.Equal(250, _github.Issues.Count);
    }

    // What begins a line of its own (a fence, a list) is none after other words, and what is in it would be markup.
    [Theory]
    [InlineData("```\n\n<script>alert(1)</script>\n\n<?php\n```")]
    [InlineData("````\n```\n\n<del>x</del> @org\n\n```\n````")]
    [InlineData("    code\n\n    <img src=x onerror=alert(1)>")]
    [InlineData("- item\n\n  ```\n  <!-- -->\n  ```")]
    [InlineData("> quoted\n\n<script>alert(1)</script>")]
    public async Task A_reason_that_begins_with_a_block_stays_one(string why)
    {
        var report = SampleReport.Report(SampleReport.TrailFails("t"));
        await Publish(report with { Rules = report.Rules.ToDictionary(rule => rule.Key, rule => rule.Value with { Why = why }, StringComparer.Ordinal) });

        var page = GitHubLike.Render(Assert.Single(_github.Issues).Body);

        Assert.Empty(page.QuerySelectorAll("script, img, del, b"));
        Assert.All(GitHubLike.Comments(page), comment => Assert.StartsWith(" scanner:", comment.Data, StringComparison.Ordinal));
        Assert.Contains("Why it matters.", page.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Hostile_names_stay_inert_in_issues_and_comments()
    {
        var texts = new List<string>();
        HostileText.Gen.Array[20].Sample(all =>
        {
            lock (texts)
                texts.AddRange(all);
        }, iter: 20);
        var report = SampleReport.Report(texts.Select((t, i) => SampleReport.TrailFails("t" + i) with { Resource = t + i, Message = t }));
        report = report with
        {
            Rules = report.Rules.ToDictionary(r => r.Key, r => r.Value with { Title = "x <!-- --> @org " + r.Value.Title, Why = string.Join('\n', texts.Take(30)), Fix = new Remediation(texts[0], texts[1], texts[2]) }, StringComparer.Ordinal),
        };
        await Publish(report);
        await Again(SampleReport.Report(SampleReport.TrailFails("t0") with { Status = FindingStatus.Pass }) with { Rules = report.Rules });
        await Again(report);
        foreach (var text in _github.Issues.Select(i => i.Body).Concat(_github.Issues.SelectMany(i => i.Comments).Select(c => c.Body)))
        {
            var page = GitHubLike.Render(text);
            var comments = GitHubLike.Comments(page).ToList();
            Assert.InRange(comments.Count, 1, 2);
            Assert.All(comments, comment => Assert.StartsWith(" scanner:", comment.Data, StringComparison.Ordinal));
            Assert.Equal(comments.Count == 2, comments[^1].Data.StartsWith(" scanner:end key=", StringComparison.Ordinal));
            Assert.Empty(page.QuerySelectorAll("script, img, input, iframe, b, mark, del"));
            Assert.All(GitHubLike.FilteredText(page), t => Assert.DoesNotMatch("@[A-Za-z0-9]|#[0-9]", t));
            Assert.NotNull(IssueState.Parse(text) ?? (object?)(text.StartsWith("<!-- scanner:event=", StringComparison.Ordinal) ? text : null));
        }
    }

    [Theory]
    [InlineData("token", "refuses the token")]
    [InlineData("repository", "does not know acme/security")]
    [InlineData("issues", "issues switched off")]
    [InlineData("write", "permissions: issues: write")]
    [InlineData("unreachable", "could not be reached")]
    public async Task What_the_user_must_mend_is_one_clear_line(string what, string said)
    {
        var options = Options();
        switch (what)
        {
            case "token": options = options with { Token = "wrong" }; break;
            case "repository": _github.Exists = false; break;
            case "issues": _github.HasIssues = false; break;
            case "write": _github.MayWrite = false; break;
            default: options = options with { ApiUrl = new Uri("http://127.0.0.1:9") }; break;
        }
        var refused = await Assert.ThrowsAsync<InputException>(async () =>
        {
            await new GitHubPublisher(options).CheckAsync();
            await Publish(Failing("a"), options);
        });
        Assert.Contains(said, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused.Message);
        Assert.Empty(_github.Issues);
    }

    [Fact]
    public async Task The_api_address_is_used_as_given_with_and_without_a_path()
    {
        await using var enterprise = await GitHubServer.StartAsync("/api/v3");
        await Publish(Failing("a"), Options(enterprise));
        Assert.Single(enterprise.Issues);
        await Publish(Failing("a"), Options() with { ApiUrl = new Uri(_github.ApiUrl.AbsoluteUri.TrimEnd('/')) });
        Assert.Single(_github.Issues);
        Assert.All(_github.Log, r => Assert.DoesNotContain("api/v3", r.Path, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_token_of_a_person_works_the_same()
    {
        _github.Actor = ("alice", "User");
        await Publish(Failing("a"));
        // The next run has another token.
        _github.Actor = ("github-actions[bot]", "Bot");
        await Again(Failing("a"));
        Assert.Empty(_github.Writes);
    }

    private sealed class FixedClock(Func<DateTimeOffset> now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now();

        public override long GetTimestamp() => 0;
    }
}
