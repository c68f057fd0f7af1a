using Loopback.Aws;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Scanner.Aws;
using Scanner.Aws.Client;
using Scanner.Aws.Session;
using Scanner.Model;

namespace Aws.Tests.Session;

public sealed class LiveSessionTests : IAsyncLifetime
{
    private AwsServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await AwsServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_session_knows_account_and_partition()
    {
        _server.Partition = "aws-us-gov";
        using var session = await LiveServer.OpenAsync(_server, o => o with { Region = "us-gov-west-1" });
        Assert.Equal("111111111111", session.AccountId);
        Assert.Equal("aws-us-gov", session.Partition);
        Assert.Equal("us-gov-west-1", session.HomeRegion);
        Assert.Equal("111111111111", session.Api.Account);
    }

    [Theory]
    [InlineData(AwsFault.ExpiredToken, "expired")]
    [InlineData(AwsFault.UnknownCaller, "does not accept the credentials")]
    [InlineData(AwsFault.ConnectionReset, "cannot be reached")]
    [InlineData(AwsFault.NotTheProtocol, "does not say which account")]
    public async Task Credentials_that_are_no_good_are_one_clear_line(AwsFault fault, string expected)
    {
        _server.Fault("sts", "GetCallerIdentity", fault);
        var error = await Assert.ThrowsAsync<InputException>(() => AwsSession.OpenAsync(_server.SessionOptions, Cancel));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public async Task A_role_is_assumed_with_its_external_id_at_the_regional_sts()
    {
        using var session = await AwsSession.OpenAsync(
            _server.SessionOptions with { RoleArn = "arn:aws:iam::222222222222:role/path/audit", ExternalId = "x-1", Region = "eu-west-1" }, Cancel);
        Assert.Equal("222222222222", session.AccountId);
        var assumed = Assert.Single(_server.Requests, r => r.Operation == "AssumeRole");
        Assert.Equal("eu-west-1", assumed.Region);
        Assert.Equal("x-1", assumed["ExternalId"]);
        Assert.Equal("scanner", assumed["RoleSessionName"]);
    }

    [Fact]
    public async Task Member_accounts_are_entered_through_the_role_and_only_once()
    {
        using var session = await LiveServer.OpenAsync(_server, o => o with { MemberRoleName = "audit" });
        var all = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => session.ForAccountAsync("333333333333", Cancel)));
        await all[0].CallAsync(new AwsCall("eu-west-1", "ec2", "DescribeVpcs", []), Cancel);

        Assert.All(all, a => Assert.Same(all[0], a));
        Assert.Equal("333333333333", all[0].Account);
        Assert.Equal("arn:aws:iam::333333333333:role/audit", Assert.Single(_server.Requests, r => r.Operation == "AssumeRole")["RoleArn"]);
        Assert.Equal("333333333333", Assert.Single(_server.Requests, r => r.Operation == "DescribeVpcs").Account);
        Assert.Same(session.Api, await session.ForAccountAsync("111111111111", Cancel));
    }

    [Fact]
    public async Task Credentials_are_fetched_again_before_they_expire()
    {
        _server.Reply("sts", "AssumeRole", _ => new()
        {
            ["Credentials"] = new System.Text.Json.Nodes.JsonObject
            {
                ["AccessKeyId"] = "ASIA333333333333",
                ["SecretAccessKey"] = AwsServer.SecretAccessKey,
                ["SessionToken"] = "t",
                ["Expiration"] = DateTime.UtcNow.AddSeconds(3).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture),
            },
        });
        using var session = await LiveServer.OpenAsync(_server, o => o with { MemberRoleName = "audit" });
        var api = await session.ForAccountAsync("333333333333", Cancel);
        await api.CallAsync(new AwsCall("eu-west-1", "ec2", "DescribeVpcs", []), Cancel);
        // The SDK fetches them beside the call that finds them about to expire.
        while (_server.Requests.Count(r => r.Operation == "AssumeRole") < 2)
        {
            await Task.Delay(20, Cancel);
            await api.CallAsync(new AwsCall("eu-west-1", "ec2", "DescribeVpcs", []), Cancel);
        }
    }

    [Fact]
    public async Task Credentials_that_are_over_when_they_come_are_one_clear_line()
    {
        _server.Reply("sts", "AssumeRole", """{"Credentials":{"AccessKeyId":"ASIA333333333333","SecretAccessKey":"s","SessionToken":"t","Expiration":"2020-01-01T00:00:00Z"}}""");
        using var session = await LiveServer.OpenAsync(_server, o => o with { MemberRoleName = "audit" });
        var error = await Assert.ThrowsAsync<InputException>(() => session.ForAccountAsync("333333333333", Cancel));
        Assert.Contains("clock", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_role_that_can_not_be_renewed_in_the_midst_of_a_scan_is_an_outcome()
    {
        _server.Fault("sts", "AssumeRole", AwsFault.AccessDenied);
        using var transport = new AwsTransport(_server.SessionOptions.Limits, _server.Url);
        using var sts = new LiveAwsApi("", _server.SessionOptions.Credentials!, transport);
        var call = new AwsCall("eu-west-1", "sts", "AssumeRole", new() { ["RoleArn"] = "arn:aws:iam::333333333333:role/audit", ["RoleSessionName"] = "scanner" });
        using var role = new AssumedRole("arn:aws:iam::333333333333:role/audit", sts, _ => Task.FromResult(call));
        using var api = new LiveAwsApi("333333333333", role, transport);
        var error = await Assert.ThrowsAsync<AwsApiException>(() =>
            api.CallAsync(new AwsCall("eu-west-1", "ec2", "DescribeVpcs", []), Cancel));
        Assert.Equal((CollectionOutcome.Denied, "RoleNotRenewed"), (error.Outcome, error.Code));
    }

    [Fact]
    public async Task A_role_that_can_not_be_assumed_is_one_line_with_role_reason_and_mend()
    {
        using var session = await LiveServer.OpenAsync(_server, o => o with { MemberRoleName = "audit" });
        _server.Fault("sts", "AssumeRole", AwsFault.AccessDenied);
        var error = await Assert.ThrowsAsync<InputException>(() => session.ForAccountAsync("333333333333", Cancel));
        Assert.Contains("arn:aws:iam::333333333333:role/audit", error.Message, StringComparison.Ordinal);
        Assert.Contains("AccessDenied", error.Message, StringComparison.Ordinal);
        Assert.Contains("trust policy", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);

        _server.ClearFaults();
        Assert.Equal("333333333333", (await session.ForAccountAsync("333333333333", Cancel)).Account);
    }

    [Theory]
    [InlineData("audit")]
    [InlineData("arn:aws:iam::1:role/x")]
    [InlineData("arn:aws:iam::111111111111:user/x")]
    public async Task A_role_arn_that_is_none_is_refused_before_anything_is_asked(string arn)
    {
        await Assert.ThrowsAsync<InputException>(() => AwsSession.OpenAsync(_server.SessionOptions with { RoleArn = arn }, Cancel));
        Assert.Empty(_server.Requests);
    }

    [Fact]
    public async Task All_accounts_of_the_organization_are_listed()
    {
        _server.Pages(
            "organizations",
            "ListAccounts",
            new() { ["Accounts"] = new System.Text.Json.Nodes.JsonArray(new System.Text.Json.Nodes.JsonObject { ["Id"] = "333333333333", ["Name"] = "b", ["Status"] = "SUSPENDED" }) },
            new() { ["Accounts"] = new System.Text.Json.Nodes.JsonArray(new System.Text.Json.Nodes.JsonObject { ["Id"] = "222222222222", ["Name"] = "a", ["Status"] = "ACTIVE" }) });
        using var session = await LiveServer.OpenAsync(_server);
        var accounts = await session.ListOrganizationAccountsAsync(Cancel);
        Assert.Equal([new OrganizationAccount("222222222222", "a", "ACTIVE"), new OrganizationAccount("333333333333", "b", "SUSPENDED")], accounts);
        Assert.Equal([true, false], accounts.Select(a => a.IsActive));
    }

    [Fact]
    public async Task In_a_github_job_the_role_is_assumed_by_web_identity()
    {
        await using var github = await GitHubTokens.StartAsync();
        var options = _server.SessionOptions with { Credentials = null, RoleArn = "arn:aws:iam::444444444444:role/scanner", Environment = github.Environment };
        using var session = await AwsSession.OpenAsync(options, Cancel);

        Assert.Equal("444444444444", session.AccountId);
        Assert.Equal("sts.amazonaws.com", github.Audience);
        Assert.Equal("Bearer job-token", github.Authorization);
        var assumed = Assert.Single(_server.Requests, r => r.Operation == "AssumeRoleWithWebIdentity");
        Assert.Equal("jwt.of.job", assumed["WebIdentityToken"]);
        Assert.Equal("", assumed.AccessKeyId);
    }

    [Theory]
    [InlineData(403, "{}", "id-token: write")]
    [InlineData(200, "not json", "holds none")]
    [InlineData(200, "{\"value\":\"\"}", "holds none")]
    [InlineData(200, "[1]", "holds none")]
    [InlineData(500, "{}", "HTTP 500")]
    public async Task Without_a_token_of_github_it_is_one_clear_line(int status, string body, string expected)
    {
        await using var github = await GitHubTokens.StartAsync(status, body);
        var options = _server.SessionOptions with { Credentials = null, RoleArn = "arn:aws:iam::444444444444:role/scanner", Environment = github.Environment };
        var error = await Assert.ThrowsAsync<InputException>(() => AwsSession.OpenAsync(options, Cancel));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_or_a_role_that_cannot_be_had_is_asked_for_in_one_round()
    {
        await using var github = await GitHubTokens.StartAsync(GitHubTokens.Broken);
        var error = await Assert.ThrowsAsync<InputException>(() => AwsSession.OpenAsync(
            _server.SessionOptions with { Credentials = null, RoleArn = "arn:aws:iam::444444444444:role/scanner", Environment = github.Environment }, Cancel));
        Assert.Contains("GitHub's identity token could not be fetched", error.Message, StringComparison.Ordinal);
        Assert.Equal(5, github.Requests);

        _server.Fault("sts", "AssumeRole", AwsFault.TruncatedBody);
        error = await Assert.ThrowsAsync<InputException>(() => AwsSession.OpenAsync(_server.SessionOptions with { RoleArn = "arn:aws:iam::444444444444:role/scanner" }, Cancel));
        Assert.Contains("The role arn:aws:iam::444444444444:role/scanner cannot be assumed: ConnectionFailed", error.Message, StringComparison.Ordinal);
        // Where a connection breaks, the SDK asks ten times more than its policy says, at once.
        Assert.InRange(_server.Requests.Count(request => request.Operation == "AssumeRole"), _server.SessionOptions.Limits.MaxAttempts!.Value, _server.SessionOptions.Limits.MaxAttempts.Value + 10);
    }

    [Fact]
    public async Task Sessions_that_end_in_mid_scan_are_renewed_before_they_do()
    {
        _server.SessionLength = TimeSpan.FromSeconds(3);
        using var session = await LiveServer.OpenAsync(_server, options => options with { RoleArn = "arn:aws:iam::333333333333:role/hub", MemberRoleName = "audit" });
        var member = await session.ForAccountAsync("222222222222", Cancel);
        var refused = 0;
        _server.Reply("iam", "ListUsers", request => request.Account == "222222222222" ? [] : throw new AwsError("AccessDenied", 403, $"this is {Interlocked.Increment(ref refused)} of another account"));

        // Chained: the member's session is renewed with the hub's, which ends too.
        for (var i = 0; i < 40; i++)
        {
            await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => member.CallAsync(new AwsCall("us-east-1", "iam", "ListUsers", []), Cancel)));
            await Task.Delay(200, Cancel);
        }

        Assert.Equal(0, refused);
        // Of the hub and of the member, each after two thirds of its three seconds, over eight seconds and more.
        Assert.InRange(_server.Requests.Count(request => request.Operation == "AssumeRole"), 6, 40);
        Assert.Equal(200, _server.Requests.Count(request => request.Operation == "ListUsers"));
    }

    private sealed class GitHubTokens : IAsyncDisposable
    {
        /// <summary>In place of a status: the answer is cut off. (One that never begins is asked for again by HttpClient itself.)</summary>
        public const int Broken = -1;

        private WebApplication _app = null!;
        private int _requests;

        public int Requests => _requests;

        public string? Audience { get; private set; }

        public string? Authorization { get; private set; }

        public static async Task<GitHubTokens> StartAsync(int status = 200, string body = """{"count":1,"value":"jwt.of.job"}""")
        {
            var server = new GitHubTokens();
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            server._app = builder.Build();
            server._app.Run(async context =>
            {
                Interlocked.Increment(ref server._requests);
                if (status == Broken)
                {
                    context.Response.ContentLength = 1000;
                    await context.Response.WriteAsync("{");
                    await context.Response.Body.FlushAsync();
                    context.Abort();
                    return;
                }

                server.Audience = context.Request.Query["audience"];
                server.Authorization = context.Request.Headers.Authorization;
                context.Response.StatusCode = status;
                await context.Response.WriteAsync(body);
            });
            await server._app.StartAsync(Cancel);
            return server;
        }

        public string? Environment(string name) => name switch
        {
            "ACTIONS_ID_TOKEN_REQUEST_URL" => _app.Urls.First() + "/token?api-version=2.0",
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN" => "job-token",
            _ => null,
        };

        public ValueTask DisposeAsync() => _app.DisposeAsync();
    }
}
