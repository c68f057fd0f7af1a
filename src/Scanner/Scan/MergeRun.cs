using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Scanner.Catalog;
using Scanner.Collect.Tables;
using Scanner.Evaluate;
using Scanner.Model;
using Scanner.Store;
using Scanner.Terminal;

namespace Scanner.Scan;

/// <summary>
/// Joins the stores of a run's jobs and judges what they collected as one scan does: a check that looks from one account into another sees
/// both. The checks are those that the jobs ran.
/// </summary>
internal sealed partial class MergeRun : IDisposable
{
    private readonly ScanOptions _options;
    private readonly ShardStores _stores;
    private readonly CatalogFolders _folders;
    private readonly CheckEvaluator _evaluator;
    private readonly Baseline? _baseline;

    /// <summary>Reads the catalog, and refuses an output that is there.</summary>
    /// <param name="options">Checks, outputs and baseline; what was scanned is not in it.</param>
    /// <param name="stores">The stores of the jobs.</param>
    /// <exception cref="InputException">A file or an option is wrong.</exception>
    public MergeRun(ScanOptions options, ShardStores stores)
    {
        _options = options;
        _stores = stores;
        if (options.Store is { } path)
        {
            if (FileEntry.Look(path).Kind != FileKind.Missing)
                throw new InputException($"--store {SafeText.Line(path)} is there, and a merge replaces nothing: move it away, or name another file");
            ScanStore.RequireReplaceable(path);
        }
        _baseline = options.Baseline is { } earlier ? BaselineFile.Read(earlier) : null;
        _folders = new CatalogFolders(options.Checks, locked: options.LockChecks);
        _evaluator = new CheckEvaluator(_folders.Catalog, proven: _folders.IsShipped, engine: OwnProgram.Engine) { Deadline = StopSignal.Deadline };
    }

    /// <summary>Merges.</summary>
    /// <param name="accepted">Risks accepted on GitHub.</param>
    /// <param name="progress">Hears how far it is.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task<ScanReport> RunAsync(IReadOnlyList<AcceptedRisk> accepted, IProgressSink progress, CancellationToken cancellation)
    {
        var folder = _options.Store is null ? Directory.CreateTempSubdirectory("scanner-merge-") : null;
        try
        {
            // On disk even where it is not kept: memory is for findings.
            using var store = ScanStore.Create(_options.Store ?? Path.Combine(folder!.FullName, "merged.duckdb"), _folders.Catalog.Tables.Values, ScanRun.Audience);
            _stores.ReadInto(_folders.Catalog, store, progress, cancellation);
            var report = await JudgeAsync(store, accepted, progress, cancellation);
            if (_options.Store is not null)
            {
                store.Save(report);
                store.Commit();
            }
            return report;
        }
        finally
        {
            folder?.Delete(recursive: true);
        }
    }

    private async Task<ScanReport> JudgeAsync(ScanStore store, IReadOnlyList<AcceptedRisk> accepted, IProgressSink progress, CancellationToken cancellation)
    {
        var proven = !_stores.Scans[0].Parameters.Contains("--evidence off", StringComparison.Ordinal);
        var checks = _folders.Catalog.Checks.Values.Where(check => _stores.Rules.ContainsKey(check.Id)).Select(check => proven ? check : ScanRun.Unproven(check)).ToList();
        _evaluator.Validate(checks);
        var missing = _stores.Missing;
        store.Add(missing);
        // One scan looks when it begins, whatever it reads last.
        var time = _stores.Scans.Min(scan => scan.Time);
        await AskAgainAsync(store, time, progress, cancellation);
        var collection = store.ReadCollection();
        var places = collection.Where(status => status.Table == BuiltInTables.Region).Select(status => (status.Account, status.Region)).ToLookup(place => place.Account, place => place.Region, StringComparer.Ordinal);
        var scope = new ScanScope(_stores.Scans.SelectMany(scan => scan.Accounts).Concat(missing.Select(status => status.Account))
            .Select(account => KeyValuePair.Create(account, (IReadOnlyCollection<string>)[.. places[account]])));
        var posture = _evaluator.Evaluate(store, checks, time, scope, progress, cancellation);
        store.LetGo();
        var muted = Muting.Apply(_stores.Detected.Count == 0 ? posture : new FindingList(posture.Concat(_stores.Detected.Values)), _folders.Catalog.Mutes, accepted, DateOnly.FromDateTime(time.UtcDateTime), checks);
        foreach (var note in muted.Notes.Concat(_folders.IdleMutes()))
            progress.Note(note);
        var findings = SinceLast.Mark(FindingOrder.Sorted(Ownership.Assign(muted.Findings, _folders.Catalog.Owners, () => store.ReadResources())), collection, checks, _folders.Catalog);
        var summary = Summary(scope, time) with { Resources = store.CountResources() };
        var endings = Endings(summary, missing).ToList();
        summary = summary with { EndedEarly = endings.Count > 0 };
        var report = new ScanReport
        {
            Scan = summary,
            Rules = checks.Select(check => check.Info).Concat(_stores.Rules.Values.Where(rule => !_folders.Catalog.Checks.ContainsKey(rule.Id))).ToDictionary(rule => rule.Id, StringComparer.Ordinal),
            Findings = findings,
            Collection = collection,
            Frameworks = ScanRun.Frameworks(_folders.Catalog, summary.Framework, checks.Count == _folders.Catalog.Checks.Count, findings, checks),
            DueDays = _folders.Catalog.DueDays,
            Notices = [.. _folders.Notices, .. ScanRun.Aged(collection, findings, time), .. ScanRun.Unproven(_folders.Catalog, checks, collection), .. ScanRun.Deaf(summary, checks, findings, _stores.Rules.Values), .. endings],
        };
        return _baseline?.Compare(report) ?? Baseline.Begin(report);
    }

    private IEnumerable<string> Endings(ScanSummary whole, IReadOnlyList<CollectionStatus> missing)
    {
        if (missing.Count > 0)
        {
            var names = string.Join(", ", missing.Take(20).Select(status => whole.Called(status.Account)));
            yield return string.Create(CultureInfo.InvariantCulture,
                $"{missing.Count} {(missing.Count == 1 ? "account is" : "accounts are")} unknown, because no store of their jobs could be read: {names}{(missing.Count > 20 ? $" and {missing.Count - 20} more" : "")}");
        }
        foreach (var scan in _stores.Scans.Where(scan => scan.EndedEarly))
            yield return $"The job of {string.Join(", ", scan.Accounts.Take(5).Select(whole.Called))}{(scan.Accounts.Count > 5 ? " ..." : "")} ended before it had asked everything. What it had not looked at is unknown.";
    }

    private ScanSummary Summary(ScanScope scope, DateTimeOffset time)
    {
        var scans = _stores.Scans;
        var started = scans.Min(scan => scan.Started ?? scan.Time);
        var asked = NamedAccounts().Replace(scans[0].Parameters, "").Trim();
        return scans[0] with
        {
            Time = time,
            Source = string.Join(", ", scans.Select(scan => scan.Source).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Take(5)),
            Accounts = [.. scope.Accounts],
            AccountNames = scans.SelectMany(scan => scan.AccountNames).DistinctBy(name => name.Key, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal),
            Regions = [.. scope.Accounts.SelectMany(scope.RegionsOf).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
            ApiCalls = scans.Sum(scan => scan.ApiCalls),
            // What two jobs asked in two ways, nobody can take from the whole.
            Tables = scans[0].Tables.Where(table => scans.All(scan => scan.Tables.GetValueOrDefault(table.Key) == table.Value)).ToDictionary(StringComparer.Ordinal),
            // Lookups are of each account; any other log is read whole by every job.
            Events = asked.Contains("--events lookup", StringComparison.Ordinal) ? scans.Sum(scan => scan.Events) : scans.Max(scan => scan.Events),
            Caller = scans.Select(scan => scan.Caller).Distinct(StringComparer.Ordinal).ToList() is [var only] ? only : "",
            Parameters = asked,
            AccountsNamed = scans[0].AccountsNamed && !asked.Contains("--organization", StringComparison.Ordinal) && !asked.Contains("--from ", StringComparison.Ordinal),
            Started = started,
            Duration = scans.Max(scan => scan.Ended ?? scan.Time) - started,
            Services = [.. scans.SelectMany(scan => scan.Services).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
        };
    }

    /// <summary>
    /// Asks again what a job could not, because the account that has the answer was another job's (whose bucket a log goes to): of recorded
    /// accounts alone, since a merge asks nothing of AWS. What was not asked is unknown, and says so.
    /// </summary>
    private async Task AskAgainAsync(ScanStore store, DateTimeOffset time, IProgressSink progress, CancellationToken cancellation)
    {
        if (_stores.Scans.Select(scan => scan.Source).Distinct(StringComparer.Ordinal).ToList() is not [var source] || !File.Exists(Path.Combine(source, "scan.json")))
            return;
        var collected = store.ReadCollection().Select(status => status.Table).ToHashSet(StringComparer.Ordinal);
        var changed = new HashSet<(string Table, string Account)>();
        var tables = _folders.Catalog.Tables.Values.Where(table => table.From is { IsPartial: true } && collected.Contains(table.Name)).ToList();
        foreach (var table in tables)
        {
            var now = Keys(_evaluator.RowsOf(store, table, time).Select(row => ((string?)row["account_id"] ?? "", row)));
            var then = Keys(store.ReadResources(table.Name).Select(resource => (resource.Account, JsonNode.Parse(resource.Item)!.AsObject())), now.Select(one => one.Names).FirstOrDefault());
            changed.UnionWith(now.Select(one => (one.Account, one.Key)).Except(then.Select(one => (one.Account, one.Key))).Select(one => (table.Name, one.Account)));
        }
        if (changed.Count == 0)
            return;
        using var accounts = await AccountSource.OpenAsync(new ScanOptions { From = source }, progress, cancellation);
        var scanned = _stores.Scans.SelectMany(scan => scan.Accounts).ToHashSet(StringComparer.Ordinal);
        var secrets = new Collect.Recording.SecretMembers(_folders.Catalog.Tables.Values);
        store.Remove(changed);
        await new Collector(tables.Where(table => changed.Any(one => one.Table == table.Name)),
            new CollectorOptions { Rows = table => _evaluator.RowsOf(store, table, time) }, progress)
            .CollectAsync([.. accounts.Accounts.Where(account => scanned.Contains(account.Api.Account)).Select(account => account with { Api = new Collect.Recording.SecretlessAwsApi(account.Api, secrets) })],
                new Chosen(store, changed), cancellation);
    }

    // A row as it was asked for, in the members that the select gives.
    private static List<(string Account, string Key, IReadOnlyList<string> Names)> Keys(IEnumerable<(string Account, JsonObject Row)> rows, IReadOnlyList<string>? names = null) =>
    [
        .. rows.Select(one =>
        {
            var own = names ?? [.. one.Row.Select(member => member.Key)];
            return (one.Account, string.Join('\n', own.Select(name => one.Row[name]?.ToJsonString() ?? "")), own);
        }),
    ];

    public void Dispose() => _evaluator.Dispose();

    [GeneratedRegex(@"--accounts \S+", RegexOptions.NonBacktracking)]
    private static partial Regex NamedAccounts();

    private sealed class Chosen(ScanStore store, HashSet<(string Table, string Account)> chosen) : ICollectionSink
    {
        public void Add(Resource resource)
        {
            if (chosen.Contains((resource.Table, resource.Account)))
                store.Add(resource);
        }

        public void Add(CollectionStatus status)
        {
            if (chosen.Contains((status.Table, status.Account)))
                store.Add(status);
        }
    }
}
