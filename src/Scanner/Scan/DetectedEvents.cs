using Scanner.Model;

namespace Scanner.Scan;

/// <summary>What the detections of a scan found, and which event logs could not be read.</summary>
/// <param name="Findings">Matches, and an unknown for each log that could not be read.</param>
/// <param name="Rules">The rules that ran.</param>
/// <param name="Statuses">How the reading of each event log ended.</param>
/// <param name="Events">How many events were looked at.</param>
internal sealed record DetectedEvents(
    IReadOnlyList<Finding> Findings, IReadOnlyList<RuleInfo> Rules, IReadOnlyList<CollectionStatus> Statuses, long Events)
{
    public static DetectedEvents None { get; } = new([], [], [], 0);
}
