namespace Scanner.Store;

/// <summary>A column of a query's result.</summary>
/// <param name="Name">Its name; several columns may have the same.</param>
/// <param name="Type">DuckDB's name of its type, such as <c>VARCHAR</c>, <c>JSON</c> or <c>TIMESTAMP WITH TIME ZONE</c>.</param>
public sealed record QueryColumn(string Name, string Type);
