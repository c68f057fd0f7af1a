using Scanner.Catalog.Terraform;

namespace Scanner.Catalog;

/// <summary>A table: how a resource type is collected, and its columns. One file of <c>checks/tables/</c>.</summary>
public sealed record TableDefinition
{
    /// <summary>Table name in SQL, such as <c>aws_cloudtrail_trail</c>.</summary>
    public required string Name { get; init; }

    /// <summary>One line for the documentation.</summary>
    public required string Title { get; init; }

    /// <summary>File, relative to the catalog's root.</summary>
    public required string File { get; init; }

    /// <summary>Full path of the file; empty for the tables that are none.</summary>
    public string Path { get; init; } = "";

    /// <summary>Lines of <c>service</c>, <c>id</c> and <c>region</c> in the file.</summary>
    public IReadOnlyDictionary<string, int> Lines { get; init; } = new Dictionary<string, int>(StringComparer.Ordinal);

    /// <summary>Default service of its calls.</summary>
    public required string Service { get; init; }

    /// <summary>Where it is collected.</summary>
    public required TableScope Scope { get; init; }

    /// <summary>Parents, outermost first; often none.</summary>
    public IReadOnlyList<TableCall> ForEach { get; init; } = [];

    /// <summary>Where the items come from, if it is no list of AWS's; <see cref="List"/> then stands for the first detail and is not called.</summary>
    public TableFrom? From { get; init; }

    /// <summary>Whether it holds proof that logs arrive: its rights are a statement of their own, which a role need not have.</summary>
    public bool IsEvidence { get; init; }

    /// <summary>The call that lists the items.</summary>
    public required TableCall List { get; init; }

    /// <summary>Detail calls, in order.</summary>
    public IReadOnlyList<TableCall> Each { get; init; } = [];

    /// <summary>Details of the file that a scan leaves out, since nobody that it was chosen for takes anything from them; <see cref="Each"/> is without them.</summary>
    public IReadOnlyList<TableCall> NotAsked { get; init; } = [];

    /// <summary>Text with <c>{paths}</c> or a bare path: the region of a row; null: the region of the scan.</summary>
    public string? RowRegion { get; init; }

    /// <summary>Text with <c>{paths}</c> or a bare path: the id of a row.</summary>
    public required string Id { get; init; }

    /// <summary>Typed columns, in order. <c>account_id</c>, <c>region</c>, <c>resource_id</c> and <c>item</c> are implied.</summary>
    public required IReadOnlyList<TableColumn> Columns { get; init; }

    /// <summary>How Terraform plans make rows of it; empty where no plan can, or where the file does not say.</summary>
    public IReadOnlyList<TerraformMapping> Terraform { get; init; } = [];

    /// <summary>Whether the file says that no plan can tell of it (<c>terraform: never</c>).</summary>
    public bool NeverInTerraform { get; init; }

    /// <summary>
    /// Whether one row or a few speak for the whole account or region (a trail, a detector, a setting), so that it is often
    /// another Terraform stack that has them: of a plan without a row of it nothing follows.
    /// </summary>
    public bool AccountFact { get; init; }

    /// <summary>Whether AWS services make rows of it by themselves (log groups): that a plan has none of a name says nothing.</summary>
    public bool MadeByAws { get; init; }

    /// <summary>What tells of every change of its rows; null where nothing does, so that each scan reads it.</summary>
    public TableChanges? Changes { get; init; }

    /// <summary>Whether its rows come from the scan itself and from no call.</summary>
    public bool IsMadeByScan { get; init; }

    /// <summary>Every call that collecting the table can make: parents, prepare, list and details.</summary>
    public IEnumerable<(string Service, string Operation)> Operations
    {
        get
        {
            if (IsMadeByScan)
                yield break;
            foreach (var parent in ForEach)
                yield return (parent.Service, parent.Operation);
            if (List.Prepare is { } prepare)
                yield return (List.Service, prepare.Operation);
            if (From is null)
                yield return (List.Service, List.Operation);
            foreach (var detail in Each)
                yield return (detail.Service, detail.Operation);
        }
    }
}

/// <summary>A typed column of a table.</summary>
/// <param name="Name">Column name in SQL.</param>
/// <param name="Path">Where its value is in the item.</param>
/// <param name="Type">Its type.</param>
/// <param name="About">What it holds, for the generated documentation; may be empty.</param>
public sealed record TableColumn(string Name, ItemPath Path, ColumnType Type, string About)
{
    /// <summary>Line in the file, for errors; 0 where there is no file.</summary>
    public int Line { get; init; }
}

/// <summary>Where a table is collected.</summary>
public enum TableScope
{
    /// <summary>In each scanned region.</summary>
    Region,

    /// <summary>Once per account; its rows are in region <c>global</c> unless the table says otherwise.</summary>
    Account,
}
