using System.Text.Json.Nodes;
using Loopback.Aws;
using Scanner.Aws;
using Scanner.Aws.Session;

namespace Aws.Tests;

/// <summary>Sessions against a loopback server.</summary>
internal static class LiveServer
{
    public static async Task<AwsSession> OpenAsync(AwsServer server, Func<AwsSessionOptions, AwsSessionOptions>? change = null)
    {
        var options = server.SessionOptions;
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
