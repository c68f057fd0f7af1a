namespace Scanner.Collect.Plans;

/// <summary>The instances that are there after apply, by the address of their resource.</summary>
internal sealed class PlanEntries
{
    private static readonly Group None = new();
    private readonly Dictionary<string, Group> _groups = new(StringComparer.Ordinal);

    public void Add(RawChange entry)
    {
        var resource = entry.Parts.Resource;
        if (!_groups.TryGetValue(resource, out var group))
            _groups[resource] = group = new Group();
        group.All.Add(entry);
        group.ByKey[entry.Index ?? ""] = entry;
    }

    /// <summary>All instances of a resource; none when it has none.</summary>
    public IReadOnlyList<RawChange> Of(string resource) => _groups.GetValueOrDefault(resource, None).All;

    /// <summary>The instance of a key; null when there is none.</summary>
    /// <param name="resource">Address without a key.</param>
    /// <param name="key">Key without brackets and quotes; empty for a resource without.</param>
    public RawChange? Of(string resource, string key) => _groups.GetValueOrDefault(resource, None).ByKey.GetValueOrDefault(key);

    private sealed class Group
    {
        public List<RawChange> All { get; } = [];

        public Dictionary<string, RawChange> ByKey { get; } = new(StringComparer.Ordinal);
    }
}
