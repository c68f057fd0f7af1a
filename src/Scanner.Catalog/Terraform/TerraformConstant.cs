using System.Text.Json.Nodes;

namespace Scanner.Catalog.Terraform;

/// <summary>
/// A value that is the same for every instance. In its texts <c>{account}</c>, <c>{region}</c>, <c>{partition}</c>,
/// <c>{address}</c> and <c>{scan_time}</c> are filled in.
/// </summary>
/// <param name="Line">Line in the table's file.</param>
/// <param name="Value">The value as JSON.</param>
public sealed record TerraformConstant(int Line, JsonNode? Value) : TerraformExpression(Line);
