namespace Scanner.Catalog.Terraform;

/// <summary>
/// How a value is made of a plan's instance: one of <see cref="TerraformRead"/>, <see cref="TerraformConstant"/>,
/// <see cref="TerraformText"/>, <see cref="TerraformFirst"/>, <see cref="TerraformByType"/>, <see cref="TerraformCount"/>,
/// <see cref="TerraformObject"/>, <see cref="TerraformList"/>, <see cref="TerraformEach"/>, <see cref="TerraformConcat"/>, <see cref="TerraformMerge"/>,
/// <see cref="TerraformUnknown"/>, <see cref="TerraformParse"/>.
/// </summary>
/// <param name="Line">Line in the table's file.</param>
public abstract record TerraformExpression(int Line)
{
    /// <summary>Where this is not set, the expression gives "not set"; null: no such condition.</summary>
    public TerraformPath? If { get; init; }

    /// <summary>Where all of these hold, the expression gives "not set"; empty: no such condition.</summary>
    public IReadOnlyList<TerraformCondition> Unless { get; init; } = [];

    /// <summary>The expressions that it is made of.</summary>
    public virtual IEnumerable<TerraformExpression> Children => [];

    /// <summary>The paths that it reads itself, not those of its <see cref="Children"/>.</summary>
    public virtual IEnumerable<TerraformPath> Paths => Unless.Select(condition => condition.Path).Concat(If is null ? [] : [If]);

    /// <summary>All paths that it and its parts read.</summary>
    public IEnumerable<TerraformPath> AllPaths => Paths.Concat(Children.SelectMany(child => child.AllPaths));
}
