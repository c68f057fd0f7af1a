using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Scanner.Aws;
using Scanner.Model;

namespace Collect.Tests;

/// <summary>An account whose answers are written down in a test: <c>service:Operation</c> to a function of the call.</summary>
internal sealed class ScriptedAws(string account = "111111111111") : IAwsApi
{
    private readonly ConcurrentDictionary<string, Func<AwsCall, JsonObject>> _answers = new(StringComparer.Ordinal);

    public string Account => account;

    public ConcurrentBag<AwsCall> Calls { get; } = [];

    public long CallCount => Calls.Count;

    public int Count(string operation) => Calls.Count(call => $"{call.Service}:{call.Operation}" == operation);

    public ScriptedAws On(string operation, Func<AwsCall, JsonObject> answer)
    {
        _answers[operation] = answer;
        return this;
    }

    public ScriptedAws On(string operation, string json) => On(operation, _ => (JsonObject)JsonNode.Parse(json)!);

    public ScriptedAws Fails(string operation, string code, CollectionOutcome outcome = CollectionOutcome.Denied, string? partial = null) =>
        On(operation, call => throw new AwsApiException(call, outcome, code, "because", partial is null ? null : (JsonObject)JsonNode.Parse(partial)!));

    public ScriptedAws Regions(params string[] regions) =>
        On("ec2:DescribeRegions", _ => new JsonObject
        {
            ["Regions"] = new JsonArray([.. regions.Select(region => new JsonObject
            {
                ["RegionName"] = region.TrimEnd('-'),
                ["OptInStatus"] = region.EndsWith('-') ? "not-opted-in" : "opt-in-not-required",
            })]),
        });

    public async Task<JsonObject> CallAsync(AwsCall call, CancellationToken cancellation)
    {
        Calls.Add(call);
        await Task.Yield();
        cancellation.ThrowIfCancellationRequested();
        return _answers.TryGetValue($"{call.Service}:{call.Operation}", out var answer)
            ? answer(call)
            : throw new AwsApiException(call, CollectionOutcome.Error, "NotScripted", "the test does not answer this");
    }
}
