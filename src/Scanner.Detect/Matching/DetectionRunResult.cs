using Scanner.Detect.Logs;

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

    /// <summary>Whether every event was looked at by every rule. False: exit code 3.</summary>
    public bool IsComplete => FileErrors.Count == 0 && RuleErrors.Count == 0;
}
