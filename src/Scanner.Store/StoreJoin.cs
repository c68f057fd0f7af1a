using DuckDB.NET.Data;
using Scanner.Model;
using Scanner.Store.Sql;

namespace Scanner.Store;

/// <summary>
/// Copies what other stores collected into one, as a whole and not row by row. The instance that does it can open the files that it was
/// told of and nothing else; it is closed before anybody's SQL runs.
/// </summary>
public sealed class StoreJoin : IDisposable
{
    private readonly ScanStore _store;
    private readonly string _into;
    private readonly IReadOnlyList<string> _sources;
    private DuckDBConnection? _connection;

    internal StoreJoin(ScanStore store, string into, IReadOnlyList<string> sources)
    {
        _store = store;
        _into = into;
        // Of a store that was not closed the log beside it is a part.
        _sources = [.. sources.Select(Path.GetFullPath).SelectMany(path => new[] { path, path + ScanStore.WriteAheadLog })];
    }

    /// <summary>Adds what a store collected; what it found is not added. All of it, or nothing.</summary>
    /// <param name="path">One of the files that were named; it is not changed.</param>
    /// <exception cref="InputException">The other store is damaged, or this one cannot be written.</exception>
    public void Add(string path)
    {
        var full = Path.GetFullPath(path);
        _connection ??= Sandbox.OpenJoin(_into, _sources);
        try
        {
            Sandbox.Execute(_connection, $"ATTACH {SqlText.Literal(full)} AS other (READ_ONLY)");
            Sandbox.Execute(_connection, "BEGIN TRANSACTION");
            // By name: a store of an earlier version lacks a column, and has nothing to say in it.
            foreach (var table in new[] { "resources", "collection" })
                Sandbox.Execute(_connection, $"INSERT INTO main.{table} BY NAME SELECT * FROM other.main.{table}");
            Sandbox.Execute(_connection, "COMMIT");
            Sandbox.Execute(_connection, "DETACH other");
        }
        catch (DuckDBException e)
        {
            // What was not committed is not there; an instance that met a damaged file may be of no more use.
            _connection.Dispose();
            _connection = null;
            throw ScanStore.IsFull(e) ? ScanStore.NotWritten(_into, e) : ScanStore.Damage(full, e);
        }
    }

    /// <summary>Gives the store back to those who ask it.</summary>
    public void Dispose()
    {
        _connection?.Dispose();
        _connection = null;
        _store.Reopen();
    }
}
