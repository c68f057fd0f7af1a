using Loopback;

namespace EndToEnd.Tests;

/// <summary>The release's own scripts, on a small copy of the repository, with a bare repository in place of GitHub and a script in place of gh.</summary>
public sealed class ReleaseScriptTests : IAsyncLifetime
{
    private const string First = "ghcr.io/acme/scanner@sha256:1111111111111111111111111111111111111111111111111111111111111111";
    private const string Second = "ghcr.io/acme/scanner@sha256:2222222222222222222222222222222222222222222222222222222222222222";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("release");

    private string Work => Path.Combine(_folder.FullName, "work");

    private string Remote => Path.Combine(_folder.FullName, "remote.git");

    private string Calls => Path.Combine(_folder.FullName, "gh.log");

    public async ValueTask InitializeAsync()
    {
        if (!OperatingSystem.IsLinux() || Tools.Find("git") is null)
            return;
        foreach (var file in (string[])["action.yml", "Directory.Build.props", "README.md", "SECURITY.md", .. Directory.GetFiles(Path.Combine(Tools.Repository, ".github/scripts")).Select(path => Path.GetRelativePath(Tools.Repository, path))])
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(Work, file))!);
            File.Copy(Path.Combine(Tools.Repository, file), Path.Combine(Work, file));
        }
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "gh"), $"""
            #!/bin/sh
            echo "$*" >> {Calls}
            git -C {Remote} tag | tr '\n' ' ' >> {Calls}
            """);
        File.SetUnixFileMode(Path.Combine(_folder.FullName, "gh"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Directory.CreateDirectory(Path.Combine(_folder.FullName, "files"));
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "files", "SHA256SUMS"), "0  scanner\n");
        await GitAsync(_folder.FullName, "init", "-q", "--bare", Remote);
        await GitAsync(Work, "init", "-q", "-b", "main");
        await CommitAsync("Begin");
    }

    public ValueTask DisposeAsync()
    {
        _folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_version_s_own_commit_names_the_image_and_only_the_major_tag_moves()
    {
        Assert.SkipUnless(Directory.Exists(Work), "needs Linux and git");

        var (code, output) = await PublishAsync("0.1.0", First);

        Assert.True(code == 0, output);
        var first = await GitAsync(Remote, "rev-parse", "v0.1.0^{commit}");
        Assert.Contains($"  image: docker://{First}\n", await GitAsync(Remote, "show", "v0.1.0:action.yml"), StringComparison.Ordinal);
        Assert.Contains("<Version>0.1.0</Version>", await GitAsync(Remote, "show", "v0.1.0:Directory.Build.props"), StringComparison.Ordinal);
        Assert.Equal(first, await GitAsync(Remote, "rev-parse", "v0^{commit}"));
        Assert.Contains("  image: Dockerfile\n", await GitAsync(Work, "show", "main:action.yml"), StringComparison.Ordinal);
        var readme = await GitAsync(Remote, "show", "release-v0.1.0:README.md");
        Assert.Contains($"uses: acme/scanner@{first.Trim()} # v0.1.0", readme, StringComparison.Ordinal);
        Assert.Contains(First, readme, StringComparison.Ordinal);
        Assert.DoesNotContain("OWNER/REPOSITORY", readme, StringComparison.Ordinal);
        Assert.DoesNotContain("no release yet", readme, StringComparison.Ordinal);
        var security = await GitAsync(Remote, "show", "release-v0.1.0:SECURITY.md");
        Assert.Contains($"oci://{First} --repo acme/scanner", security, StringComparison.Ordinal);
        Assert.DoesNotContain("DIGEST", security, StringComparison.Ordinal);

        // The pull request is merged; the next version.
        await GitAsync(Work, "checkout", "-q", "main");
        await GitAsync(Work, "merge", "-q", "release-v0.1.0");
        (code, output) = await PublishAsync("0.1.1", Second);

        Assert.True(code == 0, output);
        var second = await GitAsync(Remote, "rev-parse", "v0.1.1^{commit}");
        Assert.Equal(first, await GitAsync(Remote, "rev-parse", "v0.1.0^{commit}"));
        Assert.Contains($"docker://{First}\n", await GitAsync(Remote, "show", "v0.1.0:action.yml"), StringComparison.Ordinal);
        Assert.Contains($"docker://{Second}\n", await GitAsync(Remote, "show", "v0.1.1:action.yml"), StringComparison.Ordinal);
        Assert.Equal(second, await GitAsync(Remote, "rev-parse", "v0^{commit}"));
        readme = await GitAsync(Remote, "show", "release-v0.1.1:README.md");
        Assert.Contains($"uses: acme/scanner@{second.Trim()} # v0.1.1", readme, StringComparison.Ordinal);
        Assert.DoesNotContain(first.Trim(), readme, StringComparison.Ordinal);
        Assert.DoesNotContain("0.1.0", readme.Replace(".github/scripts/release-tool 0.1.0", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_tag_is_there_before_the_release_and_the_files_before_it_is_published()
    {
        Assert.SkipUnless(Directory.Exists(Work), "needs Linux and git");

        var (code, output) = await PublishAsync("0.1.0", First);

        Assert.True(code == 0, output);
        var calls = await File.ReadAllLinesAsync(Calls, TestContext.Current.CancellationToken);
        Assert.StartsWith("release create v0.1.0 --draft --verify-tag", calls[0], StringComparison.Ordinal);
        Assert.Contains("/SHA256SUMS", string.Join('\n', calls), StringComparison.Ordinal);
        var publish = Array.FindIndex(calls, call => call.Contains("release edit v0.1.0 --draft=false", StringComparison.Ordinal));
        var request = Array.FindIndex(calls, call => call.Contains("pr create", StringComparison.Ordinal));
        Assert.True(publish > 0 && request > publish, string.Join('\n', calls));
        // What the remote had while the draft was made, and while it was published: the version, and no major tag yet.
        Assert.StartsWith("v0.1.0 release edit", calls[publish], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0.1", First, "not a version")]
    [InlineData("0.1.0", "ghcr.io/acme/scanner:0.1.0", "by digest")]
    [InlineData("0.1.0", "", "by digest")]
    public async Task A_release_without_a_version_or_a_digest_tags_nothing(string version, string image, string said)
    {
        Assert.SkipUnless(Directory.Exists(Work), "needs Linux and git");

        var (code, output) = await PublishAsync(version, image);

        Assert.True(code == 2 && output.Contains(said, StringComparison.Ordinal), output);
        Assert.Empty(await GitAsync(Remote, "tag"));
        Assert.False(File.Exists(Calls));
    }

    [Theory]
    [InlineData("", "schedule", 0, "version=\n")]
    [InlineData("", "workflow_dispatch", 2, "no version yet")]
    [InlineData("", "release/v0.1.0", 0, "version=0.1.0\n")]
    [InlineData("v0.1.0", "schedule", 0, "version=0.1.1\n")]
    [InlineData("v0.1.9 v0.1.10 v0 release/v0.9.9", "schedule", 0, "version=0.1.11\n")]
    [InlineData("v0.1.0", "0.2.0", 0, "version=0.2.0\n")]
    [InlineData("v0.1.0", "v1.0.0", 0, "version=1.0.0\n")]
    [InlineData("v0.1.0", "0.1.0", 2, "is there already")]
    [InlineData("v0.1.0", "01.0.0", 2, "not a version")]
    [InlineData("v0.1.0", "0.2.0; rm -rf /", 2, "not a version")]
    public async Task The_next_version_follows_the_newest(string tags, string asked, int expected, string said)
    {
        Assert.SkipUnless(Directory.Exists(Work), "needs Linux and git");
        foreach (var tag in tags.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            await GitAsync(Work, "tag", tag);

        var (code, output) = await Tools.RunAsync("bash", [".github/scripts/release-version", asked], Work, cancellation: TestContext.Current.CancellationToken);

        Assert.True(code == expected, output);
        Assert.Contains(said, output, StringComparison.Ordinal);
    }

    private Task<(int ExitCode, string Output)> PublishAsync(string version, string image) => Tools.RunAsync(
        "bash",
        [".github/scripts/release-publish", version, image, Path.Combine(_folder.FullName, "files")],
        Work,
        new Dictionary<string, string?>(StringComparer.Ordinal) { ["GITHUB_REPOSITORY"] = "acme/scanner", ["GH_TOKEN"] = "t", ["SCANNER_REMOTE"] = Remote, ["SCANNER_GH"] = Path.Combine(_folder.FullName, "gh") },
        TestContext.Current.CancellationToken);

    private async Task CommitAsync(string message)
    {
        await GitAsync(Work, "add", "-A");
        await GitAsync(Work, "-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "-q", "-m", message);
    }

    private static async Task<string> GitAsync(string folder, params string[] arguments)
    {
        var (code, output, error) = await Tools.RunSplitAsync("git", ["-C", folder, .. arguments], cancellation: TestContext.Current.CancellationToken);
        Assert.True(code == 0, error);
        return output;
    }
}
