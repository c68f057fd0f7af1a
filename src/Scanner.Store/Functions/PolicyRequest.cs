using System.Text.Json;

namespace Scanner.Store.Functions;

/// <summary>
/// What is asked of a policy: all requests by a principal, for any of some actions, on any of some resources, with what is known
/// of the condition keys. What is left out is not limited.
/// </summary>
internal sealed record PolicyRequest
{
    private static readonly IReadOnlyList<WildcardPattern> AllActions = [WildcardPattern.Parse("*:*")];
    private static readonly IReadOnlyList<WildcardPattern> AllResources = [WildcardPattern.Parse("*")];

    /// <summary>Null: anybody at all.</summary>
    public PolicyPrincipal? Principal { get; init; }

    public IReadOnlyList<WildcardPattern> Actions { get; init; } = AllActions;

    public IReadOnlyList<WildcardPattern> Resources { get; init; } = AllResources;

    /// <summary>What is known of a key.</summary>
    public Func<string, KeyState> Key { get; init; } = _ => KeyState.Unknown;

    /// <summary>Reads what the author of a check wrote.</summary>
    /// <param name="json">An object with <c>principal</c>, <c>action</c>, <c>resource</c> and <c>context</c>, each of which may be left out.</param>
    /// <exception cref="ArgumentException">It is something else: a mistake in the check, which must not pass for an answer.</exception>
    public static PolicyRequest? Parse(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            // A request that is written as a text.
            using var inner = root.ValueKind == JsonValueKind.String ? JsonDocument.Parse(root.GetString()!) : null;
            root = inner?.RootElement ?? root;
            if (root.ValueKind == JsonValueKind.Null)
                return null;
            if (root.ValueKind != JsonValueKind.Object)
                throw new ArgumentException("the request of policy_decision is an object such as {'action': 's3:GetObject'}", nameof(json));
            var request = new PolicyRequest();
            foreach (var (name, value) in PolicyDocument.Members(root, "the request"))
            {
                if (value.ValueKind == JsonValueKind.Null)
                    continue;
                request = name.ToLowerInvariant() switch
                {
                    "principal" => request with { Principal = PrincipalOf(value) },
                    "action" => request with { Actions = [.. PolicyDocument.Texts(value, name).Select(text => WildcardPattern.Parse(text == "*" ? "*:*" : text, ignoreCase: true))] },
                    "resource" => request with { Resources = [.. PolicyDocument.Texts(value, name).Select(text => WildcardPattern.Parse(text))] },
                    "context" => request with { Key = Context(value) },
                    _ => throw new ArgumentException($"the request of policy_decision has '{name}'; it has principal, action, resource and context", nameof(json)),
                };
            }
            if (request.Actions.Count == 0 || request.Resources.Count == 0)
                throw new ArgumentException("the request of policy_decision has an empty list", nameof(json));
            return request;
        }
        catch (Exception error) when (error is JsonException or PolicyFormatException or InvalidOperationException)
        {
            throw new ArgumentException($"the request of policy_decision cannot be read: {error.Message}", nameof(json), error);
        }
    }

    private static PolicyPrincipal? PrincipalOf(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Object)
        {
            foreach (var (type, name) in PolicyDocument.Members(value, "the principal"))
                return new PolicyPrincipal(type.Equals(PolicyPrincipal.Aws, StringComparison.OrdinalIgnoreCase) ? PolicyPrincipal.Aws : type, PolicyDocument.Texts(name, type)[0]);
        }
        var text = PolicyDocument.Texts(value, "principal")[0];
        return text == "*" ? null
            : text.EndsWith(".amazonaws.com", StringComparison.Ordinal) || text.EndsWith(".amazonaws.com.cn", StringComparison.Ordinal) ? new PolicyPrincipal("Service", text)
            : new PolicyPrincipal(PolicyPrincipal.Aws, text);
    }

    private static Func<string, KeyState> Context(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object)
            throw new PolicyFormatException("its context is no object");
        var states = PolicyDocument.Members(value, "the context").ToDictionary(
            pair => pair.Key,
            // Null is a key that the request does not have.
            pair => pair.Value.ValueKind == JsonValueKind.Null ? KeyState.Absent : KeyState.Of(PolicyDocument.Texts(pair.Value, pair.Key)),
            StringComparer.OrdinalIgnoreCase);
        return key => states.GetValueOrDefault(key, KeyState.Unknown);
    }
}
