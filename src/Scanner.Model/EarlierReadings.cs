using System.Globalization;

namespace Scanner.Model;

/// <summary>How much of a report earlier scans read, whose rows were taken since CloudTrail tells of no change.</summary>
/// <param name="Tables">Tables of accounts and regions that were taken.</param>
/// <param name="AllTables">Tables of accounts and regions of which the scan has rows, or knows that there are none.</param>
/// <param name="Findings">Findings that rest on what was taken.</param>
/// <param name="AllFindings">All findings about settings.</param>
/// <param name="Oldest">When the oldest of them was read.</param>
public sealed record EarlierReadings(int Tables, int AllTables, int Findings, int AllFindings, DateTimeOffset Oldest)
{
    /// <summary>Counts; null where nothing was taken.</summary>
    /// <param name="collection">How collections ended.</param>
    /// <param name="findings">The findings.</param>
    public static EarlierReadings? Of(IReadOnlyList<CollectionStatus> collection, IReadOnlyList<Finding> findings)
    {
        if (collection.Min(status => status.ReadAt) is not { } oldest)
            return null;
        return new EarlierReadings(
            collection.Count(status => status.ReadAt is not null), collection.Where(status => status.Outcome == CollectionOutcome.Ok).DistinctBy(status => (status.Table, status.Account, status.Region)).Count(),
            FindingList.CountOf(findings, finding => finding.ReadAt is not null), FindingList.CountOf(findings, finding => finding.Kind == FindingKind.Posture), oldest);
    }

    /// <summary>What a reader is told before all else.</summary>
    /// <param name="now">Time of the scan.</param>
    public string Notice(DateTimeOffset now) => string.Create(CultureInfo.InvariantCulture,
        $"Not everything was read anew (--since-last): {Tables:N0} of {AllTables:N0} tables of accounts and regions are of earlier scans, the oldest of {Oldest.UtcDateTime:yyyy-MM-dd HH:mm} UTC ({(now - Oldest).TotalHours:0.0} hours before), and {Findings:N0} of {AllFindings:N0} findings rest on them. CloudTrail tells of no change since; an event of the last minutes may not have been there yet.");
}
