using System.IO.Compression;
using System.Text.Json;
using Loopback;
using Publish.Tests.Text;
using Scanner.Model;
using Scanner.Publish.GitHub;

namespace Publish.Tests.GitHub;

public sealed class PullRequestTests : IAsyncLifetime
{
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

    private GitHubOptions Options => new()
    {
        Token = GitHubServer.Token,
        Owner = GitHubServer.Owner,
        Name = GitHubServer.Name,
        ApiUrl = _github.ApiUrl,
        Ref = "refs/pull/1/merge",
        Sha = "0123456789abcdef0123456789abcdef01234567",
        WriteInterval = TimeSpan.Zero,
        Wait = (_, _) => Task.CompletedTask,
    };

    [Fact]
    public async Task One_comment_is_written_and_renewed_in_place()
    {
        var publisher = new GitHubPublisher(Options);
        await publisher.PublishPullRequestCommentAsync(SampleReport.Whole());
        await publisher.PublishPullRequestCommentAsync(SampleReport.Whole() with { Scan = SampleReport.Whole().Scan with { Time = SampleReport.Time.AddDays(1) } });
        Assert.Single(_github.Writes);
        await publisher.PublishPullRequestCommentAsync(SampleReport.Report(SampleReport.Of(SampleReport.RootMfa, FindingStatus.Pass, SampleReport.Account)));
        var comment = Assert.Single(_github.Issues[0].Comments);
        Assert.Contains("Nothing fails", comment.Body, StringComparison.Ordinal);
        Assert.Single(GitHubLike.Comments(GitHubLike.Render(comment.Body)));
    }

    [Fact]
    public async Task A_comment_of_a_stranger_with_our_marker_is_left_alone()
    {
        _github.Issues[0].Comments.Add(new GitHubComment { Id = 1, Body = "<!-- scanner:pr-comment hash=0 -->\nhello", User = ("mallory", "User") });
        await new GitHubPublisher(Options).PublishPullRequestCommentAsync(SampleReport.Whole());
        Assert.Equal(2, _github.Issues[0].Comments.Count);
        Assert.EndsWith("hello", _github.Issues[0].Comments[0].Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_long_comment_is_cut_between_sections_and_says_so()
    {
        var report = SampleReport.Report(Enumerable.Range(0, 400).SelectMany(i => Enumerable.Range(0, 25).Select(j => SampleReport.TrailFails($"trail-{j}") with { Check = "check-" + i })));
        report = report with { Rules = Enumerable.Range(0, 400).ToDictionary(i => "check-" + i, i => SampleReport.Trail with { Id = "check-" + i }, StringComparer.Ordinal) };
        await new GitHubPublisher(Options with { Reports = ["out/report.json"] }).PublishPullRequestCommentAsync(report);
        var body = _github.Issues[0].Comments[0].Body;
        Assert.InRange(body.Length, 50_000, 65_536);
        var page = GitHubLike.Render(body);
        Assert.Contains("This is not everything", page.TextContent, StringComparison.Ordinal);
        Assert.Contains("out/report.json", page.TextContent, StringComparison.Ordinal);
        Assert.Equal(page.QuerySelectorAll("details").Length, page.QuerySelectorAll("summary").Length);
    }

    [Fact]
    public async Task A_token_of_a_fork_falls_back_to_a_note()
    {
        _github.MayWrite = false;
        var result = await new GitHubPublisher(Options).PublishPullRequestCommentAsync(SampleReport.Whole());
        Assert.Contains("forks", Assert.Single(result.Notes), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"pull_request":{"number":7}}""", "refs/heads/main", 7)]
    [InlineData("""{"push":{}}""", "refs/pull/8/merge", 8)]
    [InlineData("""{"pull_request":null}""", "refs/heads/main", null)]
    [InlineData("""[]""", "refs/pull/x/merge", null)]
    public void The_pull_request_is_taken_from_the_event_or_the_ref(string json, string reference, int? number)
    {
        var path = Path.Combine(_folder, "event.json");
        File.WriteAllText(path, json);
        Assert.Equal(number, PullRequestEvent.Read(path, reference)?.Number);
    }

    [Fact]
    public async Task Sarif_goes_to_code_scanning_packed_for_the_commit()
    {
        await new GitHubPublisher(Options).UploadSarifAsync(SampleReport.Whole(), TestContext.Current.CancellationToken);
        var sent = Assert.Single(_github.Sarifs);
        Assert.Equal(("refs/pull/1/merge", Options.Sha), ((string)sent["ref"]!, (string)sent["commit_sha"]!));
        await using var gzip = new GZipStream(new MemoryStream(Convert.FromBase64String((string)sent["sarif"]!)), CompressionMode.Decompress);
        using var json = await JsonDocument.ParseAsync(gzip, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal("2.1.0", json.RootElement.GetProperty("version").GetString());
    }

    [Fact]
    public async Task Sarif_without_a_commit_is_refused()
    {
        var refused = await Assert.ThrowsAsync<InputException>(() => new GitHubPublisher(Options with { Sha = null }).UploadSarifAsync(SampleReport.Whole(), TestContext.Current.CancellationToken));
        Assert.Contains("GITHUB_SHA", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "acme/security", null, "GITHUB_TOKEN is not set")]
    [InlineData("t", null, null, "GITHUB_REPOSITORY is not set")]
    [InlineData("t", "acme", null, "OWNER/NAME")]
    [InlineData("t", "acme/../x", null, "OWNER/NAME")]
    [InlineData("t", "acme/..", null, "OWNER/NAME")]
    [InlineData("t", "acme/security", "ftp://x", "GITHUB_API_URL")]
    [InlineData("t\nx", "acme/security", null, "GITHUB_TOKEN holds")]
    public void What_the_environment_lacks_is_one_clear_line(string? token, string? repository, string? url, string said)
    {
        var variables = new Dictionary<string, string?>(StringComparer.Ordinal) { ["GITHUB_TOKEN"] = token, ["GITHUB_REPOSITORY"] = repository, ["GITHUB_API_URL"] = url };
        var refused = Assert.Throws<InputException>(() => GitHubOptions.FromEnvironment(variables.GetValueOrDefault));
        Assert.Contains(said, refused.Message, StringComparison.Ordinal);
    }
}
