using Scanner.Model;

namespace Scanner.Publish.Reports;

/// <summary>Which logging sources are on, service by service and region by region, over all accounts.</summary>
internal sealed class Coverage
{
    private readonly Dictionary<(string Service, string Region), FindingStatus> _cells = [];

    /// <summary>Looks at the findings of rules that are about a logging source.</summary>
    public Coverage(ScanReport report)
    {
        foreach (var finding in report.Findings)
        {
            if (finding.Kind != FindingKind.Posture || report.Rules.GetValueOrDefault(finding.Check) is not { Source: not null } rule)
                continue;
            var cell = (rule.Service, finding.Region);
            if (!_cells.TryGetValue(cell, out var known) || Weight(finding.Status) > Weight(known))
                _cells[cell] = finding.Status;
        }
        Services = [.. _cells.Keys.Select(k => k.Service).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        Regions = [.. _cells.Keys.Select(k => k.Region).Distinct(StringComparer.Ordinal)
            .OrderBy(r => r != CollectionStatus.Global).ThenBy(r => r, StringComparer.Ordinal)];
    }

    /// <summary>Services, in alphabetical order.</summary>
    public IReadOnlyList<string> Services { get; }

    /// <summary>Regions, <c>global</c> first.</summary>
    public IReadOnlyList<string> Regions { get; }

    /// <summary>The worst that any check says there; null where no check is about it.</summary>
    public FindingStatus? this[string service, string region] =>
        _cells.TryGetValue((service, region), out var status) ? status : null;

    // Fail hides unknown, both hide a pass.
    private static int Weight(FindingStatus status) => status switch
    {
        FindingStatus.Fail => 4,
        FindingStatus.Unknown => 3,
        FindingStatus.Muted => 2,
        FindingStatus.Pass => 1,
        _ => 0,
    };
}
