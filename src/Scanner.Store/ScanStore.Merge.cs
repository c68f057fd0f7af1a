using DuckDB.NET.Data;
using Scanner.Model;
using Scanner.Store.Sql;

namespace Scanner.Store;

public sealed partial class ScanStore
{
    /// <summary>Begins to add what other stores collected. Until the result is disposed of this store answers nothing.</summary>
    /// <param name="sources">The files of the others.</param>
    public StoreJoin BeginJoin(IReadOnlyList<string> sources)
    {
        ArgumentNullException.ThrowIfNull(sources);
        if (_output is null || IsReadOnly)
            throw new InvalidOperationException("only a new store file takes in others");
        lock (_gate)
        {
            Flush();
            _read = null;
            Connection.Dispose();
        }
        return new StoreJoin(this, _output.WorkPath, sources);
    }

    /// <summary>Gives back the memory that queries left filled: what is asked next is read from the file again. Nothing of a store in memory.</summary>
    public void LetGo()
    {
        lock (_gate)
        {
            if (_output is null || IsReadOnly)
                return;
            Flush();
            Connection.Dispose();
            Reopen();
        }
    }

    /// <summary>Locks the file up again, and goes on.</summary>
    internal void Reopen()
    {
        lock (_gate)
            Connection = Sandbox.Open(_output!.WorkPath, threads: OneThread);
    }

    internal static InputException Damage(string? path, Exception reason) =>
        new($"{path}: cannot be read to its end, it may be damaged: {Sandbox.FirstLine(reason.Message)}", reason);

    /// <summary>Takes out what was collected of some tables in some accounts.</summary>
    /// <param name="places">Tables and account ids.</param>
    public void Remove(IEnumerable<(string Table, string Account)> places)
    {
        ArgumentNullException.ThrowIfNull(places);
        lock (_gate)
        {
            Flush();
            _read = null;
            foreach (var (table, account) in places)
            {
                foreach (var from in new[] { "resources", "collection" })
                    Write(() => Sandbox.Execute(Connection, $"DELETE FROM main.{from} WHERE table_name = {SqlText.Literal(table)} AND account_id = {SqlText.Literal(account)}"));
            }
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
            throw Damage(_path, e);
        }
    }
}
