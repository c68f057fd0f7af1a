namespace Scanner.Catalog.Terraform;

/// <summary>A JSON object.</summary>
/// <param name="Line">Line in the table's file.</param>
/// <param name="Members">Its members; those whose value is not set are left out, as AWS leaves them out.</param>
public sealed record TerraformObject(int Line, IReadOnlyList<KeyValuePair<string, TerraformExpression>> Members) : TerraformExpression(Line)
{
    /// <inheritdoc/>
    public override IEnumerable<TerraformExpression> Children => Members.Select(member => member.Value);
}
