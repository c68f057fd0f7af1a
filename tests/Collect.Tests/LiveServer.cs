using Scanner.Aws;
using System.Text.Json.Nodes;
using Amazon.Runtime;
using Loopback.Aws;
using Scanner.Aws.Client;
using Scanner.Aws.Session;

namespace Collect.Tests;

/// <summary>Sessions against a loopback server, with waits so short that a test does not notice them.</summary>
internal static class LiveServer
{
    public static LiveAwsOptions Fast { get; } = new() { MaxBackoff = TimeSpan.FromMilliseconds(1), MaxAttempts = 4, AdaptiveRate = false };

    public static AwsSessionOptions Options(AwsServer server) => new()
    {
        Endpoint = server.Url,
        Credentials = new BasicAWSCredentials(AwsServer.AccessKeyId, AwsServer.SecretAccessKey),
        Region = "us-east-1",
        Limits = Fast,
        Environment = _ => null,
    };

    public static async Task<AwsSession> OpenAsync(AwsServer server, Func<AwsSessionOptions, AwsSessionOptions>? change = null)
    {
        var options = Options(server);
        var session = await AwsSession.OpenAsync(change is null ? options : change(options), TestContext.Current.CancellationToken);
        server.ClearRequests();
        return session;
    }

    public static Task<JsonObject> AskAsync(this AwsSession session, string service, string operation, string? parameters = null, string region = "eu-west-1") =>
        session.Api.CallAsync(
            new AwsCall(region, service, operation, parameters is null ? [] : (JsonObject)JsonNode.Parse(parameters)!),
            TestContext.Current.CancellationToken);

    public static void Same(string expected, JsonObject actual) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), actual), $"expected {expected}\nbut got  {actual.ToJsonString()}");
}
