using Loopback;
using Publish.Tests.GitHub;
using Scanner.Model;
using Scanner.Publish.GitHub;

namespace Publish.Tests.Gates;

/// <summary>Whose comment a gate writes to, when it does, and what it says where it may not.</summary>
public sealed class GatePullRequestTests : IAsyncLifetime
{
    private const string Head = "0123456789abcdef0123456789abcdef01234567";

    private GitHubServer _github = null!;
    private readonly string _folder = Directory.CreateTempSubdirectory("scanner-event-").FullName;

    public async ValueTask InitializeAsync()
    {
        _github = await GitHubServer.StartAsync();
        _github.ValidateBody = GitHubSchemas.Validator;
        _github.Issues.Add(new GitHubIssue { Number = 1, Title = "A change", Body = "", IsPullRequest = true, User = ("alice", "User") });
    }

    public async ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        await _github.DisposeAsync();
        Assert.Empty(_github.SchemaErrors);
    }

    private List<GitHubComment> Comments => _github.Issues[0].Comments;

    private GitHubOptions Options => new()
    {
        Token = GitHubServer.Token,
        Owner = GitHubServer.Owner,
        Name = GitHubServer.Name,
        ApiUrl = _github.ApiUrl,
        Ref = "refs/pull/1/merge",
        Sha = Head,
        Workflow = "Gate",
        Job = "gate",
        RunNumber = 7,
        WriteInterval = TimeSpan.Zero,
        Wait = (_, _) => Task.CompletedTask,
    };

    private Task<Scanner.Publish.PublishResult> Publish(ScanReport report, GitHubOptions? options = null) =>
        new GitHubPublisher(options ?? Options).PublishPullRequestCommentAsync(report);

    private static ScanReport Named(string name) => SampleGate.Mixed().With(gate => gate with { Name = name });

    [Fact]
    public async Task The_stacks_of_a_matrix_have_a_comment_each_and_renew_their_own()
    {
        await Publish(Named("infra/network"));
        await Publish(Named("infra/prod"));
        await Publish(SampleGate.Report().With(gate => gate with { Name = "infra/prod" }));

        Assert.Equal(2, Comments.Count);
        Assert.Contains("introduces 2 problems", Comments[0].Body, StringComparison.Ordinal);
        Assert.Contains("introduces no problems", Comments[1].Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stacks_without_names_are_told_apart_by_their_plans_and_workflows_by_theirs()
    {
        await Publish(SampleGate.Mixed());
        await Publish(SampleGate.Mixed().With(gate => gate with { Plans = [SampleGate.Plan with { File = "infra/network/plan.json" }] }));
        await Publish(Named("x"));
        await Publish(Named("x"), Options with { Workflow = "Another" });
        // A scan of the same pull request has its own.
        await Publish(SampleReport.Whole());

        Assert.Equal(5, Comments.Count);
    }

    [Fact]
    public async Task The_same_verdict_on_the_same_commit_writes_nothing_and_a_new_commit_does()
    {
        await Publish(Named("x"));
        await Publish(Named("x"), Options with { RunNumber = 8 });
        Assert.Single(_github.Writes);

        await Publish(Named("x"), Options with { RunNumber = 9, Sha = new string('a', 40) });
        Assert.Equal(2, _github.Writes.Count());
        Assert.Contains("`aaaaaaa`", Assert.Single(Comments).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_is_said_first_where_there_is_nothing_to_say_and_the_comment_shrinks_when_all_is_well()
    {
        await Publish(SampleGate.Report());
        Assert.Empty(Comments);

        await Publish(SampleGate.Mixed());
        await Publish(SampleGate.Report(), Options with { RunNumber = 8 });
        var text = Assert.Single(Comments).Body;
        Assert.StartsWith("✅ **Scanner: this change introduces no problems**", text.Split('\n')[1], StringComparison.Ordinal);
        Assert.Equal(3, text.Split('\n').Length);
    }

    [Theory]
    [InlineData("mallory", "User", "NONE")]
    // Somebody who may write to the repository could edit what we put there afterwards.
    [InlineData("bob", "User", "MEMBER")]
    [InlineData("alice", "User", "OWNER")]
    [InlineData("other-app[bot]", "Bot", "NONE")]
    public async Task Nobody_else_s_comment_is_taken_for_ours(string login, string type, string association)
    {
        await Publish(Named("x"));
        var copied = Comments[0].Body;
        Comments.Clear();
        Comments.Add(new GitHubComment { Id = 1, Body = copied, User = (login, type), Association = association });

        await Publish(SampleGate.Report().With(gate => gate with { Name = "x", Judgements = 0 }), Options with { RunNumber = 8 });

        Assert.Equal(2, Comments.Count);
        Assert.Equal(copied, Comments[0].Body);
    }

    [Theory]
    [InlineData("github-actions[bot]", "Bot")]
    [InlineData("my-scanner[bot]", "Bot")]
    [InlineData("octocat", "User")]
    public async Task Our_own_comment_is_found_whatever_token_wrote_it(string login, string type)
    {
        _github.Actor = (login, type);
        await Publish(Named("x"));
        await Publish(SampleGate.Report().With(gate => gate with { Name = "x" }), Options with { RunNumber = 8 });
        Assert.Contains("introduces no problems", Assert.Single(Comments).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_older_run_that_ends_later_does_not_have_the_last_word()
    {
        await Publish(Named("x"), Options with { RunNumber = 10 });
        var result = await Publish(SampleGate.Report().With(gate => gate with { Name = "x" }), Options with { RunNumber = 9 });

        Assert.Contains("introduces 2 problems", Assert.Single(Comments).Body, StringComparison.Ordinal);
        Assert.Contains("run 10", Assert.Single(result.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_that_may_not_write_is_one_clear_line_and_an_error()
    {
        _github.MayWrite = false;
        var refused = await Assert.ThrowsAsync<InputException>(() => Publish(SampleGate.Mixed()));
        Assert.Contains("pull-requests: write", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused.Message);
    }

    [Fact]
    public async Task A_fork_is_named_and_an_error_too()
    {
        _github.MayWrite = false;
        var refused = await Assert.ThrowsAsync<InputException>(() => Publish(SampleGate.Mixed(), Options with { EventPath = Event("mallory/in\\u001bfra") }));
        Assert.Contains("fork (mallory/in␛fra)", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused.Message);
    }

    [Fact]
    public void The_event_tells_head_and_fork()
    {
        Assert.Equal(new PullRequestEvent(1) { HeadSha = Head, Fork = "mallory/infra" }, PullRequestEvent.Read(Event("mallory/infra"), "refs/pull/1/merge"));
        Assert.Equal(new PullRequestEvent(1) { HeadSha = Head }, PullRequestEvent.Read(Event("acme/security"), null));
        var gone = Event("x").Replace("event.json", "gone.json", StringComparison.Ordinal);
        File.WriteAllText(gone, """{"pull_request":{"number":1,"head":{"sha":"x","repo":null},"base":{"repo":{"full_name":"acme/security"}}}}""");
        Assert.Equal(new PullRequestEvent(1) { Fork = "a repository that is gone" }, PullRequestEvent.Read(gone, null));
        Assert.Null(PullRequestEvent.Read(null, "refs/heads/main"));
    }

    [Fact]
    public async Task What_the_pull_request_changes_is_read_from_its_files()
    {
        _github.Files.AddRange(
        [
            .. Enumerable.Range(0, 150).Select(i => ($"docs/{i}.md", (string?)null, (string?)"@@ -1 +1 @@\n-a\n+b")),
            ("infra/net/main.tf", null, "@@ -38,3 +40,5 @@ resource \"x\" \"y\" {\n a\n-gone\n+forty-one\n b\n+forty-three\n c\n@@ -90 +94,2 @@\n d\n+ninety-five\n\\ No newline at end of file"),
            ("infra/big.tf", null, null),
            ("security/checks/a.yml", "security/checks/old.yml", "@@ -1 +1 @@\n-a\n+b"),
            (".github/workflows/gate.yml", null, "@@ -1 +1 @@\n-a\n+b"),
        ]);
        var diff = await new GitHubPublisher(Options).ReadDiffAsync();

        Assert.Equal([41, 43, 95], Enumerable.Range(1, 120).Where(line => diff!.Holds(new SourceLocation("infra/net/main.tf", line, line))));
        Assert.True(diff!.Holds(new SourceLocation("infra/big.tf", 900, 900)));
        Assert.False(diff.Holds(new SourceLocation("infra/other.tf", 1, 1)));

        var ignored = new GateIgnore("c", "a", "scanner:ignore", "why", null, new SourceLocation("infra/net/main.tf", 41, 41));
        var marked = diff.Mark(SampleGate.Mixed().With(gate => gate with { Ignored = [ignored, ignored with { Location = null }] }), ["security/checks", ".github/workflows/gate.yml", "", "infra/ne"]);
        Assert.Equal([".github/workflows/gate.yml", "security/checks/a.yml", "security/checks/old.yml", "infra/net/main.tf:41 (scanner:ignore c)"], marked.Gate!.ChangesOwnRules);
        Assert.Equal([true, false, false, false], marked.Findings.Where(f => f.Location is not null).Select(f => f.Location!.IsInDiff));
    }

    [Fact]
    public async Task Where_the_files_may_not_be_read_nothing_is_known_of_them()
    {
        _github.MayReadFiles = false;
        Assert.Null(await new GitHubPublisher(Options).ReadDiffAsync());
        Assert.Null(await new GitHubPublisher(Options with { Ref = "refs/heads/main" }).ReadDiffAsync());
    }

    private string Event(string head)
    {
        var path = Path.Combine(_folder, "event.json");
        File.WriteAllText(path, """{"pull_request":{"number":1,"head":{"sha":"SHA","repo":{"full_name":"HEAD"}},"base":{"repo":{"full_name":"acme/security"}}}}"""
            .Replace("SHA", Head, StringComparison.Ordinal).Replace("HEAD", head, StringComparison.Ordinal));
        return path;
    }
}
