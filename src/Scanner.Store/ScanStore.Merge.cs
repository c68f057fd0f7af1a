using DuckDB.NET.Data;
using Scanner.Model;
using Scanner.Store.Sql;

namespace Scanner.Store;

public sealed partial class ScanStore
{
    /// <summary>
    /// Adds what another store collected, row by row, whatever it holds; what it found is not added. All of it, or nothing: where the other
    /// cannot be read to its end, this one is as it was.
    /// </summary>
    /// <param name="other">The other store; it is not changed.</param>
    /// <exception cref="InputException">The other store is damaged, or this one cannot be written.</exception>
    public void AddFrom(ScanStore other)
    {
        ArgumentNullException.ThrowIfNull(other);
        lock (_gate)
        {
            Flush();
            Write(() => Sandbox.Execute(Connection, "BEGIN TRANSACTION"));
            try
            {
                lock (other._gate)
                {
                    other.Copy("SELECT table_name, account_id, region, resource_id, item, failures FROM main.resources",
                        row => Append(row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetString(4), TextOf(row, 5)));
                    other.Copy($"SELECT {CollectionColumns} FROM main.collection", row => Append([StatusOf(row)]));
                }
                Flush();
                Write(() => Sandbox.Execute(Connection, "COMMIT"));
            }
            catch
            {
                Rollback();
                throw;
            }
        }
    }

    /// <summary>Takes out what was collected of some tables in some accounts.</summary>
    /// <param name="places">Tables and account ids.</param>
    public void Remove(IEnumerable<(string Table, string Account)> places)
    {
        ArgumentNullException.ThrowIfNull(places);
        lock (_gate)
        {
            Flush();
            foreach (var (table, account) in places)
            {
                foreach (var from in new[] { "resources", "collection" })
                    Write(() => Sandbox.Execute(Connection, $"DELETE FROM main.{from} WHERE table_name = {SqlText.Literal(table)} AND account_id = {SqlText.Literal(account)}"));
            }
        }
    }

    private void Rollback()
    {
        try
        {
            Flushed().ForEach(rows => rows.Dispose());
            Sandbox.Execute(Connection, "ROLLBACK");
        }
        catch (DuckDBException)
        {
            // A transaction that failed may have ended by itself; what made it fail is the news.
        }
    }

    private void Copy(string sql, Action<DuckDBDataReader> row)
    {
        using (EngineFaults.Guard())
        {
            using var command = Connection.CreateCommand();
            command.CommandText = sql;
            command.UseStreamingMode = true;
            using var reader = Damaged(command.ExecuteReader);
            while (Damaged(reader.Read))
                row(reader);
        }
    }

    private T Damaged<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is DuckDBException or InvalidOperationException or OutOfMemoryException)
        {
            throw new InputException($"{_path}: cannot be read to its end, it may be damaged: {Sandbox.FirstLine(e.Message)}", e);
        }
    }
}
