using System.Text.Json;
using Loopback;
using Scanner.Model;
using Scanner.Scan;

namespace EndToEnd.Tests;

/// <summary>What the shipped checks say to do, for what fails in the sample account: commands with its names, which a shell can read.</summary>
public sealed class RemediationTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("remediation");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Names_that_a_check_reads_out_of_its_resource_are_in_the_commands_of_its_issue_and_a_shell_reads_them()
    {
        var (code, output) = await ScannerProgram.StartAsync(_folder.FullName, ["scan", "--from", Path.Combine(Tools.Repository, "samples/acme"), "--report", "json=r.json", "--publish", "issues", "--dry-run", "--max-issues", "1000"]);
        Assert.True(code == 0, output);
        using var json = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(_folder.FullName, "r.json"), TestContext.Current.CancellationToken));
        var fails = json.RootElement.GetProperty("findings").EnumerateArray().Where(finding => finding.GetProperty("status").GetString() == "fail").Select(finding => (Check: finding.GetProperty("check").GetString()!, Resource: finding.GetProperty("resource").GetString()!)).ToList();
        var filled = 0;
        foreach (var check in new CatalogFolders([]).Catalog.Checks.Values.Where(check => check.Info.Fix.Resource.Count > 0))
        {
            var own = fails.Where(finding => finding.Check == check.Info.Id).ToList();
            var patterns = check.Info.Fix.Resource.Select(ResourcePattern.Parse).ToList();
            if (own.Count == 0)
                continue;
            Assert.True(own.Exists(finding => patterns.Exists(pattern => pattern.Match(finding.Resource).Count > 0)), $"{check.Info.File}: 'resource' fits none of {string.Join(", ", own.Select(finding => finding.Resource))}");
            filled++;
        }
        Assert.True(filled > 80, $"{filled} checks");

        var scripts = output.Split("<summary>Remediation with the AWS CLI</summary>").Skip(1).Select(part => part.Split("```sh\n")[1].Split("\n```")[0]).ToList();
        Assert.True(scripts.Count > 150, $"{scripts.Count} scripts");
        Assert.Contains(scripts, script => script.Contains("# acme-prod (111122223333), eu-west-1\n", StringComparison.Ordinal) && script.Contains("aws cloudtrail start-logging --region eu-west-1 --name legacy-audit\n", StringComparison.Ordinal));
        Assert.All(scripts, script => Assert.StartsWith("# acme-", script, StringComparison.Ordinal));
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "script"), string.Join("\n\n", scripts) + "\n", TestContext.Current.CancellationToken);
        var (read, said) = await Tools.RunAsync("bash", ["-n", "script"], _folder.FullName, cancellation: TestContext.Current.CancellationToken);
        Assert.True(read == 0, said);
    }
}
