namespace Scanner.Catalog.Terraform;

/// <summary>An attribute by which others refer to an object.</summary>
/// <param name="Attribute">Name of the attribute, such as <c>id</c>.</param>
/// <param name="Text">What its value will be, made of arguments that are known before apply; null where only AWS can tell.</param>
public sealed record TerraformName(string Attribute, TerraformText? Text = null);
