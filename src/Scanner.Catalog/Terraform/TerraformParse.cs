namespace Scanner.Catalog.Terraform;

/// <summary>The JSON that an argument holds as a text, as JSON; not set where the text is none.</summary>
/// <param name="Line">Line in the table's file.</param>
/// <param name="Of">Where the text is.</param>
public sealed record TerraformParse(int Line, TerraformPath Of) : TerraformExpression(Line)
{
    /// <inheritdoc/>
    public override IEnumerable<TerraformPath> Paths => base.Paths.Append(Of);
}
