namespace Scanner.Collect.Plans;

/// <summary>The instances that are there after apply, by the address of their resource.</summary>
internal sealed class PlanEntries
{
    private static readonly Group None = new();
    private readonly Dictionary<string, Group> _groups = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<string>> _modules = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<RawChange>> _inModule = new(StringComparer.Ordinal);

    public void Add(RawChange entry)
    {
        var resource = entry.Parts.Resource;
        if (!_groups.TryGetValue(resource, out var group))
            _groups[resource] = group = new Group();
        group.All.Add(entry);
        if (!_inModule.TryGetValue(entry.Parts.Module, out var inside))
            _inModule[entry.Parts.Module] = inside = [];
        inside.Add(entry);
        group.ByKey[entry.Index ?? ""] = entry;
        if (group.All.Count == 1)
            AddModules(entry.Parts.Steps);
    }

    /// <summary>How many instances a module call has that anything is in.</summary>
    /// <param name="steps">Steps to the call; the key of the last is not looked at.</param>
    public int ModuleCount(IReadOnlyList<PlanStep> steps) => _modules.TryGetValue(CallOf(steps, steps.Count), out var keys) ? keys.Count : 0;

    /// <summary>All instances of a resource; none when it has none.</summary>
    public IReadOnlyList<RawChange> Of(string resource) => _groups.GetValueOrDefault(resource, None).All;

    /// <summary>All instances in a module itself.</summary>
    /// <param name="module">Its address with its keys; empty for the root.</param>
    public IReadOnlyList<RawChange> InModule(string module) => _inModule.TryGetValue(module, out var all) ? all : [];

    /// <summary>The instance of a key; null when there is none.</summary>
    /// <param name="resource">Address without a key.</param>
    /// <param name="key">Key without brackets and quotes; empty for a resource without.</param>
    public RawChange? Of(string resource, string key) => _groups.GetValueOrDefault(resource, None).ByKey.GetValueOrDefault(key);

    /// <summary>Keys of a call's instances that anything is in, in Terraform's spelling.</summary>
    public IReadOnlyCollection<string> ModuleKeys(IReadOnlyList<PlanStep> steps) => _modules.TryGetValue(CallOf(steps, steps.Count), out var keys) ? keys : [];

    /// <summary>Whether anything is in an instance of a call.</summary>
    public bool HasModule(IReadOnlyList<PlanStep> steps) => _modules.TryGetValue(CallOf(steps, steps.Count), out var keys) && keys.Contains(steps[^1].Key);

    private void AddModules(IReadOnlyList<PlanStep> steps)
    {
        for (var length = steps.Count; length > 0; length--)
        {
            var call = CallOf(steps, length);
            if (!_modules.TryGetValue(call, out var keys))
                _modules[call] = keys = new HashSet<string>(StringComparer.Ordinal);
            if (!keys.Add(steps[length - 1].Key))
                return;
        }
    }

    private static string CallOf(IReadOnlyList<PlanStep> steps, int length) =>
        $"{PlanAddress.ModuleOf([.. steps.Take(length - 1)])}.{steps[length - 1].Name}";

    private sealed class Group
    {
        public List<RawChange> All { get; } = [];

        public Dictionary<string, RawChange> ByKey { get; } = new(StringComparer.Ordinal);
    }
}
