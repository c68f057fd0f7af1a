using System.Text.Json;
using System.Text.Json.Nodes;
using Loopback;
using Loopback.Aws;
using Scanner.Catalog;

namespace EndToEnd.Tests;

/// <summary>
/// The built program against AWS and GitHub on loopback, with credentials and roles that are no good: before the scan that
/// is one line and nothing is published; in the midst of it, what could not be read is unknown.
/// </summary>
public sealed class CredentialTests : LoopbackTests
{
    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        // A report that is never ready is waited for.
        Aws.Reply("iam", "GenerateCredentialReport", """{"State": "COMPLETE"}""");
        Aws.Reply("iam", "GetCredentialReport", """{"Content": "dXNlcixhcm4K"}""");
    }

    [Theory]
    [InlineData(AwsFault.AccessDenied, "arn:aws:iam::222222222222:role/audit", "trust policy", "--accounts", "222222222222", "--role-name", "audit")]
    [InlineData(AwsFault.ExpiredToken, "arn:aws:iam::222222222222:role/audit", "expired", "--accounts", "111111111111,222222222222", "--role-name", "audit")]
    [InlineData(AwsFault.AccessDenied, "arn:aws:iam::222222222222:role/audit", "trust policy", "--role-arn", "arn:aws:iam::222222222222:role/audit")]
    [InlineData(AwsFault.AccessDenied, "no account of the organization could be entered", "trust policy", "--organization", "--role-name", "audit")]
    public async Task A_role_that_cannot_be_assumed_is_one_line_and_nothing_is_published(AwsFault fault, string what, string remedy, params string[] arguments)
    {
        Organization("222222222222", "333333333333");
        Aws.Fault("sts", "AssumeRole", fault);

        var (code, output) = await ScanAsync(["--publish", "issues,summary", "--report", "json=r.json", "--store", "s.duckdb", .. arguments]);

        OneLine(code, output, what, remedy);
        Assert.DoesNotContain(Aws.Requests, request => request.Service is not ("sts" or "organizations"));
    }

    [Theory]
    [InlineData("scan", "--regions", "us-east-1", "--regoins", "x")]
    [InlineData("scan", "--from", "missing")]
    [InlineData("scan", "--checks", "missing")]
    [InlineData("scan", "--events", "missing.json")]
    public async Task Neither_AWS_nor_GitHub_is_asked_where_the_input_is_wrong(params string[] arguments)
    {
        var (code, output) = await RunAsync([.. arguments, "--publish", "issues,summary", "--report", "json=r.json"]);

        OneLine(code, output, "", "");
        Assert.Empty(Aws.Requests);
    }

    [Fact]
    public async Task Credentials_that_expire_in_the_midst_of_a_scan_make_the_rest_unknown_and_lose_nothing()
    {
        using var summarized = new ManualResetEventSlim();
        Aws.Reply("iam", "GetAccountSummary", _ =>
        {
            summarized.Set();
            return JsonNode.Parse("""{"SummaryMap": {"AccountMFAEnabled": 1, "AccountAccessKeysPresent": 0}}""")!.AsObject();
        });
        Aws.Reply("organizations", "DescribeOrganization", _ => throw new AwsError("AWSOrganizationsNotInUseException", 400, "Your account is not a member of an organization."));
        Aws.Fault("*", "*", AwsFault.ExpiredToken, when: request => request.Service is not ("sts" or "iam") && Aws.RequestCount > 60 && summarized.IsSet);
        // The summary may be among the last that are asked for: one list waits for it, so that there is one that comes too late. Less long than the
        // client waits for an answer.
        Aws.Fault("ec2", "DescribeVpcs", AwsFault.ExpiredToken, when: request => request.Region == "eu-west-1" && summarized.Wait(TimeSpan.FromSeconds(13), TestContext.Current.CancellationToken));

        var (code, output) = await ScanAsync(["--regions", "us-east-1,eu-west-1", "--report", "json=r.json", "--fail-on-unknown", .. SomeChecks.Only("iam-root-access-key", "vpc-flow-logs-active")]);

        Assert.True(code == 3, output);
        using var report = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(Folder.FullName, "r.json"), TestContext.Current.CancellationToken));
        // What this server has no answer for is empty, and for some operations malformed.
        var failed = report.RootElement.GetProperty("collection").EnumerateArray().Where(status => status.GetProperty("status").GetString() != "ok"
            && !status.GetProperty("reason").GetString()!.StartsWith("MalformedReply", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(failed);
        Assert.All(failed, status =>
        {
            Assert.NotEmpty(status.GetProperty("operation").GetString()!);
            Assert.Contains("expired", status.GetProperty("reason").GetString()!, StringComparison.Ordinal);
        });
        var places = failed.Select(status => (Table: status.GetProperty("table").GetString()!, Region: status.GetProperty("region").GetString()!)).ToHashSet();
        var catalog = CatalogLoader.Load([Path.Combine(Tools.Repository, "checks")], BuiltInTables.All);
        var findings = report.RootElement.GetProperty("findings").EnumerateArray()
            .Select(finding => (Check: finding.GetProperty("check").GetString()!, Status: finding.GetProperty("status").GetString()!, Region: finding.GetProperty("region").GetString()!)).ToList();
        Assert.Contains(findings, finding => finding is { Check: "iam-root-access-key", Status: "pass" });
        // Where the summary is among the last, little comes after it; the list that waits for it does.
        Assert.Contains(findings, finding => finding is { Check: "vpc-flow-logs-active", Status: "unknown", Region: "eu-west-1" });
        foreach (var (check, status, region) in findings.Where(finding => finding.Status is "pass" or "not applicable" && !catalog.Checks[finding.Check].OnePassIsEnough))
        {
            var lost = catalog.Checks[check].Tables.Where(table => places.Contains((table, region))).ToList();
            // Where the list of what a check is about was read and is empty, the rest is nothing to it.
            if (status == "not applicable")
                Assert.True(lost.Count < catalog.Checks[check].Tables.Count, $"{check} in {region}");
            else
                Assert.True(lost.All(table => catalog.Checks[check].Helps.Contains(table, StringComparer.Ordinal)), $"{check} in {region}: {string.Join(", ", lost)}");
        }
    }

    [Fact]
    public async Task One_account_of_many_that_cannot_be_entered_is_unknown_and_the_others_are_scanned()
    {
        Organization("222222222222", "333333333333");
        Aws.Fault("sts", "AssumeRole", AwsFault.AccessDenied, when: request => request["RoleArn"]!.Contains("333333333333", StringComparison.Ordinal));

        var (code, output) = await ScanAsync(["--organization", "--role-name", "audit", "--regions", "us-east-1", "--report", "json=r.json", "--fail-on-unknown", .. SomeChecks.Only("ec2-ebs-default-encryption")]);

        Assert.True(code == 3, output);
        using var report = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(Folder.FullName, "r.json"), TestContext.Current.CancellationToken));
        var findings = report.RootElement.GetProperty("findings").EnumerateArray()
            .ToLookup(finding => finding.GetProperty("account").GetString(), finding => $"{finding.GetProperty("status").GetString()}: {finding.GetProperty("check").GetString()}: {finding.GetProperty("message").GetString()}");
        Assert.NotEmpty(findings["333333333333"]);
        // Nobody looked at it: that nothing there is what a check is about would be a guess.
        Assert.DoesNotContain(findings["333333333333"], finding => !finding.StartsWith("unknown: ", StringComparison.Ordinal));
        Assert.Contains(findings["222222222222"], finding => finding.StartsWith("fail: ", StringComparison.Ordinal));
        Assert.Contains(report.RootElement.GetProperty("collection").EnumerateArray(), status =>
            status.GetProperty("account").GetString() == "333333333333" && status.GetProperty("operation").GetString() == "sts:AssumeRole" && status.GetProperty("status").GetString() == "denied");
    }

    private void OneLine(int code, string output, string what, string remedy)
    {
        Assert.True(code == 2, output);
        var line = Assert.Single(output.Split('\n'), text => text.StartsWith("scanner: ", StringComparison.Ordinal));
        Assert.Contains(what, line, StringComparison.Ordinal);
        Assert.Contains(remedy, line, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
        Assert.Empty(GitHub.Log);
        Assert.Empty(Folder.EnumerateFileSystemInfos());
    }

    private void Organization(params string[] accounts) =>
        Aws.Reply("organizations", "ListAccounts", new JsonObject
        {
            ["Accounts"] = new JsonArray([.. accounts.Select(id => new JsonObject { ["Id"] = id, ["Name"] = "member", ["Status"] = "ACTIVE" })]),
        });

    private Task<(int ExitCode, string Output)> ScanAsync(string[] arguments, params (string Name, string Value)[] environment) => RunAsync(["scan", .. arguments], environment);

    private Task<(int ExitCode, string Output)> RunAsync(string[] arguments, params (string Name, string Value)[] environment) => ScannerProgram.RunAsync(
        Folder.FullName,
        arguments,
        [
            .. Aws.EnvironmentVariables.Select(pair => (pair.Key, pair.Value)),
            ("GITHUB_TOKEN", GitHubServer.Token),
            ("GITHUB_REPOSITORY", $"{GitHubServer.Owner}/{GitHubServer.Name}"),
            ("GITHUB_API_URL", GitHub.ApiUrl.ToString().TrimEnd('/')),
            ("GITHUB_STEP_SUMMARY", Path.Combine(Folder.FullName, "summary.md")),
            .. environment,
        ]);
}
