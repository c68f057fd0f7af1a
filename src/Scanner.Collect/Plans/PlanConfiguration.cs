using System.Text.Json;

namespace Scanner.Collect.Plans;

/// <summary>The <c>configuration</c> of a plan: its modules by address, and its providers.</summary>
internal sealed class PlanConfiguration
{
    private readonly Dictionary<string, ConfigModule> _byPath = new(StringComparer.Ordinal);

    /// <summary>Reads the configuration and the values of the root variables.</summary>
    public PlanConfiguration(JsonElement configuration, JsonElement variables)
    {
        Root = new ConfigModule(ConfigModule.Member(configuration, "root_module"));
        Providers = ConfigModule.Members(ConfigModule.Member(configuration, "provider_config"))
            .GroupBy(pair => pair.Name, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.Last().Value, StringComparer.Ordinal);
        Variables = variables;
    }

    public ConfigModule Root { get; }

    /// <summary>Provider configurations by key.</summary>
    public IReadOnlyDictionary<string, JsonElement> Providers { get; }

    private JsonElement Variables { get; }

    /// <summary>The module that steps lead to; null when the configuration has none.</summary>
    public ConfigModule? Module(IReadOnlyList<PlanStep> steps)
    {
        if (steps.Count == 0)
            return Root;
        var path = string.Join('.', steps.Select(step => step.Name));
        if (_byPath.TryGetValue(path, out var known))
            return known;
        var module = Root;
        foreach (var step in steps)
        {
            if (!module.Calls.TryGetValue(step.Name, out var call))
                return null;
            module = call.Module;
        }
        return _byPath[path] = module;
    }

    /// <summary>The call that made a module; null for the root or when the configuration has none.</summary>
    public ConfigCall? Call(IReadOnlyList<PlanStep> steps) =>
        steps.Count == 0 ? null : Module([.. steps.Take(steps.Count - 1)])?.Calls.GetValueOrDefault(steps[^1].Name);

    /// <summary>The configuration of an instance's resource; null when there is none (it is destroyed).</summary>
    public ConfigResource? Resource(PlanAddress address) => Module(address.Steps)?.Resource(address.IsData, address.Type, address.Name);

    /// <summary>Value of a root variable; undefined when the plan does not tell.</summary>
    public JsonElement Variable(string name)
    {
        var given = ConfigModule.Member(ConfigModule.Member(Variables, name), "value");
        return given.ValueKind != JsonValueKind.Undefined || !Root.Variables.TryGetValue(name, out var declared)
            ? given
            : ConfigModule.Member(declared, "default");
    }

    /// <summary>Names and values of root variables that are declared sensitive.</summary>
    public IEnumerable<JsonElement> SensitiveVariables =>
        from declared in Root.Variables
        where ConfigModule.Member(declared.Value, "sensitive").ValueKind == JsonValueKind.True
        select Variable(declared.Key);
}
