using Loopback;

namespace EndToEnd.Tests;

/// <summary>The program as the image starts it; .github/scripts/try-container does the same with the image itself.</summary>
public sealed class ContainerUserTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("container");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("1", "1234")]
    [InlineData("1", "0")]
    [InlineData("", "1234")]
    public async Task Root_is_given_up_for_the_owner_of_the_workspace_in_the_image_alone(string container, string owner)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "only root can give root up");
        var (readable, _) = await Tools.RunAsync("setpriv", ["--reuid=1234", "--regid=1234", "--clear-groups", "test", "-r", ScannerProgram.Program], cancellation: TestContext.Current.CancellationToken);
        Assert.SkipUnless(readable == 0, "the program lies where no other user can read it");
        var (changed, said) = await Tools.RunAsync("chown", [$"{owner}:{owner}", _folder.FullName], cancellation: TestContext.Current.CancellationToken);
        Assert.True(changed == 0, said);

        var (code, output) = await ScannerProgram.StartAsync(
            _folder.FullName,
            ["scan", "--from", Path.Combine(Tools.Repository, "samples/acme"), "--only", "iam-root-mfa", "--report", "json=report.json"],
            ("SCANNER_CONTAINER", container), ("GITHUB_WORKSPACE", _folder.FullName), ("HOME", _folder.FullName));

        Assert.True(code == 0, output);
        Assert.DoesNotContain("goes on as root", output, StringComparison.Ordinal);
        var (_, user) = await Tools.RunAsync("stat", ["-c", "%u", Path.Combine(_folder.FullName, "report.json")], cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(container == "1" ? owner : "0", user.Trim());
    }
}
