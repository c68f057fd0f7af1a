using System.Globalization;
using System.Text.Json.Nodes;
using Loopback.Aws;

namespace Benchmarks;

/// <summary>
/// What proof that logs arrive costs in API calls, on a full account that a loopback server plays: 200 buckets with access logs, 50 load balancers,
/// 40 VPCs with flow logs and logged DNS queries, 30 databases that export logs, in 17 regions; everything arrives. The README quotes what it prints.
/// </summary>
internal static class EvidenceBenchmark
{
    private const int Buckets = 200;
    private const int Balancers = 50;
    private const int Vpcs = 40;
    private const int Databases = 30;

    public static async Task RunAsync(string program)
    {
        var folder = Directory.CreateTempSubdirectory("benchmark");
        try
        {
            var off = await CountAsync(program, folder.FullName, "off");
            var on = await CountAsync(program, folder.FullName, "on");
            var more = on.ToDictionary(pair => pair.Key, pair => pair.Value - off.GetValueOrDefault(pair.Key), StringComparer.Ordinal).Where(pair => pair.Value != 0).ToList();
            var groups = more.Where(pair => pair.Key == "cloudwatch:ListMetrics").Sum(pair => pair.Value);
            var (without, all) = (off.Values.Sum(), on.Values.Sum());
            Print($"{Buckets} buckets, {Balancers} load balancers, {Vpcs} VPCs, {Databases} databases, {ScanBenchmark.Regions.Length} regions: {without} API calls without evidence");
            Print($"targets and log groups: {without + groups} (+{100.0 * groups / without:0.0} %, limit 2 %)");
            Print($"all evidence: {all} (+{100.0 * (all - without) / without:0.0} %, limit 30 %)");
            foreach (var (operation, calls) in more.OrderByDescending(pair => pair.Value))
                Print($"  {operation}: {calls}");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void Print(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));

    private static async Task<Dictionary<string, int>> CountAsync(string program, string folder, string evidence)
    {
        await using var server = await AwsServer.StartAsync();
        server.CheckSignatures = false;
        Seed(server);
        var (_, _, _, code) = await ScanBenchmark.MeasureAsync(program, ["scan", "--evidence", evidence, "--report", $"json={evidence}.json"], folder, server.EnvironmentVariables);
        if (code > 1)
            throw new InvalidOperationException($"the scan ended with {code}");
        return server.Requests.CountBy(request => $"{request.Service}:{request.Operation}", StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
    }

    private static void Seed(AwsServer server)
    {
        ScanBenchmark.SeedRegions(server);
        server.Reply("s3", "ListBuckets", _ => List("Buckets", Buckets, i => new() { ["Name"] = $"b{i}", ["BucketRegion"] = "us-east-1", ["CreationDate"] = "2024-01-01T00:00:00Z" }));
        // A prefix for each bucket: the dearest way to log, for no two share a call.
        server.Reply("s3", "GetBucketLogging", request => new() { ["LoggingEnabled"] = new JsonObject { ["TargetBucket"] = "b0", ["TargetPrefix"] = $"access/{request["Bucket"]}/" } });
        server.Reply("s3", "ListObjectsV2", request => new()
        {
            ["KeyCount"] = 1,
            ["IsTruncated"] = true,
            ["NextContinuationToken"] = "a page is enough",
            ["Contents"] = new JsonArray(new JsonObject { ["Key"] = request["Prefix"] + "x", ["LastModified"] = DateTimeOffset.UtcNow.AddMinutes(-9).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture), ["Size"] = 1 }),
        });
        server.Reply("elbv2", "DescribeLoadBalancers", request => Here("LoadBalancers", Balancers, request, i => new()
        {
            ["LoadBalancerArn"] = $"arn:aws:elasticloadbalancing:{request.Region}:{server.Account}:loadbalancer/app/web{i}/{i}",
            ["LoadBalancerName"] = $"web{i}",
            ["Type"] = "application",
            ["CreatedTime"] = "2024-01-01T00:00:00Z",
        }));
        server.Reply("elbv2", "DescribeLoadBalancerAttributes", _ => new()
        {
            ["Attributes"] = new JsonArray(new JsonObject { ["Key"] = "access_logs.s3.enabled", ["Value"] = "true" }, new JsonObject { ["Key"] = "access_logs.s3.bucket", ["Value"] = "b0" }),
        });
        server.Reply("ec2", "DescribeVpcs", request => Here("Vpcs", Vpcs, request, i => new() { ["VpcId"] = $"vpc-{i}", ["CidrBlock"] = "10.0.0.0/16", ["State"] = "available", ["OwnerId"] = server.Account }));
        server.Reply("ec2", "DescribeFlowLogs", request => Here("FlowLogs", Vpcs, request, i => new()
        {
            ["FlowLogId"] = $"fl-{i}",
            ["ResourceId"] = $"vpc-{i}",
            ["FlowLogStatus"] = "ACTIVE",
            ["DeliverLogsStatus"] = "SUCCESS",
            ["LogDestinationType"] = "s3",
            ["LogDestination"] = "arn:aws:s3:::b0",
            ["TrafficType"] = "ALL",
            ["CreationTime"] = "2024-01-01T00:00:00Z",
        }));
        server.Reply("route53resolver", "ListResolverQueryLogConfigs", request => Here("ResolverQueryLogConfigs", Vpcs, request, i => new()
        {
            ["Id"] = $"rqlc-{i}",
            ["Arn"] = $"arn:aws:route53resolver:{request.Region}:{server.Account}:resolver-query-log-config/rqlc-{i}",
            ["Name"] = $"q{i}",
            ["Status"] = "CREATED",
            ["OwnerId"] = server.Account,
            ["DestinationArn"] = "arn:aws:s3:::b0",
        }));
        server.Reply("route53resolver", "ListResolverQueryLogConfigAssociations", request => Here("ResolverQueryLogConfigAssociations", Vpcs, request, i => new()
        {
            ["Id"] = $"rqlca-{i}",
            ["ResolverQueryLogConfigId"] = $"rqlc-{i}",
            ["ResourceId"] = $"vpc-{i}",
            ["Status"] = "ACTIVE",
            ["Error"] = "NONE",
            ["CreationTime"] = "2024-01-01T00:00:00Z",
        }));
        server.Reply("rds", "DescribeDBInstances", request => Here("DBInstances", Databases, request, i => new()
        {
            ["DBInstanceIdentifier"] = $"db{i}",
            ["DBInstanceArn"] = $"arn:aws:rds:{request.Region}:{server.Account}:db:db{i}",
            ["Engine"] = "postgres",
            ["DBInstanceStatus"] = "available",
            ["EnabledCloudwatchLogsExports"] = new JsonArray("postgresql"),
        }));
        server.Reply("logs", "DescribeLogGroups", request => Here("logGroups", Databases, request, i => new() { ["logGroupName"] = $"/aws/rds/instance/db{i}/postgresql", ["arn"] = $"arn:aws:logs:{request.Region}:{server.Account}:log-group:/aws/rds/instance/db{i}/postgresql:*" }));
        server.Reply("cloudwatch", "ListMetrics", request => Here("Metrics", Databases, request, i => new()
        {
            ["Namespace"] = "AWS/Logs",
            ["MetricName"] = "IncomingLogEvents",
            ["Dimensions"] = new JsonArray(new JsonObject { ["Name"] = "LogGroupName", ["Value"] = $"/aws/rds/instance/db{i}/postgresql" }),
        }));
    }

    // Dealt out to the regions in turn: what is asked once a region is asked in all of them.
    private static JsonObject Here(string member, int count, AwsRequest request, Func<int, JsonObject> make) => new()
    {
        [member] = new JsonArray([.. Enumerable.Range(0, count).Where(i => ScanBenchmark.Regions[i % ScanBenchmark.Regions.Length] == request.Region).Select(make)]),
    };

    private static JsonObject List(string member, int count, Func<int, JsonObject> make) => new() { [member] = new JsonArray([.. Enumerable.Range(0, count).Select(make)]) };
}
