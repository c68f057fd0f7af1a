using System.Text.Json;
using System.Text.Json.Nodes;
using NJsonSchema;

namespace Publish.Tests.GitHub;

/// <summary>Request bodies of GitHub's REST API, from the description in npm @octokit/openapi.</summary>
internal sealed class GitHubSchemas
{
    private const string File = "@octokit/openapi/generated/api.github.com.json";
    private static readonly Lazy<GitHubSchemas?> Once = new(() => NodePackages.TryFind(File) is { } path ? new GitHubSchemas(path) : null);
    private readonly JsonDocument _api;
    private readonly Dictionary<(string, string), JsonSchema> _schemas = [];

    private GitHubSchemas(string path)
    {
        using var file = System.IO.File.OpenRead(path);
        _api = JsonDocument.Parse(file);
    }

    /// <summary>Checks bodies; null without the package (one test says so, and fails in CI).</summary>
    public static Func<string, string, string, IEnumerable<string>>? Validator => Once.Value is { } schemas ? schemas.Validate : null;

    /// <summary>Skips the test without the package; fails in CI.</summary>
    public static GitHubSchemas Need()
    {
        NodePackages.Find(File);
        return Once.Value!;
    }

    /// <summary>What is wrong with a body; nothing when it is as described.</summary>
    public IEnumerable<string> Validate(string method, string template, string body)
    {
        lock (_schemas)
        {
            if (!_schemas.TryGetValue((method, template), out var schema))
            {
                var operation = _api.RootElement.GetProperty("paths").GetProperty("/repos/{owner}/{repo}" + template).GetProperty(method.ToLowerInvariant());
                var described = operation.GetProperty("requestBody").GetProperty("content").GetProperty("application/json").GetProperty("schema");
                var node = Resolve(described, 0)!;
                // Described or not, a member that GitHub does not know would be a mistake of ours.
                if (node is JsonObject whole && whole.ContainsKey("properties"))
                    whole["additionalProperties"] = false;
                _schemas[(method, template)] = schema = JsonSchema.FromJsonAsync(node.ToJsonString()).GetAwaiter().GetResult();
            }
            return [.. schema.Validate(body).Select(e => $"{method} {template}: {e.Path} {e.Kind}")];
        }
    }

    // References are put in place, and OpenAPI 3.0's `nullable` becomes JSON Schema's way to say it.
    private JsonNode? Resolve(JsonElement element, int depth)
    {
        Assert.True(depth < 40, "the description goes deeper than request bodies do");
        switch (element.ValueKind)
        {
            case JsonValueKind.Object when element.TryGetProperty("$ref", out var reference):
                var target = _api.RootElement;
                foreach (var step in reference.GetString()!.TrimStart('#', '/').Split('/'))
                    target = target.GetProperty(step);
                return Resolve(target, depth + 1);
            case JsonValueKind.Object:
                var made = new JsonObject();
                foreach (var member in element.EnumerateObject())
                {
                    // Words for readers; a member that is itself called `description` is described by an object.
                    var words = member.Name is "example" or "examples" or "nullable" || member.Name == "description" && member.Value.ValueKind == JsonValueKind.String;
                    if (!words)
                        made[member.Name] = Resolve(member.Value, depth + 1);
                }
                return element.TryGetProperty("nullable", out var nullable) && nullable.ValueKind == JsonValueKind.True
                    ? new JsonObject { ["anyOf"] = new JsonArray(made, new JsonObject { ["type"] = "null" }) }
                    : made;
            case JsonValueKind.Array:
                return new JsonArray([.. element.EnumerateArray().Select(e => Resolve(e, depth + 1))]);
            default:
                return JsonNode.Parse(element.GetRawText());
        }
    }
}
