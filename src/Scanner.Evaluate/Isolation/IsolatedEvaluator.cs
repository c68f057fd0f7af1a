using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Scanner.Catalog;
using Scanner.Model;
using Scanner.Store;
using Scanner.Store.Sql;

namespace Scanner.Evaluate.Isolation;

/// <summary>
/// Compiles and runs SQL that others wrote in a process of its own (<see cref="EngineServer"/>). DuckDB looks at a query's limits between batches
/// of rows alone, and a stack or a heap that overflows in it ends the process: here that is the end of one query. A check that is not done in its
/// time is ended with the process, and the others go on in a new one.
/// </summary>
/// <param name="program">How the process is started.</param>
/// <param name="tables">All tables of the catalog.</param>
/// <param name="limits">Limits of each query.</param>
internal sealed class IsolatedEvaluator(EngineProgram program, IReadOnlyDictionary<string, TableDefinition> tables, SandboxLimits limits) : IDisposable
{
    // The engine's own limit comes first where it can: its message is of more use.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1.5);

    // A process that starts on a busy machine, tables that are made of many rows: none of it is up to the query.
    private static readonly TimeSpan Preparing = TimeSpan.FromMinutes(2);

    // Characters of findings of one check; more would fill the memory of the scan itself.
    private const long MostText = 200_000_000;

    private readonly Dictionary<CheckDefinition, int> _numbers = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<int> _defined = [];
    private EngineProcess? _process;

    private string Late => string.Create(CultureInfo.InvariantCulture, $"it took longer than {limits.Time.TotalSeconds:0.#} s, and was ended with the process that it ran in");

    /// <summary>Compiles a check.</summary>
    /// <exception cref="InputException">As <see cref="CheckCompiler.Compile"/>.</exception>
    public CompiledFacts Compile(CheckDefinition check) =>
        Compiled(() => new EngineRequest { Task = EngineTask.Compile, Number = Define(check) });

    /// <summary>Compiles the select of a table.</summary>
    /// <exception cref="InputException">As <see cref="CheckCompiler.CompileFrom"/>.</exception>
    public CompiledFacts CompileFrom(TableDefinition table) =>
        Compiled(() => new EngineRequest { Task = EngineTask.CompileFrom, Table = table.Name });

    /// <summary>The rows of a table's select.</summary>
    /// <param name="store">What was collected.</param>
    /// <param name="table">The table.</param>
    /// <param name="time">What <c>scan_time()</c> gives.</param>
    /// <exception cref="InputException">The select fails.</exception>
    public IReadOnlyList<JsonObject> RowsOf(ScanStore store, TableDefinition table, DateTimeOffset time)
    {
        Start();
        SendRows(store, table.From!.Tables);
        _process!.Send(new EngineRequest { Task = EngineTask.Rows, Table = table.Name, Time = time });
        var reply = _process.Receive(limits.Time + Grace, Late, CancellationToken.None);
        if (reply?.Rows is not { } rows)
            throw new InputException(reply?.Refused ?? $"the select of {table.Name} failed: {_process.Ending}");
        return [.. rows.Select(row => (JsonObject)JsonNode.Parse(row)!)];
    }

    /// <summary>Judges checks.</summary>
    /// <param name="store">What was collected.</param>
    /// <param name="checks">The checks; every one gets its findings or a failure, unless it is stopped.</param>
    /// <param name="request">Time, scope, collection and kind of rows.</param>
    /// <param name="budget">Time for all of them.</param>
    /// <param name="found">Gets the findings of a check.</param>
    /// <param name="failed">Gets the reason why a check gave no answer.</param>
    /// <param name="cancellation">Stops: of the checks that are left nothing is said.</param>
    public void Judge(
        ScanStore store, IReadOnlyList<CompiledCheck> checks, EngineRequest request, TimeSpan budget,
        Action<CompiledCheck, IReadOnlyList<Finding>> found, Action<CompiledCheck, string> failed, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        var open = new List<CompiledCheck>(checks);
        while (open.Count > 0 && !cancellation.IsCancellationRequested)
        {
            if (clock.Elapsed > budget)
            {
                open.ForEach(check => failed(check, "the checks before it used up the time of the whole evaluation"));
                return;
            }
            var judged = Round(store, open, request, found, cancellation);
            open.RemoveRange(0, judged);
            if (open.Count == 0 || cancellation.IsCancellationRequested)
                return;
            // Where the process ended before any check began, it is none of theirs to answer for, and another try would end alike.
            var reason = _process!.Ending ?? "it gave no answer";
            if (_hasBegun)
            {
                failed(open[0], reason);
                open.RemoveAt(0);
                continue;
            }
            open.ForEach(check => failed(check, reason));
            return;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _process?.Dispose();

    private bool _hasBegun;

    // How many were judged; the one after them is what ended the process.
    private int Round(ScanStore store, List<CompiledCheck> open, EngineRequest request, Action<CompiledCheck, IReadOnlyList<Finding>> found, CancellationToken cancellation)
    {
        Start();
        var numbers = open.Select(check => Define(check.Source)).ToList();
        SendRows(store, open.SelectMany(check => check.Tables).Select(table => table.Name));
        _process!.Send(request with { Task = EngineTask.Judge, Checks = numbers });
        _hasBegun = false;
        var at = 0;
        var findings = new List<Finding>();
        var text = 0L;
        while (true)
        {
            if (_process.Receive(_hasBegun ? limits.Time + Grace : Preparing, _hasBegun ? Late : "its process was not ready in time", cancellation) is not { } reply)
                return at;
            if ((reply.Judging is > 0 || reply.IsLast) && _hasBegun)
            {
                found(open[at++], findings);
                (findings, text) = ([], 0);
            }
            if (reply.IsLast)
                return reply.Refused is null ? at : throw new InputException(reply.Refused);
            _hasBegun |= reply.Judging is not null;
            findings.AddRange(reply.Findings ?? []);
            text += reply.Findings?.Sum(finding => (long)finding.Message.Length + finding.Resource.Length) ?? 0;
            if (text > MostText)
            {
                _process.End("it returned more text than can be kept");
                return at;
            }
        }
    }

    private CompiledFacts Compiled(Func<EngineRequest> request)
    {
        Start();
        _process!.Send(request());
        var reply = _process.Receive(limits.Time + Grace, Late, CancellationToken.None);
        if (reply?.Refused is { } refused)
            throw new InputException(refused);
        return reply?.Facts ?? CompiledFacts.NotTried(_process.Ending ?? "it gave no answer");
    }

    private void Start()
    {
        if (_process is { Ending: null })
            return;
        _process?.Dispose();
        _defined.Clear();
        _process = new EngineProcess(program, limits.MemoryBytes);
        _process.Send(new EngineRequest
        {
            Task = EngineTask.Begin,
            // How rows are made of plans, and where things stand in files, is no matter of SQL.
            Tables = [.. tables.Values.Select(table => table with { Terraform = [], Lines = new Dictionary<string, int>() })],
            Limits = new EngineLimits(limits.Time.TotalSeconds, limits.MemoryBytes, limits.Rows),
        });
        // A start on a busy machine is no matter of the query that comes first.
        if (_process.Receive(Preparing, "it was not ready in time", CancellationToken.None) is null)
            throw new InputException($"the process that SQL of yours runs in did not start: {_process.Ending}");
    }

    private int Define(CheckDefinition check)
    {
        if (!_numbers.TryGetValue(check, out var number))
            _numbers[check] = number = _numbers.Count;
        if (_defined.Add(number))
            _process!.Send(new EngineRequest { Task = EngineTask.Define, Number = number, Check = check with { Tests = [] } });
        return number;
    }

    private void SendRows(ScanStore store, IEnumerable<string> names)
    {
        foreach (var name in names.Distinct(StringComparer.Ordinal))
        {
            foreach (var row in store.ReadResources(name))
                _process!.Send(new EngineRequest { Task = EngineTask.Row, Row = row });
        }
    }
}
