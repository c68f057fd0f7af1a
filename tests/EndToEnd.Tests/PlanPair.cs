using System.Text.Json.Nodes;

namespace EndToEnd.Tests;

/// <summary>
/// A plan before it is applied and the plan that is made afterwards, both from one description, so that the truth is known and shares nothing with
/// what is judged. In the JSON of an instance <c>?X</c> is known after apply without being written, and then X; <c>=A,B|X</c> is written with the
/// references A and B, and then X.
/// </summary>
internal sealed class PlanPair
{
    private readonly List<(string Address, JsonObject Values)> _instances = [];
    private readonly JsonObject _root = Module();
    private readonly JsonObject _providers = new() { ["aws"] = Provider("aws", null, Json("""{"constant_value":"eu-west-1"}""")) };
    private readonly JsonObject _variables = [];

    public PlanPair Create(string address, string json, string? forEach = null, string provider = "aws")
    {
        var values = Json(json);
        _instances.Add((address, values));
        var (modules, type, name) = Parts(address);
        var resources = (JsonArray)Of(modules)["resources"]!;
        if (!resources.Any(one => one!["type"]!.GetValue<string>() == type && one["name"]!.GetValue<string>() == name))
        {
            var resource = new JsonObject
            {
                ["address"] = $"{type}.{name}",
                ["mode"] = "managed",
                ["type"] = type,
                ["name"] = name,
                ["provider_config_key"] = provider,
                ["expressions"] = new JsonObject(values.Where(pair => !Text(pair.Value).StartsWith('?')).Select(pair => KeyValuePair.Create(pair.Key, Expression(pair.Value)))),
            };
            if (forEach is not null)
                resource["for_each_expression"] = JsonNode.Parse(forEach);
            resources.Add(resource);
        }
        return this;
    }

    public PlanPair Call(string module, string expressions)
    {
        Of([module]);
        _root["module_calls"]![module]!["expressions"] = JsonNode.Parse(expressions);
        return this;
    }

    public PlanPair Alias(string alias, string region)
    {
        _providers[$"aws.{alias}"] = Provider("aws", alias, Json(region));
        return this;
    }

    public PlanPair Variable(string name, string value)
    {
        _variables[name] = new JsonObject { ["value"] = value };
        _root["variables"]![name] = new JsonObject();
        return this;
    }

    /// <summary>The plan of the change, and the plan that is made once it is applied: with nothing to do.</summary>
    public (string Before, string After) Write() => (Plan(applied: false), Plan(applied: true));

    private string Plan(bool applied)
    {
        var changes = new JsonArray();
        foreach (var (address, values) in _instances)
        {
            var (_, type, name) = Parts(address);
            var after = new JsonObject();
            var unknown = new JsonObject();
            foreach (var (key, value) in values)
            {
                if (value is JsonArray { Count: > 0 } list && list.All(IsHidden))
                {
                    if (!applied)
                        unknown[key] = new JsonArray([.. list.Select(_ => (JsonNode)true)]);
                    after[key] = new JsonArray([.. list.Select(one => applied ? Truth(Text(one)) : null)]);
                }
                else if (IsHidden(value) && !applied)
                {
                    unknown[key] = true;
                }
                else
                {
                    after[key] = IsHidden(value) ? Truth(Text(value)) : value?.DeepClone();
                }
            }
            var entry = new JsonObject
            {
                ["address"] = address,
                ["mode"] = "managed",
                ["type"] = type,
                ["name"] = name,
                ["provider_name"] = "registry.terraform.io/hashicorp/" + type.Split('_')[0],
                ["change"] = new JsonObject
                {
                    ["actions"] = new JsonArray(applied ? "no-op" : "create"),
                    ["before"] = applied ? after.DeepClone() : null,
                    ["after"] = after,
                    ["after_unknown"] = unknown,
                    ["before_sensitive"] = new JsonObject(),
                    ["after_sensitive"] = new JsonObject(),
                },
            };
            if (address.EndsWith(']'))
                entry["index"] = JsonNode.Parse(address[(address.LastIndexOf('[') + 1)..^1]);
            changes.Add(entry);
        }
        return new JsonObject
        {
            ["format_version"] = "1.2",
            ["terraform_version"] = "1.11.4",
            ["complete"] = true,
            ["applyable"] = !applied,
            ["errored"] = false,
            ["variables"] = _variables.DeepClone(),
            ["resource_changes"] = changes,
            ["configuration"] = new JsonObject { ["provider_config"] = _providers.DeepClone(), ["root_module"] = _root.DeepClone() },
        }.ToJsonString();
    }

    private static bool IsHidden(JsonNode? value) => Text(value) is var text && (text.StartsWith('?') || (text.StartsWith('=') && text.Contains('|', StringComparison.Ordinal)));

    private static JsonNode? Truth(string text)
    {
        var truth = text[0] == '?' ? text[1..] : text[(text.IndexOf('|', StringComparison.Ordinal) + 1)..];
        return truth == "null" ? null : truth.StartsWith('[') || truth is "true" or "false" ? JsonNode.Parse(truth) : truth;
    }

    private static JsonNode? Expression(JsonNode? value)
    {
        var text = Text(value);
        return text.StartsWith('=') ? new JsonObject { ["references"] = new JsonArray([.. text[1..].Split('|')[0].Split(',').Select(one => (JsonNode)one)]) }
            : value is JsonArray { Count: 1 } one && IsHidden(one[0]) ? Expression(one[0])
            : value is JsonArray { Count: > 0 } blocks && blocks[0] is JsonObject
                ? new JsonArray([.. blocks.Select(block => new JsonObject(((JsonObject)block!).Select(pair => KeyValuePair.Create(pair.Key, Expression(pair.Value)))))])
            : new JsonObject { ["constant_value"] = value?.DeepClone() };
    }

    private static string Text(JsonNode? value) => value is JsonValue one && one.TryGetValue<string>(out var text) ? text : "";

    private static JsonObject Json(string text) => (JsonObject)JsonNode.Parse(text)!;

    private static JsonObject Module() => new() { ["resources"] = new JsonArray(), ["module_calls"] = new JsonObject(), ["variables"] = new JsonObject() };

    private static JsonObject Provider(string name, string? alias, JsonObject region)
    {
        var provider = new JsonObject { ["name"] = name, ["full_name"] = "registry.terraform.io/hashicorp/aws", ["version_constraint"] = "~> 6.0", ["expressions"] = new JsonObject { ["region"] = region } };
        if (alias is not null)
            provider["alias"] = alias;
        return provider;
    }

    // Keys of these plans hold no dots.
    private static (List<string> Modules, string Type, string Name) Parts(string address)
    {
        var names = address.Split('.').Select(part => part.Split('[')[0]).ToList();
        var modules = new List<string>();
        while (names[0] == "module")
        {
            modules.Add(names[1]);
            names.RemoveRange(0, 2);
        }
        return (modules, names[0], names[1]);
    }

    private JsonObject Of(List<string> modules)
    {
        var at = _root;
        foreach (var name in modules)
        {
            var calls = (JsonObject)at["module_calls"]!;
            if (!calls.ContainsKey(name))
                calls[name] = new JsonObject { ["source"] = "./" + name, ["expressions"] = new JsonObject(), ["module"] = Module() };
            at = (JsonObject)calls[name]!["module"]!;
        }
        return at;
    }
}
