using System.Text.Json.Nodes;
using Scanner.Model;

namespace Scanner.Aws.Session;

/// <summary>What an organization says of its accounts beyond their list: where they lie, and their tags.</summary>
/// <param name="api">Of the management account or a delegated administrator.</param>
/// <param name="region">Region that the organization's operations are asked in.</param>
public sealed class AwsOrganization(IAwsApi api, string region)
{
    /// <summary>All roots and units, each after the one it lies in (organizations ListRoots, ListOrganizationalUnitsForParent, ListAccountsForParent).</summary>
    /// <exception cref="InputException">They cannot be listed.</exception>
    public async Task<IReadOnlyList<OrganizationalUnit>> UnitsAsync(CancellationToken cancellation)
    {
        var found = new List<OrganizationalUnit>();
        var open = new Queue<(string Id, string Name, OrganizationalUnit? Above)>();
        foreach (var root in await ListAsync("ListRoots", "Roots", [], cancellation))
            open.Enqueue((Text(root, "Id"), Text(root, "Name"), null));
        while (open.TryDequeue(out var next))
        {
            var accounts = await ListAsync("ListAccountsForParent", "Accounts", new JsonObject { ["ParentId"] = next.Id }, cancellation);
            var unit = new OrganizationalUnit(next.Id, next.Name, next.Above, [.. accounts.Select(account => Text(account, "Id"))]);
            found.Add(unit);
            foreach (var below in await ListAsync("ListOrganizationalUnitsForParent", "OrganizationalUnits", new JsonObject { ["ParentId"] = next.Id }, cancellation))
                open.Enqueue((Text(below, "Id"), Text(below, "Name"), unit));
        }
        return found;
    }

    /// <summary>The tags of an account (organizations ListTagsForResource).</summary>
    /// <exception cref="InputException">They cannot be listed.</exception>
    public async Task<IReadOnlyDictionary<string, string>> TagsAsync(string account, CancellationToken cancellation)
    {
        var tags = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var tag in await ListAsync("ListTagsForResource", "Tags", new JsonObject { ["ResourceId"] = account }, cancellation))
            tags[Text(tag, "Key")] = Text(tag, "Value");
        return tags;
    }

    private async Task<IReadOnlyList<JsonObject>> ListAsync(string operation, string items, JsonObject parameters, CancellationToken cancellation)
    {
        try
        {
            var reply = await api.CallAsync(new AwsCall(region, "organizations", operation, parameters), cancellation);
            return reply[items] is JsonArray list ? [.. list.OfType<JsonObject>()] : throw new InputException($"The organization could not be read: the answer to organizations:{operation} holds no {items}; run again.");
        }
        catch (AwsApiException e)
        {
            throw new InputException($"The organization could not be read (organizations:{operation}): {e.Message} Run in the management account or as a delegated administrator; scanner policy --organization has the rights.", e);
        }
    }

    private static string Text(JsonObject item, string name) => item[name]?.ToString() ?? "";
}
