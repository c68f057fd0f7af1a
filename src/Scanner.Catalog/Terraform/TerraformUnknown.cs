namespace Scanner.Catalog.Terraform;

/// <summary>What no plan can tell in a case that the table file knows of: a database that is restored from a snapshot.</summary>
/// <param name="Line">Line in the table's file.</param>
/// <param name="Reason">Why; the address is put before it.</param>
public sealed record TerraformUnknown(int Line, string Reason) : TerraformExpression(Line);
