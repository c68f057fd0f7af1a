namespace Scanner.Collect.Events;

/// <summary>The rows of a reply.</summary>
/// <param name="Rows">Column name to value as text, null for none; hostile.</param>
/// <param name="Missing">In words: how the reply tells that there were more rows; null: these are all.</param>
internal sealed record QueryRows(IReadOnlyList<IReadOnlyDictionary<string, string?>> Rows, string? Missing = null);
