namespace Scanner.Collect.Events;

/// <summary>What an engine answered to one statement.</summary>
/// <param name="Rows">Column name to value as text, null for none; hostile. With a failure: what came before it.</param>
/// <param name="Failure">Null: the answer is whole.</param>
/// <param name="BytesRead">How much data the engine read for it, which is what it costs; 0 where it does not say.</param>
/// <param name="HasRead">Whether the engine read any data or events, as it says or as the rows prove. An answer without rows
/// from a query that read nothing says nothing about the log.</param>
public sealed record QueryAnswer(IReadOnlyList<IReadOnlyDictionary<string, string?>> Rows, QueryFailure? Failure, long BytesRead, bool HasRead = false);
