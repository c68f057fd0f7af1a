namespace Scanner.Catalog.Terraform;

/// <summary>A condition of a <c>when:</c>.</summary>
/// <param name="Path">Where to look.</param>
/// <param name="Values">Any of these; null stands for "not set". Empty: the path must be set, whatever to.</param>
public sealed record TerraformCondition(TerraformPath Path, IReadOnlyList<string?> Values);
