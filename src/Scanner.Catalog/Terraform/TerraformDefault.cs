namespace Scanner.Catalog.Terraform;

/// <summary>What AWS, or the provider, does when an argument is not set.</summary>
/// <param name="Value">The value; null where it differs by the provider's major version.</param>
/// <param name="ByProvider">By major version of the provider, ascending: holds from that version until the next; the first one holds for older ones too.</param>
public sealed record TerraformDefault(TerraformConstant? Value, IReadOnlyList<KeyValuePair<int, TerraformConstant>> ByProvider);
