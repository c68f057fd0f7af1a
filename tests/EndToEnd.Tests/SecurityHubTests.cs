using System.Globalization;
using System.Text.Json.Nodes;
using Loopback;
using Loopback.Aws;

namespace EndToEnd.Tests;

/// <summary>The one write into AWS: asked for, in portions, with what was not taken said.</summary>
public sealed class SecurityHubTests : LoopbackTests
{
    private const int Balancers = 130;

    [Fact]
    public async Task Findings_are_imported_a_hundred_a_call_and_what_is_not_taken_is_said()
    {
        Seed();
        Aws.Fault("securityhub", "BatchImportFindings", AwsFault.Throttling, times: 1);
        Aws.Reply("securityhub", "BatchImportFindings", request =>
        {
            var findings = request.Parameters["Findings"]!.AsArray();
            var isLast = findings.Count < 100;
            return new()
            {
                ["FailedCount"] = isLast ? 1 : 0,
                ["SuccessCount"] = findings.Count - (isLast ? 1 : 0),
                ["FailedFindings"] = new JsonArray([.. findings.Take(isLast ? 1 : 0).Select(finding => new JsonObject { ["Id"] = finding!["Id"]!.ToString(), ["ErrorCode"] = "InvalidInput", ["ErrorMessage"] = "Finding too\nlarge" })]),
            };
        });

        var (code, output) = await ScanAsync("--send-security-hub");

        Assert.True(code == 2, output);
        Assert.Contains($"Security Hub took {Balancers - 1} findings", output, StringComparison.Ordinal);
        Assert.Contains($"Security Hub of {Aws.Account} in us-east-1 did not take 1 of {Balancers} findings: InvalidInput: Finding too large", output, StringComparison.Ordinal);
        var sent = Aws.Requests.Where(request => request.Operation == "BatchImportFindings").ToList();
        // One of them was told to come again.
        Assert.Equal([30, 100, 100], sent.Select(request => request.Parameters["Findings"]!.AsArray().Count).Order());
        var finding = sent[^1].Parameters["Findings"]![0]!;
        Assert.Equal(($"arn:aws:securityhub:us-east-1:{Aws.Account}:product/{Aws.Account}/default", "FAILED", Aws.Account), (finding["ProductArn"]!.ToString(), finding["Compliance"]!["Status"]!.ToString(), finding["AwsAccountId"]!.ToString()));
        Assert.Equal(Balancers, sent.SelectMany(request => request.Parameters["Findings"]!.AsArray()).Select(one => one!["Id"]!.ToString()).Distinct().Count());
    }

    [Fact]
    public async Task Where_security_hub_is_off_or_the_right_is_missing_the_reason_is_one_line()
    {
        Seed();
        Aws.Fault("securityhub", "BatchImportFindings", AwsFault.AccessDenied);

        var (code, output) = await ScanAsync("--send-security-hub");

        Assert.True(code == 2, output);
        Assert.Contains($"did not take {Balancers} of {Balancers} findings: ", output, StringComparison.Ordinal);
        // What the first call was refused, the second was not sent for.
        Assert.Single(Aws.Requests, request => request.Operation == "BatchImportFindings");
    }

    [Fact]
    public async Task Nothing_is_written_that_was_not_asked_for()
    {
        Seed();

        var (code, output) = await ScanAsync();
        Assert.True(code == 0, output);
        (code, output) = await ScanAsync("--send-security-hub", "--dry-run");
        Assert.True(code == 0, output);

        Assert.Contains($"would send {Balancers} findings to Security Hub", output, StringComparison.Ordinal);
        Assert.DoesNotContain(Aws.Requests, request => request.Operation == "BatchImportFindings");
        (code, output) = await ScannerProgram.RunAsync(Folder.FullName, ["scan", "--from", Path.Combine(Tools.Repository, "samples/acme"), "--send-security-hub"]);
        Assert.Equal(2, code);
        Assert.Contains("leave out --send-security-hub", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_right_is_in_no_policy_but_its_own()
    {
        var (code, whole) = await ScannerProgram.RunAsync(Folder.FullName, ["policy"]);
        Assert.True(code == 0, whole);
        Assert.DoesNotContain("BatchImportFindings", whole, StringComparison.Ordinal);

        (code, var own) = await ScannerProgram.RunAsync(Folder.FullName, ["policy", "--security-hub"]);
        Assert.True(code == 0, own);
        var statement = Assert.Single(JsonNode.Parse(own)!["Statement"]!.AsArray())!;
        Assert.Equal(["securityhub:BatchImportFindings"], statement["Action"] is JsonArray actions ? actions.Select(action => action!.ToString()) : [statement["Action"]!.ToString()]);
        // Terraform's modules grant the same, which one of them writes for all.
        var resource = statement["Resource"] is JsonArray resources ? resources.Single()!.ToString() : statement["Resource"]!.ToString();
        Assert.Contains($"\"{resource}\"", await ModuleAsync("policy"), StringComparison.Ordinal);
        foreach (var module in new[] { "github-role", "member-role", "organization" })
            Assert.Contains("module.policy.security_hub_policy", await ModuleAsync(module), StringComparison.Ordinal);

        static Task<string> ModuleAsync(string module) => File.ReadAllTextAsync(Path.Combine(Tools.Repository, "terraform", module, "main.tf"), TestContext.Current.CancellationToken);
    }

    private void Seed()
    {
        Aws.Reply("elbv2", "DescribeLoadBalancers", _ => new()
        {
            ["LoadBalancers"] = new JsonArray([.. Enumerable.Range(0, Balancers).Select(i => new JsonObject
            {
                ["LoadBalancerArn"] = string.Create(CultureInfo.InvariantCulture, $"arn:aws:elasticloadbalancing:us-east-1:{Aws.Account}:loadbalancer/app/web-{i}/1"),
                ["LoadBalancerName"] = string.Create(CultureInfo.InvariantCulture, $"web-{i}"),
                ["Type"] = "application",
                ["CreatedTime"] = "2024-01-01T00:00:00Z",
            })]),
        });
        Aws.Reply("elbv2", "DescribeLoadBalancerAttributes", _ => new() { ["Attributes"] = new JsonArray(new JsonObject { ["Key"] = "access_logs.s3.enabled", ["Value"] = "false" }) });
    }

    private Task<(int ExitCode, string Output)> ScanAsync(params string[] more) => ScannerProgram.RunAsync(Folder.FullName,
        ["scan", "--regions", "us-east-1", "--only", "elbv2-access-logs", .. more], [.. Aws.EnvironmentVariables.Select(pair => (pair.Key, pair.Value))]);
}
