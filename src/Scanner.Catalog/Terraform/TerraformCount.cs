namespace Scanner.Catalog.Terraform;

/// <summary>How many elements some lists have together.</summary>
/// <param name="Line">Line in the table's file.</param>
/// <param name="Of">The lists: parts, or attributes.</param>
public sealed record TerraformCount(int Line, IReadOnlyList<TerraformPath> Of) : TerraformExpression(Line)
{
    /// <summary>The number that the provider read of the instance as it is: then only what comes and goes is counted. Null without.</summary>
    public TerraformPath? Base { get; init; }

    /// <summary>What numbers stand for; <c>other</c>, the last, for all others. Empty: the number itself.</summary>
    public IReadOnlyList<KeyValuePair<string, TerraformConstant>> Map { get; init; } = [];

    /// <inheritdoc/>
    public override IEnumerable<TerraformPath> Paths => base.Paths.Concat(Of).Concat(Base is null ? [] : [Base]);
}
