using System.Globalization;
using System.Text;
using DuckDB.NET.Data;
using Scanner.Catalog;
using Scanner.Store.Sql;

namespace Scanner.Evaluate.Gaps;

/// <summary>
/// The tables of one evaluation with what is missing of them: beside each typed table that has a gap a second one with masks for the
/// cells that could not be read, and a phantom for each account and region whose rows could not be.
/// </summary>
/// <param name="connection">Where the typed tables are.</param>
/// <param name="input">What was collected and what was not.</param>
internal sealed class GapTables(DuckDBConnection connection, EvaluationInput input) : IDisposable
{
    private const string Failures = "\uE013";

    private readonly Dictionary<string, TableGaps> _tables = new(StringComparer.Ordinal);
    private readonly List<string> _made = [];

    /// <summary>What is missing of the tables of a check, in their order.</summary>
    public IReadOnlyList<TableGaps> Of(CompiledCheck check) => [.. check.Tables.Select(table => Of(table, check.IsForPlans(table)))];

    /// <summary>The tables of a check for <see cref="Rewriter"/>.</summary>
    /// <param name="check">The check.</param>
    /// <param name="without">Tables of which only rows are taken that are known, and no others are thought of.</param>
    public IReadOnlyDictionary<string, GapTable> For(CompiledCheck check, IReadOnlyCollection<string> without)
    {
        var tables = new Dictionary<string, GapTable>(StringComparer.OrdinalIgnoreCase);
        var shift = 0;
        foreach (var gaps in Of(check))
        {
            tables[gaps.Table.Name] = without.Contains(gaps.Table.Name, StringComparer.Ordinal) ? Known(gaps, check) : Open(gaps, shift);
            shift = Math.Min(shift + gaps.Bits, 50);
        }
        return tables;
    }

    /// <summary>The tables that a mask names, each with the details that could not be read; null for rows that could not be.</summary>
    public IEnumerable<(TableDefinition Table, string? Detail)> Meaning(CompiledCheck check, long mask)
    {
        var shift = 0;
        foreach (var gaps in Of(check))
        {
            var own = mask >> shift;
            if (gaps.HasPhantoms && (own & (1L << TableGaps.PhantomBit)) != 0)
                yield return (gaps.Table, null);
            for (var i = 0; i < gaps.Details.Count; i++)
            {
                if ((own & (1L << gaps.BitOf(i))) != 0)
                    yield return (gaps.Table, gaps.Details[i]);
            }
            shift = Math.Min(shift + gaps.Bits, 50);
        }
    }

    public void Dispose()
    {
        foreach (var table in _made)
            Sandbox.Execute(connection, $"DROP TABLE IF EXISTS temp.{SqlText.Identifier(table)}");
    }

    private static GapTable Open(TableGaps gaps, int shift)
    {
        string[] phantom = gaps.HasPhantoms ? [TableGaps.PhantomColumn] : [];
        return new GapTable(
            gaps.Table.Name, gaps.Physical,
            [.. DetailColumns.Of(gaps.Table).Select(column =>
            {
                var details = gaps.Details.Select((detail, i) => (detail, i))
                    .Where(pair => DetailColumns.Feeds(gaps.Table, pair.detail, column)).Select(pair => TableGaps.ColumnOf(pair.i));
                IEnumerable<string> rows = column switch
                {
                    "account_id" => [],
                    "region" => gaps.HasLostRegions ? [TableGaps.RegionColumn] : [],
                    // A region that is missing from the list of regions is none of those in it.
                    "resource_id" or "name" when gaps.Table.Name == BuiltInTables.Region => [],
                    _ => phantom,
                };
                return (column, (IReadOnlyList<string>)[.. rows, .. details]);
            })],
            gaps.HasPhantoms ? TableGaps.PhantomColumn : null)
        { Shift = shift };
    }

    private static GapTable Known(TableGaps gaps, CompiledCheck check) => new(
        gaps.Table.Name, gaps.Physical, [.. DetailColumns.Of(gaps.Table).Select(column => (column, (IReadOnlyList<string>)[]))], null)
    {
        OnlyWhereZero =
        [
            .. gaps.HasPhantoms ? [TableGaps.PhantomColumn] : Array.Empty<string>(),
            .. gaps.Details.Select((detail, i) => (detail, i)).Where(pair => check.Uses(gaps.Table, pair.detail)).Select(pair => TableGaps.ColumnOf(pair.i)),
        ],
    };

    private TableGaps Of(TableDefinition table, bool forPlans)
    {
        var name = table.Name + (forPlans ? "\uE001" : "\uE000");
        if (!_tables.TryGetValue(name, out var gaps))
            _tables[name] = gaps = Make(table, name, forPlans);
        return gaps;
    }

    private TableGaps Make(TableDefinition table, string name, bool forPlans)
    {
        var phantoms = forPlans ? [] : input.MissingPlaces(table).Select(place => (place.Account, place.Region)).Distinct().ToList();
        var failed = input.FailedRows(table.Name).ToList();
        var details = failed.SelectMany(row => row.Failures).Select(DetailColumns.Lost).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        var isRegions = table.Name == BuiltInTables.Region;
        var lost = !isRegions && phantoms.Exists(phantom => phantom.Region is null);
        if (phantoms.Count == 0 && details.Count == 0)
            return new TableGaps(table, table.Name, HasPhantoms: false, HasLostRegions: false, []);
        var gaps = new TableGaps(table, name, phantoms.Count > 0, lost, details);
        var sql = new StringBuilder("CREATE OR REPLACE TEMP TABLE ").Append(SqlText.Identifier(gaps.Physical)).Append(" AS\nSELECT t.*");
        if (gaps.HasPhantoms)
            sql.Append(CultureInfo.InvariantCulture, $", CAST(0 AS BIGINT) AS {SqlText.Identifier(TableGaps.PhantomColumn)}, CAST(0 AS BIGINT) AS {SqlText.Identifier(TableGaps.RegionColumn)}");
        for (var i = 0; i < details.Count; i++)
        {
            sql.Append(CultureInfo.InvariantCulture,
                $", CAST(CASE WHEN list_contains(f.details, {SqlText.Literal(details[i])}) THEN {1L << gaps.BitOf(i)} ELSE 0 END AS BIGINT) AS {SqlText.Identifier(TableGaps.ColumnOf(i))}");
        }
        sql.Append("\nFROM temp.").Append(SqlText.Identifier(table.Name)).Append(" AS t");
        if (details.Count > 0)
        {
            WriteFailures(failed);
            // The region of a row of an account's table is the resource's own; a failure that is told of by the status alone does not know it.
            var same = table.Scope == TableScope.Account ? "" : " AND t.region = f.region";
            sql.Append("\nLEFT JOIN (SELECT account_id, region, resource_id, list(detail) AS details FROM temp.").Append(SqlText.Identifier(Failures))
                .Append(" GROUP BY ALL) AS f ON t.account_id = f.account_id AND t.resource_id = f.resource_id").Append(same);
        }
        if (phantoms.Count > 0)
            AddPhantoms(sql, phantoms, isRegions, lost, details.Count);
        Sandbox.Execute(connection, sql.ToString());
        _made.Add(gaps.Physical);
        return gaps;
    }

    // One list of all: an organization has thousands, and each select of a union is planned by itself.
    private static void AddPhantoms(StringBuilder sql, List<(string Account, string? Region)> phantoms, bool isRegions, bool lost, int details)
    {
        sql.Append(CultureInfo.InvariantCulture, $"\nUNION ALL BY NAME SELECT account_id, region, {(isRegions ? "region AS resource_id, region AS name, " : "")}"
            + $"CAST({1L << TableGaps.PhantomBit} AS BIGINT) AS {SqlText.Identifier(TableGaps.PhantomColumn)}, CAST(lost AS BIGINT) AS {SqlText.Identifier(TableGaps.RegionColumn)}");
        for (var i = 0; i < details; i++)
            sql.Append(", CAST(0 AS BIGINT) AS ").Append(SqlText.Identifier(TableGaps.ColumnOf(i)));
        sql.Append(" FROM (VALUES ").AppendJoin(", ", phantoms.Select(phantom => string.Create(CultureInfo.InvariantCulture,
            $"({SqlText.Literal(phantom.Account)}, {RegionOf(phantom.Region)}, {(lost && phantom.Region is null ? 1L << TableGaps.PhantomBit : 0)})"))).Append(") AS phantoms(account_id, region, lost)");

        string RegionOf(string? region) => region is not null ? SqlText.Literal(region) : isRegions ? SqlText.Literal(TableGaps.LostRegion) : "CAST(NULL AS VARCHAR)";
    }

    private void WriteFailures(List<FailedRow> failed)
    {
        Sandbox.Execute(connection, $"CREATE OR REPLACE TEMP TABLE {SqlText.Identifier(Failures)} (account_id VARCHAR, region VARCHAR, resource_id VARCHAR, detail VARCHAR)");
        _made.Add(Failures);
        foreach (var rows in failed.SelectMany(row => row.Failures.Select(failure => (row, failure))).Chunk(1000))
        {
            Sandbox.Execute(connection, $"INSERT INTO temp.{SqlText.Identifier(Failures)} VALUES " + string.Join(", ", rows.Select(pair =>
                $"({SqlText.Literal(pair.row.Account)}, {SqlText.Literal(pair.row.Region)}, {SqlText.Literal(pair.row.Resource)}, {SqlText.Literal(DetailColumns.Lost(pair.failure))})")));
        }
    }
}
