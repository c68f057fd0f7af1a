using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Loopback;
using Loopback.Aws;

namespace Benchmarks;

/// <summary>
/// Wall time, peak memory and API calls of the program itself: on the sample account, on an account of 5,000 resources
/// in 17 regions that a loopback server plays, and of its start. The limits are those that the README states.
/// </summary>
internal static class ScanBenchmark
{
    private const int Groups = 100;

    internal static readonly string[] Regions =
    [
        "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2", "ca-central-1", "eu-central-1", "eu-north-1",
        "eu-west-1", "eu-west-2", "eu-west-3", "sa-east-1", "us-east-1", "us-east-2", "us-west-1", "us-west-2",
    ];

    public static async Task RunAsync(string program)
    {
        var folder = Directory.CreateTempSubdirectory("benchmark");
        try
        {
            var starts = new List<double>();
            for (var i = 0; i < 5; i++)
                starts.Add((await MeasureAsync(program, ["scan", "--from", Path.Combine(Tools.Repository, "samples/acme")], folder.FullName, [])).FirstOutput);
            Print($"cold start to first output: {starts.Order().ElementAt(2):0} ms (median of 5; limit 300 ms, ratio {starts.Order().ElementAt(2) / 300:0.00})");

            var sample = await MeasureAsync(program, ["scan", "--from", Path.Combine(Tools.Repository, "samples/acme")], folder.FullName, []);
            Print($"sample account: {sample.Wall / 1000:0.0} s, peak {sample.PeakMebibytes:0} MiB");

            await using var server = await AwsServer.StartAsync();
            server.KeepRequests = false;
            server.CheckSignatures = false;
            Seed(server);
            var large = await MeasureAsync(program, ["scan", "--report", "json=large.json"], folder.FullName, server.EnvironmentVariables);
            using var report = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(folder.FullName, "large.json")));
            var resources = report.RootElement.GetProperty("scan").GetProperty("resources").GetInt64();
            Print($"{resources} resources in {Regions.Length} regions: {large.Wall / 1000:0.0} s, peak {large.PeakMebibytes:0} MiB, {server.RequestCount} API calls, {server.RequestCount / (double)Regions.Length:0} a region (exit {large.ExitCode})");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void Print(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));

    /// <summary>Runs a program to its end: wall time and time to first output in milliseconds, and its peak memory.</summary>
    internal static async Task<(double Wall, double FirstOutput, double PeakMebibytes, int ExitCode)> MeasureAsync(
        string program, string[] arguments, string folder, IEnumerable<KeyValuePair<string, string>> environment)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        var watch = Stopwatch.StartNew();
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var first = 0.0;
        var reading = Task.Run(async () =>
        {
            var buffer = new char[4096];
            while (await process.StandardOutput.ReadAsync(buffer) > 0)
                first = first == 0 ? watch.Elapsed.TotalMilliseconds : first;
        });
        var peak = 0.0;
        while (!process.HasExited)
        {
            // VmHWM is the kernel's own high-water mark: reading it seldom loses nothing but the last moments.
            var line = File.Exists($"/proc/{process.Id}/status")
                ? (await File.ReadAllLinesAsync($"/proc/{process.Id}/status")).FirstOrDefault(text => text.StartsWith("VmHWM:", StringComparison.Ordinal))
                : null;
            if (line is not null)
                peak = Math.Max(peak, double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024);
            await Task.Delay(20);
        }
        await reading;
        if (process.ExitCode > 1)
            Console.WriteLine(await error);
        return (watch.Elapsed.TotalMilliseconds, first, peak, process.ExitCode);
    }

    internal static void SeedRegions(AwsServer server)
    {
        server.Reply("ec2", "DescribeRegions", _ => List("Regions", Regions.Length, i => new() { ["RegionName"] = Regions[i], ["OptInStatus"] = "opt-in-not-required" }));
        // Ready at once, as in an account that has a report; an account without one waits some seconds for AWS to make it.
        server.Reply("iam", "GenerateCredentialReport", _ => new() { ["State"] = "COMPLETE" });
        server.Reply("iam", "GetCredentialReport", _ => new()
        {
            ["Content"] = Convert.ToBase64String("user,arn,user_creation_time,password_enabled,mfa_active\n<root_account>,arn:aws:iam::111111111111:root,2020-01-01T00:00:00+00:00,not_supported,true\n"u8),
            ["ReportFormat"] = "text/csv",
        });
    }

    private static void Seed(AwsServer server)
    {
        SeedRegions(server);
        server.Reply("ec2", "DescribeVpcs", request => List("Vpcs", 2, i => new() { ["VpcId"] = $"vpc-{request.Region}-{i}", ["CidrBlock"] = "10.0.0.0/16", ["State"] = "available", ["OwnerId"] = server.Account }));
        server.Reply("ec2", "DescribeSubnets", request => List("Subnets", 4, i => new() { ["SubnetId"] = $"subnet-{request.Region}-{i}", ["VpcId"] = $"vpc-{request.Region}-{i % 2}", ["State"] = "available" }));
        server.Reply("ec2", "DescribeSecurityGroups", request => List("SecurityGroups", Groups, i => new()
        {
            ["GroupId"] = $"sg-{request.Region}-{i}",
            ["GroupName"] = i == 0 ? "default" : $"group-{i}",
            ["VpcId"] = $"vpc-{request.Region}-0",
            ["OwnerId"] = server.Account,
            ["Description"] = "generated",
        }));
        server.Reply("ec2", "DescribeSecurityGroupRules", request => List("SecurityGroupRules", Groups + 50, i => new()
        {
            ["SecurityGroupRuleId"] = $"sgr-{request.Region}-{i}",
            ["GroupId"] = $"sg-{request.Region}-{i % Groups}",
            ["IsEgress"] = i % 3 == 0,
            ["IpProtocol"] = "tcp",
            ["FromPort"] = i % 25 == 0 ? 22 : 443,
            ["ToPort"] = i % 25 == 0 ? 22 : 443,
            ["CidrIpv4"] = i % 2 == 0 ? "0.0.0.0/0" : "10.0.0.0/8",
        }));
        server.Reply("lambda", "ListFunctions", request => List("Functions", 15, i => new() { ["FunctionName"] = $"f{i}", ["FunctionArn"] = $"arn:aws:lambda:{request.Region}:{server.Account}:function:f{i}", ["Runtime"] = "python3.12" }));
        server.Reply("logs", "DescribeLogGroups", request => List("logGroups", 15, i => new() { ["logGroupName"] = $"/aws/lambda/f{i}", ["arn"] = $"arn:aws:logs:{request.Region}:{server.Account}:log-group:/aws/lambda/f{i}:*" }));
        server.Reply("rds", "DescribeDBInstances", request => List("DBInstances", 6, i => new()
        {
            ["DBInstanceIdentifier"] = $"db{i}",
            ["DBInstanceArn"] = $"arn:aws:rds:{request.Region}:{server.Account}:db:db{i}",
            ["Engine"] = "mysql",
            ["DBInstanceStatus"] = "available",
            ["StorageEncrypted"] = true,
            ["PubliclyAccessible"] = false,
        }));
    }

    private static JsonObject List(string member, int count, Func<int, JsonObject> make) =>
        new() { [member] = new JsonArray([.. Enumerable.Range(0, count).Select(make)]) };
}
