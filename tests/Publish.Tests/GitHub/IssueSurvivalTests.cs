using Loopback;
using Scanner.Model;
using Scanner.Publish;
using Scanner.Publish.GitHub;

namespace Publish.Tests.GitHub;

/// <summary>What people, proxies and GitHub itself do to issues between two runs: no issue is opened twice, none stops the others, and no text of a person is lost.</summary>
public sealed class IssueSurvivalTests : IAsyncLifetime
{
    private readonly List<TimeSpan> _waits = [];
    private GitHubServer _github = null!;
    private TimeSpan _passed;

    public async ValueTask InitializeAsync() => _github = await GitHubServer.StartAsync();

    public async ValueTask DisposeAsync() => await _github.DisposeAsync();

    private GitHubOptions Options => new()
    {
        Token = GitHubServer.Token,
        Owner = GitHubServer.Owner,
        Name = GitHubServer.Name,
        ApiUrl = _github.ApiUrl,
        WriteInterval = TimeSpan.FromSeconds(1),
        Clock = new FakeClock(() => _passed),
        Wait = (time, cancellation) =>
        {
            cancellation.ThrowIfCancellationRequested();
            _waits.Add(time);
            _passed += time;
            return Task.CompletedTask;
        },
    };

    private static ScanReport Three(FindingStatus status = FindingStatus.Fail, string resource = "main") => SampleReport.Report(
        new[] { "111111111111", "222222222222", "333333333333" }.Select(account => SampleReport.TrailFails(resource) with { Account = account, Status = status }));

    private static ScanReport One(FindingStatus status = FindingStatus.Fail, string resource = "main") => SampleReport.Report(SampleReport.TrailFails(resource) with { Status = status });

    private Task<PublishResult> PublishAsync(ScanReport report, GitHubOptions? options = null) => new GitHubPublisher(options ?? Options).PublishIssuesAsync(report);

    [Fact]
    public async Task A_locked_issue_is_closed_without_a_comment_and_the_others_too()
    {
        await PublishAsync(Three());
        _github.Issues[1].IsLocked = true;

        var result = await PublishAsync(Three(FindingStatus.Pass));

        Assert.Equal(3, result.Closed);
        Assert.Empty(result.Errors);
        Assert.All(_github.Issues, issue => Assert.Equal("closed", issue.State));
        Assert.Empty(_github.Issues[1].Comments);
        Assert.Contains(result.Notes, note => note.Contains("#2 is locked", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_deleted_issue_stops_no_other_and_is_opened_again_where_it_still_fails()
    {
        await PublishAsync(Three());
        var publisher = new GitHubPublisher(Options);
        _github.Issues[1].IsDeleted = true;

        var closed = await publisher.PublishIssuesAsync(Three(FindingStatus.Pass));
        var reopened = await PublishAsync(Three());

        Assert.Equal(2, closed.Closed);
        Assert.Equal((1, 2), (reopened.Created, reopened.Reopened));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_issue_that_vanishes_while_it_is_changed_is_named_and_the_others_are_changed(bool isMoved)
    {
        await PublishAsync(Three());
        // Lists still show it.
        var shown = _github.Issues[1].Body;
        _github.BeforeAnswer = (method, path) =>
        {
            var isGone = method != "GET" || path.Contains("/issues/2", StringComparison.Ordinal);
            (_github.Issues[1].IsMoved, _github.Issues[1].IsDeleted) = (isGone && isMoved, isGone && !isMoved);
        };

        var result = await PublishAsync(Three(FindingStatus.Pass));

        Assert.Equal(2, result.Closed);
        Assert.Contains("#2", Assert.Single(result.Errors), StringComparison.Ordinal);
        Assert.Contains("deleted or moved", result.Errors[0], StringComparison.Ordinal);
        Assert.Equal(shown, _github.Issues[1].Body);
    }

    [Theory]
    [InlineData("above")]
    [InlineData("below")]
    [InlineData("line gone")]
    [InlineData("text gone")]
    [InlineData("label gone")]
    [InlineData("title")]
    public async Task What_a_person_does_to_an_issue_makes_no_second_one_and_their_words_stay(string what)
    {
        await PublishAsync(One());
        var issue = _github.Issues[0];
        switch (what)
        {
            case "above": issue.Body = "Bob: on it\n\n" + issue.Body; break;
            case "below": issue.Body += "\nBob: on it\n"; break;
            case "line gone": issue.Body = issue.Body[(issue.Body.IndexOf('\n', StringComparison.Ordinal) + 1)..] + "Bob: on it\n"; break;
            case "text gone": issue.Body = "Bob: on it"; break;
            case "label gone": issue.Labels.Clear(); issue.Body += "Bob: on it\n"; break;
            default: issue.Title = "Trail of the payment team"; issue.Body += "Bob: on it\n"; break;
        }

        var changed = await PublishAsync(One(resource: "other"));
        var closed = await PublishAsync(One(FindingStatus.Pass));
        var again = await PublishAsync(One(resource: "third"));
        var same = await PublishAsync(One(resource: "third"));

        Assert.Single(_github.Issues);
        Assert.Equal((0, 1, 1), (changed.Created, closed.Closed, again.Reopened));
        Assert.Equal((0, 0, 0, 0), (same.Created, same.Updated, same.Closed, same.Reopened));
        Assert.Equal(1, issue.Body.Split("Bob: on it").Length - 1);
        Assert.Contains("third", issue.Body, StringComparison.Ordinal);
        Assert.Equal(1, issue.Body.Split("How to accept the risk").Length - 1);
        Assert.Equal(what == "title" ? "Trail of the payment team" : IssueTitle, issue.Title);
    }

    private const string IssueTitle = "[high] Trails are stopped (account 111111111111)";

    [Theory]
    [InlineData(1)]
    [InlineData(40)]
    public async Task Lists_that_lag_make_no_second_issue(int lag)
    {
        _github.Lag = lag;
        _github.Fail(6, GitHubFault.ResetAfter);
        _github.Fail(8, GitHubFault.ServerErrorAfter);

        await PublishAsync(Three());
        await PublishAsync(Three());

        Assert.Equal(3, _github.Issues.Count(issue => issue.State == "open"));
        Assert.Equal(3, _github.Issues.Count);
    }

    [Fact]
    public async Task Two_runs_at_once_leave_one_open_issue_each()
    {
        var runs = await Task.WhenAll(PublishAsync(Three(), Options with { Wait = (_, _) => Task.Delay(1) }), PublishAsync(Three(), Options with { Wait = (_, _) => Task.Delay(1) }));

        Assert.All(runs, run => Assert.Empty(run.Errors));
        Assert.Equal(3, _github.Issues.Count(issue => issue.State == "open"));
        Assert.Equal(0, (await PublishAsync(Three())).Created);
    }

    [Theory]
    [InlineData(GitHubFault.Page)]
    [InlineData(GitHubFault.Empty)]
    [InlineData(GitHubFault.EmptyObject)]
    [InlineData(GitHubFault.Null)]
    [InlineData(GitHubFault.Junk)]
    [InlineData(GitHubFault.Teapot)]
    [InlineData(GitHubFault.Unavailable)]
    [InlineData(GitHubFault.Conflict)]
    public async Task Any_reply_to_any_request_ends_in_one_line_and_nothing_is_opened_twice(GitHubFault fault)
    {
        await PublishAsync(Three());
        var requests = _github.Log.Count;
        for (var at = 0; at < requests; at++)
        {
            _github.Issues.Clear();
            _github.Revive();
            _github.Fail(at, fault);
            string? said = null;
            try
            {
                await new GitHubPublisher(Options).CheckAsync();
                var result = await PublishAsync(Three());
                said = result.Errors.Count > 0 ? result.Errors[0] : null;
                Assert.Equal(_github.Issues.Count, result.Created);
            }
            catch (InputException e)
            {
                said = e.Message;
            }
            Assert.DoesNotContain('\n', said ?? "");
            _github.Revive();
            await PublishAsync(Three());
            Assert.True(_github.Issues.Count(issue => issue.State == "open") == 3, $"{fault} at request {at}: {_github.Issues.Count} issues; {said}");
        }
    }

    [Theory]
    [InlineData(GitHubFault.SecondaryLimitWithoutHeader, 4)]
    [InlineData(GitHubFault.PrimaryLimit, 2)]
    public async Task A_limit_is_waited_out_as_long_as_GitHub_says_and_what_was_published_is_told_where_that_is_too_long(GitHubFault fault, int waits)
    {
        _github.ResetSeconds = 600;
        _github.Now = () => DateTimeOffset.UtcNow + _passed;
        for (var at = 12; at < 40; at++)
            _github.Fail(at, fault);

        var result = await PublishAsync(Three());

        Assert.Equal(_github.Issues.Count, result.Created);
        var error = Assert.Single(result.Errors);
        Assert.Contains("rate limit is used up until", error, StringComparison.Ordinal);
        Assert.Contains("a run waits 30 minutes at most", error, StringComparison.Ordinal);
        Assert.Equal(waits, _waits.Count(wait => wait > TimeSpan.FromSeconds(30)));
        Assert.True(_passed < TimeSpan.FromMinutes(31), $"{_passed}");
    }

    [Fact]
    public async Task Hundreds_of_issues_stay_below_what_GitHub_takes_in_an_hour()
    {
        var many = SampleReport.Report(Enumerable.Range(0, 600).Select(i => SampleReport.TrailFails("main") with { Account = $"{100_000_000_000 + i}" }));

        var result = await PublishAsync(many, Options with { MaxNewIssues = 1000, GroupIssues = 0, MaxWait = TimeSpan.FromHours(2) });

        Assert.Equal(600, result.Created);
        Assert.InRange(_passed, TimeSpan.FromHours(1), TimeSpan.FromMinutes(75));
    }

    [Fact]
    public async Task A_run_that_is_stopped_sends_no_further_change_and_tells_what_it_did()
    {
        using var stop = new CancellationTokenSource();
        _github.BeforeAnswer = (method, path) =>
        {
            if (method == "POST" && path.EndsWith("/issues", StringComparison.Ordinal))
                stop.Cancel();
        };

        var result = await PublishAsync(Three(), Options with { Stop = stop.Token });

        Assert.Equal(1, result.Created);
        Assert.Single(_github.Issues);
        Assert.Contains("stopped while it published issues (2 checks were not looked at)", Assert.Single(result.Errors), StringComparison.Ordinal);
    }

    private sealed class FakeClock(Func<TimeSpan> passed) : TimeProvider
    {
        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UtcNow + passed();

        public override long GetTimestamp() => passed().Ticks;
    }
}
