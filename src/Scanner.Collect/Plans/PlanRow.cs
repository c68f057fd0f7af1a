using Scanner.Model;

namespace Scanner.Collect.Plans;

/// <summary>One row of a table that was made of one side of a plan.</summary>
/// <param name="Resource">The row as the store takes it. A column that is not known is missing from the item and named by a
/// <see cref="ResourceFailure"/> with outcome <see cref="CollectionOutcome.Planned"/>, operation <c>terraform:ADDRESS</c>
/// (<c>aws:ADDRESS</c> where AWS decides it by itself) and the sentence of the <see cref="PlanUnknown"/> as reason.</param>
/// <param name="Address">Address of the instance that the row is about; several rows may be of one (rules of a group).</param>
public sealed record PlanRow(Resource Resource, string Address)
{
    /// <summary>Addresses of everything that the row was made of, <see cref="Address"/> first: sub-resources, and on the side
    /// afterwards those that were there before and are gone, so that a destroyed one is found behind an unchanged row.</summary>
    public IReadOnlyList<string> Lineage { get; init; } = [Address];

    /// <summary>By column, the addresses that its value was made of: a finding that reads some columns is caused by none but these. Columns that are
    /// made of <see cref="Address"/> alone are left out.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Sources { get; init; } = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);

    /// <summary>Columns whose value only the running account can tell (<c>assumed:</c>). A pass that reads one is not proved.</summary>
    public IReadOnlyList<string> Assumed { get; init; } = [];

    /// <summary>
    /// Rows of the same id between which the answer lies, where columns are not known: with and without a part that may be another's, with
    /// what is not known of a policy at its narrowest and at its widest. A check that says the same of all of them is certain. Often none.
    /// </summary>
    public IReadOnlyList<Resource> Alternatives { get; init; } = [];

    /// <summary>
    /// Where <see cref="Alternatives"/> are not all that may come together, but go through what each value that is not known may be by itself: by column,
    /// the numbers of those that it is made of. They answer for a check that reads but one of them. Empty where they are all.
    /// </summary>
    public IReadOnlyDictionary<string, IReadOnlyList<int>> Apart { get; init; } = new Dictionary<string, IReadOnlyList<int>>(StringComparer.Ordinal);

    /// <summary>Whether they are many: one for each object that an argument may name.</summary>
    public bool HasManyCases { get; init; }

    /// <summary>For a row that AWS makes along with the instance (the default security group of a VPC), the resource type by which Terraform
    /// would manage it; null for one that the instance is itself.</summary>
    public string? Implied { get; init; }

    /// <summary>Whether the row may not be there at all: its instance is not certain (<see cref="PlanInstance.IsCertain"/>).</summary>
    public bool Uncertain { get; init; }
}
