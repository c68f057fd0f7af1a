namespace Scanner.Store.Sql;

/// <summary>A query ended without an answer: an error in it, the time limit, the memory limit. One line, for people.</summary>
internal sealed class QueryFailedException(string message, Exception? cause = null)
    : Exception(message.ReplaceLineEndings(" "), cause)
{
    /// <summary>Whether it was stopped for what it costs, and not for what is wrong in it.</summary>
    public bool IsOverLimit { get; init; }
}
