using System.Text.Json;
using Loopback;
using Loopback.Ocsf;

namespace EndToEnd.Tests;

/// <summary>The first thing that a newcomer runs.</summary>
public sealed class SampleAccountTests : IDisposable
{
    private static readonly string Sample = Path.Combine(Tools.Repository, "samples/acme");

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sample");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Needs_no_credentials_and_writes_markdown_json_and_sarif()
    {
        var (code, output) = await ScannerProgram.StartAsync(_folder.FullName, ["scan", "--from", Sample]);

        Assert.True(code == 0, output);
        Assert.Contains("Could not be assessed", output, StringComparison.Ordinal);
        Assert.Contains("cloudtrail-logging-now", output, StringComparison.Ordinal);
        var shown = (await File.ReadAllTextAsync(Path.Combine(Tools.Repository, "README.md"), TestContext.Current.CancellationToken)).Split("the terminal says")[1].Split("```")[1];
        Assert.All(shown.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.Contains(line, output, StringComparison.Ordinal));
        Assert.StartsWith("# ", await File.ReadAllTextAsync(Path.Combine(_folder.FullName, "scanner-report/report.md"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        using var sarif = Read("scanner-report/report.sarif");
        Assert.Equal("2.1.0", sarif.RootElement.GetProperty("version").GetString());
        using var json = Read("scanner-report/report.json");
        foreach (var finding in json.RootElement.GetProperty("findings").EnumerateArray())
        {
            Assert.Contains(finding.GetProperty("status").GetString(), new[] { "pass", "fail", "unknown", "not applicable", "muted" });
            Assert.Equal(32, finding.GetProperty("key").GetString()!.Length);
        }
    }

    [Fact]
    public async Task What_was_denied_is_unknown_the_same_account_gives_the_same_keys_again_and_a_kept_store_answers_SQL()
    {
        await ScannerProgram.RunAsync(_folder.FullName, ["scan", "--from", Sample, "--report", "json=a.json"]);
        var (ended, said) = await ScannerProgram.RunAsync(_folder.FullName, ["scan", "--from", Sample, "--report", "json=r.json", "--report", "ocsf=r.ocsf.jsonl", "--store", "scan.duckdb", "--fail-on-unknown"]);

        Assert.True(ended == 3, said);
        using var json = Read("r.json");
        var hub = json.RootElement.GetProperty("findings").EnumerateArray()
            .Where(f => f.GetProperty("check").GetString() == "securityhub-enabled" && f.GetProperty("account").GetString() == "111122223333" && f.GetProperty("region").GetString() == "ap-southeast-2")
            .ToList();
        Assert.Equal("unknown", Assert.Single(hub).GetProperty("status").GetString());
        Assert.Contains("securityhub:DescribeHub", hub[0].GetProperty("message").GetString()!, StringComparison.Ordinal);
        Assert.Contains(
            json.RootElement.GetProperty("collection").EnumerateArray(),
            row => row.GetProperty("status").GetString() == "throttled" && row.GetProperty("operation").GetString() == "lambda:ListFunctions");

        // Other people's validators take them as they are.
        Assert.Empty(OcsfSchema.Load().Faults(await File.ReadAllTextAsync(Path.Combine(_folder.FullName, "r.ocsf.jsonl"), TestContext.Current.CancellationToken)));
        var report = await File.ReadAllTextAsync(Path.Combine(_folder.FullName, "r.json"), TestContext.Current.CancellationToken);
        Assert.Equal(["1 files checked, 0 faults"], await ShippedSchemas.FaultsAsync(NeededTools.Node(), [("report", "r.json", report)], TestContext.Current.CancellationToken));

        using var a = Read("a.json");
        Assert.Equal(a.RootElement.GetProperty("findings").GetRawText(), json.RootElement.GetProperty("findings").GetRawText());

        var (code, output) = await ScannerProgram.RunAsync(_folder.FullName, ["query", "select name from aws_cloudtrail_trail where not is_logging", "--store", "scan.duckdb", "--format", "jsonl"]);
        var (_, csv, _) = await ScannerProgram.RunSplitAsync(_folder.FullName, ["query", "select '=cmd|x' as x, -5 as n", "--store", "scan.duckdb", "--format", "csv"]);
        var (refused, error) = await ScannerProgram.RunAsync(_folder.FullName, ["query", "select * from read_text('/etc/passwd')", "--store", "scan.duckdb"]);

        Assert.Equal((0, """{"name":"legacy-audit"}"""), (code, output.Trim()));
        Assert.Equal("x,n\r\n'=cmd|x,-5\r\n", csv);
        Assert.Equal(2, refused);
        Assert.DoesNotContain("root:", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Findings_at_or_above_the_level_end_with_1()
    {
        var (code, _) = await ScannerProgram.RunAsync(_folder.FullName, ["scan", "--from", Sample, "--only", "iam-root-mfa", "--fail-on", "critical"]);

        Assert.Equal(1, code);
    }

    [Fact]
    public async Task A_mute_with_reason_and_expiry_mutes_and_an_expired_one_does_not()
    {
        var checks = _folder.CreateSubdirectory("mine").FullName;
        await File.WriteAllTextAsync(Path.Combine(checks, "mutes.yml"), "mutes:\n  - {check: iam-root-mfa, reason: hardware token ordered, expires: 2026-12-31}\n", TestContext.Current.CancellationToken);
        var (muted, _) = await ScannerProgram.RunAsync(_folder.FullName, ["scan", "--from", Sample, "--only", "iam-root-mfa", "--checks", checks, "--fail-on", "critical"]);
        await File.WriteAllTextAsync(Path.Combine(checks, "mutes.yml"), "mutes:\n  - {check: iam-root-mfa, reason: hardware token ordered, expires: 2026-01-31}\n", TestContext.Current.CancellationToken);
        var (expired, output) = await ScannerProgram.RunAsync(_folder.FullName, ["scan", "--from", Sample, "--only", "iam-root-mfa", "--checks", checks, "--fail-on", "critical"]);

        Assert.Equal((0, 1), (muted, expired));
        Assert.Contains("expired on 2026-01-31", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_inputs_of_an_action_are_the_options_of_the_command()
    {
        var (code, output) = await ScannerProgram.RunAsync(
            _folder.FullName, ["scan"], ("INPUT_FROM", Sample), ("INPUT_REPORT", "json=a.json\nhtml=b.html"), ("INPUT_FAIL-ON", "high"), ("INPUT_ORGANIZATION", "false"), ("INPUT_CHECKS", ""), ("INPUT_ONLY", "iam-root-mfa"));

        Assert.True(code == 1, output);
        Assert.True(File.Exists(Path.Combine(_folder.FullName, "a.json")) && File.Exists(Path.Combine(_folder.FullName, "b.html")));
    }

    [Fact]
    public async Task A_framework_reports_every_control_and_a_detection_that_fires_fails_none()
    {
        var (code, output) = await ScannerProgram.RunAsync(_folder.FullName, ["scan", "--from", Sample, "--framework", "cis-aws-5.0", "--report", "json=r.json", "--report", "markdown=r.md"]);

        Assert.True(code == 0, output);
        Assert.Contains("63 controls: ", output, StringComparison.Ordinal);
        using var json = Read("r.json");
        var framework = Assert.Single(json.RootElement.GetProperty("frameworks").EnumerateArray());
        var controls = framework.GetProperty("controls").EnumerateArray().ToDictionary(control => control.GetProperty("id").GetString()!);
        Assert.Equal(63, controls.Count);
        Assert.All(controls.Values, control => Assert.Contains(control.GetProperty("status").GetString(), new[] { "pass", "fail", "unknown", "manual", "muted", "not applicable" }));
        Assert.Equal("manual", controls["1.20"].GetProperty("status").GetString());
        // The sample's events have a root sign-in and a stopped trail: the detections fire, and watch.
        Assert.Contains(json.RootElement.GetProperty("findings").EnumerateArray(), finding => finding.GetProperty("kind").GetString() == "detection" && finding.GetProperty("status").GetString() == "fail");
        Assert.Equal("pass", controls["4.3"].GetProperty("status").GetString());
        Assert.Equal("pass", controls["4.5"].GetProperty("status").GetString());
        Assert.Contains("of 63 controls pass", await File.ReadAllTextAsync(Path.Combine(_folder.FullName, "r.md"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    private JsonDocument Read(string name) => JsonDocument.Parse(File.ReadAllText(Path.Combine(_folder.FullName, name)));
}
