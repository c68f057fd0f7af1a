using Scanner.Model;

namespace Scanner.Evaluate.Gates;

/// <summary>A row that was made of one side of a plan.</summary>
/// <param name="Resource">The row; columns that are not known yet are failures with <see cref="CollectionOutcome.Planned"/>.</param>
/// <param name="Address">Address of the instance that it is about.</param>
public sealed record GateRow(Resource Resource, string Address)
{
    /// <summary>By column, the addresses that its value was made of; columns made of <see cref="Address"/> alone are left out.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Sources { get; init; } = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);

    /// <summary>For a row that AWS makes along with the instance (the default security group of a VPC), the resource type by which Terraform
    /// would manage it; null for one that the instance is itself.</summary>
    public string? Implied { get; init; }

    /// <summary>Columns whose value only the running account can tell.</summary>
    public IReadOnlyList<string> Assumed { get; init; } = [];

    /// <summary>Rows of the same id between which the answer lies, where columns are not known; null where it may not be there. Often none.</summary>
    public IReadOnlyList<Resource?> Alternatives { get; init; } = [];

    /// <summary>
    /// Where the alternatives are not all that may come together, but go through what each value that is not known may be by itself: by column, the
    /// numbers of those that it is made of. They answer for a check that reads but one of them. Empty where they are all.
    /// </summary>
    public IReadOnlyDictionary<string, IReadOnlyList<int>> Apart { get; init; } = new Dictionary<string, IReadOnlyList<int>>(StringComparer.Ordinal);

    /// <summary>Whether they are one for each object of the plan that an argument may name, and one for none of them.</summary>
    public bool HasManyCases { get; init; }
}
