using Scanner.Evaluate.Checks;
using Scanner.Evaluate.Sql;
using Scanner.Model;

namespace Scanner.Evaluate.Store;

public sealed partial class ScanStore
{
    /// <summary>
    /// Takes over what other stores hold (the shards of a matrix). What a later store collected replaces what an earlier
    /// one collected: items and collection by table, account and region; findings of posture checks by account and
    /// region; detections by key; rules by id. <c>aws_region</c> is joined, since each shard only lists its own regions.
    /// </summary>
    /// <param name="paths">Store files, in the order in which they win: last.</param>
    /// <exception cref="InputException">A file is missing, is not a store, or holds no finished scan. Nothing was taken from it.</exception>
    public void MergeFrom(IReadOnlyList<string> paths)
    {
        ArgumentNullException.ThrowIfNull(paths);
        foreach (var path in paths)
        {
            using var source = Open(path);
            MergeFrom(source);
        }
    }

    private void MergeFrom(ScanStore source)
    {
        var report = source.ReadReport();
        var resources = source.ReadResources();
        var collection = report.Collection;
        lock (_gate)
        {
            Flush();
            Sandbox.Execute(Connection, "BEGIN TRANSACTION");
            try
            {
                Forget(collection, resources);
                Sandbox.Execute(Connection, "COMMIT");
            }
            catch
            {
                Sandbox.Execute(Connection, "ROLLBACK");
                throw;
            }
            Add(resources);
            Add(collection);
            Flush();
            Save(Join(Sandbox.Read(Connection, "SELECT 1 FROM main.scan", _ => 1).Count == 0 ? null : ReadReport(), report, collection));
        }
    }

    // What the source collected itself is removed here first, so that nothing is in the store twice.
    private void Forget(IReadOnlyList<CollectionStatus> collection, IReadOnlyList<Resource> resources)
    {
        foreach (var (table, account, region) in collection.Select(status => (status.Table, status.Account, status.Region)).Distinct())
        {
            var where = $"table_name = {SqlText.Literal(table)} AND account_id = {SqlText.Literal(account)}";
            Sandbox.Execute(Connection, $"DELETE FROM main.collection WHERE {where} AND region = {SqlText.Literal(region)}");
            // A table that is collected once an account may have rows of any region (S3 buckets).
            if (table == ScopeTables.Region)
                continue;
            Sandbox.Execute(Connection, region == CollectionStatus.Global
                ? $"DELETE FROM main.resources WHERE {where}"
                : $"DELETE FROM main.resources WHERE {where} AND region = {SqlText.Literal(region)}");
        }
        foreach (var row in resources.Where(row => row.Table == ScopeTables.Region))
        {
            Sandbox.Execute(Connection,
                $"DELETE FROM main.resources WHERE table_name = {SqlText.Literal(row.Table)} AND account_id = {SqlText.Literal(row.Account)}"
                + $" AND region = {SqlText.Literal(row.Region)} AND resource_id = {SqlText.Literal(row.Id)}");
        }
    }

    private ScanReport Join(ScanReport? before, ScanReport added, IReadOnlyList<CollectionStatus> collection)
    {
        if (before is null)
            return added;
        var covered = collection.Select(status => (status.Account, status.Region)).ToHashSet();
        var accounts = collection.Select(status => status.Account).ToHashSet(StringComparer.Ordinal);
        // Regions that only the earlier shards scanned: their findings stand.
        var elsewhere = before.Collection
            .Where(status => status.Region != CollectionStatus.Global && !covered.Contains((status.Account, status.Region)))
            .Select(status => (status.Account, status.Region)).ToHashSet();
        var keys = added.Findings.Select(finding => finding.Key).ToHashSet(StringComparer.Ordinal);
        var kept = before.Findings.Where(finding => !keys.Contains(finding.Key) && (finding.Kind == FindingKind.Detection
            || !accounts.Contains(finding.Account) || elsewhere.Contains((finding.Account, finding.Region))));
        var rules = before.Rules.Values.Concat(added.Rules.Values)
            .GroupBy(rule => rule.Id, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.Last(), StringComparer.Ordinal);
        return new ScanReport
        {
            Scan = new ScanSummary
            {
                Time = before.Scan.Time > added.Scan.Time ? before.Scan.Time : added.Scan.Time,
                Source = before.Scan.Source == added.Scan.Source ? added.Scan.Source : $"{before.Scan.Source}, {added.Scan.Source}",
                Version = added.Scan.Version,
                Accounts = [.. before.Scan.Accounts.Union(added.Scan.Accounts, StringComparer.Ordinal).Order(StringComparer.Ordinal)],
                Regions = [.. before.Scan.Regions.Union(added.Scan.Regions, StringComparer.Ordinal).Order(StringComparer.Ordinal)],
                Resources = CountResources(),
                ApiCalls = before.Scan.ApiCalls + added.Scan.ApiCalls,
                Events = before.Scan.Events + added.Scan.Events,
                // Shards run side by side: the slowest is what one waited for.
                Duration = before.Scan.Duration > added.Scan.Duration ? before.Scan.Duration : added.Scan.Duration,
            },
            Rules = rules,
            Findings = FindingOrder.Sorted(kept.Concat(added.Findings)),
            Collection = [],
        };
    }
}
