using Scanner.Model;

namespace Scanner.Catalog;

/// <summary>A posture check: metadata, one SQL query, and its tests. One YAML file.</summary>
public sealed record CheckDefinition
{
    /// <summary>Everything that readers of its findings are told.</summary>
    public required RuleInfo Info { get; init; }

    /// <summary>Id, unique in the catalog.</summary>
    public string Id => Info.Id;

    /// <summary>What one finding is about.</summary>
    public CheckScope Scope { get; init; }

    /// <summary>Tables that the query reads; the first is the one that resource ids come from.</summary>
    public required IReadOnlyList<string> Tables { get; init; }

    /// <summary>Those of <see cref="Tables"/> whose rows can only turn a fail into a pass: where one of them could not be read, passes stand.</summary>
    public IReadOnlyList<string> Helps { get; init; } = [];

    /// <summary>
    /// Those of <see cref="Tables"/> whose rows say of a running account nothing that the others do not: a plan alone has them apart (a rule for
    /// a group of another stack). Nobody asks AWS for them, and rows of them that could not be read are not missed.
    /// </summary>
    public IReadOnlyList<string> ForPlans { get; init; } = [];

    /// <summary>
    /// A check that asks for more: each fail of this one is a fail of that one too. It is there for controls that ask for no more, and left out
    /// where the other runs. Null: it stands alone.
    /// </summary>
    public string? Within { get; init; }

    /// <summary>Whether one pass proves the check for its scope even where something could not be read.</summary>
    public bool OnePassIsEnough { get; init; }

    /// <summary>Whether it is about what only a running account shows, such as delivery (<c>terraform: never</c>): no plan is asked.
    /// Where a table or column that it reads is in no plan, that follows without a word.</summary>
    public bool NeverInTerraform { get; init; }

    /// <summary>Where the logs go that the check is about; null where the query returns no <c>target</c>.</summary>
    public CheckTarget? Target { get; init; }

    /// <summary>What proves that logs arrive; null where the check is about something else.</summary>
    public CheckEvidence? Evidence { get; init; }

    /// <summary>One DuckDB select.</summary>
    public required string Query { get; init; }

    /// <summary>Line of the query in the file, for errors.</summary>
    public int QueryLine { get; init; }

    /// <summary>Unit tests, in the file's order; none where the catalog was read without them.</summary>
    public IReadOnlyList<CheckTest> Tests { get; init; } = [];
}

/// <summary>What one finding of a check is about, and so what must have been collected for it to be known.</summary>
public enum CheckScope
{
    /// <summary>A resource of the check's first table.</summary>
    Resource,

    /// <summary>An account in one region.</summary>
    Region,

    /// <summary>An account in all its scanned regions.</summary>
    Account,
}
