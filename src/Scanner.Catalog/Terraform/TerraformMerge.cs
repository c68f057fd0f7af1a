namespace Scanner.Catalog.Terraform;

/// <summary>
/// A list that the provider refreshes with what sub-resources make: the rules of a security group. What sub-resources gave
/// before is taken from it, and what they give now is added, so that a destroyed one is gone.
/// </summary>
/// <param name="Line">Line in the table's file.</param>
/// <param name="Own">The list as the instance has it.</param>
/// <param name="Parts">The list that its parts make, its elements spelled as those of <paramref name="Own"/>.</param>
public sealed record TerraformMerge(int Line, TerraformExpression Own, TerraformExpression Parts) : TerraformExpression(Line)
{
    /// <inheritdoc/>
    public override IEnumerable<TerraformExpression> Children => [Own, Parts];
}
