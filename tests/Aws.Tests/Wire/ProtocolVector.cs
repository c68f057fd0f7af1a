using System.Text.Json;
using System.Text.Json.Nodes;
using Loopback;
using Scanner.Aws.Models;

namespace Aws.Tests.Wire;

/// <summary>One of AWS's own protocol tests: Vectors/*.json, which smithy_vectors.py writes and which name their source.</summary>
/// <param name="Operation">The operation, in a small service model of the vector's own.</param>
/// <param name="Endpoint">Where the service is.</param>
/// <param name="Json">The vector: <c>id</c>, and <c>parameters</c> with <c>request</c>, or <c>reply</c> with <c>read</c> or <c>error</c>.</param>
internal sealed record ProtocolVector(OperationModel Operation, Uri Endpoint, JsonObject Json)
{
    private static readonly Lazy<Dictionary<string, ProtocolVector>> AllByName = new(Load);

    /// <summary>Vectors by protocol, way and id, such as <c>ec2 reply Ec2QueryDateTimeWithNegativeOffset</c>.</summary>
    public static IReadOnlyDictionary<string, ProtocolVector> All => AllByName.Value;

    private static Dictionary<string, ProtocolVector> Load()
    {
        var all = new Dictionary<string, ProtocolVector>(StringComparer.Ordinal);
        foreach (var file in Directory.GetFiles(Path.Combine(Tools.Repository, "tests", "Aws.Tests", "Wire", "Vectors"), "*.json").Order(StringComparer.Ordinal))
        {
            foreach (var suite in JsonNode.Parse(File.ReadAllText(file))!["suites"]!.AsArray())
            {
                var endpoint = new Uri(suite!["endpoint"]?.GetValue<string>() ?? "https://example.com");
                foreach (var vector in suite["cases"]!.AsArray().Select(v => v!.AsObject()))
                {
                    var way = vector.ContainsKey("request") ? "request" : vector.ContainsKey("error") ? "error" : "reply";
                    all.Add($"{Path.GetFileNameWithoutExtension(file)} {way} {vector["id"]}", new ProtocolVector(Model(suite.AsObject(), vector), endpoint, vector));
                }
            }
        }
        return all;
    }

    private static OperationModel Model(JsonObject suite, JsonObject vector)
    {
        var name = vector["name"]!.GetValue<string>();
        var metadata = suite["metadata"]!.DeepClone().AsObject();
        foreach (var needed in new[] { "service", "endpointPrefix", "serviceId" })
            metadata[needed] = "example";
        var model = new JsonObject
        {
            ["metadata"] = metadata,
            ["operations"] = new JsonObject { [name] = vector["operation"]!.DeepClone() },
            ["pagination"] = new JsonObject(),
            ["shapes"] = suite["shapes"]!.DeepClone(),
        };
        return ServiceModel.Read(JsonDocument.Parse(model.ToJsonString())).FindOperation(name)!;
    }
}
