using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Loopback.Aws;

namespace Benchmarks;

/// <summary>
/// How long a scan takes where AWS is 80 ms away: of an account with so many buckets in one region, and of one with functions too whose server holds to
/// the rates that AWS documents.
/// </summary>
internal static class CallsBenchmark
{
    private static readonly TimeSpan Away = TimeSpan.FromMilliseconds(80);

    public static async Task RunAsync(string program)
    {
        foreach (var (buckets, limit) in new[] { (324, 5), (2_000, 15) })
        {
            await using var server = await StartAsync(buckets, functions: 0);
            var (wall, cpu, peak) = await ScanAsync(program, server, "s3-*");
            Print($"{buckets} buckets, {Away.TotalMilliseconds:0} ms a call: {wall:0.0} s (limit {limit} s, ratio {wall / limit:0.00}), {cpu:0.0} s CPU, peak {peak:0} MiB, {server.RequestCount} calls, {server.RequestCount / wall:0} a second");
        }
        await using var strict = await StartAsync(buckets: 500, functions: 150);
        var refused = 0;
        var rates = new ConcurrentDictionary<string, Tokens>(StringComparer.Ordinal);
        strict.Fault("*", "*", AwsFault.Throttling, when: request =>
        {
            var rate = RateOf(request);
            if (rate is not { } one || rates.GetOrAdd($"{request.Region} {request.Service} {one.Group}", _ => new Tokens(one.PerSecond, one.Burst)).TryTake())
                return false;
            Interlocked.Increment(ref refused);
            return true;
        });
        var (time, _, _) = await ScanAsync(program, strict, "*");
        Print($"500 buckets and 150 functions, all checks, a server that holds to documented rates: {time:0.0} s, {strict.RequestCount} calls, {refused} refused ({100.0 * refused / strict.RequestCount:0.00} %, limit 1 %)");
    }

    /// <summary>A whole scan, and one since it: where nothing changed, and where everything did.</summary>
    public static async Task SinceLastAsync(string program)
    {
        var folder = Directory.CreateTempSubdirectory("benchmark-since-last-");
        try
        {
            await using var server = await StartAsync(buckets: 324, functions: 50);
            // Five queues a region, all of which had nothing done to them.
            server.Reply("sqs", "ListQueues", request => new JsonObject { ["QueueUrls"] = new JsonArray([.. Enumerable.Range(0, 5).Select(i => $"https://sqs.{request.Region}.amazonaws.com/{server.Account}/q{i}")]) });
            server.Reply("sqs", "GetQueueAttributes", request => new JsonObject { ["Attributes"] = new JsonObject { ["QueueArn"] = $"arn:aws:sqs:{request.Region}:{server.Account}:{request["QueueUrl"]!.Split('/')[^1]}" } });
            var changed = new JsonArray();
            server.Reply("cloudtrail", "LookupEvents", _ => new JsonObject { ["Events"] = changed.DeepClone() });
            string[] scan = ["scan", "--only", "s3-*,sqs-*,lambda-*,iam-*,ssm-*,glue-*,codebuild-*,vpc-*", "--evidence", "off"];
            string[] since = [.. scan, "--baseline", "whole.duckdb", "--since-last"];
            var runs = new List<(double Wall, double Cpu, long Calls)>[3];
            for (var turn = 0; turn < 9; turn++)
            {
                changed.Clear();
                foreach (var source in turn % 3 == 2 ? new[] { "s3", "sqs", "lambda", "iam", "ssm", "glue", "codebuild" } : [])
                    changed.Add(new JsonObject { ["EventSource"] = $"{source}.amazonaws.com", ["EventName"] = "Anything", ["EventTime"] = DateTimeOffset.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture), ["ReadOnly"] = "false" });
                (runs[turn % 3] ??= []).Add(await AskAsync(turn % 3 == 0 ? [.. scan, "--store", "whole.duckdb"] : since));
            }
            var (time, work, calls) = Median(runs[0]);
            Print($"whole scan of 17 regions, 324 buckets, 850 functions, 85 queues, {Away.TotalMilliseconds:0} ms a call (medians of three): {time:0.0} s, {work:0.0} s CPU, {calls} calls");
            foreach (var (what, some) in new[] { ("nothing", runs[1]), ("everything", runs[2]) })
            {
                var one = Median(some);
                Print($"  since the last, {what} changed: {one.Wall:0.0} s (ratio {one.Wall / time:0.00}), {one.Cpu:0.0} s CPU (ratio {one.Cpu / work:0.00}), {one.Calls} calls (ratio {(double)one.Calls / calls:0.00})");
            }

            async Task<(double Wall, double Cpu, long Calls)> AskAsync(string[] arguments)
            {
                var before = server.RequestCount;
                var watch = Stopwatch.StartNew();
                var (_, cpu, _, _, code) = await OrganizationBenchmark.MeasureAsync(program, arguments, folder.FullName, server.EnvironmentVariables);
                return code > 1 ? throw new InvalidOperationException($"the scan ended with {code}") : (watch.Elapsed.TotalSeconds, cpu, server.RequestCount - before);
            }

            static (double Wall, double Cpu, long Calls) Median(List<(double Wall, double Cpu, long Calls)> some) =>
                (some.Select(run => run.Wall).Order().ElementAt(1), some.Select(run => run.Cpu).Order().ElementAt(1), some.Select(run => run.Calls).Order().ElementAt(1));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    // As the pages say that src/Scanner.Aws/Client/DocumentedRate.cs names.
    private static (string Group, double PerSecond, double Burst)? RateOf(AwsRequest request) => (request.Service, request.Operation) switch
    {
        ("ec2", "DescribeInstances" or "DescribeVolumes" or "DescribeSnapshots" or "DescribeNetworkInterfaces" or "DescribeSecurityGroups") => (request.Operation, 10, 50),
        ("ec2", _) => (request.Operation, 20, 100),
        ("lambda", "GetFunction") => ("GetFunction", 100, 100),
        ("lambda", "GetPolicy") => ("GetPolicy", 15, 15),
        ("lambda", _) => ("others", 15, 15),
        ("cloudtrail", _) => ("reads", 10, 10),
        ("cloudwatch", "DescribeAlarms") => ("DescribeAlarms", 9, 9),
        ("cloudwatch", "ListMetrics") => ("ListMetrics", 25, 25),
        ("route53", _) => ("all", 5, 5),
        ("apigateway" or "apigatewayv2", _) => ("all", 10, 40),
        _ => null,
    };

    private static async Task<AwsServer> StartAsync(int buckets, int functions)
    {
        var server = await AwsServer.StartAsync();
        server.KeepRequests = false;
        server.CheckSignatures = false;
        server.Delay = Away;
        ScanBenchmark.SeedRegions(server);
        server.Reply("s3", "ListBuckets", new JsonObject { ["Buckets"] = new JsonArray([.. Enumerable.Range(0, buckets).Select(i => new JsonObject { ["Name"] = $"bucket-{i}", ["BucketRegion"] = "eu-west-1" })]) });
        server.Reply("lambda", "ListFunctions", request => new JsonObject
        {
            ["Functions"] = new JsonArray([.. Enumerable.Range(0, functions).Select(i => new JsonObject { ["FunctionName"] = $"f{i}", ["FunctionArn"] = $"arn:aws:lambda:{request.Region}:{server.Account}:function:f{i}" })]),
        });
        return server;
    }

    private static async Task<(double Wall, double Cpu, double PeakMebibytes)> ScanAsync(string program, AwsServer server, string only)
    {
        var folder = Directory.CreateTempSubdirectory("benchmark-calls-");
        try
        {
            var watch = Stopwatch.StartNew();
            var (_, cpu, peak, _, code) = await OrganizationBenchmark.MeasureAsync(program, ["scan", "--regions", "eu-west-1", "--only", only], folder.FullName, server.EnvironmentVariables);
            if (code > 1)
                throw new InvalidOperationException($"the scan ended with {code}");
            return (watch.Elapsed.TotalSeconds, cpu, peak);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void Print(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));

    private sealed class Tokens(double perSecond, double burst)
    {
        private readonly Lock _lock = new();
        private double _used;
        private long _at = Stopwatch.GetTimestamp();

        public bool TryTake()
        {
            lock (_lock)
            {
                var now = Stopwatch.GetTimestamp();
                _used = Math.Max(0, _used - (Stopwatch.GetElapsedTime(_at, now).TotalSeconds * perSecond));
                _at = now;
                if (_used + 1 > burst)
                    return false;
                _used++;
                return true;
            }
        }
    }
}
