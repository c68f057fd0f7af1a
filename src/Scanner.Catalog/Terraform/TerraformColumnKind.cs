namespace Scanner.Catalog.Terraform;

/// <summary>What a plan can tell of a column.</summary>
public enum TerraformColumnKind
{
    /// <summary>Its value, as far as the plan knows it.</summary>
    Mapped,

    /// <summary>What the running account will say if all goes well: a fail stands, a pass is seen by the next scan.</summary>
    Assumed,

    /// <summary>Nothing: checks that name the column are not judged from plans.</summary>
    Never,
}
