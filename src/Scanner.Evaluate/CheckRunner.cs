using System.Globalization;
using DuckDB.NET.Data;
using Scanner.Store;
using Scanner.Store.Sql;

namespace Scanner.Evaluate;

/// <summary>Runs the query of a compiled check on an instance that has its typed tables.</summary>
internal static class CheckRunner
{
    /// <summary>The view that stands for the query: it lets DuckDB find the end of the text, not us.</summary>
    public const string View = "temp.\"check rows\"";

    /// <summary>Sets what <c>scan_time()</c> gives.</summary>
    public static void SetTime(DuckDBConnection connection, DateTimeOffset time) =>
        Sandbox.Execute(connection, "CREATE OR REPLACE TEMP MACRO scan_time() AS (TIMESTAMPTZ '"
            + time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.ffffff", CultureInfo.InvariantCulture) + "+00')");

    /// <summary>Makes the view. The query must have passed <see cref="QueryShape.Parse"/>.</summary>
    public static void SetView(DuckDBConnection connection, string query, SandboxLimits limits) =>
        Sandbox.Run(connection, $"CREATE OR REPLACE TEMP VIEW \"check rows\" AS\n{query}", limits, _ => { });

    /// <summary>The rows of the query, in a transaction that can write nothing.</summary>
    /// <exception cref="QueryFailedException">It failed or went over a limit.</exception>
    public static List<CheckRow> Rows(DuckDBConnection connection, CompiledCheck check, SandboxLimits limits, CancellationToken cancellation)
    {
        var rows = new List<CheckRow>();
        Sandbox.Execute(connection, "BEGIN TRANSACTION READ ONLY");
        try
        {
            SetView(connection, check.Definition.Query, limits);
            // A message is a sentence: cutting it here keeps a query from filling the memory with one.
            Sandbox.Run(connection,
                "SELECT CAST(account_id AS VARCHAR), CAST(region AS VARCHAR), CAST(resource_id AS VARCHAR), CAST(status AS VARCHAR), "
                + $"CAST(message AS VARCHAR)[:2000] FROM {View}",
                limits,
                reader =>
                {
                    while (reader.Read())
                    {
                        if (rows.Count == limits.Rows)
                            throw new QueryFailedException(string.Create(CultureInfo.InvariantCulture, $"it returned more than {limits.Rows} rows"));
                        rows.Add(new CheckRow(ScanStore.TextOf(reader, 0), ScanStore.TextOf(reader, 1), ScanStore.TextOf(reader, 2), ScanStore.TextOf(reader, 3), ScanStore.TextOf(reader, 4)));
                    }
                },
                cancellation);
        }
        finally
        {
            Sandbox.Execute(connection, "ROLLBACK");
        }
        // DuckDB's threads hand rows over in no fixed order. Messages of rows for one resource are joined, and the same
        // account must give the same text tomorrow, or an issue would be renewed for nothing.
        rows.Sort((one, other) => string.CompareOrdinal(one.Message, other.Message));
        return rows;
    }
}
