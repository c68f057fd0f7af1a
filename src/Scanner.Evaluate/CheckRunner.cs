using System.Globalization;
using DuckDB.NET.Data;
using Scanner.Evaluate.Gaps;
using Scanner.Model;
using Scanner.Store;
using Scanner.Store.Sql;

namespace Scanner.Evaluate;

/// <summary>Runs the query of a compiled check on an instance that has its typed tables.</summary>
internal static class CheckRunner
{
    /// <summary>What a query returns.</summary>
    public static readonly string[] Columns = ["account_id", "region", "resource_id", "status", "message"];

    /// <summary>The view that stands for the query: it lets DuckDB find the end of the text, not us.</summary>
    public const string View = "temp.\"check rows\"";

    // A query may return whatever it likes in the place of a status.
    private const int MostTexts = 1_000;

    private const string NoMasks = "0, 0, 0, 0, 0, 0";

    /// <summary>Sets what <c>scan_time()</c> gives.</summary>
    public static void SetTime(DuckDBConnection connection, DateTimeOffset time) =>
        Sandbox.Execute(connection, "CREATE OR REPLACE TEMP MACRO scan_time() AS (TIMESTAMPTZ '"
            + time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.ffffff", CultureInfo.InvariantCulture) + "+00')");

    /// <summary>Makes the view. The query must have passed <see cref="QueryShape.Parse"/>.</summary>
    public static void SetView(DuckDBConnection connection, string query, SandboxLimits limits) =>
        Sandbox.Run(connection, $"CREATE OR REPLACE TEMP VIEW \"check rows\" AS\n{query}", limits, _ => { });

    /// <summary>The rows of the query, in a transaction that can write nothing.</summary>
    /// <exception cref="QueryFailedException">It failed or went over a limit.</exception>
    public static List<CheckRow> Rows(DuckDBConnection connection, CompiledCheck check, SandboxLimits limits, CancellationToken cancellation) =>
        check.IsProven
            ? Rows(connection, $"(\n{check.Definition.Query}\n) AS \"check rows\"", NoMasks, limits, cancellation)
            : Rows(connection, View, NoMasks, limits, cancellation, () => SetView(connection, check.Definition.Query, limits));

    /// <summary>The rows that the query may return where something is missing of its tables, with masks.</summary>
    /// <param name="connection">An instance with the tables.</param>
    /// <param name="check">The check.</param>
    /// <param name="tables">The tables, with what is missing.</param>
    /// <param name="limits">Limits of the query.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>Null where nothing that is missing can change anything: then the query itself tells.</returns>
    /// <exception cref="NotFollowedException">Columns are not followed through the query.</exception>
    /// <exception cref="QueryFailedException">It failed or went over a limit.</exception>
    public static List<CheckRow>? RowsWithGaps(
        DuckDBConnection connection, CompiledCheck check, IReadOnlyDictionary<string, GapTable> tables, SandboxLimits limits, CancellationToken cancellation)
    {
        var shape = new Rewriter(tables, check.Functions).Rewrite(check.Tree, out var tree);
        var result = Columns.Select(name => shape.Columns.FirstOrDefault(column => column.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            ?? throw new NotFollowedException($"the name of {name}")).ToList();
        if (shape.Gone is null && result.TrueForAll(column => column.Mask is null) && !tables.Values.Any(table => table.OnlyWhereZero.Count > 0))
            return null;
        var sql = Sandbox.Read(connection, $"SELECT json_deserialize_sql(CAST({SqlText.Literal(tree.ToJsonString())} AS JSON))", row => row.GetString(0))[0];
        var masks = result.Select(column => column.Mask).Append(shape.Gone).Select(name => name is null ? "0" : SqlText.Identifier(name));
        // DuckDB wrote this text itself, so that its end is where it ends. Where much is missing, thousands of rows say the same word for word.
        return Rows(connection, $"({sql.TrimEnd(';', ' ')}) AS \"check rows\"", string.Join(", ", masks), limits, cancellation, distinct: true);
    }

    private static List<CheckRow> Rows(
        DuckDBConnection connection, string from, string masks, SandboxLimits limits, CancellationToken cancellation, Action? prepare = null, bool distinct = false)
    {
        var rows = new List<CheckRow>();
        // Accounts, regions and statuses are few, and each row would bring its own.
        var texts = new SharedTexts(MostTexts);
        Sandbox.Execute(connection, "BEGIN TRANSACTION READ ONLY");
        try
        {
            prepare?.Invoke();
            // A message is a sentence: cutting it here keeps a query from filling the memory with one.
            Sandbox.Run(connection,
                $"SELECT {(distinct ? "DISTINCT " : "")}CAST(account_id AS VARCHAR), CAST(region AS VARCHAR), CAST(resource_id AS VARCHAR), CAST(status AS VARCHAR), "
                + $"CAST(message AS VARCHAR)[:2000], {string.Join(", ", masks.Split(", ").Select(mask => $"CAST({mask} AS BIGINT)"))} FROM {from}",
                limits,
                reader =>
                {
                    while (reader.Read())
                    {
                        if (rows.Count == limits.Rows)
                            throw new QueryFailedException(string.Create(CultureInfo.InvariantCulture, $"it returned more than {limits.Rows} rows"));
                        rows.Add(new CheckRow(Shared(0), Shared(1), ScanStore.TextOf(reader, 2), Shared(3), ScanStore.TextOf(reader, 4))
                        {
                            AccountMask = reader.GetInt64(5),
                            RegionMask = reader.GetInt64(6),
                            ResourceMask = reader.GetInt64(7),
                            StatusMask = reader.GetInt64(8),
                            MessageMask = reader.GetInt64(9),
                            GoneMask = reader.GetInt64(10),
                        });
                    }

                    string? Shared(int column) => ScanStore.TextOf(reader, column) is { } text ? texts.Of(text) : null;
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
