using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Loopback;

namespace EndToEnd.Tests;

/// <summary>A scan that is cut off and gone on with: nothing that is known is asked again, and it says what one that was not cut off says.</summary>
public sealed class ResumeTests : LoopbackTests
{
    private static readonly string[] Scan = ["scan", "--regions", "us-east-1,eu-west-1", "--only", "vpc-*,iam-*,s3-*,kms-*,cloudtrail-*", "--store", "s.duckdb"];

    [Fact]
    public async Task A_scan_that_is_killed_says_after_it_is_gone_on_with_what_one_that_was_not_says()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "killed with kill");
        Seed();
        using var asked = new SemaphoreSlim(0);
        using var hang = new ManualResetEventSlim();
        Aws.Reply("ec2", "DescribeFlowLogs", request =>
        {
            if (request.Region != "us-east-1" || hang.IsSet)
                return new JsonObject { ["FlowLogs"] = new JsonArray() };
            asked.Release();
            hang.Wait(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
            return [];
        });
        using (var process = Start())
        {
            Assert.True(await asked.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken), "AWS was not asked");
            while (await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line && !line.Contains(" of ", StringComparison.Ordinal))
            {
            }
            // The rest is answered and, some seconds later, kept.
            var (before, quiet) = (0L, 0);
            while (quiet < 16)
            {
                quiet = Aws.RequestCount == before ? quiet + 1 : 0;
                before = Aws.RequestCount;
                await Task.Delay(250, TestContext.Current.CancellationToken);
            }
            await Tools.RunAsync("kill", ["-9", process.Id.ToString(CultureInfo.InvariantCulture)], cancellation: TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
        hang.Set();
        var first = Asked();
        Assert.False(File.Exists(Path.Combine(Folder.FullName, "s.duckdb")));
        Aws.ClearRequests();

        var (code, output) = await RunAsync([.. Scan, "--resume", "--report", "json=resumed.json"]);

        Assert.True(code == 0, output);
        Assert.Contains("Going on with the scan of ", output, StringComparison.Ordinal);
        var second = Asked();
        Assert.Contains("ec2 DescribeFlowLogs us-east-1", second);
        // Regions and the caller are asked for anew, and a table that is made of others is.
        Assert.True(second.Count < first.Count / 3, $"{first.Count} calls before, {second.Count} after: {string.Join(", ", second)}");
        Assert.DoesNotContain("s3 ListBuckets us-east-1", second);
        await SaysTheSameAsync();
    }

    [Fact]
    public async Task A_scan_that_reached_its_time_is_gone_on_with_from_its_store()
    {
        Seed();
        using var over = new ManualResetEventSlim();
        Aws.Reply("ec2", "DescribeFlowLogs", request =>
        {
            if (!over.IsSet)
                over.Wait(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
            return new JsonObject { ["FlowLogs"] = new JsonArray() };
        });
        var (stopped, said) = await RunAsync([.. Scan, "--timeout", "8s"]);
        over.Set();
        Assert.True(stopped == 3, said);
        Aws.ClearRequests();

        var (code, output) = await RunAsync([.. Scan, "--resume", "--report", "json=resumed.json"]);

        Assert.True(code == 0, output);
        Assert.Contains("Going on with the scan of ", output, StringComparison.Ordinal);
        Assert.Contains("ec2 DescribeFlowLogs eu-west-1", Asked());
        await SaysTheSameAsync();
    }

    [Fact]
    public async Task Another_scan_is_not_gone_on_with_and_without_one_it_begins_at_the_beginning()
    {
        Seed();
        var (code, output) = await RunAsync([.. Scan, "--resume"]);
        Assert.True(code == 0, output);
        Assert.Contains("No scan was cut off while it wrote s.duckdb: scanning from the beginning", output, StringComparison.Ordinal);

        // A whole scan is not gone on with, but replaced.
        (code, output) = await RunAsync([.. Scan, "--resume"]);
        Assert.True(code == 0, output);
        Assert.Contains("scanning from the beginning", output, StringComparison.Ordinal);

        using var over = new ManualResetEventSlim();
        Aws.Reply("ec2", "DescribeFlowLogs", _ =>
        {
            over.Wait(TimeSpan.FromSeconds(8), TestContext.Current.CancellationToken);
            return new JsonObject { ["FlowLogs"] = new JsonArray() };
        });
        (code, output) = await RunAsync([.. Scan, "--timeout", "6s"]);
        over.Set();
        Assert.True(code == 3, output);
        var before = await File.ReadAllBytesAsync(Path.Combine(Folder.FullName, "s.duckdb"), TestContext.Current.CancellationToken);
        foreach (var (expected, arguments) in new (string, string[])[]
        {
            ("--resume goes on with the scan that was to write a store: name it with --store FILE", ["scan", "--resume"]),
            ("leave one of them out", [.. Scan, "--resume", "--record", "recording"]),
            ("was asked '--regions us-east-1,eu-west-1 --only", ["scan", "--regions", "us-east-1", "--only", "iam-*", "--store", "s.duckdb", "--resume"]),
        })
        {
            (code, output) = await RunAsync(arguments);
            Assert.True(code == 2, output);
            Assert.Contains(expected, Assert.Single(output.Split('\n'), line => line.StartsWith("scanner: ", StringComparison.Ordinal)), StringComparison.Ordinal);
        }
        Assert.Equal(before, await File.ReadAllBytesAsync(Path.Combine(Folder.FullName, "s.duckdb"), TestContext.Current.CancellationToken));
    }

    private async Task SaysTheSameAsync()
    {
        var (code, output) = await RunAsync([.. Scan[..^1], "whole.duckdb", "--report", "json=whole.json"]);
        Assert.True(code == 0, output);
        Assert.Equal(await FindingsAsync("whole.json"), await FindingsAsync("resumed.json"));
    }

    private void Seed()
    {
        Aws.Reply("ec2", "DescribeVpcs", request => JsonNode.Parse($$"""{"Vpcs": [{"VpcId": "vpc-{{request.Region}}", "OwnerId": "111111111111", "IsDefault": false}]}""")!.AsObject());
        Aws.Reply("iam", "ListUsers", """{"Users": [{"UserName": "a", "UserId": "AIDA", "Arn": "arn:aws:iam::111111111111:user/a", "Path": "/", "CreateDate": "2026-01-01T00:00:00Z"}]}""");
        Aws.Reply("iam", "GenerateCredentialReport", """{"State": "COMPLETE"}""");
        Aws.Reply("s3", "ListBuckets", """{"Buckets": [{"Name": "logs-of-one", "BucketRegion": "eu-west-1"}, {"Name": "data-of-one", "BucketRegion": "us-east-1"}]}""");
    }

    private List<string> Asked() => [.. Aws.Requests.Select(request => $"{request.Service} {request.Operation} {request.Region}")];

    private Task<(int ExitCode, string Output)> RunAsync(string[] arguments) =>
        ScannerProgram.RunAsync(Folder.FullName, arguments, [.. Aws.EnvironmentVariables.Select(pair => (pair.Key, pair.Value))]);

    private Process Start()
    {
        var start = new ProcessStartInfo("dotnet", [ScannerProgram.Program, .. Scan]) { WorkingDirectory = Folder.FullName, RedirectStandardOutput = true, UseShellExecute = false };
        foreach (var (name, value) in Aws.EnvironmentVariables)
            start.Environment[name] = value;
        return Process.Start(start)!;
    }

    private async Task<List<string>> FindingsAsync(string report)
    {
        using var document = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(Folder.FullName, report), TestContext.Current.CancellationToken));
        return [.. document.RootElement.GetProperty("findings").EnumerateArray()
            .Select(finding => string.Join(' ', new[] { "key", "status", "message", "causes" }.Select(name => finding.TryGetProperty(name, out var value) ? value.GetRawText() : ""))).Order(StringComparer.Ordinal)];
    }
}
