namespace Scanner.Catalog.Terraform;

/// <summary>An attribute: the first of some paths that is set.</summary>
/// <param name="Line">Line in the table's file.</param>
/// <param name="Of">Where to look, in order.</param>
public sealed record TerraformRead(int Line, IReadOnlyList<TerraformPath> Of) : TerraformExpression(Line)
{
    /// <summary>What AWS does when the argument is not set; null where the provider's choice is not known.</summary>
    public TerraformDefault? Unset { get; init; }

    /// <summary>What holds where there is no such part; null: as if its argument were not set.</summary>
    public TerraformAbsence? None { get; init; }

    /// <summary>Words of the provider and what AWS says for them; others stay as they are.</summary>
    public IReadOnlyList<KeyValuePair<string, TerraformConstant>> Map { get; init; } = [];

    /// <summary>Whether a text that is composed of one object's name stands for that object: <c>"${arn}:*"</c>.</summary>
    public bool Composed { get; init; }

    /// <summary>Text that stands for a value that is not known: for an object that is judged by itself, whichever it is. Null without.</summary>
    public TerraformText? IfUnknown { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<TerraformPath> Paths => base.Paths.Concat(Of);
}
