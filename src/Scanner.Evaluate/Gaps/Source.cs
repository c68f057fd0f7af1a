using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace Scanner.Evaluate.Gaps;

/// <summary>Something in FROM: a table, a common table expression, a subquery, unfolded values.</summary>
/// <param name="Alias">The name that columns are called by.</param>
/// <param name="Columns">Its columns by name, in order.</param>
/// <param name="Loose">Mask: there may be more of these rows, or none.</param>
/// <param name="Gone">Mask: there may be no such row.</param>
/// <param name="Rows">Columns that decide which rows there are.</param>
internal sealed record Source(
    string Alias, IReadOnlyList<(string Name, Term Term)> Columns, JsonNode? Loose, JsonNode? Gone, ImmutableHashSet<SourceColumn> Rows)
{
    /// <summary>Columns of the right side of USING, which a star and a bare name do not mean.</summary>
    public ImmutableHashSet<string> Hidden { get; init; } = ImmutableHashSet.Create<string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether nothing in it hangs on a gap.</summary>
    public bool IsClosed => Loose is null && Gone is null && Columns.All(column => column.Term.Mask is null);

    /// <summary>A column by its name, whatever its case.</summary>
    public Term? Find(string name) =>
        Columns.FirstOrDefault(column => column.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Term;
}
