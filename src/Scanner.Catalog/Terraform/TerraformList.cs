namespace Scanner.Catalog.Terraform;

/// <summary>A JSON list.</summary>
/// <param name="Line">Line in the table's file.</param>
/// <param name="Items">Its elements; those that are not set are left out.</param>
public sealed record TerraformList(int Line, IReadOnlyList<TerraformExpression> Items) : TerraformExpression(Line)
{
    /// <inheritdoc/>
    public override IEnumerable<TerraformExpression> Children => Items;
}
