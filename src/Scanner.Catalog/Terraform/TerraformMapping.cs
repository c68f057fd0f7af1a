namespace Scanner.Catalog.Terraform;

/// <summary>
/// How instances of some Terraform resource types become rows of a table: one entry of the <c>terraform:</c> section of a
/// table file (checks/README.md, "Tables in Terraform plans").
/// </summary>
public sealed record TerraformMapping
{
    /// <summary>Line of the entry in the table's file.</summary>
    public required int Line { get; init; }

    /// <summary>Resource types, such as <c>aws_flow_log</c>: each instance of any of them is a row.</summary>
    public required IReadOnlyList<string> Resources { get; init; }

    /// <summary>Attributes that mean "this object" where others refer to it; the first is the one that symbols are named after.</summary>
    public IReadOnlyList<TerraformName> Names { get; init; } = [];

    /// <summary>Identity attributes of types that no table has and that this table's arguments refer to, by type.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<TerraformName>> Referents { get; init; } =
        new Dictionary<string, IReadOnlyList<TerraformName>>(StringComparer.Ordinal);

    /// <summary>
    /// Blocks that are Optional and Computed in the provider's schema: where they are unknown without an expression they were
    /// not written. Any other block that is unknown as a whole is made by a <c>dynamic</c> block.
    /// </summary>
    public IReadOnlySet<string> Computed { get; init; } = new HashSet<string>(StringComparer.Ordinal);

    /// <summary>Other resources that a row is made of.</summary>
    public IReadOnlyList<TerraformPart> Parts { get; init; } = [];

    /// <summary>List of which each element is a row; null: the instance is the row.</summary>
    public TerraformPath? Rows { get; init; }

    /// <summary>What must hold for an instance to be a row.</summary>
    public IReadOnlyList<TerraformCondition> When { get; init; } = [];

    /// <summary>
    /// Whether the rows are of objects that the plan destroys, on the side afterwards: what AWS goes back to then. The columns
    /// are read from the object as it was.
    /// </summary>
    public bool Destroyed { get; init; }

    /// <summary>
    /// For rows that no resource stands for, because AWS makes the object along with the instance (the default security group of a VPC): the resource
    /// by which a plan manages that object itself, so that there is no such row. Null: the instance is what the row is about.
    /// </summary>
    public TerraformPart? ImpliedUnless { get; init; }

    /// <summary>Attribute that names the account of the row, where it may be another one than the provider's.</summary>
    public TerraformPath? Account { get; init; }

    /// <summary>Text that is the row's id; null: the table's own <c>id</c>, read from the row.</summary>
    public TerraformText? Id { get; init; }

    /// <summary>Every column of the table, in the table's order.</summary>
    public required IReadOnlyList<TerraformColumn> Columns { get; init; }
}
