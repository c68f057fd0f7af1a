namespace Scanner.Evaluate.Gaps;

/// <summary>A column of a table of the catalog.</summary>
/// <param name="Table">Table.</param>
/// <param name="Column">Column.</param>
internal sealed record SourceColumn(string Table, string Column);
