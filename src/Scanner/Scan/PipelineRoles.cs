using System.Text.Json;
using System.Text.Json.Nodes;
using Scanner.Model;

namespace Scanner.Scan;

/// <summary>
/// Roles that change an account by code, as the account itself shows them: those that GitHub Actions, CodeBuild, CodePipeline and
/// CloudFormation may take on; and the role of the scan. Detections about people pass over what these do (the list <c>pipeline_roles</c>).
/// </summary>
internal static class PipelineRoles
{
    private static readonly string[] Services = ["codebuild.", "codepipeline.", "cloudformation."];

    /// <summary>ARNs of roles, as values of a list of detections.</summary>
    /// <param name="roles">Rows of <c>aws_iam_role</c>.</param>
    /// <param name="caller">Who scans, as STS names it; null: a recorded account.</param>
    public static IReadOnlyList<string> Of(IEnumerable<Resource> roles, string? caller)
    {
        var found = new List<string>();
        // arn:aws:sts::1:assumed-role/NAME/session; the role's own ARN may have a path.
        if (caller?.Split(':', 6) is [_, var partition, "sts", _, var account, var rest] && rest.Split('/') is ["assumed-role", var name, ..])
            found.AddRange([$"arn:{partition}:iam::{account}:role/{name}", $"arn:{partition}:iam::{account}:role/*/{name}"]);
        foreach (var role in roles)
        {
            var item = JsonNode.Parse(role.Item) as JsonObject;
            if (IsForCode(item?["AssumeRolePolicyDocument"]) && item?["Arn"]?.ToString() is { Length: > 0 } arn)
                found.Add(arn);
        }

        return found;
    }

    private static bool IsForCode(JsonNode? policy)
    {
        try
        {
            if (policy is JsonValue text && text.TryGetValue<string>(out var json))
                policy = JsonText.Node(json.StartsWith('%') ? Uri.UnescapeDataString(json) : json);
        }
        catch (JsonException)
        {
            return false;
        }

        var statements = (policy as JsonObject)?["Statement"] switch { JsonArray list => list.OfType<JsonObject>().ToList(), JsonObject one => [one], _ => [] };
        return statements.Exists(statement => statement["Effect"]?.ToString() == "Allow"
            && (Named(statement["Principal"], "Federated").Any(provider => provider.EndsWith(":oidc-provider/token.actions.githubusercontent.com", StringComparison.Ordinal))
                || Named(statement["Principal"], "Service").Any(service => Services.Any(one => service.StartsWith(one, StringComparison.Ordinal)))));
    }

    private static IEnumerable<string> Named(JsonNode? principal, string kind) => principal is not JsonObject map ? [] : map[kind] switch
    {
        JsonArray list => list.Select(item => item?.ToString() ?? ""),
        JsonNode one => [one.ToString()],
        _ => [],
    };
}
