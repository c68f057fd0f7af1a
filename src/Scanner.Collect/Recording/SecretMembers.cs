using System.Text.Json.Nodes;
using Scanner.Catalog;
using Scanner.Model;

namespace Scanner.Collect.Recording;

/// <summary>
/// Which members of AWS's replies are secret: those that the tables name (<c>secret:</c> of a call), those whose name says so in every
/// service, and texts in the form of a secret. Their values are replaced before anything keeps them; that they are there stays visible.
/// </summary>
public sealed class SecretMembers
{
    // Texts under these names are secrets whichever operation returns them, also for a table that forgets to say so.
    private static readonly HashSet<string> Names = new(
        [
            "UserData", "SecretString", "SecretBinary", "MasterUserPassword", "Password", "AuthToken", "PrivateKey", "PrivateKeyPlaintext", "CertificatePrivateKey",
            "ConnectionString", "ConnectionPassword", "SecretAccessKey", "SessionToken", "Passphrase", "ClientSecret", "OAuthToken", "SharedSecret", "PreSharedKey",
            "BasicAuthCredentials", "AuthParameters", "HeaderValue", "PlaintextValue",
        ],
        StringComparer.OrdinalIgnoreCase);

    // All values under these are: environments (of Lambda, ECS, CodeBuild, Amplify, App Runner, Batch) and variables of stages.
    private static readonly HashSet<string> Environments = new(
        ["Environment", "EnvironmentVariables", "StageVariables", "RuntimeEnvironmentVariables", "BuildEnvironmentVariables", "ContainerEnvironment"], StringComparer.OrdinalIgnoreCase);

    private readonly ILookup<(string Service, string Operation), ItemPath> _paths;

    /// <summary>Takes what tables name.</summary>
    /// <param name="tables">All tables of the catalog: also what a table that is not collected names is secret in the reply that another asks for.</param>
    public SecretMembers(IEnumerable<TableDefinition> tables)
    {
        _paths = tables.SelectMany(table => table.ForEach.Append(table.List).Concat(table.Each).Concat(table.NotAsked))
            .SelectMany(call => call.Secret.Select(path => (Operation: (call.Service, call.Operation), Path: call.SecretInReply(path))))
            .Distinct()
            .ToLookup(pair => pair.Operation, pair => pair.Path);
    }

    /// <summary>The reply without secrets; the same object where it holds none.</summary>
    /// <param name="service">Service that was asked.</param>
    /// <param name="operation">Operation that was asked.</param>
    /// <param name="reply">The reply; it is not changed.</param>
    public JsonObject Without(string service, string operation, JsonObject reply)
    {
        var copy = (JsonObject)reply.DeepClone();
        var changed = false;
        foreach (var path in _paths[(service, operation)])
            changed |= ReplaceAt(copy, path.Segments, 0);
        changed |= ReplaceWithin(copy);
        return changed ? copy : reply;
    }

    private static bool ReplaceAt(JsonNode? node, IReadOnlyList<ItemPathSegment> segments, int at)
    {
        if (node is JsonArray list)
            return list.Aggregate(false, (changed, element) => ReplaceAt(element, segments, at) || changed);
        if (node is not JsonObject o || !o.ContainsKey(segments[at].Name))
            return false;
        return at == segments.Count - 1 ? ReplaceMember(o, segments[at].Name) : ReplaceAt(o[segments[at].Name], segments, at + 1);
    }

    private static bool ReplaceMember(JsonObject parent, string name)
    {
        switch (parent[name])
        {
            case null:
                return false;
            case JsonValue value when value.TryGetValue<string>(out var text):
                if (text.Length == 0 || text == SecretText.Mark)
                    return false;
                parent[name] = SecretText.Mark;
                return true;
            case JsonValue:
                return false;
            case var node:
                return ReplaceAll(node);
        }
    }

    /// <summary>Replaces all texts but those that name the variables.</summary>
    private static bool ReplaceAll(JsonNode node)
    {
        var changed = false;
        switch (node)
        {
            case JsonObject o:
                var isPair = o.Any(pair => pair.Key.Equals("name", StringComparison.OrdinalIgnoreCase)) && o.Any(pair => pair.Key.Equals("value", StringComparison.OrdinalIgnoreCase));
                foreach (var name in o.Select(pair => pair.Key).ToList())
                {
                    if (!isPair || name.Equals("value", StringComparison.OrdinalIgnoreCase))
                        changed |= ReplaceMember(o, name);
                }
                break;
            case JsonArray list:
                for (var i = 0; i < list.Count; i++)
                {
                    if (list[i] is JsonValue value && value.TryGetValue<string>(out _))
                    {
                        list[i] = SecretText.Mark;
                        changed = true;
                    }
                    else if (list[i] is { } element)
                    {
                        changed |= ReplaceAll(element);
                    }
                }
                break;
        }
        return changed;
    }

    private static bool ReplaceWithin(JsonNode? node)
    {
        var changed = false;
        switch (node)
        {
            case JsonObject o:
                foreach (var (name, value) in o.ToList())
                {
                    if (value is JsonValue scalar)
                    {
                        if (!scalar.TryGetValue<string>(out var text))
                            continue;
                        if (Names.Contains(name))
                            changed |= ReplaceMember(o, name);
                        else if (SecretText.Of(text, keyIds: !name.EndsWith("AccessKeyId", StringComparison.OrdinalIgnoreCase)) is var other && other != text)
                        {
                            o[name] = other;
                            changed = true;
                        }
                        continue;
                    }
                    changed |= value is not null && Environments.Contains(name) ? ReplaceAll(value) : ReplaceWithin(value);
                }
                break;
            case JsonArray list:
                for (var i = 0; i < list.Count; i++)
                {
                    if (list[i] is JsonValue value)
                    {
                        if (value.TryGetValue<string>(out var text) && SecretText.Of(text) is var other && other != text)
                        {
                            list[i] = other;
                            changed = true;
                        }
                        continue;
                    }
                    changed |= ReplaceWithin(list[i]);
                }
                break;
        }
        return changed;
    }
}
