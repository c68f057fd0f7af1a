namespace Scanner.Catalog.Terraform;

/// <summary>
/// What AWS may add to a list by itself. The answer of a check lies between the two: where it is the same for both it is certain.
/// </summary>
/// <param name="Key">Member that tells elements apart: one that the list has already is not added.</param>
/// <param name="Either">Elements at one end, such as every protection plan enabled.</param>
/// <param name="Or">Elements at the other.</param>
public sealed record TerraformIncomplete(string Key, TerraformConstant Either, TerraformConstant Or);
