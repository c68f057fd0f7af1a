using System.Collections.Immutable;

namespace Scanner.Evaluate.Gaps;

/// <summary>
/// What a rewritten query returns: for each world that may be, its rows are among these. A row that is neither
/// <i>gone</i> nor of masked columns is in every world; one that is not <i>loose</i> is there once and stands for nothing else.
/// </summary>
/// <param name="Columns">The columns of the query itself, in order.</param>
/// <param name="Loose">Name of the column of masks for "there may be more of these rows, or none"; null for never.</param>
/// <param name="Gone">Name of the column of masks for "there may be no row with these known columns"; null for never.</param>
/// <param name="Rows">Columns that decide which rows there are.</param>
internal sealed record Shape(IReadOnlyList<ShapeColumn> Columns, string? Loose, string? Gone, ImmutableHashSet<SourceColumn> Rows)
{
    // Private-use characters: no name that a check's author writes.
    public const string LooseName = "\uE001";
    public const string GoneName = "\uE002";
    public const string MaskPrefix = "\uE000";

    /// <summary>Whether nothing in it hangs on a gap.</summary>
    public bool IsClosed => Loose is null && Gone is null && Columns.All(column => column.Mask is null);
}
