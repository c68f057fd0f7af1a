namespace Scanner.Catalog.Terraform;

/// <summary>An expression for some resource types, another for the rest.</summary>
/// <param name="Line">Line in the table's file.</param>
/// <param name="Types">By resource type.</param>
/// <param name="Other">For the other types; null: not set.</param>
public sealed record TerraformByType(int Line, IReadOnlyDictionary<string, TerraformExpression> Types, TerraformExpression? Other) : TerraformExpression(Line)
{
    /// <inheritdoc/>
    public override IEnumerable<TerraformExpression> Children => Other is null ? Types.Values : Types.Values.Append(Other);
}
