using Scanner.Catalog;
using Scanner.Model;
using Scanner.Store;

namespace Scanner.Scan;

/// <summary>The stores that the jobs of one run kept, read one after the other; what does not belong together is refused.</summary>
internal sealed class ShardStores
{
    // As long as a job may take on GitHub: of what is further apart, one is of yesterday.
    private static readonly TimeSpan MostApart = TimeSpan.FromHours(6);

    private readonly List<string> _paths;
    private readonly ShardPlan? _plan;
    private readonly Dictionary<string, string> _accounts = new(StringComparer.Ordinal);
    private readonly List<string> _unread = [];

    /// <summary>Finds the files.</summary>
    /// <param name="named">Files, or folders in which and below which every <c>.duckdb</c> file is meant.</param>
    /// <param name="plan">Which accounts there are to be; null where nobody says.</param>
    /// <exception cref="InputException">There is no such file or folder, or no store in it.</exception>
    public ShardStores(IReadOnlyList<string> named, ShardPlan? plan)
    {
        _plan = plan;
        _paths = [];
        foreach (var path in named)
        {
            if (!Directory.Exists(path))
            {
                if (!File.Exists(path))
                    throw new InputException($"{SafeText.Line(path)}: there is no such store; name the files that 'scanner scan --store' wrote, or their folder");
                _paths.Add(path);
                continue;
            }
            var found = Directory.EnumerateFiles(path, "*.duckdb", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToList();
            _paths.AddRange(found.Count > 0 ? found : throw new InputException($"{SafeText.Line(path)}: there is no .duckdb file in it; it is the folder that the jobs' artifacts were downloaded to"));
        }
        if (_paths.Count == 0)
            throw new InputException("which stores? Name the files that 'scanner scan --store' wrote, or their folder");
    }

    /// <summary>The files.</summary>
    public IReadOnlyList<string> Paths => _paths;

    /// <summary>Summaries of those that could be read, in the order of the files.</summary>
    public List<ScanSummary> Scans { get; } = [];

    /// <summary>Rules that ran, by id.</summary>
    public Dictionary<string, RuleInfo> Rules { get; } = new(StringComparer.Ordinal);

    /// <summary>Findings of rules that are no checks of the catalog: detections, each once, since several jobs may read the same log.</summary>
    public Dictionary<string, Finding> Detected { get; } = new(StringComparer.Ordinal);

    /// <summary>One line for each store that could not be read and whose accounts the plan knows.</summary>
    public IReadOnlyList<string> Unread => _unread;

    /// <summary>Reads each store into another.</summary>
    /// <param name="catalog">The checks that will judge.</param>
    /// <param name="into">Gets what they collected.</param>
    /// <param name="progress">Hears how many are read.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="InputException">They do not belong together, or one cannot be read and nobody says whose accounts are in it.</exception>
    public void ReadInto(CheckCatalog catalog, ScanStore into, IProgressSink progress, CancellationToken cancellation)
    {
        IReadOnlySet<string>? checks = null;
        using (var join = into.BeginJoin(_paths))
        {
            foreach (var (index, path) in _paths.Index())
            {
                cancellation.ThrowIfCancellationRequested();
                progress.Report("Reading stores", index, _paths.Count);
                Read(path, catalog, join, ref checks);
            }
        }
        progress.Report("Reading stores", _paths.Count, _paths.Count);
        if (Scans.Count == 0)
            throw new InputException("no store could be read: there is nothing to merge");
    }

    /// <summary>Accounts of the plan that no store has: unknown, each with its reason.</summary>
    public IReadOnlyList<CollectionStatus> Missing =>
    [
        .. (_plan?.Shards ?? new Dictionary<string, string>()).Where(account => !_accounts.ContainsKey(account.Key)).OrderBy(account => account.Key, StringComparer.Ordinal)
            .Select(account => new CollectionStatus(BuiltInTables.Account, account.Key, CollectionStatus.Global, CollectionOutcome.Stopped, "scan",
                $"the job that was to scan account {account.Key} (shard {account.Value}) left no store that can be read")),
    ];

    private void Read(string path, CheckCatalog catalog, StoreJoin join, ref IReadOnlySet<string>? checks)
    {
        IReadOnlyDictionary<string, RuleInfo> rules;
        ScanSummary? scan;
        HashSet<string> ran;
        IReadOnlyList<Finding> detected = [];
        using (var store = Opened(path, out scan))
        {
            if (store is null)
                return;
            RequireFits(path, scan!);
            rules = store.ReadRules();
            ran = rules.Keys.Where(catalog.Checks.ContainsKey).ToHashSet(StringComparer.Ordinal);
            var others = rules.Values.Where(rule => !ran.Contains(rule.Id)).ToList();
            if (others.Find(rule => rule.Kind == FindingKind.Posture && rule.Id != EventDetection.LogsRule) is { } foreign)
                throw new InputException($"{SafeText.Line(path)}: its check '{SafeText.Line(foreign.Id)}' is not among the checks here; give --checks as the scans had it");
            if (checks is not null && !ran.SetEquals(checks))
                throw new InputException($"{SafeText.Line(path)} is of another run than {SafeText.Line(_paths[0])}: other checks ran");
            if (others.Count > 0 && IsDamaged(path, () => detected = store.ReadFindings(others.Select(rule => rule.Id))))
                return;
        }
        if (IsDamaged(path, () => join.Add(path)))
            return;
        foreach (var finding in detected)
            Detected.TryAdd(finding.Key, finding.Status == FindingStatus.Muted ? finding with { Status = FindingStatus.Fail, MutedReason = null } : finding);
        checks = ran;
        foreach (var account in scan!.Accounts)
            _accounts[account] = path;
        foreach (var (id, rule) in rules)
            Rules.TryAdd(id, rule);
        Scans.Add(scan);
    }

    // Where the plan knows whose accounts are in it, the rest is merged without.
    private bool IsDamaged(string path, Action read)
    {
        try
        {
            read();
            return false;
        }
        catch (InputException e) when (_plan is not null && e.Message.StartsWith(Path.GetFullPath(path), StringComparison.Ordinal))
        {
            Skip(e);
            return true;
        }
    }

    private ScanStore? Opened(string path, out ScanSummary? scan)
    {
        ScanStore? store = null;
        scan = null;
        try
        {
            store = ScanStore.Open(path);
            scan = store.ReadScan();
            return store;
        }
        catch (InputException e) when (_plan is not null)
        {
            store?.Dispose();
            Skip(e);
            return null;
        }
        catch (InputException)
        {
            store?.Dispose();
            throw;
        }
    }

    private void Skip(InputException reason) => _unread.Add($"{reason.Message}; its accounts are unknown");

    private void RequireFits(string path, ScanSummary scan)
    {
        var name = SafeText.Line(path);
        if (scan.Version != ScanRun.Version)
            throw new InputException($"{name} was made by Scanner {SafeText.Line(scan.Version)}, and this is {ScanRun.Version}: scan and merge with the same version");
        if (scan.Accounts.FirstOrDefault(_accounts.ContainsKey) is { } twice)
            throw new InputException($"account {twice} is in {SafeText.Line(_accounts[twice])} and in {name}: name each account's store once");
        if (_plan is not null && scan.Accounts.FirstOrDefault(account => !_plan.Shards.ContainsKey(account)) is { } stranger)
            throw new InputException($"{name} is of another run: --shards names no account {SafeText.Line(stranger)}");
        if (Scans.Count == 0)
            return;
        var first = Scans[0];
        var why = scan.Run != first.Run ? $"workflow run {(scan.Run.Length > 0 ? SafeText.Line(scan.Run) : "none")}, not {(first.Run.Length > 0 ? SafeText.Line(first.Run) : "none")}"
            : KindOf(scan) != KindOf(first) ? $"it was asked '{SafeText.Line(scan.Parameters)}', not '{SafeText.Line(first.Parameters)}'"
            : scan.Run.Length == 0 && (scan.Time - first.Time).Duration() > MostApart ? $"it looked at {scan.Time:u}, not about {first.Time:u}"
            : null;
        if (why is not null)
            throw new InputException($"{name} is of another run than {SafeText.Line(_accounts[first.Accounts[0]])}: {why}");
    }

    // Jobs may scan recordings of their own.
    private static string KindOf(ScanSummary scan) =>
        string.Join('/', scan.Scope.Split('/').Where(part => !part.StartsWith("from-", StringComparison.Ordinal) && !part.StartsWith("account-", StringComparison.Ordinal)).Append(scan.Framework));
}
