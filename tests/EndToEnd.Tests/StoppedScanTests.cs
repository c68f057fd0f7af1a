using System.Text.Json;
using System.Text.Json.Nodes;
using Loopback;
using Loopback.Aws;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace EndToEnd.Tests;

/// <summary>What stops a scan is exactly one line on standard error; AWS gets no further question, GitHub none, and no file is written.</summary>
public sealed class StoppedScanTests : LoopbackTests
{
    private readonly DirectoryInfo _elsewhere = Directory.CreateTempSubdirectory("stopped");

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _elsewhere.Delete(recursive: true);
    }

    [Theory]
    [InlineData("ExpiredToken", 403, "sign in again")]
    [InlineData("ExpiredTokenException", 403, "sign in again")]
    [InlineData("RequestExpired", 400, "sign in again")]
    [InlineData("InvalidClientTokenId", 403, "check AWS_ACCESS_KEY_ID")]
    [InlineData("SignatureDoesNotMatch", 403, "check AWS_ACCESS_KEY_ID")]
    [InlineData("AccessDenied", 403, "check the credentials")]
    public async Task Credentials_that_AWS_does_not_take(string code, int status, string remedy)
    {
        Aws.Reply("sts", "GetCallerIdentity", _ => throw new AwsError(code, status, "No"));

        await StopsAsync(["scan"], code, remedy);

        Assert.All(Aws.Requests, request => Assert.Equal("GetCallerIdentity", request.Operation));
    }

    [Fact]
    public async Task A_secret_that_is_not_the_keys_own() =>
        await StopsAsync(["scan"], "SignatureDoesNotMatch", "AWS_SECRET_ACCESS_KEY", ("AWS_SECRET_ACCESS_KEY", "another"));

    [Fact]
    public async Task No_credentials_at_all()
    {
        await StopsAsync(["scan"], "No AWS credentials found", "AWS_PROFILE", ("AWS_ACCESS_KEY_ID", ""), ("AWS_SECRET_ACCESS_KEY", ""));

        Assert.Empty(Aws.Requests);
    }

    [Theory]
    [InlineData(403, "{}", "HTTP 403", "id-token: write")]
    [InlineData(200, "not json", "holds none", "run the job again")]
    [InlineData(500, "{}", "HTTP 500", "run the job again later")]
    public async Task A_job_whose_identity_token_does_not_come(int status, string body, string what, string remedy)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var tokens = builder.Build();
        tokens.Run(context =>
        {
            context.Response.StatusCode = status;
            return context.Response.WriteAsync(body);
        });
        await tokens.StartAsync(TestContext.Current.CancellationToken);

        await StopsAsync(
            ["scan", "--role-arn", "arn:aws:iam::222222222222:role/audit"], what, remedy,
            ("ACTIONS_ID_TOKEN_REQUEST_URL", tokens.Urls.First() + "/token?api-version=2.0"), ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "t"),
            ("AWS_ACCESS_KEY_ID", ""), ("AWS_SECRET_ACCESS_KEY", ""));

        Assert.Empty(Aws.Requests);
    }

    [Theory]
    [InlineData("""{"sub":"repo:acme@11/security@22:ref:refs/heads/main"}""", "whole: `repo:acme@11/security@22:ref:refs/heads/main` (terraform/README.md")]
    [InlineData("""{"sub":"repo:acme/security:ref:refs/heads/a\u001b[31m\n::error::b"}""", "whole: `repo:acme/security:ref:refs/heads/a")]
    [InlineData("""{"sub":5}""", "whole (terraform/README.md")]
    [InlineData("no claims", "whole (terraform/README.md")]
    public async Task A_token_that_the_role_does_not_trust_is_named_by_its_subject_and_not_shown(string claims, string said)
    {
        var token = $"e30.{Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(claims)).TrimEnd('=').Replace('+', '-').Replace('/', '_')}.c2lnbmF0dXJl";
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var tokens = builder.Build();
        tokens.Run(context => context.Response.WriteAsync(new JsonObject { ["value"] = token }.ToJsonString()));
        await tokens.StartAsync(TestContext.Current.CancellationToken);
        Aws.Fault("sts", "AssumeRoleWithWebIdentity", AwsFault.AccessDenied);

        var output = await StopsAsync(
            ["scan", "--role-arn", "arn:aws:iam::222222222222:role/audit"], "arn:aws:iam::222222222222:role/audit", said,
            ("ACTIONS_ID_TOKEN_REQUEST_URL", tokens.Urls.First() + "/token?api-version=2.0"), ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "t"),
            ("AWS_ACCESS_KEY_ID", ""), ("AWS_SECRET_ACCESS_KEY", ""));

        Assert.DoesNotContain(token, output, StringComparison.Ordinal);
        Assert.DoesNotContain("c2lnbmF0dXJl", output, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', output);
    }

    [Theory]
    [InlineData("id: a\ntitle: A\nseverity: high\ntables: [aws_vpc]\nquery: select nothing from aws_vpc\n", "a.yml:5: ")]
    [InlineData("id: [\n", "a.yml:")]
    [InlineData("table: aws_vpc\ntitle: V\nservice: ec2\nscope: region\nlist: {operation: DescribeVpcs, items: Vpcs}\nid: VpcId\ncolumns: {cidr_block: CidrBlock}\n", "vpc_id")] // A shipped check that no longer fits.
    public async Task A_broken_check_file(string text, string what)
    {
        await File.WriteAllTextAsync(Path.Combine(_elsewhere.FullName, "a.yml"), text, TestContext.Current.CancellationToken);

        await StopsAsync(["scan", "--checks", _elsewhere.FullName], what, "");

        Assert.Empty(Aws.Requests);
    }

    [Fact]
    public async Task An_account_of_an_organization_that_is_throttled_is_said_to_be_so_and_not_denied()
    {
        Aws.Reply("organizations", "ListAccounts", new JsonObject
        {
            ["Accounts"] = new JsonArray([.. new[] { "222222222222", "333333333333" }.Select(id => new JsonObject { ["Id"] = id, ["Name"] = "member", ["Status"] = "ACTIVE" })]),
        });
        Aws.Reply("iam", "GenerateCredentialReport", """{"State": "COMPLETE"}""");
        Aws.Reply("iam", "GetCredentialReport", """{"Content": "dXNlcixhcm4K"}""");
        Aws.Fault("sts", "AssumeRole", AwsFault.Throttling, when: request => request["RoleArn"]!.Contains("333333333333", StringComparison.Ordinal));

        var (_, output, error) = await ScannerProgram.RunSplitAsync(
            _elsewhere.FullName,
            ["scan", "--only", "iam-root-mfa", "--organization", "--role-name", "audit", "--regions", "us-east-1", "--report", "json=r.json"],
            [.. Aws.EnvironmentVariables.Select(pair => (pair.Key, pair.Value)), ("AWS_MAX_ATTEMPTS", "1")]);

        var path = Path.Combine(_elsewhere.FullName, "r.json");
        Assert.True(File.Exists(path), output + error);
        using var report = JsonDocument.Parse(await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken));
        Assert.Contains(report.RootElement.GetProperty("collection").EnumerateArray(), status =>
            status.GetProperty("account").GetString() == "333333333333" && status.GetProperty("operation").GetString() == "sts:AssumeRole"
            && status.GetProperty("status").GetString() == "throttled");
    }

    private async Task<string> StopsAsync(string[] arguments, string what, string remedy, params (string Name, string Value)[] environment)
    {
        var (code, output, error) = await ScannerProgram.RunSplitAsync(
            Folder.FullName,
            [.. arguments, "--publish", "issues,summary", "--report", "json=r.json", "--store", "s.duckdb"],
            [
                .. Aws.EnvironmentVariables.Select(pair => (pair.Key, pair.Value)),
                ("GITHUB_TOKEN", GitHubServer.Token),
                ("GITHUB_REPOSITORY", $"{GitHubServer.Owner}/{GitHubServer.Name}"),
                ("GITHUB_API_URL", GitHub.ApiUrl.ToString().TrimEnd('/')),
                ("GITHUB_STEP_SUMMARY", Path.Combine(Folder.FullName, "summary.md")),
                ("GITHUB_OUTPUT", Path.Combine(Folder.FullName, "outputs")),
                .. environment,
            ]);

        Assert.True(code == 2, output + error);
        var line = Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith("scanner: ", line, StringComparison.Ordinal);
        Assert.Contains(what, line, StringComparison.Ordinal);
        Assert.Contains(remedy, line, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
        Assert.Empty(GitHub.Log);
        Assert.Empty(Folder.EnumerateFileSystemInfos());
        return output + error;
    }
}
