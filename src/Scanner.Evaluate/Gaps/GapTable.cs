namespace Scanner.Evaluate.Gaps;

/// <summary>A table of the catalog as rewritten queries see it.</summary>
/// <param name="Name">Its name in checks.</param>
/// <param name="Physical">The table in the database that has its rows, with columns of masks where there are gaps.</param>
/// <param name="Columns">Its columns in order, each with the names of the columns that hold its masks.</param>
/// <param name="Phantom">Name of the column with the mask of a row that stands for rows that could not be read; null where there are none.</param>
internal sealed record GapTable(
    string Name, string Physical, IReadOnlyList<(string Column, IReadOnlyList<string> Masks)> Columns, string? Phantom)
{
    /// <summary>How far its masks are shifted, so that they are told from those of other tables.</summary>
    public int Shift { get; init; }

    /// <summary>Columns of masks that must be zero for a row to be taken; none where all rows are.</summary>
    public IReadOnlyList<string> OnlyWhereZero { get; init; } = [];
}
