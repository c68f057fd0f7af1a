using System.Text.Json;

namespace Scanner.Collect.Plans;

/// <summary>
/// One module of a plan's <c>configuration</c>: its resources, calls, outputs and variables. The root module's parent is null.
/// Source: https://developer.hashicorp.com/terraform/internals/json-format, "Configuration Representation".
/// </summary>
internal sealed class ConfigModule
{
    private readonly Dictionary<(bool IsData, string Type, string Name), ConfigResource> _resources = [];
    private readonly Dictionary<string, ConfigCall> _calls = new(StringComparer.Ordinal);
    private readonly Dictionary<string, JsonElement> _outputs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, JsonElement> _variables = new(StringComparer.Ordinal);

    /// <summary>Reads a module.</summary>
    /// <param name="json">Its JSON; anything but an object is an empty module.</param>
    public ConfigModule(JsonElement json)
    {
        foreach (var resource in Items(json, "resources"))
        {
            // An ephemeral resource may share type and name with a managed one, and is none.
            if (JsonTexts.Of(Member(resource, "mode")) is null or "managed" or "data" && JsonTexts.Of(Member(resource, "type")) is { } type && JsonTexts.Of(Member(resource, "name")) is { } name)
                _resources[(JsonTexts.Of(Member(resource, "mode")) == "data", type, name)] = new ConfigResource(type, name, resource);
        }
        foreach (var (name, call) in Members(Member(json, "module_calls")))
            _calls[name] = new ConfigCall(name, call);
        foreach (var (name, output) in Members(Member(json, "outputs")))
            _outputs[name] = Member(output, "expression");
        foreach (var (name, variable) in Members(Member(json, "variables")))
            _variables[name] = variable;
    }

    /// <summary>Managed resources and data sources.</summary>
    public IEnumerable<(bool IsData, ConfigResource Resource)> Resources => _resources.Select(pair => (pair.Key.IsData, pair.Value));

    public IReadOnlyDictionary<string, ConfigCall> Calls => _calls;

    public IReadOnlyDictionary<string, JsonElement> Variables => _variables;

    /// <summary>Expressions of the outputs by name.</summary>
    public IReadOnlyDictionary<string, JsonElement> Outputs => _outputs;

    public ConfigResource? Resource(bool data, string type, string name) => _resources.GetValueOrDefault((data, type, name));

    /// <summary>Expression of an output; null when there is no such output.</summary>
    public JsonElement? Output(string name) => _outputs.TryGetValue(name, out var expression) ? expression : null;

    /// <summary>A member of an object; undefined when there is none.</summary>
    internal static JsonElement Member(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var member) ? member : default;

    internal static IEnumerable<JsonElement> Items(JsonElement json, string name) =>
        Member(json, name) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : [];

    internal static IEnumerable<(string Name, JsonElement Value)> Members(JsonElement json) =>
        json.ValueKind == JsonValueKind.Object ? json.EnumerateObject().Select(member => (member.Name, member.Value)) : [];
}
