namespace Scanner.Catalog.Terraform;

/// <summary>One column of a table, as a plan knows it.</summary>
/// <param name="Name">Column of the table.</param>
/// <param name="Kind">What a plan can tell of it.</param>
/// <param name="Value">How it is made; null for <see cref="TerraformColumnKind.Never"/>.</param>
/// <param name="Line">Line in the table's file.</param>
public sealed record TerraformColumn(string Name, TerraformColumnKind Kind, TerraformExpression? Value, int Line);
