using System.Collections.Immutable;

namespace Scanner.Evaluate.Gaps;

/// <summary>A column that a rewritten query returns.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Mask">Name of the column with its masks; null where it hangs on no gap.</param>
/// <param name="Uses">Columns of the catalog's tables that it takes something from.</param>
internal sealed record ShapeColumn(string Name, string? Mask, ImmutableHashSet<SourceColumn> Uses);
