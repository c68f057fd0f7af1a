using Amazon.Runtime;
using Loopback.Aws;
using Scanner.Aws;
using Scanner.Aws.Session;
using Scanner.Model;

namespace Aws.Tests.Client;

/// <summary>A region that does not answer costs seconds, and credentials that expire are said once.</summary>
public sealed class SilenceTests : IAsyncLifetime
{
    private static readonly string[] Services = ["ec2", "sqs", "eks", "guardduty", "elbv2", "wafv2", "kms", "sns"];

    private static readonly string[] Operations = ["DescribeVpcs", "ListQueues", "ListClusters", "ListDetectors", "DescribeLoadBalancers", "ListWebACLs", "ListKeys", "ListTopics"];

    private AwsServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await AwsServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_silent_service_is_asked_twice_and_then_no_more_and_says_how_long_it_was_waited_for()
    {
        using var session = await OpenAsync();
        _server.Fault("sqs", "ListQueues", AwsFault.Silence);

        var first = await Assert.ThrowsAsync<AwsApiException>(() => session.AskAsync("sqs", "ListQueues"));
        var later = await Assert.ThrowsAsync<AwsApiException>(() => session.AskAsync("sqs", "ListQueues"));

        Assert.Equal(("NoAnswer", "sqs in eu-west-1 did not answer within 1 s."), (first.Code, first.Detail));
        Assert.Equal(("NoAnswer", CollectionOutcome.Unanswered), (later.Code, later.Outcome));
        Assert.Contains("not asked again", later.Detail, StringComparison.Ordinal);
        Assert.Equal(2, _server.Requests.Count);
        // Others in the region, and the same service elsewhere, are none the worse for it.
        await session.AskAsync("ec2", "DescribeVpcs");
        Assert.Equal("us-east-1", (await Assert.ThrowsAsync<AwsApiException>(() => session.AskAsync("sqs", "ListQueues", region: "us-east-1"))).Call.Region);
        Assert.Equal(2, _server.Requests.Count(request => request.Region == "us-east-1"));
    }

    [Fact]
    public async Task A_region_in_which_nothing_answers_is_left_after_a_few_services()
    {
        using var session = await OpenAsync();
        foreach (var (service, operation) in Services.Zip(Operations))
            _server.Fault(service, operation, AwsFault.Silence);

        var errors = new List<AwsApiException>();
        foreach (var (service, operation) in Services.Zip(Operations))
            errors.Add(await Assert.ThrowsAsync<AwsApiException>(() => session.AskAsync(service, operation)));

        Assert.All(errors, error => Assert.Equal("NoAnswer", error.Code));
        Assert.Equal("no service in eu-west-1 answered within 1 s, so the region was not asked again.", errors[^1].Detail);
        Assert.InRange(_server.Requests.Count, 4, 8);
    }

    [Fact]
    public async Task Credentials_that_expire_end_the_asking_and_every_call_says_the_same()
    {
        using var session = await OpenAsync();
        _server.Fault("sqs", "ListQueues", AwsFault.ExpiredToken);
        var first = await Assert.ThrowsAsync<AwsApiException>(() => session.AskAsync("sqs", "ListQueues"));
        _server.ClearRequests();

        var second = await Assert.ThrowsAsync<AwsApiException>(() => session.AskAsync("ec2", "DescribeVpcs"));

        Assert.Equal(("CredentialsExpired", CollectionOutcome.Expired), (first.Code, first.Outcome));
        Assert.StartsWith("The credentials expired ", first.Detail, StringComparison.Ordinal);
        Assert.Equal(first.Message, second.Message);
        Assert.Empty(_server.Requests);
    }

    [Fact]
    public async Task A_source_that_can_renew_its_credentials_does()
    {
        var source = new Renewable();
        using var session = await OpenAsync(source);
        _server.Fault("sqs", "ListQueues", AwsFault.ExpiredToken);
        _ = await Assert.ThrowsAsync<AwsApiException>(() => session.AskAsync("sqs", "ListQueues"));

        Assert.True(source.Made >= 2, $"credentials were made {source.Made} times");
    }

    private Task<AwsSession> OpenAsync(AWSCredentials? credentials = null) => LiveServer.OpenAsync(_server, options => options with
    {
        Credentials = credentials ?? options.Credentials,
        Limits = options.Limits with { FirstByteTimeout = TimeSpan.FromSeconds(1) },
    });

    private sealed class Renewable : RefreshingAWSCredentials
    {
        public int Made { get; private set; }

        protected override CredentialsRefreshState GenerateNewCredentials()
        {
            Made++;
            return new CredentialsRefreshState(new ImmutableCredentials(AwsServer.AccessKeyId, AwsServer.SecretAccessKey, null), DateTime.UtcNow.AddHours(1));
        }

        protected override Task<CredentialsRefreshState> GenerateNewCredentialsAsync() => Task.FromResult(GenerateNewCredentials());
    }
}
