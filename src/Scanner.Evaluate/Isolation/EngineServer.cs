using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Scanner.Catalog;
using Scanner.Model;
using Scanner.Store;
using Scanner.Store.Sql;

namespace Scanner.Evaluate.Isolation;

/// <summary>
/// The other end of <see cref="IsolatedEvaluator"/>: the same evaluator in a process of its own, which gets checks, tables and rows over standard
/// input and answers over standard output. SQL that brings the engine down, or cannot be stopped, takes this process with it and nothing else.
/// It ends with its standard input, so that it does not outlive the scan.
/// </summary>
public sealed class EngineServer : IDisposable
{
    /// <summary>The one argument that the program is started with to be this.</summary>
    public const string Command = "sql-engine";

    private const int Core = 4; // RLIMIT_CORE in <bits/resource.h>
    private const int FindingsAtOnce = 500;

    private readonly Dictionary<string, TableDefinition> _tables = new(StringComparer.Ordinal);
    private readonly Dictionary<int, CheckDefinition> _checks = [];
    private readonly Stream _output;
    private CheckEvaluator? _evaluator;
    private ScanStore? _rows;

    private EngineServer(Stream output) => _output = output;

    /// <summary>Serves until the input ends.</summary>
    /// <param name="input">Requests, one a line.</param>
    /// <param name="output">Replies, one a line.</param>
    /// <param name="exit">Called when the input has ended while a query may still run.</param>
    public static void Run(Stream input, Stream output, Action exit)
    {
        Prepare();
        using var server = new EngineServer(output);
        using var requests = new BlockingCollection<string>(256);
        var reader = new Thread(() =>
        {
            using var lines = new StreamReader(input, Encoding.UTF8);
            while (lines.ReadLine() is { } line)
                requests.Add(line);
            exit();
        })
        { IsBackground = true };
        reader.Start();
        foreach (var line in requests.GetConsumingEnumerable())
            server.Answer(JsonSerializer.Deserialize<EngineRequest>(line, EngineJson.Options)!);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _rows?.Dispose();
        _evaluator?.Dispose();
    }

    // Where memory runs out, this process is the one to end; and what ends it leaves no image of the account behind.
    private static void Prepare()
    {
        EngineFaults.EndTheProcess();
        if (!OperatingSystem.IsLinux())
            return;
        try
        {
            File.WriteAllText("/proc/self/oom_score_adj", "1000");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Some containers do not let it: then the kernel chooses.
        }
        var none = new Limit();
        _ = setrlimit(Core, ref none);
    }

    private void Answer(EngineRequest request)
    {
        try
        {
            switch (request.Task)
            {
                case EngineTask.Begin:
                    Begin(request);
                    // From here on time is the query's.
                    Write(new EngineReply { IsLast = true });
                    return;
                case EngineTask.Define:
                    _checks[request.Number] = request.Check!;
                    return;
                case EngineTask.Row:
                    Rows().Add(request.Row!);
                    return;
                case EngineTask.Compile:
                    Write(new EngineReply { Facts = _evaluator!.Compile(_checks[request.Number]).Facts, IsLast = true });
                    return;
                case EngineTask.CompileFrom:
                    Write(new EngineReply { Facts = _evaluator!.CompileFrom(_tables[request.Table]).Facts, IsLast = true });
                    return;
                case EngineTask.Rows:
                    var rows = _evaluator!.RowsOf(Rows(), _tables[request.Table], request.Time);
                    Write(new EngineReply { Rows = [.. rows.Select(row => row.ToJsonString())], IsLast = true });
                    break;
                case EngineTask.Judge:
                    Judge(request);
                    break;
            }
        }
        catch (InputException e)
        {
            Write(new EngineReply { Refused = e.Message, IsLast = true });
        }
        _rows?.Dispose();
        _rows = null;
    }

    private void Begin(EngineRequest request)
    {
        foreach (var table in request.Tables)
            _tables[table.Name] = table;
        var catalog = new CheckCatalog
        {
            Tables = _tables,
            Checks = new Dictionary<string, CheckDefinition>(),
            Frameworks = new Dictionary<string, FrameworkDefinition>(),
            Detections = [],
        };
        var limits = request.Limits!;
        _evaluator = new CheckEvaluator(catalog, new SandboxLimits(TimeSpan.FromSeconds(limits.Seconds), limits.Bytes, limits.Rows));
    }

    private ScanStore Rows() => _rows ??= ScanStore.InMemory([]);

    private void Judge(EngineRequest request)
    {
        var store = Rows();
        store.Add(request.Collection);
        var scope = new ScanScope(request.Scope.Select(pair => KeyValuePair.Create(pair.Key, (IReadOnlyCollection<string>)pair.Value)));
        var place = 0;
        _evaluator!.EvaluateHere(store, [.. request.Checks.Select(number => _evaluator.Compile(_checks[number]))], request.Time, scope, CancellationToken.None, request.Planned,
            () => Write(new EngineReply { Judging = place++ }),
            findings =>
            {
                foreach (var some in findings.Chunk(FindingsAtOnce))
                    Write(new EngineReply { Findings = some });
            });
        Write(new EngineReply { IsLast = true });
    }

    private void Write(EngineReply reply)
    {
        JsonSerializer.Serialize(_output, reply, EngineJson.Options);
        _output.WriteByte((byte)'\n');
        _output.Flush();
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Limit
    {
        public ulong Soft;
        public ulong Hard;
    }

    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int setrlimit(int resource, ref Limit limit);
}
