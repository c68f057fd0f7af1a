using System.Globalization;
using System.Text.RegularExpressions;

namespace Scanner.Model;

/// <summary>Whether the logs of one kind of source were seen to arrive, in one account and region.</summary>
/// <param name="Check">The check that looked.</param>
/// <param name="Source">The kind of source, in words: Access logs of load balancers.</param>
/// <param name="Account">Account of the sources.</param>
/// <param name="Region">Their region, or <c>global</c>.</param>
/// <param name="Delivering">Sources of which something arrived.</param>
/// <param name="Silent">Sources that had something to log, of which nothing arrived, or whose target is gone.</param>
/// <param name="Unknown">Sources of which it could not be told.</param>
public sealed partial record EvidenceCell(string Check, string Source, string Account, string Region, int Delivering, int Silent, int Unknown)
{
    /// <summary>When the newest file was put that was seen of any of them; null where none was, or where a log group tells only that events arrived.</summary>
    public DateTimeOffset? LastSeen { get; init; }

    /// <summary>Days on which its sources were proven alive, and days that are counted, of all of them (<see cref="EvidenceDays"/>); 0 of 0 where scans looked on one day only.</summary>
    public (int Alive, int Of) Days { get; init; }

    /// <summary>Percentage of the counted days on which its sources were proven alive; null where scans looked on one day only.</summary>
    public double? Share => Days.Of == 0 ? null : 100.0 * Days.Alive / Days.Of;

    /// <summary>Silent before unknown, unknown before delivering; quiet where nothing logs or nothing was to be logged.</summary>
    public EvidenceState State => Silent > 0 ? EvidenceState.Silent : Unknown > 0 ? EvidenceState.Unknown : Delivering > 0 ? EvidenceState.Delivering : EvidenceState.Quiet;

    /// <summary>The cells of a report, by source, account and region.</summary>
    /// <param name="findings">All findings.</param>
    /// <param name="rules">Their rules.</param>
    /// <param name="days">What scans until now saw of the sources.</param>
    public static IReadOnlyList<EvidenceCell> Of(IEnumerable<Finding> findings, IReadOnlyDictionary<string, RuleInfo> rules, IReadOnlyList<EvidenceDays> days) =>
        Cells(findings, rules, EvidenceDays.Current(days).ToLookup(one => (one.Check, one.Account, one.Region)));

    private static List<EvidenceCell> Cells(IEnumerable<Finding> findings, IReadOnlyDictionary<string, RuleInfo> rules, ILookup<(string Check, string Account, string Region), EvidenceDays> past)
    {
        var cells = new Dictionary<(string Check, string Account, string Region), EvidenceCell>();
        foreach (var finding in FindingList.Where(findings, finding => rules.GetValueOrDefault(finding.Check) is { IsEvidence: true }))
        {
            var place = (finding.Check, finding.Account, finding.Region);
            cells[place] = (cells.GetValueOrDefault(place) ?? new EvidenceCell(finding.Check, SourceOf(rules[finding.Check].Title), finding.Account, finding.Region, 0, 0, 0)
            {
                Days = (past[place].Sum(one => one.Alive), past[place].Sum(one => one.Of)),
            }).With(finding);
        }
        return
        [
            .. cells.Values.OrderBy(cell => cell.Source, StringComparer.Ordinal).ThenBy(cell => cell.Account, StringComparer.Ordinal)
                .ThenBy(cell => cell.Region != CollectionStatus.Global).ThenBy(cell => cell.Region, StringComparer.Ordinal),
        ];
    }

    private EvidenceCell With(Finding finding) => finding.Status switch
    {
        FindingStatus.Pass => this with { Delivering = Delivering + 1, LastSeen = SeenIn(finding.Message) is { } seen && !(LastSeen >= seen) ? seen : LastSeen },
        // A risk that is accepted is silent all the same.
        FindingStatus.Fail or FindingStatus.Muted => this with { Silent = Silent + 1 },
        FindingStatus.Unknown => this with { Unknown = Unknown + 1 },
        _ => this,
    };

    // The end of the sentence is Scanner's own (EvidenceJoin, and checks with 'arrival'); what AWS says stands before it.
    private static DateTimeOffset? SeenIn(string message) =>
        Seen().Match(message) is { Success: true } match
            && DateTimeOffset.TryParseExact(match.Groups["time"].Value, "yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;

    [GeneratedRegex(@"of (?<time>[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}) UTC, [0-9]+ (minutes|hours) before the scan\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Seen();

    private static string SourceOf(string title) =>
        Ends.FirstOrDefault(end => title.EndsWith(end, StringComparison.Ordinal)) is { } end ? title[..^end.Length] : title;

    // How titles of such checks say what must hold of the source.
    private static readonly string[] Ends = [" arrive", " arrives", " are delivered", " are kept up to date"];
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
