using System.Text.Json.Nodes;
using DuckDB.NET.Data;
using Scanner.Catalog;
using Scanner.Evaluate.Gaps;
using Scanner.Evaluate.Isolation;
using Scanner.Model;
using Scanner.Store;
using Scanner.Store.Sql;

namespace Scanner.Evaluate;

/// <summary>
/// Runs posture checks on a store. A check's SQL is compiled once (parsed by DuckDB, judged harmless, bound against empty
/// tables) and then runs on typed tables that are made of the items once for all checks. How rows become findings, and why
/// a pass is never a guess, is written at <see cref="Verdict"/>.
/// <para>A query that fails when it runs (an error, too much time, too much memory) makes its check <c>unknown</c>
/// everywhere; the other checks go on.</para>
/// <para>SQL that nobody has proven is compiled and run in a process of its own (<see cref="IsolatedEvaluator"/>) where one can be started.</para>
/// </summary>
public sealed class CheckEvaluator : IDisposable
{
    // Of a check that takes so much the author wants to hear.
    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(5);

    private readonly CheckCompiler _compiler;
    private readonly CheckCatalog _catalog;
    private readonly IsolatedEvaluator? _apart;
    private readonly SandboxLimits _limits;
    private readonly Func<CheckDefinition, bool> _proven;
    private readonly Dictionary<CheckDefinition, CompiledCheck> _compiled = new(ReferenceEqualityComparer.Instance);

    private readonly Dictionary<string, CompiledCheck> _sources = new(StringComparer.Ordinal);
    private readonly Dictionary<CheckDefinition, CheckDefinition> _planned = new(ReferenceEqualityComparer.Instance);

    /// <summary>Makes an evaluator.</summary>
    /// <param name="catalog">The catalog, with the built-in tables.</param>
    /// <param name="limits">Limits of each check; <see cref="SandboxLimits.Check"/> when null.</param>
    /// <param name="proven">Whether a check has been proven before, as a test has done with those that are shipped: to bind all of
    /// them takes a second at every start. None when null.</param>
    /// <param name="engine">What checks that are not proven are compiled and run in; null: this process, for those who trust them.</param>
    public CheckEvaluator(CheckCatalog catalog, SandboxLimits? limits = null, Func<CheckDefinition, bool>? proven = null, EngineProgram? engine = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        _catalog = catalog;
        _limits = limits ?? SandboxLimits.Check;
        _proven = proven ?? (_ => false);
        _compiler = new CheckCompiler(catalog.Tables, _limits, _proven);
        _apart = engine is null ? null : new IsolatedEvaluator(engine, catalog.Tables, _limits);
    }

    /// <summary>Time for all checks together (<see cref="WorkLimit"/>); checks that come later are unknown and say so.</summary>
    public TimeSpan Budget { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Once it is set, checks that have not ended are unknown, and say that the scan was stopped.</summary>
    public CancellationToken Deadline { get; init; }

    internal CheckCompiler Compiler => _compiler;

    /// <summary>Compiles the checks that nobody has proven, before anything runs. Not for several threads at once.</summary>
    /// <param name="checks">The checks.</param>
    /// <exception cref="InputException">A check file is broken (file and line): not one SELECT, a table that is not declared,
    /// an unknown column, a function that is refused, a result column that is missing.</exception>
    public void Validate(IEnumerable<CheckDefinition> checks)
    {
        ArgumentNullException.ThrowIfNull(checks);
        foreach (var check in checks.Where(check => !_proven(check)))
        {
            foreach (var table in Compile(check).Tables.Where(table => table.From is not null))
                CompileFrom(table);
        }
    }

    /// <summary>Compiles the selects of tables that nobody has proven, whether a check reads them or not. Not for several threads at once.</summary>
    /// <param name="tables">The tables.</param>
    /// <exception cref="InputException">The <c>from</c> of a table is broken (file and line).</exception>
    public void ValidateTables(IEnumerable<TableDefinition> tables)
    {
        ArgumentNullException.ThrowIfNull(tables);
        foreach (var table in tables.Where(table => table.From is not null && !_proven(CheckCompiler.CheckOf(table))))
            CompileFrom(table);
    }

    /// <summary>The rows of a table's <c>from</c> over what a store holds by now, as JSON objects.</summary>
    /// <param name="store">The store.</param>
    /// <param name="table">A table with <see cref="TableDefinition.From"/>.</param>
    /// <param name="time">What <c>scan_time()</c> gives.</param>
    /// <exception cref="InputException">The select is broken or fails.</exception>
    public IReadOnlyList<JsonObject> RowsOf(ScanStore store, TableDefinition table, DateTimeOffset time)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(table);
        CompileFrom(table);
        if (IsApart(CheckCompiler.CheckOf(table)))
            return _apart!.RowsOf(store, table, time);
        lock (store.Gate)
        {
            store.Flush();
            CheckRunner.SetTime(store.Connection, time);
            var rows = new List<JsonObject>();
            try
            {
                Sandbox.Run(store.Connection, $"CREATE OR REPLACE TEMP VIEW \"from rows\" AS\n{table.From!.Query}", _limits, _ => { });
                Sandbox.Run(store.Connection, "SELECT CAST(to_json(rows) AS VARCHAR) FROM temp.\"from rows\" AS rows", _limits, reader =>
                {
                    while (reader.Read())
                        rows.Add((JsonObject)JsonNode.Parse(reader.GetString(0))!);
                });
            }
            catch (QueryFailedException error)
            {
                throw new InputException($"the select of {table.Name} failed: {error.Message}", error);
            }
            return rows;
        }
    }

    /// <summary>
    /// The tables of checks, each with the detail calls alone that the queries take something from, and with those that these cannot be made
    /// without; the others are in <see cref="TableDefinition.NotAsked"/>. Tables for plans alone are not among them. Not for several threads at once.
    /// </summary>
    /// <param name="checks">The checks.</param>
    /// <exception cref="InputException">As in <see cref="Validate"/>.</exception>
    public IReadOnlyList<TableDefinition> TablesOf(IEnumerable<CheckDefinition> checks)
    {
        ArgumentNullException.ThrowIfNull(checks);
        var asked = new Dictionary<TableDefinition, HashSet<string>>(ReferenceEqualityComparer.Instance);
        foreach (var check in checks.Select(Compile))
        {
            foreach (var table in check.Tables.Where(table => !check.IsForPlans(table)))
                Ask(check, table, asked);
        }
        return [.. asked.Select(pair => pair.Key with
        {
            Each = [.. pair.Key.Each.Where(call => pair.Value.Contains(call.As!))],
            NotAsked = [.. pair.Key.Each.Where(call => !pair.Value.Contains(call.As!))],
        })];
    }

    // What a table's rows are made of is collected too, with the details that the select takes.
    private void Ask(CompiledCheck check, TableDefinition table, Dictionary<TableDefinition, HashSet<string>> asked)
    {
        if (!asked.TryGetValue(table, out var needed))
            asked[table] = needed = new HashSet<string>(StringComparer.Ordinal);
        // To know what a query takes costs parsing it: where all is asked for by now, nobody wants to know.
        if (needed.Count < table.Each.Count)
            needed.UnionWith(check.Details(table));
        if (table.From is null or { IsOfOthers: true })
            return;
        var source = CompileFrom(table);
        foreach (var read in source.Tables)
            Ask(source, read, asked);
    }

    /// <summary>Runs checks on what was collected. Not for several threads at once.</summary>
    /// <param name="store">The store; it is not changed.</param>
    /// <param name="checks">The checks.</param>
    /// <param name="time">What <c>scan_time()</c> gives.</param>
    /// <param name="scope">What was scanned; when null, what the store's collection tells.</param>
    /// <param name="progress">Hears how many checks are done.</param>
    /// <param name="cancellation">Stops the evaluation.</param>
    /// <returns>All findings, sorted by <see cref="FindingOrder"/>; every check has at least one for every scanned account.</returns>
    /// <exception cref="InputException">As in <see cref="Validate"/>.</exception>
    public IReadOnlyList<Finding> Evaluate(
        ScanStore store, IReadOnlyCollection<CheckDefinition> checks, DateTimeOffset time,
        ScanScope? scope = null, IProgressSink? progress = null, CancellationToken cancellation = default) =>
        Evaluate(store, checks, time, scope, progress, cancellation, planned: false);

    /// <inheritdoc cref="Evaluate(ScanStore, IReadOnlyCollection{CheckDefinition}, DateTimeOffset, ScanScope?, IProgressSink?, CancellationToken)"/>
    /// <param name="store">The store; it is not changed.</param>
    /// <param name="checks">The checks.</param>
    /// <param name="time">What <c>scan_time()</c> gives.</param>
    /// <param name="scope">What was scanned.</param>
    /// <param name="progress">Hears how many checks are done.</param>
    /// <param name="cancellation">Stops the evaluation.</param>
    /// <param name="planned">Whether the rows are of a plan: what is withheld is unknown row by row, and not once for a region.</param>
    internal IReadOnlyList<Finding> Evaluate(
        ScanStore store, IReadOnlyCollection<CheckDefinition> checks, DateTimeOffset time,
        ScanScope? scope, IProgressSink? progress, CancellationToken cancellation, bool planned)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(checks);
        var compiled = checks.Select(Compile).ToLookup(check => IsApart(check.Source));
        List<CompiledCheck> own = [.. compiled[false]];
        List<CompiledCheck> others = [.. compiled[true]];
        var done = 0;
        var findings = new FindingList();
        var worked = TimeSpan.Zero;
        if (own.Count > 0 || others.Count == 0)
            EvaluateHere(store, own, time, scope, cancellation, planned, null, Found);
        if (others.Count > 0)
            EvaluateApart(store, others, time, scope, cancellation, planned, Found);
        return FindingOrder.Sorted(findings);

        void Found(IReadOnlyList<Finding> some)
        {
            foreach (var one in some)
                findings.Add(one);
            // The first has the tables made too.
            var now = WorkLimit.ProcessorTime();
            if (done > 0 && now - worked > Slow && some is [var first, ..])
                progress?.Note(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{first.Check} took {(now - worked).TotalSeconds:0} s of processor time"));
            worked = now;
            progress?.Report("Evaluating checks", ++done, checks.Count);
        }
    }

    /// <summary>Runs checks in this process.</summary>
    /// <param name="store">The store; it is not changed.</param>
    /// <param name="compiled">The checks.</param>
    /// <param name="time">What <c>scan_time()</c> gives.</param>
    /// <param name="scope">What was scanned; when null, what the store's collection tells.</param>
    /// <param name="cancellation">Stops the evaluation.</param>
    /// <param name="planned">Whether the rows are of a plan.</param>
    /// <param name="begins">Called before each check.</param>
    /// <param name="found">Gets the findings of each.</param>
    internal void EvaluateHere(
        ScanStore store, IReadOnlyList<CompiledCheck> compiled, DateTimeOffset time, ScanScope? scope, CancellationToken cancellation, bool planned,
        Action? begins, Action<IReadOnlyList<Finding>> found)
    {
        var collection = store.ReadCollection();
        lock (store.Gate)
        {
            store.Flush();
            var connection = store.Connection;
            var tables = compiled.SelectMany(check => check.Tables).DistinctBy(table => table.Name, StringComparer.Ordinal).ToList();
            var made = new List<TableDefinition>();
            try
            {
                CheckRunner.SetTime(connection, time);
                var filled = Sandbox.Read(connection, "SELECT DISTINCT table_name FROM main.resources", row => row.GetString(0)).ToHashSet(StringComparer.Ordinal);
                foreach (var table in tables)
                {
                    cancellation.ThrowIfCancellationRequested();
                    if (Deadline.IsCancellationRequested)
                        break;
                    made.Add(table);
                    // To plan what is taken out of items costs more than to read a few; most accounts have nothing of most services.
                    Sandbox.Execute(connection, filled.Contains(table.Name)
                        ? $"CREATE OR REPLACE TEMP TABLE {SqlText.Identifier(table.Name)} AS {TableView.Select(table)}"
                        : TableView.CreateEmpty(table));
                }
                var input = new EvaluationInput(
                    scope ?? ScanScope.Of(collection, ScannedRegions(connection), ScannedAccounts(connection)),
                    collection, FailedRows(connection), table => RowsOf(connection, table))
                { IsPlan = planned };
                Run(connection, compiled, input, cancellation, begins, found);
            }
            finally
            {
                foreach (var table in made)
                    Sandbox.Execute(connection, $"DROP TABLE IF EXISTS temp.{SqlText.Identifier(table.Name)}");
            }
        }
    }

    private void EvaluateApart(
        ScanStore store, IReadOnlyList<CompiledCheck> checks, DateTimeOffset time, ScanScope? scope, CancellationToken cancellation, bool planned,
        Action<IReadOnlyList<Finding>> found)
    {
        var collection = store.ReadCollection();
        scope ??= ScopeOf(store, collection);
        var tables = checks.SelectMany(check => check.Tables).Select(table => table.Name).ToHashSet(StringComparer.Ordinal);
        var request = new EngineRequest
        {
            Task = EngineTask.Judge,
            Time = time,
            Scope = scope.Accounts.ToDictionary(account => account, scope.RegionsOf, StringComparer.Ordinal),
            Collection = [.. collection.Where(status => tables.Contains(status.Table))],
            Planned = planned,
        };
        var input = new EvaluationInput(scope, collection, [], _ => []);
        var left = checks.ToHashSet();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation, Deadline);
        _apart!.Judge(store, [.. checks.Where(check => check.Failure is null)], request, Budget,
            (check, findings) => Say(check, findings),
            (check, reason) => Say(check, [.. new Verdict(check, input, null).OfFailure(reason)]), stop.Token);
        cancellation.ThrowIfCancellationRequested();
        foreach (var check in checks.Where(left.Contains).ToList())
            Say(check, [.. check.Failure is { } reason ? new Verdict(check, input, null).OfFailure(reason) : new Verdict(check, input, null).OfStop()]);

        void Say(CompiledCheck check, IReadOnlyList<Finding> findings)
        {
            left.Remove(check);
            found(findings);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _compiler.Dispose();
        _apart?.Dispose();
    }

    internal CompiledCheck Compile(CheckDefinition check)
    {
        if (_compiled.TryGetValue(check, out var known))
            return known;
        var compiled = IsApart(check) ? CompileApart(check) : _compiler.Compile(check);
        // Whoever asks with what was joined means the same check.
        _compiled[compiled.Definition] = compiled;
        return _compiled[check] = compiled;
    }

    internal CompiledCheck CompileFrom(TableDefinition table)
    {
        if (_sources.TryGetValue(table.Name, out var source))
            return source;
        var check = CheckCompiler.CheckOf(table);
        return _sources[table.Name] = IsApart(check)
            ? new CompiledCheck(check, check, TablesNamed(check), _apart!.CompileFrom(table)) { IsRegional = false }
            : _compiler.CompileFrom(table);
    }

    private CompiledCheck CompileApart(CheckDefinition check)
    {
        var facts = _apart!.Compile(check);
        var joined = EvidenceJoin.Apply(TargetJoin.Apply(check));
        var tables = TablesNamed(joined);
        return new CompiledCheck(check, joined, tables, facts) { IsRegional = CheckCompiler.IsRegional(check, tables) };
    }

    private List<TableDefinition> TablesNamed(CheckDefinition check) =>
        [.. check.Tables.Distinct(StringComparer.Ordinal).Select(name => _catalog.Tables[name])];

    private bool IsApart(CheckDefinition check) => _apart is not null && !_proven(check);

    /// <summary>As <see cref="Compile"/>, for rows of a plan: it has the targets of one stack only, and tells nothing of those of others.</summary>
    internal CompiledCheck CompileForPlan(CheckDefinition check)
    {
        if (check.Target is null)
            return Compile(check);
        if (!_planned.TryGetValue(check, out var planned))
            _planned[check] = planned = check with { Target = null };
        return Compile(planned);
    }

    /// <summary>Runs compiled checks where their typed tables are ready.</summary>
    internal IReadOnlyList<Finding> Run(DuckDBConnection connection, IReadOnlyList<CompiledCheck> checks, EvaluationInput input)
    {
        var findings = new List<Finding>();
        Run(connection, checks, input, CancellationToken.None, null, findings.AddRange);
        return FindingOrder.Sorted(findings);
    }

    private void Run(
        DuckDBConnection connection, IReadOnlyList<CompiledCheck> checks, EvaluationInput input, CancellationToken cancellation, Action? begins, Action<IReadOnlyList<Finding>> found)
    {
        var work = new WorkLimit(Budget);
        using var gaps = new GapTables(connection, input);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation, Deadline);
        foreach (var check in checks)
        {
            begins?.Invoke();
            found(Findings(check));
            LargeHeap.LetGrown();
        }

        List<Finding> Findings(CompiledCheck check)
        {
            var verdict = new Verdict(check, input, gaps);
            if (check.Failure is { } failure)
                return [.. verdict.OfFailure(failure)];
            if (work.Left == TimeSpan.Zero)
                return [.. verdict.OfFailure("the checks before it used up the time of the whole evaluation")];
            if (Deadline.IsCancellationRequested)
                return [.. verdict.OfStop()];
            try
            {
                return [.. Judge(connection, check, verdict, gaps, input, stop.Token)];
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                return [.. verdict.OfStop()];
            }
            catch (QueryFailedException error)
            {
                return [.. verdict.OfFailure(error.Message)];
            }
        }
    }

    private IEnumerable<Finding> Judge(DuckDBConnection connection, CompiledCheck check, Verdict verdict, GapTables gaps, EvaluationInput input, CancellationToken cancellation)
    {
        if (!input.IsMissingFor(check))
            return verdict.Of(CheckRunner.Rows(connection, check, _limits, cancellation), null);
        var missing = gaps.Of(check);
        try
        {
            if (CheckRunner.RowsWithGaps(connection, check, gaps.For(check, []), _limits, cancellation) is not { } rows)
                return verdict.Of(CheckRunner.Rows(connection, check, _limits, cancellation), null);
            // One pass that is enough is one that nothing which is missing can take back.
            var helps = check.Definition.OnePassIsEnough ? check.Definition.Tables : check.Definition.Helps;
            var without = missing.Any(table => table.Any && helps.Contains(table.Table.Name, StringComparer.Ordinal))
                ? CheckRunner.RowsWithGaps(connection, check, gaps.For(check, [.. helps]), _limits, cancellation)
                : null;
            return verdict.Of(rows, without);
        }
        catch (NotFollowedException)
        {
            return verdict.OfGapsAlone();
        }
    }

    private static ScanScope ScopeOf(ScanStore store, IReadOnlyList<CollectionStatus> collection)
    {
        lock (store.Gate)
        {
            store.Flush();
            return ScanScope.Of(collection, ScannedRegions(store.Connection), ScannedAccounts(store.Connection));
        }
    }

    internal static HashSet<(string Account, string Region, string Resource)> RowsOf(DuckDBConnection connection, string table) =>
        [.. Sandbox.Read(connection, $"SELECT account_id, region, resource_id FROM temp.{SqlText.Identifier(table)}",
            row => (ScanStore.TextOf(row, 0) ?? "", ScanStore.TextOf(row, 1) ?? "", ScanStore.TextOf(row, 2) ?? ""))];

    private static List<(string Account, string Region)> ScannedRegions(DuckDBConnection connection) =>
        Sandbox.Read(connection,
            $"SELECT DISTINCT account_id, region FROM main.resources WHERE table_name = {SqlText.Literal(BuiltInTables.Region)}",
            row => (row.GetString(0), row.GetString(1)));

    private static List<string> ScannedAccounts(DuckDBConnection connection) =>
        Sandbox.Read(connection,
            $"SELECT DISTINCT account_id FROM main.resources WHERE table_name = {SqlText.Literal(BuiltInTables.Account)}",
            row => row.GetString(0));

    private static List<FailedRow> FailedRows(DuckDBConnection connection) =>
        Sandbox.Read(connection,
            "SELECT table_name, account_id, region, resource_id, failures FROM main.resources WHERE failures IS NOT NULL",
            row => new FailedRow(row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3), ScanStore.ReadFailures(row.GetString(4))));
}
