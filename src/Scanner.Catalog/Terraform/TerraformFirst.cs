namespace Scanner.Catalog.Terraform;

/// <summary>The first of some expressions that gives a value.</summary>
/// <param name="Line">Line in the table's file.</param>
/// <param name="Choices">The expressions, in order.</param>
public sealed record TerraformFirst(int Line, IReadOnlyList<TerraformExpression> Choices) : TerraformExpression(Line)
{
    /// <inheritdoc/>
    public override IEnumerable<TerraformExpression> Children => Choices;
}
