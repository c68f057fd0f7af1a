using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Loopback.Aws;

namespace EndToEnd.Tests;

/// <summary>What proof of arrival asks of AWS: a page of keys for a source and a day, however many keys the bucket has.</summary>
public sealed class EvidenceCallsTests : LoopbackTests
{
    [Fact]
    public async Task A_bucket_of_ten_million_keys_costs_a_page_a_day_and_one_that_nobody_has_costs_a_call()
    {
        Aws.Reply("s3", "ListBuckets", _ => List("Buckets", new JsonObject { ["Name"] = "logs", ["BucketRegion"] = "us-east-1", ["CreationDate"] = "2024-01-01T00:00:00Z" }));
        Aws.Reply("s3", "GetBucketLogging", request => request["Bucket"] == "gone" ? throw new AwsError("NoSuchBucket", 404) : []);
        Aws.Reply("elbv2", "DescribeLoadBalancers", _ => List("LoadBalancers", Balancer("web"), Balancer("old")));
        Aws.Reply("elbv2", "DescribeLoadBalancerAttributes", request => List("Attributes",
            new JsonObject { ["Key"] = "access_logs.s3.enabled", ["Value"] = "true" },
            new JsonObject { ["Key"] = "access_logs.s3.bucket", ["Value"] = request["LoadBalancerArn"]!.Contains("/old/", StringComparison.Ordinal) ? "gone" : "logs" }));
        // There is always another page.
        Aws.Reply("s3", "ListObjectsV2", request => new()
        {
            ["IsTruncated"] = true,
            ["NextContinuationToken"] = "more",
            ["KeyCount"] = 1000,
            ["Contents"] = new JsonArray([.. Enumerable.Range(0, 1000).Select(i => new JsonObject
            {
                ["Key"] = string.Create(CultureInfo.InvariantCulture, $"{request["Prefix"]}{i}"),
                ["LastModified"] = DateTimeOffset.UtcNow.AddMinutes(-9).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
                ["Size"] = 1,
            })]),
        });

        var (code, output) = await ScannerProgram.RunAsync(Folder.FullName, ["scan", "--regions", "us-east-1", "--only", "elbv2-access-logs*", "--report", "json=r.json"], [.. Aws.EnvironmentVariables.Select(pair => (pair.Key, pair.Value))]);

        Assert.True(code is 0 or 1, output);
        var pages = Aws.Requests.Where(request => request.Operation == "ListObjectsV2").ToList();
        Assert.All(pages, request => Assert.Equal("logs", request["Bucket"]));
        // The window of six hours lies in one day (UTC) or in two.
        Assert.InRange(pages.Count, 1, 2);
        Assert.Equal(pages.Count, pages.Select(request => request["Prefix"]).Distinct().Count());
        Assert.Equal("gone", Assert.Single(Aws.Requests, request => request.Operation == "GetBucketLogging" && request["Bucket"] == "gone")["Bucket"]);
        using var report = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(Folder.FullName, "r.json"), TestContext.Current.CancellationToken));
        var said = report.RootElement.GetProperty("findings").EnumerateArray().Select(finding => (finding.GetProperty("check").GetString(), finding.GetProperty("status").GetString(), finding.GetProperty("resource").GetString()!.Split('/')[^2])).Order().ToList();
        Assert.Equal([("elbv2-access-logs", "fail", "old"), ("elbv2-access-logs", "pass", "web"), ("elbv2-access-logs-arriving", "fail", "old"), ("elbv2-access-logs-arriving", "pass", "web")], said);
    }

    private JsonObject Balancer(string name) => new()
    {
        ["LoadBalancerArn"] = $"arn:aws:elasticloadbalancing:us-east-1:{Aws.Account}:loadbalancer/app/{name}/1",
        ["LoadBalancerName"] = name,
        ["Type"] = "application",
        ["CreatedTime"] = "2024-01-01T00:00:00Z",
    };

    private static JsonObject List(string member, params JsonObject[] items) => new() { [member] = new JsonArray([.. items]) };
}
