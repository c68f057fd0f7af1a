namespace Scanner.Catalog;

/// <summary>Everything that the <c>checks/</c> folders declare, overlays applied.</summary>
public sealed record CheckCatalog
{
    /// <summary>Tables by name.</summary>
    public required IReadOnlyDictionary<string, TableDefinition> Tables { get; init; }

    /// <summary>Checks by id, in a stable order.</summary>
    public required IReadOnlyDictionary<string, CheckDefinition> Checks { get; init; }

    /// <summary>Frameworks by id.</summary>
    public required IReadOnlyDictionary<string, FrameworkDefinition> Frameworks { get; init; }

    /// <summary>Sigma files of the <c>detections/</c> folders, and of any file with a <c>detection</c>, <c>correlation</c> or <c>filter</c> key.</summary>
    public required IReadOnlyList<RuleFile> Detections { get; init; }

    /// <summary>Accepted risks of the <c>mutes</c> files.</summary>
    public IReadOnlyList<Mute> Mutes { get; init; } = [];
}
