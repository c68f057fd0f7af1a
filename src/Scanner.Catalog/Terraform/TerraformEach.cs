namespace Scanner.Catalog.Terraform;

/// <summary>A list with one element for each of another: blocks, a list, a map, parts.</summary>
/// <param name="Line">Line in the table's file.</param>
/// <param name="Of">What is walked through.</param>
/// <param name="Item">The element; its paths start at the element.</param>
public sealed record TerraformEach(int Line, TerraformPath Of, TerraformExpression Item) : TerraformExpression(Line)
{
    /// <summary>Name under which expressions deeper down find the element: <c>@rule.protocol</c>; null without.</summary>
    public string? As { get; init; }

    /// <summary>Whether what is walked through is a JSON text.</summary>
    public bool Parse { get; init; }

    /// <summary>Whether each element becomes a list, and the result is all of them together.</summary>
    public bool Flat { get; init; }

    /// <summary>Key of an element: then the result is an object.</summary>
    public TerraformExpression? Key { get; init; }

    /// <summary>What must hold for an element.</summary>
    public IReadOnlyList<TerraformCondition> When { get; init; } = [];

    /// <summary>What holds where the list is not set; null: the empty list, where the provider does not fill it.</summary>
    public TerraformDefault? Unset { get; init; }

    /// <summary>What AWS may add of its own, of which the plan does not tell; null: nothing.</summary>
    public TerraformIncomplete? Incomplete { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<TerraformExpression> Children => Key is null ? [Item] : [Item, Key];

    /// <inheritdoc/>
    public override IEnumerable<TerraformPath> Paths => base.Paths.Append(Of).Concat(When.Select(condition => condition.Path));
}
