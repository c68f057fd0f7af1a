namespace Scanner.Catalog.Terraform;

/// <summary>Several lists one after the other; those that are not set are left out.</summary>
/// <param name="Line">Line in the table's file.</param>
/// <param name="Lists">The lists.</param>
public sealed record TerraformConcat(int Line, IReadOnlyList<TerraformExpression> Lists) : TerraformExpression(Line)
{
    /// <inheritdoc/>
    public override IEnumerable<TerraformExpression> Children => Lists;
}
