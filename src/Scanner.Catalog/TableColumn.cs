namespace Scanner.Catalog;

/// <summary>A typed column of a table.</summary>
/// <param name="Name">Column name in SQL.</param>
/// <param name="Path">Where its value is in the item.</param>
/// <param name="Type">Its type.</param>
/// <param name="About">What it holds, for the generated documentation; may be empty.</param>
public sealed record TableColumn(string Name, ItemPath Path, ColumnType Type, string About)
{
    /// <summary>Line in the file, for errors; 0 where there is no file.</summary>
    public int Line { get; init; }
}
