using System.Text.Json;
using DuckDB.NET.Data;
using Scanner.Catalog;
using Scanner.Model;
using Scanner.Store.Sql;

namespace Scanner.Store;

public sealed partial class ScanStore
{
    // What a scan loses that is killed.
    private static readonly TimeSpan KeepEvery = TimeSpan.FromSeconds(2);

    private Timer? _keeper;

    /// <summary>
    /// The store of a scan that did not come to its end, to be gone on with: what a killed scan left beside <paramref name="path"/>, or else the
    /// store there of a scan that was stopped. It is written beside the path as <see cref="Create"/> does.
    /// </summary>
    /// <param name="path">File to write.</param>
    /// <param name="audience">Who may read it.</param>
    /// <returns>Null where there is no scan to go on with.</returns>
    /// <exception cref="InputException">The file cannot be written, or is damaged.</exception>
    public static ScanStore? Resume(string path, FileAudience audience = FileAudience.Owner)
    {
        RequireReplaceable(path);
        var output = FileOutput.Resume(path, path, audience);
        try
        {
            if (!File.Exists(output.WorkPath))
            {
                if (FileEntry.Look(path).Kind != FileKind.Regular || !WasCutOff(path))
                {
                    output.Dispose();
                    return null;
                }
                File.Copy(path, output.WorkPath);
            }
            var store = new ScanStore(Sandbox.Open(output.WorkPath), output, path, readOnly: false);
            if (store.ReadBegin() is not null)
            {
                store.KeepWhileItGrows();
                return store;
            }
            // Killed before it had begun.
            store.Dispose();
            return null;
        }
        catch
        {
            output.Dispose();
            throw;
        }
    }

    /// <summary>How the scan began; null where nobody said.</summary>
    public ScanBegin? ReadBegin()
    {
        lock (_gate)
        {
            Flush();
            return !HasColumn("begun", "info") ? null
                : Damaged(() => Sandbox.Read(Connection, "SELECT info FROM main.begun", row => JsonSerializer.Deserialize<ScanBegin>(row.GetString(0), Json)!)).FirstOrDefault();
        }
    }

    /// <summary>Says how the scan begins. From here on what is added is kept, a few seconds later, whatever becomes of the process.</summary>
    public void Begin(ScanBegin begin)
    {
        ArgumentNullException.ThrowIfNull(begin);
        lock (_gate)
        {
            Flush();
            Write(() => Sandbox.Execute(Connection, $"INSERT INTO main.begun VALUES ({SqlText.Literal(JsonSerializer.Serialize(begin, Json))})"));
            KeepWhileItGrows();
        }
    }

    /// <summary>
    /// Takes out what is to be collected again: tables of an account and region without a status, or whose reading was stopped, and whatever is not of
    /// the tables.
    /// </summary>
    /// <param name="tables">Tables that are collected.</param>
    /// <returns>Statuses of what stays.</returns>
    public IReadOnlyList<CollectionStatus> DropUnfinished(IReadOnlyList<TableDefinition> tables)
    {
        ArgumentNullException.ThrowIfNull(tables);
        var known = tables.ToDictionary(table => table.Name, StringComparer.Ordinal);
        lock (_gate)
        {
            var kept = ReadCollection().GroupBy(status => (status.Table, status.Account, status.Region))
                .Where(place => known.TryGetValue(place.Key.Table, out var table) && !IsReadAgain(table) && place.All(IsFinal))
                .SelectMany(place => place).ToList();
            _read = null;
            Write(() =>
            {
                Sandbox.Execute(Connection, "BEGIN TRANSACTION");
                Sandbox.Execute(Connection, "CREATE OR REPLACE TEMP TABLE kept (table_name VARCHAR, account_id VARCHAR, region VARCHAR)");
                using (var appender = Connection.CreateAppender("temp", "main", "kept"))
                {
                    foreach (var status in kept.DistinctBy(status => (status.Table, status.Account, status.Region)))
                        appender.CreateRow().AppendValue(status.Table).AppendValue(status.Account).AppendValue(status.Region).EndRow();
                }
                // A table that is read once an account has rows in many regions.
                Sandbox.Execute(Connection, $"DELETE FROM main.resources AS r WHERE NOT EXISTS (FROM temp.kept AS k WHERE k.table_name = r.table_name AND k.account_id = r.account_id AND k.region IN (r.region, {SqlText.Literal(CollectionStatus.Global)}))");
                Sandbox.Execute(Connection, "DELETE FROM main.collection AS c WHERE NOT EXISTS (FROM temp.kept AS k WHERE k.table_name = c.table_name AND k.account_id = c.account_id AND k.region = c.region)");
                Sandbox.Execute(Connection, "DROP TABLE temp.kept");
                Sandbox.Execute(Connection, "COMMIT");
            });
            return kept;
        }
    }

    // Where rows of one region's reading may stand in another, nobody can tell which are missing; nor what is missing of rows made of others.
    private static bool IsReadAgain(TableDefinition table) => table.From is not null || (table.Scope == TableScope.Region && table.RowRegion is not null);

    // A region that is not enabled is found out anew, and whether rows of an earlier scan may still be taken.
    private static bool IsFinal(CollectionStatus status) =>
        status.ReadAt is null && status.Outcome is not (CollectionOutcome.Stopped or CollectionOutcome.Expired) && status is not { Outcome: CollectionOutcome.Disabled, Operation: "ec2:DescribeRegions" };

    private static bool WasCutOff(string path)
    {
        using var store = Open(path);
        return store.ReadScan().EndedEarly;
    }

    private void KeepWhileItGrows() => _keeper = _output is null ? null : new Timer(_ => Keep(), null, KeepEvery, KeepEvery);

    private void Keep()
    {
        // Who has the store now does so for long, or for a moment: the next turn will do.
        if (!_gate.TryEnter())
            return;
        try
        {
            Flush();
        }
        catch (Exception e) when (e is InputException or DuckDBException or InvalidOperationException or ObjectDisposedException)
        {
            // Whoever adds next is told.
        }
        finally
        {
            _gate.Exit();
        }
    }
}
