namespace Scanner.Model;

/// <summary>How many findings of a gate there are of each kind; silenced ones are in none of them.</summary>
/// <param name="Introduced">Fail afterwards, and did not before: what <c>--fail-on</c> counts.</param>
/// <param name="Fixed">Failed before, and no longer do.</param>
/// <param name="Removed">Failed before, and are gone with what they were about.</param>
/// <param name="Existing">Fail before and afterwards.</param>
/// <param name="Unknown">Cannot be told before apply.</param>
public sealed record GateCounts(int Introduced, int Fixed, int Removed, int Existing, int Unknown)
{
    /// <summary>Counts the findings of a report.</summary>
    /// <param name="findings">Findings of a gate; those without a change are not counted.</param>
    public static GateCounts Of(IEnumerable<Finding> findings)
    {
        var counts = findings.Where(finding => finding.Status != FindingStatus.Muted && finding.Change is not null)
            .CountBy(finding => finding.Change!.Value).ToDictionary();
        return new GateCounts(
            counts.GetValueOrDefault(FindingChange.Introduced),
            counts.GetValueOrDefault(FindingChange.Fixed),
            counts.GetValueOrDefault(FindingChange.Removed),
            counts.GetValueOrDefault(FindingChange.Existing),
            counts.GetValueOrDefault(FindingChange.Unknown));
    }

    /// <summary>Whether a finding is among <see cref="Introduced"/>.</summary>
    /// <param name="finding">Any finding.</param>
    public static bool IsIntroduced(Finding finding) => finding is { Change: FindingChange.Introduced, Status: FindingStatus.Fail };
}
