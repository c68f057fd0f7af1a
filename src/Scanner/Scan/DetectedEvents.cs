using System.Globalization;
using System.Text.Json.Nodes;
using Scanner.Catalog;
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

    /// <summary>Until when events of an account were read: its newest event, or the time until which AWS was asked for them.</summary>
    public IReadOnlyDictionary<string, DateTimeOffset> ReadUntil { get; init; } = new Dictionary<string, DateTimeOffset>();

    /// <summary>
    /// Rows of the table <c>scanner_detection</c>: which rules watched which account, until when. Without a row nothing watched.
    /// </summary>
    /// <param name="accounts">The scanned accounts.</param>
    /// <param name="store">Where they go.</param>
    public void AddRows(IEnumerable<string> accounts, ICollectionSink store)
    {
        foreach (var account in accounts)
        {
            foreach (var rule in ReadUntil.TryGetValue(account, out var until) ? Rules.Where(rule => rule.Kind == FindingKind.Detection) : [])
            {
                store.Add(new Resource(BuiltInTables.Detection, account, CollectionStatus.Global, rule.Id, new JsonObject
                {
                    ["RuleId"] = rule.Id,
                    ["Title"] = rule.Title,
                    ["Level"] = Names.Of(rule.Severity),
                    ["EventsReadUntil"] = until.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
                }.ToJsonString(), []));
            }
            store.Add(new CollectionStatus(BuiltInTables.Detection, account, CollectionStatus.Global, CollectionOutcome.Ok));
        }
    }
}
