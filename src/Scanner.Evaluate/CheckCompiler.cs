using System.Globalization;
using System.Text.RegularExpressions;
using DuckDB.NET.Data;
using Scanner.Catalog;
using Scanner.Evaluate.Gaps;
using Scanner.Model;
using Scanner.Store;
using Scanner.Store.Sql;

namespace Scanner.Evaluate;

/// <summary>Parses and binds checks against empty tables, in an instance of its own.</summary>
internal sealed partial class CheckCompiler : IDisposable
{
    private static readonly string[] SystemPrefixes = ["duckdb_", "pg_", "sqlite_", "pragma_", "information_schema"];

    private readonly IReadOnlyDictionary<string, TableDefinition> _tables;
    private readonly SandboxLimits _limits;
    private readonly Lazy<IReadOnlySet<string>> _unsteady;
    private readonly Lazy<KnownFunctions> _functions;
    private readonly Func<CheckDefinition, bool> _proven;
    private readonly HashSet<string> _created = new(StringComparer.Ordinal);

    /// <summary>Makes a compiler.</summary>
    /// <param name="tables">All tables.</param>
    /// <param name="limits">Limits of parsing and binding.</param>
    /// <param name="proven">Whether a check is known to be harmless and to fit its tables, so that it is parsed alone.</param>
    public CheckCompiler(IReadOnlyDictionary<string, TableDefinition> tables, SandboxLimits limits, Func<CheckDefinition, bool> proven)
    {
        _tables = tables;
        _limits = limits;
        _proven = proven;
        Connection = Sandbox.Open(null, threads: 1);
        // DuckDB takes a while to list its functions, and seldom does anybody ask.
        _unsteady = new(() => QueryShape.UnsteadyFunctions(Connection), isThreadSafe: false);
        _functions = new(() => KnownFunctions.Of(Connection), isThreadSafe: false);
        CheckRunner.SetTime(Connection, DateTimeOffset.UnixEpoch);
    }

    /// <summary>The instance, with an empty typed table for each table that a compiled check reads.</summary>
    public DuckDBConnection Connection { get; }

    /// <summary>Compiles a check.</summary>
    /// <exception cref="InputException">The check file is broken: file, line, what and how to correct it.</exception>
    public CompiledCheck Compile(CheckDefinition check)
    {
        try
        {
            var proven = _proven(check);
            // What is joined to the query is ours: the author's own text is what must be harmless.
            var shape = proven ? null : QueryShape.Parse(Connection, check.Query, _limits);
            if (shape is not null)
                Require(check, shape);
            var own = check;
            check = EvidenceJoin.Apply(TargetJoin.Apply(check));
            var joined = check;
            if (shape is not null && !ReferenceEquals(check, own))
                shape = QueryShape.Parse(Connection, joined.Query, _limits);
            var tables = check.Tables.Distinct(StringComparer.Ordinal)
                .Select(name => _tables.TryGetValue(name, out var table)
                    ? table
                    : throw new QueryRefusedException($"'tables' names {name}, which is no table; 'scanner checks docs' lists them"))
                .ToList();
            if (tables.Count == 0)
                throw new QueryRefusedException("'tables' is empty; name every table that the query reads");
            var regional = IsRegional(own, tables);
            if (!proven && Bind(check, tables, CheckRunner.Columns) is { } facts)
                return new CompiledCheck(own, check, tables, facts) { IsRegional = regional };
            var parsed = new Lazy<QueryShape>(() => shape ?? QueryShape.Parse(Connection, joined.Query, _limits), isThreadSafe: false);
            return new CompiledCheck(own, check, tables, parsed, _functions, takesAll: false) { IsRegional = regional, IsProven = proven };
        }
        catch (QueryRefusedException error)
        {
            throw new InputException(check.Info.File, FileLine(check, error.Line), $"check {check.Id}: {error.Message}");
        }
    }

    /// <summary>Compiles the select that a table's items come from, as a check that is nobody's.</summary>
    /// <exception cref="InputException">It is no select, reads what it may not, or lacks <c>account_id</c> or <c>region</c>: file, line and how to correct it.</exception>
    public CompiledCheck CompileFrom(TableDefinition table)
    {
        var from = table.From!;
        var check = CheckOf(table);
        try
        {
            var shape = QueryShape.Parse(Connection, from.Query, _limits);
            Require(check, shape);
            List<TableDefinition> tables = [.. from.Tables.Distinct(StringComparer.Ordinal).Select(name => _tables[name])];
            return Bind(check, tables, ["account_id", "region"]) is { } facts
                ? new CompiledCheck(check, check, tables, facts) { IsRegional = false }
                : new CompiledCheck(check, check, tables, new Lazy<QueryShape>(shape), _functions, takesAll: true) { IsRegional = false };
        }
        catch (QueryRefusedException error)
        {
            throw new InputException(table.File, FileLine(check, error.Line), $"'from' of {table.Name}: {error.Message.Replace("in a check", "here", StringComparison.Ordinal)}");
        }
    }

    public void Dispose() => Connection.Dispose();

    /// <summary>The select that a table's items come from, as a check.</summary>
    public static CheckDefinition CheckOf(TableDefinition table) => new()
    {
        Info = new RuleInfo { Id = table.Name, Title = table.Title, Severity = Severity.Informational, Service = table.Service, File = table.File, Path = table.Path },
        Tables = table.From!.Tables,
        Query = table.From.Query,
        QueryLine = table.From.Line,
    };

    /// <summary>Whether a check is judged region by region.</summary>
    /// <param name="own">The check as its author wrote it.</param>
    /// <param name="tables">Its tables, then those that are joined to it: where the targets of a source are does not say where it is judged.</param>
    public static bool IsRegional(CheckDefinition own, IReadOnlyList<TableDefinition> tables) =>
        IsRegional(own.Scope, tables.Take(own.Tables.Distinct(StringComparer.Ordinal).Count()));

    private static bool IsRegional(CheckScope scope, IEnumerable<TableDefinition> tables) => scope switch
    {
        CheckScope.Account => false,
        CheckScope.Region => tables.Any(table => table.Scope == TableScope.Region || table.Name == BuiltInTables.Region),
        _ => tables.Any(table => table.Scope == TableScope.Region && table.Name != BuiltInTables.Region) || tables.First().Name == BuiltInTables.Region,
    };

    private void Require(CheckDefinition check, QueryShape shape)
    {
        if (shape.Shows)
            throw new QueryRefusedException("SHOW, DESCRIBE and SUMMARIZE are not allowed in a check");
        if (shape.Qualified.Count > 0)
            throw new QueryRefusedException($"{shape.Qualified[0]} is named with a schema; name tables of the catalog only, as they are");
        if (shape.OtherTableFunctions.Count > 0)
            throw new QueryRefusedException($"the table function {shape.OtherTableFunctions[0]} is not allowed in a check; it reads the tables of the catalog and nothing else");
        shape.RequirePure(_unsteady.Value);
        foreach (var name in shape.CommonTables)
        {
            // Otherwise the same name could mean the real table in another part of the query.
            if (_tables.ContainsKey(name.ToLowerInvariant()) || StoreSchema.Names.Contains(name)
                || SystemPrefixes.Any(prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)))
            {
                throw new QueryRefusedException($"WITH {name} hides a table of that name; give it another name");
            }
        }
        foreach (var name in shape.Tables)
        {
            if (check.Tables.Contains(name, StringComparer.OrdinalIgnoreCase))
                continue;
            throw new QueryRefusedException(_tables.ContainsKey(name.ToLowerInvariant())
                ? $"the query reads {name}, which 'tables' does not name; add it, so that a table that could not be read is noticed"
                : $"the query reads {name}, which is no table; 'scanner checks docs' lists them");
        }
    }

    // Null, or what is known of a query that cannot be tried since only to look at it costs too much.
    private CompiledFacts? Bind(CheckDefinition check, List<TableDefinition> tables, IReadOnlyList<string> columns)
    {
        foreach (var table in tables)
        {
            if (_created.Add(table.Name))
                Sandbox.Execute(Connection, TableView.CreateEmpty(table));
        }
        try
        {
            CheckRunner.SetView(Connection, check.Query, _limits);
            var names = new List<string>();
            Sandbox.Run(Connection, $"SELECT * FROM {CheckRunner.View} LIMIT 0", _limits, reader =>
            {
                for (var i = 0; i < reader.FieldCount; i++)
                    names.Add(reader.GetName(i));
            });
            var missing = columns.Where(column => !names.Contains(column, StringComparer.OrdinalIgnoreCase)).ToList();
            if (missing.Count > 0)
                throw new QueryRefusedException($"the query returns no {string.Join(", ", missing)}; it must return {string.Join(", ", columns)}");
            return null;
        }
        catch (QueryFailedException error) when (error.IsOverLimit)
        {
            return CompiledFacts.NotTried(error.Message);
        }
        catch (QueryFailedException error)
        {
            // The query starts on the second line of the statement that makes the view.
            var picture = (error.InnerException ?? error).Message;
            var match = Line().Match(picture);
            var line = match.Success ? int.Parse(match.Groups["line"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture) - 1 : 0;
            throw new QueryRefusedException($"the query does not fit its tables: {error.Message}{Columns(error.Message, tables)}", line);
        }
    }

    // What the author may have meant, where he named a column that is not there.
    private static string Columns(string message, IReadOnlyList<TableDefinition> tables)
    {
        if (!message.Contains("Referenced column", StringComparison.Ordinal) && !message.Contains("does not have a column", StringComparison.Ordinal))
            return "";
        return string.Concat(tables.Take(3).Select(table => $"; {table.Name} has {string.Join(", ", DetailColumns.Of(table).Take(40))}"));
    }

    /// <summary>Line of the check's file for a line of its query: a block of text starts on the line after its key, a plain
    /// text on the same.</summary>
    internal static long FileLine(CheckDefinition check, int line) =>
        check.Query.Contains('\n', StringComparison.Ordinal) && line > 0 ? check.QueryLine + line : check.QueryLine;

    [GeneratedRegex(@"^LINE (?<line>\d{1,6}):", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: -1)]
    private static partial Regex Line();
}
