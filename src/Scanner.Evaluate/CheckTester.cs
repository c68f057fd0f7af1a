using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using DuckDB.NET.Data;
using Scanner.Catalog;
using Scanner.Model;
using Scanner.Store;
using Scanner.Store.Sql;

namespace Scanner.Evaluate;

/// <summary>
/// Runs the unit tests that stand in check files (checks/README.md), through the evaluator that scans use. One database in
/// memory serves all tests.
/// </summary>
public sealed class CheckTester : IDisposable
{
    /// <summary>Account of rows that name none.</summary>
    public const string DefaultAccount = "111111111111";

    /// <summary>Region of rows of regional tables that name none.</summary>
    public const string DefaultRegion = "us-east-1";

    private readonly CheckCatalog _catalog;
    private readonly CheckEvaluator _evaluator;

    // What fills each typed table now: from one test to the next most stay as they are.
    private readonly Dictionary<string, string> _filled = new(StringComparer.Ordinal);

    /// <summary>Makes a tester.</summary>
    /// <param name="catalog">The catalog, with the built-in tables.</param>
    /// <param name="limits">Limits of each query; <see cref="SandboxLimits.Check"/> when null.</param>
    public CheckTester(CheckCatalog catalog, SandboxLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        _catalog = catalog;
        _evaluator = new CheckEvaluator(catalog, limits);
    }

    /// <summary>Compiles the selects of tables, whether a check reads them or not.</summary>
    /// <param name="tables">The tables.</param>
    /// <exception cref="InputException">The <c>from</c> of a table is broken (file and line).</exception>
    public void ValidateTables(IEnumerable<TableDefinition> tables) => _evaluator.ValidateTables(tables);

    /// <summary>Runs all tests of a check. Not for several threads at once.</summary>
    /// <param name="check">The check.</param>
    /// <returns>One result a test, in the file's order.</returns>
    /// <exception cref="InputException">The check, or the rows of a test, do not fit their tables (file and line).</exception>
    public IReadOnlyList<CheckTestResult> Run(CheckDefinition check)
    {
        ArgumentNullException.ThrowIfNull(check);
        var compiled = _evaluator.Compile(check);
        return [.. check.Tests.Select(test => Run(compiled, test))];
    }

    /// <summary>What is doubtful about a check that works: a check must show that it fails, and that it passes (or is not
    /// applicable, where its query knows no pass), and must say the same of the same rows in any order.</summary>
    /// <param name="check">The check.</param>
    /// <returns>One sentence for each doubt, starting with file and line; empty when there is none.</returns>
    /// <exception cref="InputException">The check does not fit its tables (file and line).</exception>
    public IReadOnlyList<string> Lint(CheckDefinition check)
    {
        ArgumentNullException.ThrowIfNull(check);
        var statuses = check.Tests.SelectMany(test => test.Expect)
            .Select(expected => expected.GetValueOrDefault("status"))
            .ToHashSet(StringComparer.Ordinal);
        // A check that lists what another service found has no pass in its query: its good end is that there is nothing.
        var good = check.Query.Contains("'pass'", StringComparison.Ordinal) ? FindingStatus.Pass : FindingStatus.NotApplicable;
        return
        [
            .. new[] { FindingStatus.Fail, good }
                .Where(status => !statuses.Contains(Names.Of(status)))
                .Select(status => string.Create(CultureInfo.InvariantCulture,
                    $"{check.Info.File}:{Math.Max(1, check.QueryLine)}: check {check.Id} has no test that expects '{Names.Of(status)}'; add one")),
            .. _evaluator.Compile(check).Facts.NotFollowed is { } what
                ? new[] { string.Create(CultureInfo.InvariantCulture, $"{check.Info.File}:{Math.Max(1, check.QueryLine)}: check {check.Id}: columns are not followed through {what}: where a single cell could not be read, the whole check is unknown; name the columns") }
                : [],
            .. _evaluator.Compile(check).Facts.Unordered
                .Select(call => string.Create(CultureInfo.InvariantCulture,
                    $"{check.Info.File}:{CheckCompiler.FileLine(check, call.Line)}: check {check.Id}: the answer of {call.Name} depends on the order of rows, which is another one at every run; write an aggregate with order by inside, such as first(x order by y)")),
        ];
    }

    /// <inheritdoc/>
    public void Dispose() => _evaluator.Dispose();

    private CheckTestResult Run(CompiledCheck compiled, CheckTest test)
    {
        var findings = Judge(compiled, test, [], []);
        return CheckTestResult.Of(compiled.Definition, test, Expectation.Difference(test.Expect, findings), findings);
    }

    /// <summary>The findings of one test.</summary>
    /// <param name="compiled">The check.</param>
    /// <param name="test">The test; what it expects is not looked at.</param>
    /// <param name="failed">Rows of it some of whose details could not be read; the cells are empty already.</param>
    /// <param name="denied">Table, account and region (<c>global</c> for tables of an account) that could not be read, besides what the test says.</param>
    internal IReadOnlyList<Finding> Judge(
        CompiledCheck compiled, CheckTest test, IReadOnlyList<FailedRow> failed, IReadOnlyCollection<(string Table, string Account, string Region)> denied)
    {
        var check = compiled.Definition;
        var rows = new Dictionary<string, List<GivenRow>>(StringComparer.Ordinal);
        foreach (var table in compiled.Tables)
            rows[table.Name] = [];
        foreach (var (name, given) in test.Given)
        {
            if (!rows.TryGetValue(name, out var list))
                throw Broken(check, test, $"'given' has {name}, which 'tables' does not name");
            var table = _catalog.Tables[name];
            list.AddRange(given.Select(row => Row(check, test, table, row)));
        }
        foreach (var name in test.Collection.Keys.Where(name => !rows.ContainsKey(name)))
            throw Broken(check, test, $"'collection' has {name}, which 'tables' does not name");

        var scope = Scope(rows);
        AddScopeRows(test, rows, scope);
        var connection = _evaluator.Compiler.Connection;
        CheckRunner.SetTime(connection, test.Now);
        foreach (var table in compiled.Tables)
            Fill(connection, table.Name, string.Join("\nUNION ALL BY NAME ", rows[table.Name].Select(row => Select(check, test, table, row))));
        var statuses = compiled.Tables.SelectMany(table => Statuses(table, test, scope))
            .Select(status => denied.Contains((status.Table, status.Account, status.Region))
                ? status with { Outcome = CollectionOutcome.Denied, Operation = "test:List", Reason = "said by the test" } : status);
        var input = new EvaluationInput(scope, [.. statuses], failed, table => CheckEvaluator.RowsOf(connection, table));
        return _evaluator.Run(connection, [compiled], input);
    }

    private void Fill(DuckDBConnection connection, string table, string rows)
    {
        if (_filled.GetValueOrDefault(table, "") == rows)
            return;
        _filled.Remove(table);
        // Deleted rows would pile up in the table, test after test.
        Sandbox.Execute(connection, $"TRUNCATE temp.{SqlText.Identifier(table)}");
        if (rows.Length > 0)
            Sandbox.Execute(connection, $"INSERT INTO temp.{SqlText.Identifier(table)} BY NAME {rows}");
        _filled[table] = rows;
    }

    /// <summary>Compiles a check of the catalog of this tester.</summary>
    internal CompiledCheck Compile(CheckDefinition check) => _evaluator.Compile(check);

    /// <summary>Account, region and id of a row of a test, as they are filled in where it names none.</summary>
    internal (string Account, string Region, string? Resource) Place(CheckDefinition check, CheckTest test, string table, JsonObject row)
    {
        var given = Row(check, test, _catalog.Tables[table], row);
        return (given.Account, given.Region, given.Resource);
    }

    private static GivenRow Row(CheckDefinition check, CheckTest test, TableDefinition table, JsonObject given)
    {
        var known = table.Columns.Select(column => column.Name).Concat(["account_id", "region", "resource_id", "item"]);
        foreach (var (name, _) in given)
        {
            if (!known.Contains(name, StringComparer.Ordinal))
                throw Broken(check, test, $"{table.Name} has no column {name}; it has {string.Join(", ", known.Order(StringComparer.Ordinal))}");
        }
        // "resource_id: the column that the table's id names": a bare path, or a text with that path alone.
        var id = table.Id is ['{', .., '}'] && table.Id.AsSpan(1).IndexOf('{') < 0 ? table.Id[1..^1] : table.Id;
        var idColumn = table.Columns.FirstOrDefault(column => column.Path.Text == id)?.Name;
        return new GivenRow(
            Text(given, "account_id") ?? DefaultAccount,
            Text(given, "region") ?? (table.Scope == TableScope.Account ? CollectionStatus.Global : DefaultRegion),
            Text(given, "resource_id") ?? (idColumn is null ? null : Text(given, idColumn)),
            given);
    }

    private static string? Text(JsonObject row, string column) => row[column] switch
    {
        null => null,
        JsonValue value when value.TryGetValue<string>(out var text) => text,
        var other => other.ToJsonString(),
    };

    // Scanned is what the rows tell of; a test that gives none still scans one region of one account.
    private static ScanScope Scope(Dictionary<string, List<GivenRow>> rows)
    {
        var all = rows.Values.SelectMany(list => list).ToList();
        var accounts = all.Select(row => row.Account).Distinct(StringComparer.Ordinal).DefaultIfEmpty(DefaultAccount);
        return new ScanScope(accounts.Select(account => new KeyValuePair<string, IReadOnlyCollection<string>>(account,
            [.. all.Where(row => row.Account == account && row.Region != CollectionStatus.Global)
                .Select(row => row.Region)
                .DefaultIfEmpty(DefaultRegion)])));
    }

    private static void AddScopeRows(CheckTest test, Dictionary<string, List<GivenRow>> rows, ScanScope scope)
    {
        if (rows.TryGetValue(BuiltInTables.Region, out var regions) && !test.Given.ContainsKey(BuiltInTables.Region))
        {
            regions.AddRange(from account in scope.Accounts
                             from region in scope.RegionsOf(account)
                             select new GivenRow(account, region, region, new JsonObject { ["name"] = region }));
        }
        if (rows.TryGetValue(BuiltInTables.Account, out var accounts) && !test.Given.ContainsKey(BuiltInTables.Account))
            accounts.AddRange(scope.Accounts.Select(account => new GivenRow(account, CollectionStatus.Global, account, new JsonObject { ["id"] = account })));
    }

    private static IEnumerable<CollectionStatus> Statuses(TableDefinition table, CheckTest test, ScanScope scope)
    {
        var outcome = test.Collection.GetValueOrDefault(table.Name, CollectionOutcome.Ok);
        var ok = outcome == CollectionOutcome.Ok;
        return from account in scope.Accounts
               from region in table.Scope == TableScope.Account ? [CollectionStatus.Global] : scope.RegionsOf(account)
               select new CollectionStatus(table.Name, account, region, outcome,
                   ok ? null : $"{table.List.Service}:{table.List.Operation}", ok ? null : "said by the test");
    }

    private static string Select(CheckDefinition check, CheckTest test, TableDefinition table, GivenRow row)
    {
        var sql = new StringBuilder("SELECT ")
            .Append(SqlText.Literal(row.Account)).Append(" AS account_id, ")
            .Append(SqlText.Literal(row.Region)).Append(" AS region, ")
            .Append(row.Resource is null ? "CAST(NULL AS VARCHAR)" : SqlText.Literal(row.Resource)).Append(" AS resource_id");
        foreach (var (name, value) in row.Values)
        {
            var column = table.Columns.FirstOrDefault(column => column.Name == name);
            // Filled rows of the scope tables name columns that an overlay may have left out.
            if (name is "account_id" or "region" or "resource_id" || (column is null && name != "item"))
                continue;
            sql.Append(", ").Append(Literal(check, test, table, name, column?.Type ?? ColumnType.Json, value)).Append(" AS ").Append(SqlText.Identifier(name));
        }
        return sql.ToString();
    }

    private static string Literal(CheckDefinition check, CheckTest test, TableDefinition table, string column, ColumnType type, JsonNode? value)
    {
        if (value is null)
            return $"CAST(NULL AS {TableView.TypeOf(type)})";
        var text = value is JsonValue scalar && scalar.TryGetValue<string>(out var plain) ? plain : value.ToJsonString();
        var kind = value.GetValueKind();
        string? literal = type switch
        {
            ColumnType.Text => SqlText.Literal(text),
            ColumnType.Json => $"CAST({SqlText.Literal(JsonText.ReplaceLoneSurrogates(value.ToJsonString()))} AS JSON)",
            ColumnType.Bool when text is "true" or "false" => text,
            ColumnType.Int when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _) => $"CAST({SqlText.Literal(text)} AS BIGINT)",
            ColumnType.Double when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _) => $"CAST({SqlText.Literal(text)} AS DOUBLE)",
            ColumnType.Timestamp when kind == JsonValueKind.String
                && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) =>
                "TIMESTAMPTZ '" + time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.ffffff", CultureInfo.InvariantCulture) + "+00'",
            ColumnType.TextList when value is JsonArray list && list.All(element => element is null or JsonValue) =>
                "CAST([" + string.Join(", ", list.Select(element => element is null ? "NULL"
                    : SqlText.Literal(element.GetValueKind() == JsonValueKind.String ? element.GetValue<string>() : element.ToJsonString()))) + "] AS VARCHAR[])",
            _ => null,
        };
        var word = type switch
        {
            ColumnType.Bool => "true or false",
            ColumnType.Int => "a whole number",
            ColumnType.Double => "a number",
            ColumnType.Timestamp => "a time such as 2026-01-31T12:00:00Z",
            ColumnType.TextList => "a list of texts",
            _ => "a value",
        };
        return literal ?? throw Broken(check, test, $"{table.Name}.{column} is {word}, not {value.ToJsonString()}");
    }

    private static InputException Broken(CheckDefinition check, CheckTest test, string what) =>
        new(check.Info.File, test.Line, $"check {check.Id}, test '{test.Name}': {what}");

    private sealed record GivenRow(string Account, string Region, string? Resource, JsonObject Values);
}
