using System.Text.Json;
using Loopback;

namespace EndToEnd.Tests;

/// <summary>One scan after the other, each with the last as its baseline: a store or a JSON report.</summary>
public sealed class HistoryTests : IDisposable
{
    private const string Account = "444455556666";
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("scanner-history-tests-");

    [Theory]
    [InlineData("scan.duckdb")]
    [InlineData("scan.json")]
    public async Task A_fault_that_is_fixed_and_returns_is_told_with_its_age_whatever_kept_the_scans(string kept)
    {
        Day(1, mfa: 0);
        Assert.Contains("scanner: ", (await ScanAsync("--baseline", kept)).Output, StringComparison.Ordinal);
        await ScanAsync();
        Day(3, mfa: 1);
        Assert.Contains("Since 2026-11-01 06:30 UTC: 0 new, 1 fixed,", (await ScanAsync("--baseline", kept)).Output, StringComparison.Ordinal);
        Day(4, mfa: 0);
        await ScanAsync("--baseline", kept);
        Day(6, mfa: 0);
        var (code, output) = await ScanAsync("--baseline", kept);

        Assert.Equal(0, code);
        Assert.Contains("(the oldest for 5 days), 1 flaps", output, StringComparison.Ordinal);
        Assert.Contains("Mean time to fix: 2 days (1 fixed in the last 90 days).", output, StringComparison.Ordinal);
        var (_, asked) = await RunAsync("query", "select time::DATE AS day, new, fixed from history order by time", "--store", "scan.duckdb", "--format", "csv");
        Assert.Equal(["day,new,fixed", "2026-11-01,,", "2026-11-03,0,1", "2026-11-04,1,0", "2026-11-06,0,0"], asked.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
        using var report = JsonDocument.Parse(File.ReadAllText(PathOf("scan.json")));
        var mfa = report.RootElement.GetProperty("findings").EnumerateArray().Single(finding => finding.GetProperty("check").GetString() == "iam-root-mfa" && finding.GetProperty("account").GetString() == Account);
        Assert.Equal("2026-11-04T06:30:00Z", mfa.GetProperty("failing_since").GetString()!.Replace("+00:00", "Z", StringComparison.Ordinal));
        Assert.Equal(2, mfa.GetProperty("began").GetArrayLength());
    }

    [Theory]
    [InlineData("{\"scan\":{\"time\":\"2026-11-01T06:30:00Z\",\"accounts\":[\"999999999999\"],\"regions\":[]},\"findings\":[]}", "is of other accounts (999999999999)")]
    [InlineData("[{\"metadata\":{\"product\":{\"name\":\"Prowler\"}}}]", "is no store and no JSON report of Scanner")]
    [InlineData("{\"$schema\":\"https://example.org/report.v9.json\"}", "this version of Scanner reads report.v1.json")]
    [InlineData("SQLite format 3", "is no store and no JSON report of Scanner")]
    public async Task A_baseline_of_something_else_is_one_line_and_the_exit_code_of_bad_input(string text, string said)
    {
        Day(1, mfa: 1);
        File.WriteAllText(PathOf("other"), text);

        var (code, output) = await ScanAsync("--baseline", "other");

        Assert.Equal(2, code);
        Assert.Contains(said, Assert.Single(output.Split('\n'), line => line.StartsWith("scanner: ", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.False(File.Exists(PathOf("scan.duckdb")));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    // The sample's account as it might have been on a day of November.
    private void Day(int day, int mfa)
    {
        var sample = Path.Combine(Tools.Repository, "samples/acme");
        foreach (var file in new[] { "scan.json", $"{Account}/us-east-1/iam.GetAccountSummary.json", $"{Account}/us-east-1/ec2.DescribeRegions.json", $"{Account}/us-east-1/iam.GetCredentialReport.json", $"{Account}/us-east-1/iam.GenerateCredentialReport.json", $"{Account}/us-east-1/iam.ListVirtualMFADevices.json" })
        {
            var target = PathOf(Path.Combine("account", file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.WriteAllText(target, File.ReadAllText(Path.Combine(sample, file))
                .Replace("2026-11-20T06:30", $"2026-11-{day:00}T06:30", StringComparison.Ordinal)
                .Replace("\"AccountMFAEnabled\": 0", $"\"AccountMFAEnabled\": {mfa}", StringComparison.Ordinal));
        }
    }

    private Task<(int Code, string Output)> ScanAsync(params string[] arguments) => RunAsync(["scan", "--from", "account", "--accounts", Account,
        "--only", "iam-root-mfa,iam-root-access-key", "--store", "scan.duckdb", "--report", "json=scan.json", .. arguments]);

    private async Task<(int Code, string Output)> RunAsync(params string[] arguments) =>
        await ScannerProgram.RunAsync(_folder.FullName, arguments);

    private string PathOf(string name) => Path.Combine(_folder.FullName, name);
}
