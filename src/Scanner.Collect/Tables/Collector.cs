using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Scanner.Catalog;
using Scanner.Model;

namespace Scanner.Collect.Tables;

/// <summary>
/// Turns table definitions into rows: asks every account and region, follows parents and details, and says of each
/// table, account and region whether it was collected. What could not be read never looks like nothing.
/// </summary>
public sealed class Collector
{
    private static readonly JsonSerializerOptions ItemOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    // In a lane: of one account, and at most.
    private const int UnitsAtOnce = 4;
    private const int MostUnitsAtOnce = 64;

    private readonly List<CompiledTable> _tables;
    private readonly CollectorOptions _options;
    private readonly IProgressSink? _progress;

    /// <summary>Makes a collector of some tables.</summary>
    /// <param name="tables">Tables to collect; <see cref="BuiltInTables"/> are made in any case.</param>
    /// <param name="options">How to collect.</param>
    /// <param name="progress">Told of each table that is done; null for silence.</param>
    /// <exception cref="InputException">A text of a table has a brace that holds no path (with file and line).</exception>
    public Collector(IEnumerable<TableDefinition> tables, CollectorOptions options, IProgressSink? progress = null)
    {
        _tables = [.. tables.Where(table => !BuiltInTables.IsBuiltIn(table.Name)).Select(table => new CompiledTable(table))];
        _options = options;
        _progress = progress;
    }

    /// <summary>
    /// Collects. A table that fails does not end it; only a sink that throws or the user's mistake does. Where it is cancelled, what was
    /// collected stays, and what was not gets a status that says so.
    /// </summary>
    /// <param name="accounts">Accounts to ask.</param>
    /// <param name="sink">Where rows and statuses go while it runs.</param>
    /// <param name="cancellation">Ends it early; what was handed over stays.</param>
    /// <returns>What it covered.</returns>
    /// <exception cref="InputException">A named region does not exist.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled before it was known which regions there are.</exception>
    public async Task<CollectionResult> CollectAsync(IReadOnlyList<CollectionAccount> accounts, ICollectionSink sink, CancellationToken cancellation = default)
    {
        var regions = await Task.WhenAll(accounts.Select(account => RegionDiscovery.FindAsync(account, _options, cancellation)));
        CheckNames(regions);

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var gate = new SinkGate(sink, stop);
        var units = new List<CollectionUnit>();
        var done = new ConcurrentDictionary<CollectionUnit, bool>(ReferenceEqualityComparer.Instance);
        try
        {
            for (var i = 0; i < accounts.Count; i++)
            {
                Scope(accounts[i], regions[i], gate);
                units.AddRange(UnitsOf(accounts[i], regions[i]));
            }
            var kept = _options.Kept.Select(status => (status.Table, status.Account, status.Region)).ToHashSet();
            gate.Failed.AddRange(_options.Kept.Where(SinkGate.IsFailed));
            units.RemoveAll(unit => kept.Contains((unit.Table.Table.Name, unit.Account.Api.Account, unit.StatusRegion)));
            if (_options.Earlier is { } earlier)
                await TakeAsync(earlier, units, accounts.Zip(regions).ToDictionary(pair => pair.First.Api.Account, pair => pair.Second, StringComparer.Ordinal), gate, stop.Token);
            using var meter = new CollectionMeter(accounts, units, _progress);
            // What a table takes from others is asked when those are through in every account: a log's bucket is often another account's.
            foreach (var level in units.GroupBy(unit => LevelOf(unit.Table.Table)).OrderBy(group => group.Key).ToList())
                await RunAsync([.. level], accounts, done, gate, meter, stop.Token);
        }
        catch (Exception) when (stop.IsCancellationRequested)
        {
            // What came of stopping is no news: the sink's own exception is, or that the caller wanted it.
        }
        gate.Failure?.Throw();
        foreach (var left in units.Where(unit => !done.ContainsKey(unit)))
        {
            sink.Add(new CollectionStatus(left.Table.Table.Name, left.Account.Api.Account, left.StatusRegion, CollectionOutcome.Stopped, left.Table.List.Operation,
                "the scan was stopped before this was collected"));
        }
        return new CollectionResult(
            accounts.Zip(regions).ToDictionary(pair => pair.First.Api.Account, pair => (IReadOnlyList<string>)[.. pair.Second.Enabled.Keys], StringComparer.Ordinal),
            accounts.Zip(regions).ToDictionary(pair => pair.First.Api.Account, pair => (IReadOnlyList<string>)[.. pair.Second.Disabled.Keys], StringComparer.Ordinal),
            gate.Resources);
    }

    private IEnumerable<CollectionUnit> UnitsOf(CollectionAccount account, RegionDiscovery regions)
    {
        var home = AwsPartition.Named(account.Partition).HomeRegion;
        foreach (var table in _tables)
        {
            if (table.Table.Scope == TableScope.Account)
            {
                yield return new CollectionUnit(table, account, home);
                continue;
            }
            foreach (var region in regions.Enabled.Keys)
                yield return new CollectionUnit(table, account, region);
        }
    }

    /// <summary>Hands on what an earlier scan read and nobody has changed since; it is no longer to be collected.</summary>
    private async Task TakeAsync(EarlierScan earlier, List<CollectionUnit> units, IReadOnlyDictionary<string, RegionDiscovery> regions, SinkGate gate, CancellationToken cancellation)
    {
        var taken = await new UnchangedTables(earlier, _options, _progress).FindAsync(units, regions, cancellation);
        foreach (var table in taken.GroupBy(one => one.Unit.Table.Table))
        {
            var places = table.Select(one => (one.Unit.Account.Api.Account, one.Unit.StatusRegion)).ToHashSet();
            var isGlobal = table.Key.Scope == TableScope.Account;
            // One pass over the table for all accounts: there may be hundreds.
            foreach (var row in earlier.Rows(table.Key.Name).Where(row => places.Contains((row.Account, isGlobal ? CollectionStatus.Global : row.Region))))
                gate.Add(row);
            gate.Add([.. table.Select(one => new CollectionStatus(table.Key.Name, one.Unit.Account.Api.Account, one.Unit.StatusRegion, CollectionOutcome.Ok) { ReadAt = one.ReadAt })]);
        }
        var gone = taken.Select(one => one.Unit).ToHashSet<CollectionUnit>(ReferenceEqualityComparer.Instance);
        units.RemoveAll(gone.Contains);
    }

    private int LevelOf(TableDefinition table) => table.From is not { } from ? 0
        : 1 + from.Tables.Max(name => _tables.Find(other => other.Table.Name == name) is { } source ? LevelOf(source.Table) : 0);

    private async Task RunAsync(
        List<CollectionUnit> units, IReadOnlyList<CollectionAccount> accounts, ConcurrentDictionary<CollectionUnit, bool> ended, SinkGate gate, CollectionMeter meter, CancellationToken cancellation)
    {
        using var memo = new CallMemo(units, _options.Parallelism, cancellation);
        var given = new GivenRows(units, accounts, gate.Failed, _options);
        // A lane for each region and service: one that does not answer, or that answers slowly, holds nobody up but itself. In it first what asks
        // about each of its items.
        var lanes = units.GroupBy(unit => (unit.Region, unit.Table.Table.List.Service))
            .Select(lane => lane.OrderByDescending(unit => unit.Table.Each.Count + unit.Table.Parents.Count).ToList()).ToList();
        var parallel = new ParallelOptions
        {
            MaxDegreeOfParallelism = Math.Min(_options.Parallelism, Math.Clamp(accounts.Count * UnitsAtOnce, UnitsAtOnce, MostUnitsAtOnce)),
            CancellationToken = cancellation,
        };
        await Task.WhenAll(lanes.Select(lane => Parallel.ForEachAsync(lane, parallel, async (unit, token) =>
        {
            var statuses = await new TableRun(unit, memo, _options, gate.Add, given, meter).RunAsync(token);
            memo.Release(unit);
            gate.Add(statuses);
            ended[unit] = true;
            meter.Done(unit);
        })));
    }

    private void CheckNames(RegionDiscovery[] regions)
    {
        var known = regions.SelectMany(discovery => discovery.Known).ToHashSet(StringComparer.Ordinal);
        foreach (var region in _options.Regions)
        {
            if (!known.Contains(region))
                throw new InputException($"'{region}' is not an AWS region; {Spelling.Suggest(region, known)}");
        }
    }

    /// <summary>The rows and statuses of the tables that say what the scan covers, and of what was named and cannot be asked.</summary>
    private void Scope(CollectionAccount account, RegionDiscovery regions, SinkGate gate)
    {
        var id = account.Api.Account;
        var arn = $"arn:{account.Partition}:iam::{id}:root";
        gate.Add(new Resource(BuiltInTables.Account, id, CollectionStatus.Global, id, new JsonObject
        {
            ["Account"] = id,
            ["Name"] = account.Name,
            ["Arn"] = arn,
            ["Partition"] = account.Partition,
            ["IsManagement"] = account.IsManagement,
        }.ToJsonString(ItemOptions), []));
        gate.Add([new CollectionStatus(BuiltInTables.Account, id, CollectionStatus.Global, CollectionOutcome.Ok)]);
        foreach (var (region, item) in regions.Enabled)
        {
            gate.Add(new Resource(BuiltInTables.Region, id, region, region, item.ToJsonString(ItemOptions), []));
            gate.Add([new CollectionStatus(BuiltInTables.Region, id, region, CollectionOutcome.Ok)]);
        }
        if (regions.Guess is not null)
        {
            gate.Add([regions.Guess]);
            _progress?.Note($"{id}: the list of regions could not be read: {regions.Guess.Reason}");
        }
        foreach (var (region, reason) in regions.Disabled)
        {
            gate.Add([.. _tables.Where(table => table.Table.Scope == TableScope.Region).Select(table => table.Table.Name).Prepend(BuiltInTables.Region)
                .Select(table => new CollectionStatus(table, id, region, CollectionOutcome.Disabled, "ec2:DescribeRegions", reason))]);
        }
    }

    /// <summary>Lets one thread at a time into the sink; a sink that throws ends the collection.</summary>
    private sealed class SinkGate(ICollectionSink sink, CancellationTokenSource stop)
    {
        private readonly Lock _lock = new();

        public ExceptionDispatchInfo? Failure { get; private set; }

        public long Resources { get; private set; }

        public void Add(Resource resource) => Do(() =>
        {
            sink.Add(resource);
            Resources++;
        });

        /// <summary>What was not collected as a whole.</summary>
        public List<CollectionStatus> Failed { get; } = [];

        public void Add(IReadOnlyList<CollectionStatus> statuses) => Do(() =>
        {
            foreach (var status in statuses)
            {
                sink.Add(status);
                if (IsFailed(status))
                    Failed.Add(status);
            }
        });

        public static bool IsFailed(CollectionStatus status) => status.Outcome != CollectionOutcome.Ok && status.Resources is null;

        private void Do(Action action)
        {
            lock (_lock)
            {
                if (Failure is not null)
                    throw new OperationCanceledException(stop.Token);
                try
                {
                    action();
                }
                catch (Exception e)
                {
                    Failure = ExceptionDispatchInfo.Capture(e);
                    stop.Cancel();
                    throw new OperationCanceledException("the store failed", e, stop.Token);
                }
            }
        }
    }
}

/// <summary>What a collection covered.</summary>
/// <param name="Regions">By account id: the regions that were asked, sorted.</param>
/// <param name="Disabled">By account id: regions that were named and could not be asked, because they are not enabled.</param>
/// <param name="Resources">Rows handed to the sink.</param>
public sealed record CollectionResult(
    IReadOnlyDictionary<string, IReadOnlyList<string>> Regions,
    IReadOnlyDictionary<string, IReadOnlyList<string>> Disabled,
    long Resources);

/// <summary>The smallest piece of work with a status of its own: one table in one account and region.</summary>
/// <param name="Table">The table.</param>
/// <param name="Account">The account.</param>
/// <param name="Region">Region that is asked; the partition's home region for a table of scope account.</param>
internal sealed record CollectionUnit(CompiledTable Table, CollectionAccount Account, string Region)
{
    /// <summary>Region under which the status stands.</summary>
    public string StatusRegion => Table.Table.Scope == TableScope.Account ? CollectionStatus.Global : Region;
}
