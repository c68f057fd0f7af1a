using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Loopback;

namespace EndToEnd.Tests;

/// <summary>SIGTERM and Ctrl-C: what is known is written, what is not is said, nothing is published half-way, and the end comes whatever hangs.</summary>
public sealed partial class SignalTests : LoopbackTests
{
    private const string Hanging = "us-east-1";

    [Theory]
    [InlineData("TERM", 143, "SIGTERM")]
    [InlineData("INT", 130, "Ctrl-C")]
    public async Task A_scan_that_is_stopped_while_AWS_hangs_writes_what_it_knows(string signal, int exitCode, string name)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "signals are sent with kill");
        using var asked = new SemaphoreSlim(0);
        using var hang = new ManualResetEventSlim();
        Aws.Reply("ec2", "DescribeVpcs", _ => JsonNode.Parse("""{"Vpcs": [{"VpcId": "vpc-1", "OwnerId": "111111111111", "IsDefault": false}]}""")!.AsObject());
        Aws.Reply("ec2", "DescribeFlowLogs", request =>
        {
            if (request.Region != Hanging)
                return new JsonObject { ["FlowLogs"] = new JsonArray() };
            asked.Release();
            hang.Wait(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
            return [];
        });

        using var process = Start("60", "scan", "--regions", Hanging + ",eu-west-1", "--only", "vpc-flow-logs-active,vpc-flow-logs-traffic-type,iam-root-mfa", "--report", "json=r.json", "--report", "markdown=r.md", "--store", "s.duckdb", "--publish", "issues,summary");
        try
        {
            var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            Assert.True(await asked.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken), "AWS was not asked");
            // Not when AWS was asked for them but when the program says so are the other region's answers known.
            var printed = new StringBuilder();
            while (await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
            {
                printed.AppendLine(line);
                if (Complete().IsMatch(line))
                    break;
            }
            var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            var before = GitHub.Log.Count;
            await Tools.RunAsync("kill", ["-" + signal, process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)], cancellation: TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);

            var said = printed + await output + await error;
            Assert.True(process.ExitCode == exitCode, said);
            Assert.Contains($"The scan was stopped by {name} before its end", said, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", said, StringComparison.Ordinal);
            Assert.Equal(before, GitHub.Log.Count);
        }
        finally
        {
            hang.Set();
            Tools.Kill(process);
        }

        using var report = JsonDocument.Parse(await ReadAsync("r.json"));
        Assert.Contains(report.RootElement.GetProperty("collection").EnumerateArray(), status =>
            status.GetProperty("table").GetString() == "aws_vpc_flow_log" && status.GetProperty("reason").GetString() == "the scan was stopped before this was collected");
        Assert.Contains(report.RootElement.GetProperty("collection").EnumerateArray(), status =>
            status.GetProperty("table").GetString() == "aws_vpc" && status.GetProperty("status").GetString() == "ok");
        var findings = report.RootElement.GetProperty("findings").EnumerateArray().Where(one => one.GetProperty("check").GetString()!.StartsWith("vpc-", StringComparison.Ordinal)).ToLookup(one => one.GetProperty("region").GetString());
        Assert.NotEmpty(findings[Hanging]);
        Assert.All(findings[Hanging], one => Assert.Equal("unknown", one.GetProperty("status").GetString()));
        Assert.Equal("fail", Assert.Single(findings["eu-west-1"], one => one.GetProperty("check").GetString() == "vpc-flow-logs-active").GetProperty("status").GetString());
        Assert.Contains($"⚠️ The scan was stopped by {name}", await ReadAsync("r.md"), StringComparison.Ordinal);
        Assert.Contains($"⚠️ The scan was stopped by {name}", await ReadAsync("summary.md"), StringComparison.Ordinal);
        Assert.Matches($"exit-code<<(scanner_[0-9a-f]+)\n{exitCode}\n", await ReadAsync("outputs"));
        var (code, rows) = await ScannerProgram.StartAsync(Folder.FullName, ["query", "select resource_id from aws_vpc", "--store", "s.duckdb", "--format", "csv"]);
        Assert.True(code == 0, rows);
        Assert.Contains("vpc-1", rows, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_end_comes_by_itself_also_where_nothing_can_be_interrupted()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "made with mkfifo");
        var pipe = Path.Combine(Folder.FullName, "plan.json");
        await Tools.RunAsync("mkfifo", [pipe], cancellation: TestContext.Current.CancellationToken);

        // Reading a pipe that nobody writes cannot be cancelled.
        using var process = Start(null, "gate", "plan.json");
        try
        {
            var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            // Opening it for writing waits until the program has opened it for reading.
            await using var writer = await Task.Run(() => new FileStream(pipe, FileMode.Open, FileAccess.Write, FileShare.ReadWrite)).WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
            Assert.False(process.HasExited, "the pipe was not waited for");
            await Tools.RunAsync("kill", ["-TERM", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)], cancellation: TestContext.Current.CancellationToken);

            // Without an end of its own it would wait until the pipe is closed, below. How long it may take (2.5 s) is on the watchdog's clock: ours
            // also measures how busy this machine is.
            Assert.True(process.WaitForExit(TimeSpan.FromSeconds(60)), "it waits for the pipe");
            Assert.Equal(143, process.ExitCode);
            Assert.Contains("stopped by SIGTERM", await error, StringComparison.Ordinal);
        }
        finally
        {
            Tools.Kill(process);
        }
    }

    // Every ten seconds: all but what hangs is there by then.
    [GeneratedRegex("^Collecting: [1-9][0-9]* of [0-9]+ tables", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Complete();

    private Process Start(string? seconds, params string[] arguments)
    {
        // A job that a shell starts in the background ignores Ctrl-C, and so does all that it starts; only GNU's env can undo that.
        string[] program = OperatingSystem.IsLinux() ? ["env", "--default-signal=INT", "dotnet"] : ["dotnet"];
        var start = new ProcessStartInfo(program[0], [.. program[1..], ScannerProgram.Program, .. arguments])
        {
            WorkingDirectory = Folder.FullName,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var (name, value) in Aws.EnvironmentVariables)
            start.Environment[name] = value;
        start.Environment["GITHUB_ACTIONS"] = null;
        // On a machine that is busy with other tests the writing takes longer; that the end comes in time is another test.
        start.Environment["SCANNER_STOP_SECONDS"] = seconds;
        start.Environment["GITHUB_EVENT_PATH"] = null;
        start.Environment["GITHUB_TOKEN"] = GitHubServer.Token;
        start.Environment["GITHUB_REPOSITORY"] = $"{GitHubServer.Owner}/{GitHubServer.Name}";
        start.Environment["GITHUB_API_URL"] = GitHub.ApiUrl.ToString().TrimEnd('/');
        start.Environment["GITHUB_STEP_SUMMARY"] = Path.Combine(Folder.FullName, "summary.md");
        start.Environment["GITHUB_OUTPUT"] = Path.Combine(Folder.FullName, "outputs");
        return Process.Start(start)!;
    }

    private Task<string> ReadAsync(string name) => File.ReadAllTextAsync(Path.Combine(Folder.FullName, name), TestContext.Current.CancellationToken);
}
