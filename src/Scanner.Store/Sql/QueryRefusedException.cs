namespace Scanner.Store.Sql;

/// <summary>A query that is not run at all: it is not one SELECT, or asks for what a check must not use.</summary>
/// <param name="message">What is wrong and how to correct it, one line.</param>
/// <param name="line">Line within the query, from 1; 0 when there is none to name.</param>
internal sealed class QueryRefusedException(string message, int line = 0) : Exception(message.ReplaceLineEndings(" "))
{
    public int Line { get; } = line;
}
