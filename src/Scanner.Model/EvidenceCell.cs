namespace Scanner.Model;

/// <summary>Whether the logs of one kind of source were seen to arrive, in one account and region.</summary>
/// <param name="Check">The check that looked.</param>
/// <param name="Source">The kind of source, in words: Access logs of load balancers.</param>
/// <param name="Account">Account of the sources.</param>
/// <param name="Region">Their region, or <c>global</c>.</param>
/// <param name="Delivering">Sources of which something arrived.</param>
/// <param name="Silent">Sources that had something to log, of which nothing arrived, or whose target is gone.</param>
/// <param name="Unknown">Sources of which it could not be told.</param>
public sealed record EvidenceCell(string Check, string Source, string Account, string Region, int Delivering, int Silent, int Unknown)
{
    /// <summary>Silent before unknown, unknown before delivering; quiet where nothing logs or nothing was to be logged.</summary>
    public EvidenceState State => Silent > 0 ? EvidenceState.Silent : Unknown > 0 ? EvidenceState.Unknown : Delivering > 0 ? EvidenceState.Delivering : EvidenceState.Quiet;

    /// <summary>The cells of a report, by source, account and region.</summary>
    /// <param name="findings">All findings.</param>
    /// <param name="rules">Their rules.</param>
    public static IReadOnlyList<EvidenceCell> Of(IEnumerable<Finding> findings, IReadOnlyDictionary<string, RuleInfo> rules) =>
    [
        .. findings.Where(finding => rules.GetValueOrDefault(finding.Check) is { IsEvidence: true })
            .GroupBy(finding => (finding.Check, finding.Account, finding.Region))
            .Select(group => new EvidenceCell(
                group.Key.Check, SourceOf(rules[group.Key.Check].Title), group.Key.Account, group.Key.Region,
                group.Count(finding => finding.Status == FindingStatus.Pass),
                // A risk that is accepted is silent all the same.
                group.Count(finding => finding.Status is FindingStatus.Fail or FindingStatus.Muted),
                group.Count(finding => finding.Status == FindingStatus.Unknown)))
            .OrderBy(cell => cell.Source, StringComparer.Ordinal).ThenBy(cell => cell.Account, StringComparer.Ordinal)
            .ThenBy(cell => cell.Region != CollectionStatus.Global).ThenBy(cell => cell.Region, StringComparer.Ordinal),
    ];

    private static string SourceOf(string title) => title.EndsWith(" arrive", StringComparison.Ordinal) ? title[..^" arrive".Length] : title;
}

/// <summary>What was seen of the logs of a kind of source.</summary>
public enum EvidenceState
{
    /// <summary>Nothing logs there, or there was nothing to log.</summary>
    Quiet,

    /// <summary>Something arrived of each source that had something to log.</summary>
    Delivering,

    /// <summary>Of some it could not be told.</summary>
    Unknown,

    /// <summary>Some had something to log, of which nothing arrived.</summary>
    Silent,
}
