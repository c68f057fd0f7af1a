namespace Scanner.Catalog.Terraform;

/// <summary>What holds where a part is not there. What is null here is unknown.</summary>
/// <param name="Created">The instance is new.</param>
/// <param name="Removed">The instance was there before, and the part with it; the plan takes the part away.</param>
/// <param name="Unseen">The instance was there before, and this plan never had such a part: another stack may have it.</param>
public sealed record TerraformAbsence(TerraformConstant? Created, TerraformConstant? Removed, TerraformConstant? Unseen);
