namespace Scanner.Catalog.Terraform;

/// <summary>Another resource that a row is made of: a sub-resource that refers to the row's, or one that the row's refers to.</summary>
public sealed record TerraformPart
{
    /// <summary>Name in paths; begins with an upper-case letter: <c>Logging</c> in <c>Logging.target_bucket</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Its resource types.</summary>
    public required IReadOnlyList<string> Resources { get; init; }

    /// <summary>
    /// Pairs of an attribute of the part and what it must equal in the row's instance, all of them. The second is null where
    /// the attribute is a reference to the object (its <see cref="TerraformMapping.Names"/>). Empty where <see cref="To"/> is given.
    /// </summary>
    public IReadOnlyList<(TerraformPath Theirs, TerraformPath? Ours)> By { get; init; } = [];

    /// <summary>Attribute of the row's instance that refers to the part; null where the part refers to the row.</summary>
    public TerraformPath? To { get; init; }

    /// <summary>Whether a reference whose place does not tell that it is one (an argument called <c>name</c>) counts, if it names one object only.</summary>
    public bool Composed { get; init; }

    /// <summary>Whether there may be several.</summary>
    public bool Many { get; init; }

    /// <summary>Whether each of several adds to what is there, whatever the others say (rules of a security group, not of a network ACL):
    /// then the answer with some of those that are in doubt lies between those with none and with all.</summary>
    public bool OnlyAdds { get; init; }

    /// <summary>What must hold for an instance to be a part.</summary>
    public IReadOnlyList<TerraformCondition> When { get; init; } = [];

    /// <summary>As <see cref="TerraformMapping.Computed"/>.</summary>
    public IReadOnlySet<string> Computed { get; init; } = new HashSet<string>(StringComparer.Ordinal);
}
