using System.Text.Json;
using Loopback;

namespace EndToEnd.Tests;

/// <summary>A folder of checks that changes what the shipped ones say is told everywhere, and refused where it may only add.</summary>
public sealed class LockedChecksTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("locked");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("check", "mine/o.yml replaces the check iam-root-mfa")]
    [InlineData("mute", "mine/o.yml:2 mutes every check until 2999-12-31")]
    public async Task What_an_overlay_takes_away_is_said_in_the_terminal_the_summary_and_the_reports_and_refused_by_lock_checks(string what, string said)
    {
        var checks = _folder.CreateSubdirectory("mine").FullName;
        var shipped = await File.ReadAllTextAsync(Path.Combine(Tools.Repository, "checks/cis/iam-root-mfa.yml"), TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(checks, "o.yml"), what == "check" ? shipped : "mutes:\n  - {check: \"*\", reason: because, expires: 2999-12-31}\n", TestContext.Current.CancellationToken);
        string[] scan = ["scan", "--from", Path.Combine(Tools.Repository, "samples/acme"), "--only", "iam-root-mfa", "--checks", "mine", "--report", "json=r.json", "--report", "markdown=r.md", "--report", "html=r.html", "--publish", "summary"];

        var (code, output) = await ScannerProgram.RunAsync(_folder.FullName, scan, ("GITHUB_STEP_SUMMARY", Path.Combine(_folder.FullName, "summary.md")));
        var (locked, refusal) = await ScannerProgram.RunAsync(_folder.FullName, [.. scan, "--lock-checks"]);
        var (gate, gateRefusal) = await ScannerProgram.RunAsync(_folder.FullName, ["gate", "plan.json", "--checks", "mine"]);

        Assert.True(code == 0, output);
        Assert.Contains(said, output, StringComparison.Ordinal);
        using var report = JsonDocument.Parse(await ReadAsync("r.json"));
        Assert.Contains(said, report.RootElement.GetProperty("scan").GetProperty("notices")[0].GetString(), StringComparison.Ordinal);
        foreach (var file in new[] { "r.md", "r.html", "summary.md" })
            Assert.Contains("Not judged as Scanner is shipped", await ReadAsync(file), StringComparison.Ordinal);
        Assert.Equal((2, 2), (locked, gate));
        Assert.Contains($"{said}: --lock-checks lets --checks only add", refusal, StringComparison.Ordinal);
        Assert.Contains($"{said}: --lock-checks lets --checks only add", gateRefusal, StringComparison.Ordinal);
    }

    private Task<string> ReadAsync(string name) => File.ReadAllTextAsync(Path.Combine(_folder.FullName, name), TestContext.Current.CancellationToken);
}
