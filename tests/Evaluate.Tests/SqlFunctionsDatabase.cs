using DuckDB.NET.Data;
using Scanner.Store.Sql;

namespace Evaluate.Tests;

/// <summary>One database for all cases of a class: opening one costs more than asking it.</summary>
public sealed class SqlFunctionsDatabase : IDisposable
{
    internal DuckDBConnection Connection { get; } = Sandbox.Open(null);

    public void Dispose() => Connection.Dispose();
}
