using Scanner.Model;

namespace Scanner.Publish.Reports;

/// <summary>
/// Which logging sources are on, and arrive: the rows of the logging baseline by account and region. What a check tells of a source is declared in the
/// framework (<c>on</c> and <c>arrives</c>), so that a fault of a source that logs (a key, a retention) does not count as off.
/// </summary>
internal sealed class CoverageMatrix
{
    private readonly Dictionary<(string Source, string Account, string Region), CoverageCell> _cells = [];

    /// <summary>Reads a report.</summary>
    /// <param name="report">Of a scan.</param>
    public CoverageMatrix(ScanReport report)
    {
        Scan = report.Scan;
        var lastSeen = report.Evidence.Where(cell => cell.LastSeen is not null)
            .SelectMany(cell => (report.Rules.GetValueOrDefault(cell.Check)?.Coverage ?? []).Select(role => (Place: (role.Source, cell.Account, cell.Region), cell.LastSeen)))
            .GroupBy(one => one.Place).ToDictionary(group => group.Key, group => group.Max(one => one.LastSeen));
        var said = new Dictionary<(string, string, string), List<(FindingStatus, bool)>>();
        foreach (var (finding, account, region) in FindingList.Places(report.Findings))
        {
            if (finding.Kind != FindingKind.Posture || report.Rules.GetValueOrDefault(finding.Check) is not { Coverage.Count: > 0 } rule)
                continue;
            foreach (var role in rule.Coverage)
            {
                var place = (role.Source, account, region);
                if (!said.TryGetValue(place, out var list))
                    said[place] = list = [];
                list.Add((finding.Status, role.Arrives));
            }
        }
        foreach (var (place, findings) in said)
        {
            if (CoverageCell.From(findings, lastSeen.GetValueOrDefault(place)) is { State: not CoverageState.Nothing } cell)
                _cells[place] = cell;
        }
        Sources = [.. report.Rules.Values.SelectMany(rule => rule.Coverage).DistinctBy(role => role.Source, StringComparer.Ordinal).OrderBy(role => role.Place).ThenBy(role => role.Source, StringComparer.Ordinal)];
        Regions = InOrder(_cells.Keys.Select(place => place.Region));
        var states = _cells.ToLookup(pair => pair.Key.Account, pair => pair.Value.State, StringComparer.Ordinal);
        Accounts =
        [
            .. report.Scan.Accounts.Union(states.Select(group => group.Key), StringComparer.Ordinal)
                .OrderByDescending(account => states[account].Count(state => state == CoverageState.Silent))
                .ThenByDescending(account => states[account].Count(state => state == CoverageState.Off))
                .ThenByDescending(account => states[account].Count(state => state == CoverageState.Unknown))
                .ThenBy(account => account, StringComparer.Ordinal),
        ];
    }

    /// <summary>Each region once, in the order of tables: <c>global</c> (the account as a whole) first.</summary>
    /// <param name="regions">Regions.</param>
    public static IReadOnlyList<string> InOrder(IEnumerable<string> regions) =>
        [.. regions.Distinct(StringComparer.Ordinal).OrderBy(region => region != CollectionStatus.Global).ThenBy(region => region, StringComparer.Ordinal)];

    /// <summary>The scan.</summary>
    public ScanSummary Scan { get; }

    /// <summary>The logging sources, in the order of the framework; those too that are nowhere.</summary>
    public IReadOnlyList<CoverageRole> Sources { get; }

    /// <summary>Regions in which there is something, <c>global</c> (the account as a whole) first.</summary>
    public IReadOnlyList<string> Regions { get; }

    /// <summary>Accounts, the worst first: what is silent, then what is off, then what could not be read.</summary>
    public IReadOnlyList<string> Accounts { get; }

    /// <summary>Whether there is anything to tell.</summary>
    public bool IsEmpty => _cells.Count == 0;

    /// <summary>One source in one account and region.</summary>
    public CoverageCell this[CoverageRole source, string account, string region] => _cells.GetValueOrDefault((source.Source, account, region), CoverageCell.None);

    /// <summary>One source in all regions of an account.</summary>
    public CoverageCell InAccount(CoverageRole source, string account) => CoverageCell.Together(Regions.Select(region => this[source, account, region]));

    /// <summary>One source in a region of all accounts.</summary>
    public CoverageCell InRegion(CoverageRole source, string region) => CoverageCell.Together(Accounts.Select(account => this[source, account, region]));

    /// <summary>Whether nothing is silent, off or unread in an account.</summary>
    public bool IsCalm(string account) => Sources.All(source => InAccount(source, account).State <= CoverageState.Accepted);

    /// <summary>What a column of a region is called.</summary>
    public static string Heading(string region) => region == CollectionStatus.Global ? "all regions" : region;
}
