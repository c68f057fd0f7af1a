namespace Scanner.Catalog;

/// <summary>
/// Where the items of a table come from that are no list of AWS's: rows of SQL over tables that were collected before. The detail calls are made
/// for each of them.
/// </summary>
/// <param name="Tables">Tables that the query reads.</param>
/// <param name="Query">One DuckDB select; <c>account_id</c> and <c>region</c> say where a row stands, every other column is a member of its item.</param>
/// <param name="Line">Line of the query in the file, for errors.</param>
/// <param name="IsPartial">Whether rows of tables that could not be read are left out, and not the whole table: whoever asks takes a missing row for not known.</param>
public sealed record TableFrom(IReadOnlyList<string> Tables, string Query, int Line, bool IsPartial)
{
    /// <summary>Whether the query reads what is collected for others, and nothing is asked of AWS for it: who scans one service pays for no other.</summary>
    public bool IsOfOthers { get; init; }
}

/// <summary>A detail that many items are asked for in one call.</summary>
/// <param name="Parameter">Input member that takes the list.</param>
/// <param name="From">Text with <c>{paths}</c> that gives an item's element; an item without it is not asked for.</param>
/// <param name="Size">Most elements that AWS takes in one call.</param>
/// <param name="Items">Where the answers are in the reply.</param>
/// <param name="Key">Member that an element and its answer have in common.</param>
public sealed record TableDetailBatch(string Parameter, string From, int Size, ItemPath Items, string Key);
