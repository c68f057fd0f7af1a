namespace Scanner.Collect.Plans;

/// <summary>What a plan is read with.</summary>
public sealed record PlanReadOptions
{
    /// <summary>By resource type, the attributes that are an identity of the object (<c>names:</c> of the table files). Only
    /// these become <see cref="PlanSymbol"/>s; a type that is missing has none.</summary>
    public IReadOnlyDictionary<string, IReadOnlySet<string>> Names { get; init; } =
        new Dictionary<string, IReadOnlySet<string>>(StringComparer.Ordinal);

    /// <summary>By resource type and argument, the types of the objects that the resource belongs to by that argument (<c>by:</c> of the table files):
    /// it always names one.</summary>
    public IReadOnlyDictionary<(string Type, string Argument), IReadOnlySet<string>> Owners { get; init; } =
        new Dictionary<(string Type, string Argument), IReadOnlySet<string>>();

    /// <summary>Account to take for everything (<c>--accounts</c>, one id); null to let the plan tell.</summary>
    public string? Account { get; init; }

    /// <summary>Folder of the root module's <c>.tf</c> files (<c>--source</c>); null without.</summary>
    public string? Source { get; init; }

    /// <summary>Name of the plan; the file's path when null.</summary>
    public string? Name { get; init; }
}
