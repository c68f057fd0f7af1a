using System.Text;
using System.Text.Json.Nodes;
using Scanner.Catalog;
using Scanner.Collect.Plans;

namespace Collect.Tests.Plans;

/// <summary>
/// A plan file in few words, read by the reader that the program uses. In the JSON of an instance the text <c>?</c> stands for
/// something that is known after apply and was not written, <c>=aws_vpc.main.id</c> for one that is written as this reference.
/// </summary>
internal sealed class WrittenPlan
{
    private readonly JsonArray _changes = [];
    private readonly JsonObject _resources = [];
    private string _provider = "~> 6.0";

    public static readonly DateTimeOffset Now = new(2026, 11, 27, 12, 0, 0, TimeSpan.Zero);

    public static IReadOnlyList<TableDefinition> Shipped { get; } =
        [.. CatalogLoader.Load([Path.Combine(Loopback.Tools.Repository, "checks", "tables")], []).Tables.Values];

    public WrittenPlan Provider(string constraint)
    {
        _provider = constraint;
        return this;
    }

    /// <summary>An instance that stays as it is.</summary>
    public WrittenPlan Keep(string address, string json) => Change(address, json, json, "no-op");

    public WrittenPlan Create(string address, string json) => Change(address, null, json, "create");

    public WrittenPlan Delete(string address, string json) => Change(address, json, null, "delete");

    public WrittenPlan Update(string address, string before, string after) => Change(address, before, after, "update");

    public WrittenPlan Replace(string address, string before, string after) => Change(address, before, after, "delete", "create");

    /// <summary>A data source that is read during apply; the address without <c>data.</c></summary>
    public WrittenPlan Read(string address, string json) => Change(address, null, json, "read");

    public WrittenPlan Change(string address, string? before, string? after, params string[] actions)
    {
        var data = actions is ["read"];
        var type = address.Split('.')[0];
        var name = address.Split('.')[1].Split('[')[0];
        var change = new JsonObject { ["actions"] = new JsonArray([.. actions.Select(action => JsonValue.Create(action))]), ["before"] = before is null ? null : JsonNode.Parse(before) };
        var expressions = new JsonObject();
        JsonNode? unknown = new JsonObject();
        change["after"] = after is null ? null : Split(JsonNode.Parse(after)!, out unknown, expressions);
        change["after_unknown"] = unknown ?? new JsonObject();
        change["before_sensitive"] = new JsonObject();
        change["after_sensitive"] = new JsonObject();
        var entry = new JsonObject
        {
            ["address"] = data ? "data." + address : address,
            ["mode"] = data ? "data" : "managed",
            ["type"] = type,
            ["name"] = name,
            ["provider_name"] = "registry.terraform.io/hashicorp/aws",
            ["change"] = change,
        };
        if (address.Contains('[', StringComparison.Ordinal))
            entry["index"] = JsonNode.Parse(address[(address.IndexOf('[', StringComparison.Ordinal) + 1)..^1]);
        _changes.Add(entry);
        if (after is not null)
        {
            _resources[(data ? "data." : "") + $"{type}.{name}"] = new JsonObject
            {
                ["address"] = (data ? "data." : "") + $"{type}.{name}",
                ["mode"] = data ? "data" : "managed",
                ["type"] = type,
                ["name"] = name,
                ["provider_config_key"] = "aws",
                ["expressions"] = expressions,
                ["schema_version"] = 0,
            };
        }
        return this;
    }

    /// <summary>Reads the plan.</summary>
    public Plan Read(IEnumerable<TableDefinition>? tables = null)
    {
        var document = new JsonObject
        {
            ["format_version"] = "1.2",
            ["terraform_version"] = "1.11.4",
            ["resource_changes"] = _changes,
            ["configuration"] = new JsonObject
            {
                ["provider_config"] = new JsonObject
                {
                    ["aws"] = new JsonObject
                    {
                        ["name"] = "aws",
                        ["full_name"] = "registry.terraform.io/hashicorp/aws",
                        ["version_constraint"] = _provider,
                        ["expressions"] = new JsonObject { ["region"] = new JsonObject { ["constant_value"] = "eu-west-1" } },
                    },
                },
                ["root_module"] = new JsonObject { ["resources"] = new JsonArray([.. _resources.Select(pair => pair.Value!.DeepClone())]) },
            },
            ["applyable"] = true,
            ["complete"] = true,
            ["errored"] = false,
        };
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(document.ToJsonString()));
        var read = new PlanTables(tables ?? Shipped, Now);
        return PlanReader.Read(stream, "plan.json", new PlanReadOptions { Names = read.Names, Owners = read.Owners, Account = "111111111111" });
    }

    /// <summary>The rows of the shipped tables, or of others.</summary>
    public PlanRows Rows(IReadOnlyList<TableDefinition>? tables = null) => new PlanTables(tables ?? Shipped, Now).Of(Read(tables));

    // What is known, the mask of what is not, and the expressions, as Terraform would write them.
    private static JsonNode? Split(JsonNode node, out JsonNode? unknown, JsonNode expressions)
    {
        switch (node)
        {
            case JsonObject map:
                var known = new JsonObject();
                var mask = new JsonObject();
                foreach (var (name, value) in map)
                {
                    if (value is JsonValue scalar && scalar.TryGetValue<string>(out var text) && (text == "?" || text.StartsWith('=')))
                    {
                        mask[name] = true;
                        if (text[0] == '=')
                            expressions[name] = Reference(text[1..]);
                        continue;
                    }
                    JsonNode inner = value is JsonArray { Count: > 0 } blocks && blocks[0] is JsonObject ? new JsonArray([.. blocks.Select(_ => new JsonObject())])
                        : new JsonObject();
                    known[name] = value is null ? null : Split(value, out var below, inner);
                    mask[name] = value is JsonArray or JsonObject ? MaskOf(value) : false;
                    if (value is JsonArray { Count: > 0 } list && list[0] is not JsonObject && list.Any(IsReference))
                        expressions[name] = new JsonObject { ["references"] = new JsonArray([.. list.Where(IsReference).SelectMany(one => References(one!.GetValue<string>()[1..]))]) };
                    else if (value is JsonValue or null)
                        expressions[name] = new JsonObject { ["constant_value"] = value?.DeepClone() };
                    else if (inner is JsonArray || ((JsonObject)inner).Count > 0)
                        expressions[name] = inner;
                }
                unknown = mask;
                return known;
            case JsonArray list:
                var items = new JsonArray();
                for (var i = 0; i < list.Count; i++)
                    items.Add(IsUnknown(list[i]) ? null : list[i] is null ? null : Split(list[i]!, out _, expressions is JsonArray all && i < all.Count ? all[i]! : new JsonObject()));
                unknown = MaskOf(list);
                return items;
            default:
                unknown = false;
                return node.DeepClone();
        }
    }

    private static JsonNode MaskOf(JsonNode? node) => node switch
    {
        JsonObject map => new JsonObject(map.Select(member => KeyValuePair.Create(member.Key, (JsonNode?)MaskOf(member.Value)))),
        JsonArray list => new JsonArray([.. list.Select(MaskOf)]),
        _ => JsonValue.Create(IsUnknown(node)),
    };

    private static bool IsUnknown(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) && (text == "?" || text.StartsWith('='));

    private static bool IsReference(JsonNode? node) => IsUnknown(node) && node!.GetValue<string>() != "?";

    private static JsonObject Reference(string to) => new() { ["references"] = new JsonArray([.. References(to)]) };

    // Each step of a traversal, the longest first.
    private static IEnumerable<JsonNode> References(string to)
    {
        foreach (var one in to.Split(", "))
        {
            yield return JsonValue.Create(one);
            if (one.Split('.') is ["data", var data, var source, ..])
                yield return JsonValue.Create($"data.{data}.{source}");
            else if (one.Split('.') is [var type, var name, ..] && type.StartsWith("aws_", StringComparison.Ordinal))
                yield return JsonValue.Create($"{type}.{name}");
        }
    }
}
