using System.Globalization;
using Scanner.Detect.Logs;
using Scanner.Model;

namespace Scanner.Detect.Matching;

/// <summary>What a run over logs did.</summary>
/// <param name="Files">How many files were read, whole or in part.</param>
/// <param name="Events">How many events were looked at.</param>
/// <param name="Bytes">How many bytes of JSON were read, after decompression.</param>
/// <param name="Matches">How many matches were reported.</param>
/// <param name="FileErrors">One a file that is not right, in the order of the files.</param>
/// <param name="RuleErrors">One a rule that could not judge an event (a regular expression that took too long).</param>
public sealed record DetectionRunResult(
    int Files, long Events, long Bytes, long Matches, IReadOnlyList<EventFileError> FileErrors, IReadOnlyList<string> RuleErrors)
{
    /// <summary>Time of the newest CloudTrail event of each account (<c>recipientAccountId</c>) that was read, matched or not.</summary>
    public IReadOnlyDictionary<string, DateTimeOffset> NewestEvents { get; init; } = new Dictionary<string, DateTimeOffset>();

    /// <summary>How many events of each kind were looked at.</summary>
    public IReadOnlyDictionary<LogSource, long> EventsBySource { get; init; } = new Dictionary<LogSource, long>();

    /// <summary>How many files of each kind were read.</summary>
    public IReadOnlyDictionary<LogSource, int> FilesBySource { get; init; } = new Dictionary<LogSource, int>();

    /// <summary>What was passed over and is no gap (digests, Insights, an empty reply): one line each, with the file.</summary>
    public IReadOnlyList<string> Besides { get; init; } = [];

    /// <summary>Whether there were records and none was an event: nothing was looked at. An empty reply is an answer.</summary>
    public bool HasOnlyOtherRecords => Events == 0 && Besides.Any(one => !one.EndsWith(": an empty list of events", StringComparison.Ordinal));

    /// <summary>What was read, for people: <c>2,900 CloudTrail events in 55 files</c>.</summary>
    public string Read => FilesBySource.Count == 0
        ? "no event log"
        : string.Join("; ", FilesBySource.OrderBy(pair => pair.Key).Select(pair => string.Create(CultureInfo.InvariantCulture,
            $"{Counted(EventsBySource.GetValueOrDefault(pair.Key), NameOf(pair.Key))} in {Counted(pair.Value, "file")}")));

    private static string NameOf(LogSource source) => source switch
    {
        LogSource.VpcFlow => "flow log record",
        LogSource.S3Access => "S3 access log record",
        _ => "CloudTrail event",
    };

    private static string Counted(long number, string noun) => string.Create(CultureInfo.InvariantCulture, $"{number:N0} {noun}{(number == 1 ? "" : "s")}");

    /// <summary>Whether every event was looked at by every rule. False: exit code 3.</summary>
    public bool IsComplete => FileErrors.Count == 0 && RuleErrors.Count == 0;
}
