using Scanner.Catalog;
using Scanner.Collect.Tables;
using Scanner.Model;
using Scanner.Store;

namespace Scanner.Scan;

/// <summary>
/// The store of the last scan whose rows stand for what CloudTrail tells has not changed since (<c>--since-last</c>), as far as they may: read whole, by this
/// version, with the same questions, and not longer ago than the user wants.
/// </summary>
internal sealed class SinceLast : IDisposable
{
    /// <summary>The most that <c>--max-age</c> can be: CloudTrail's event history has 90 days, and is asked some minutes further back.</summary>
    public static readonly TimeSpan MostAge = TimeSpan.FromDays(89);

    private readonly ScanStore _store;

    private SinceLast(ScanStore store, EarlierScan scan)
    {
        _store = store;
        Scan = scan;
    }

    /// <summary>What may be taken, if it has not changed.</summary>
    public EarlierScan Scan { get; }

    /// <summary>Opens it.</summary>
    /// <param name="path">The store.</param>
    /// <param name="maxAge">How old a reading may be.</param>
    /// <param name="tables">Fingerprints of the tables as they are asked now.</param>
    /// <param name="progress">Hears why nothing of it may be taken.</param>
    /// <exception cref="InputException">It is no store, or that of a recorded account.</exception>
    public static SinceLast Open(string path, TimeSpan maxAge, IReadOnlyDictionary<string, string> tables, IProgressSink progress)
    {
        var store = ScanStore.Open(path);
        try
        {
            var scan = store.ReadScan();
            RequireLive(path, scan);
            if (scan.Version != ScanRun.Version)
                progress.Note($"Nothing is taken from {SafeText.Line(path)}: it was made by Scanner {SafeText.Line(scan.Version)}, and this is {ScanRun.Version}");
            var now = DateTimeOffset.UtcNow;
            var read = (scan.Version == ScanRun.Version ? store.ReadCollection() : [])
                .GroupBy(status => (status.Table, status.Account, status.Region))
                .Where(reading => reading.ToList() is [{ Outcome: CollectionOutcome.Ok }] && scan.Tables.TryGetValue(reading.Key.Table, out var then) && tables.GetValueOrDefault(reading.Key.Table) == then)
                // What was taken is as old as its first reading.
                .Select(reading => (reading.Key, ReadAt: reading.Single().ReadAt ?? scan.Time))
                .Where(reading => now - reading.ReadAt <= maxAge && reading.ReadAt <= now)
                .ToDictionary(reading => reading.Key, reading => reading.ReadAt);
            return new SinceLast(store, new EarlierScan(read, table => store.ReadResources(table)));
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    /// <summary>Refuses a baseline whose rows nobody can take, before an hour of reading.</summary>
    /// <param name="path">What <c>--baseline</c> names.</param>
    /// <exception cref="InputException">It is no store, or that of a recorded account.</exception>
    public static void Require(string path)
    {
        if (!BaselineFile.IsStore(path))
            throw new InputException($"--since-last takes rows from a store, and --baseline {SafeText.Line(path)} is a report, which has none: name the file that 'scanner scan --store' wrote");
        using var store = ScanStore.Open(path);
        RequireLive(path, store.ReadScan());
    }

    private static void RequireLive(string path, ScanSummary scan)
    {
        if (scan.Source != AccountSource.LiveName)
            throw new InputException($"--since-last: {SafeText.Line(path)} is the store of {SafeText.Line(scan.Source)}, not of a scan of AWS");
    }

    /// <summary>The findings, each with the oldest reading of an earlier scan that it may rest on.</summary>
    /// <param name="findings">The findings.</param>
    /// <param name="collection">How collections ended.</param>
    /// <param name="checks">The checks that ran.</param>
    /// <param name="catalog">Their tables.</param>
    public static IReadOnlyList<Finding> Mark(IReadOnlyList<Finding> findings, IReadOnlyList<CollectionStatus> collection, IEnumerable<CheckDefinition> checks, CheckCatalog catalog)
    {
        var taken = collection.Where(status => status.ReadAt is not null).ToLookup(status => (status.Table, status.Account));
        if (taken.Count == 0)
            return findings;
        var tables = checks.ToDictionary(check => check.Info.Id, check => Behind(check.Tables, catalog), StringComparer.Ordinal);
        return [.. findings.Select(finding => finding.Kind == FindingKind.Posture && tables.TryGetValue(finding.Check, out var read)
            && read.SelectMany(table => taken[(table, finding.Account)]).Where(status => IsAbout(finding, status)).Min(status => status.ReadAt) is { } oldest
            ? finding with { ReadAt = oldest } : finding)];
    }

    private static bool IsAbout(Finding finding, CollectionStatus status) =>
        status.Region == finding.Region || status.Region == CollectionStatus.Global || finding.Region == CollectionStatus.Global;

    // The tables of a check, and those that their rows are made of.
    private static IReadOnlyList<string> Behind(IEnumerable<string> tables, CheckCatalog catalog)
    {
        var all = new List<string>();
        var left = new Queue<string>(tables);
        while (left.TryDequeue(out var name))
        {
            if (all.Contains(name, StringComparer.Ordinal))
                continue;
            all.Add(name);
            foreach (var source in catalog.Tables.GetValueOrDefault(name)?.From?.Tables ?? [])
                left.Enqueue(source);
        }
        return all;
    }

    public void Dispose() => _store.Dispose();
}
