using Scanner.Model;

namespace Scanner.Evaluate;

/// <summary>Which accounts were scanned, and in which regions each.</summary>
public sealed class ScanScope
{
    private readonly SortedDictionary<string, IReadOnlyList<string>> _regions = new(StringComparer.Ordinal);

    /// <summary>Makes the scope.</summary>
    /// <param name="regions">Regions by account, without <c>global</c>; an account may have none.</param>
    public ScanScope(IEnumerable<KeyValuePair<string, IReadOnlyCollection<string>>> regions)
    {
        ArgumentNullException.ThrowIfNull(regions);
        foreach (var (account, list) in regions)
        {
            _regions[account] =
                [.. list.Where(region => region != CollectionStatus.Global).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        }
    }

    /// <summary>Account ids, in order.</summary>
    public IEnumerable<string> Accounts => _regions.Keys;

    /// <summary>Whether the account was scanned.</summary>
    public bool Has(string account) => _regions.ContainsKey(account);

    /// <summary>Regions that were scanned in an account, in order; none for an account that was not scanned.</summary>
    public IReadOnlyList<string> RegionsOf(string account) => _regions.TryGetValue(account, out var regions) ? regions : [];

    /// <summary>The scope that collections tell of: every account and region in which a table was asked for, or is known to be.</summary>
    /// <param name="collection">How collections ended.</param>
    /// <param name="regions">Account and region of the <c>aws_region</c> rows.</param>
    /// <param name="accounts">Accounts that must be in the scope even when nothing was asked of them.</param>
    public static ScanScope Of(
        IEnumerable<CollectionStatus> collection, IEnumerable<(string Account, string Region)> regions, IEnumerable<string>? accounts = null)
    {
        ArgumentNullException.ThrowIfNull(collection);
        ArgumentNullException.ThrowIfNull(regions);
        var all = new Dictionary<string, IReadOnlyCollection<string>>(StringComparer.Ordinal);
        foreach (var account in accounts ?? [])
            all.TryAdd(account, new HashSet<string>(StringComparer.Ordinal));
        foreach (var (account, region) in collection.Select(status => (status.Account, status.Region)).Concat(regions))
        {
            if (!all.TryGetValue(account, out var set))
                all[account] = set = new HashSet<string>(StringComparer.Ordinal);
            ((HashSet<string>)set).Add(region);
        }
        return new ScanScope(all);
    }
}
