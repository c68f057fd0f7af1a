using System.Text;
using System.Text.Json.Nodes;
using Scanner.Collect.Plans;

namespace Collect.Tests.Plans;

/// <summary>Writes small plans in the shape of <c>terraform show -json</c>, entry by entry.</summary>
internal sealed class PlanFile
{
    private readonly JsonArray _changes = [];
    private readonly JsonArray _prior = [];
    private readonly JsonObject _root = new() { ["resources"] = new JsonArray(), ["module_calls"] = new JsonObject() };
    private readonly JsonObject _providers = new() { ["aws"] = Json("""{"name":"aws","full_name":"registry.terraform.io/hashicorp/aws","expressions":{"region":{"constant_value":"eu-west-1"}}}""") };

    public JsonObject Top { get; } = new() { ["format_version"] = "1.2", ["terraform_version"] = "1.11.4" };

    public Dictionary<string, IReadOnlySet<string>> Names { get; } = new(StringComparer.Ordinal)
    {
        ["aws_s3_bucket"] = new HashSet<string>(["bucket", "id", "arn"], StringComparer.Ordinal),
    };

    public static JsonObject Json(string text) => (JsonObject)JsonNode.Parse(text)!;

    /// <summary>An entry of resource_changes.</summary>
    public PlanFile Change(string address, string actions, string? before, string? after, string unknown = "{}", Action<JsonObject>? more = null)
    {
        var entry = Entry(address);
        entry["change"] = new JsonObject
        {
            ["actions"] = new JsonArray([.. actions.Split('+').Select(action => (JsonNode)action)]),
            ["before"] = before is null ? null : JsonNode.Parse(before),
            ["after"] = after is null ? null : JsonNode.Parse(after),
            ["after_unknown"] = JsonNode.Parse(unknown),
            ["before_sensitive"] = false,
            ["after_sensitive"] = new JsonObject(),
        };
        more?.Invoke(entry);
        _changes.Add(entry);
        return this;
    }

    public PlanFile Create(string address, string after, string unknown = """{"id":true,"arn":true}""") => Change(address, "create", null, after, unknown);

    public PlanFile Keep(string address, string values) => Change(address, "no-op", values, values);

    /// <summary>A resource that is in the prior state.</summary>
    public PlanFile Prior(string address, string values)
    {
        var entry = Entry(address);
        entry["values"] = JsonNode.Parse(values);
        _prior.Add(entry);
        return this;
    }

    /// <summary>A resource of the configuration: <c>module.m.aws_vpc.main</c>, without keys.</summary>
    public PlanFile Config(string address, string expressions, string? forEach = null, string provider = "aws", string? mode = null)
    {
        var parts = PlanAddress.Parse(address)!;
        var resource = new JsonObject
        {
            ["mode"] = mode ?? (parts.IsData ? "data" : "managed"),
            ["type"] = parts.Type,
            ["name"] = parts.Name,
            ["provider_config_key"] = provider,
            ["expressions"] = JsonNode.Parse(expressions),
        };
        if (forEach is not null)
            resource["for_each_expression"] = JsonNode.Parse(forEach);
        ((JsonArray)Module(parts.Steps.Select(step => step.Name))["resources"]!).Add(resource);
        return this;
    }

    /// <summary>What a module call is given, and what the module puts out.</summary>
    public PlanFile Call(string module, string expressions, string? outputs = null, string? forEach = null, string? source = null)
    {
        var names = module.Split('.');
        Module(names);
        var call = (JsonObject)((JsonObject)Module(names[..^1])["module_calls"]!)[names[^1]]!;
        if (source is not null)
            call["source"] = source;
        call["expressions"] = JsonNode.Parse(expressions);
        if (forEach is not null)
            call["for_each_expression"] = JsonNode.Parse(forEach);
        if (outputs is not null)
            ((JsonObject)call["module"]!)["outputs"] = JsonNode.Parse(outputs);
        return this;
    }

    public PlanFile Provider(string key, string json)
    {
        _providers[key] = JsonNode.Parse(json);
        return this;
    }

    public PlanFile With(string member, string json)
    {
        Top[member] = JsonNode.Parse(json);
        return this;
    }

    public string Text()
    {
        var top = (JsonObject)Top.DeepClone();
        if (!top.ContainsKey("resource_changes") && !top.ContainsKey("no changes"))
            top["resource_changes"] = _changes.DeepClone();
        top.Remove("no changes");
        if (_prior.Count > 0)
            top["prior_state"] = new JsonObject { ["values"] = new JsonObject { ["root_module"] = new JsonObject { ["resources"] = _prior.DeepClone() } } };
        top["configuration"] = new JsonObject { ["provider_config"] = _providers.DeepClone(), ["root_module"] = _root.DeepClone() };
        return top.ToJsonString();
    }

    public Plan Read(PlanReadOptions? options = null) =>
        PlanReader.Read(new MemoryStream(Encoding.UTF8.GetBytes(Text())), "plan.json", (options ?? new PlanReadOptions()) with { Names = Names });

    private static JsonObject Entry(string address)
    {
        var parts = PlanAddress.Parse(address)!;
        var entry = new JsonObject
        {
            ["address"] = address,
            ["mode"] = parts.IsData ? "data" : "managed",
            ["type"] = parts.Type,
            ["name"] = parts.Name,
        };
        if (PlanAddress.Plain(parts.Key) is { } key)
            entry["index"] = parts.Key.StartsWith("[\"", StringComparison.Ordinal) ? key : int.Parse(key, System.Globalization.CultureInfo.InvariantCulture);
        return entry;
    }

    private JsonObject Module(IEnumerable<string> names)
    {
        var module = _root;
        foreach (var name in names)
        {
            var calls = (JsonObject)module["module_calls"]!;
            if (!calls.ContainsKey(name))
                calls[name] = new JsonObject { ["source"] = "./" + name, ["module"] = new JsonObject { ["resources"] = new JsonArray(), ["module_calls"] = new JsonObject() } };
            module = (JsonObject)calls[name]!["module"]!;
        }
        return module;
    }
}
