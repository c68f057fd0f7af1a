using System.Collections.Concurrent;
using System.Globalization;
using Scanner.Model;

namespace Scanner.Collect.Tables;

/// <summary>
/// Which tables an earlier scan's rows may stand for: those of which CloudTrail's event history tells of no change since they were read, everywhere that
/// such an event would be. Whatever is not known for certain is not among them.
/// </summary>
/// <param name="earlier">What the earlier scan read.</param>
/// <param name="options">How is collected.</param>
/// <param name="progress">Told how far it is, and what could not be found out; null for silence.</param>
internal sealed class UnchangedTables(EarlierScan earlier, CollectorOptions options, IProgressSink? progress)
{
    private const string Work = "Looking up changes";
    private const int RegionsAtOnce = 64;

    // A reading may show what was some minutes before it, and the two clocks may differ. AWS speaks of about five minutes until an event is
    // there, and guarantees none (https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html), fifteen is what it said before;
    // a later scan asks from the first reading on, so that what was late then is seen.
    private static readonly TimeSpan Before = TimeSpan.FromMinutes(15);

    /// <summary>Finds them.</summary>
    /// <param name="units">What is to be collected.</param>
    /// <param name="accounts">The accounts, each with its regions.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>Units that need not be collected, with the time of their reading.</returns>
    public async Task<IReadOnlyList<(CollectionUnit Unit, DateTimeOffset ReadAt)>> FindAsync(
        IReadOnlyList<CollectionUnit> units, IReadOnlyDictionary<string, RegionDiscovery> accounts, CancellationToken cancellation)
    {
        var wanted = units.Where(unit => unit.Table.Table.Changes is not null && earlier.Read.ContainsKey(KeyOf(unit)))
            .Select(unit => (Unit: unit, ReadAt: earlier.Read[KeyOf(unit)], Regions: RegionsOf(unit, accounts[unit.Account.Api.Account])))
            .Where(one => one.Regions.Count > 0).ToList();
        var asked = wanted.SelectMany(one => one.Regions.Select(region => (one.Unit.Account.Api, Region: region, one.ReadAt)))
            .GroupBy(one => (one.Api, one.Region), one => one.ReadAt).Select(group => (group.Key.Api, group.Key.Region, Since: group.Min() - Before)).ToList();
        var logs = new ConcurrentDictionary<(string Account, string Region), ChangeLog>();
        progress?.Report(Work, 0, asked.Count);
        await Parallel.ForEachAsync(asked, new ParallelOptions { MaxDegreeOfParallelism = RegionsAtOnce, CancellationToken = cancellation }, async (place, token) =>
        {
            logs[(place.Api.Account, place.Region)] = await ChangeLog.ReadAsync(place.Api, place.Region, place.Since, token);
            progress?.Report(Work, logs.Count, asked.Count);
        });
        Tell(logs);
        return [.. wanted.Where(one => !one.Regions.Any(region => logs[(one.Unit.Account.Api.Account, region)].Tells(one.Unit.Table.Table.Changes!, one.ReadAt - Before)))
            .Select(one => (one.Unit, one.ReadAt))];
    }

    private static (string Table, string Account, string Region) KeyOf(CollectionUnit unit) => (unit.Table.Table.Name, unit.Account.Api.Account, unit.StatusRegion);

    // An event is in the region that it happened in, one of a global service in the home region (https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-concepts.html).
    // What is asked once and is all over (buckets) may change in any region, so that all have to be known.
    private IReadOnlyList<string> RegionsOf(CollectionUnit unit, RegionDiscovery regions)
    {
        var table = unit.Table.Table;
        if (table.RowRegion is null && !table.Each.Any(detail => detail.Region is not null))
            return [unit.Region];
        return options.Regions.Count == 0 && regions.Guess is null ? [.. regions.Enabled.Keys.Append(unit.Region).Distinct(StringComparer.Ordinal)] : [];
    }

    private void Tell(IReadOnlyDictionary<(string Account, string Region), ChangeLog> logs)
    {
        foreach (var group in logs.Where(log => log.Value.Unknown is not null).GroupBy(log => log.Value.Unknown, StringComparer.Ordinal).OrderByDescending(group => group.Count()))
        {
            var (account, region) = group.Select(log => log.Key).Order().First();
            progress?.Note(string.Create(CultureInfo.InvariantCulture,
                $"What has changed in {region} of {account}{(group.Count() > 1 ? $" and in {group.Count() - 1} more regions" : "")} is not known, so that everything there is read: {group.Key}"));
        }
    }
}
