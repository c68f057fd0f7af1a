using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Scanner.Detect.Matching;
using Scanner.Detect.Rules;
using Scanner.Model;

namespace Scanner.Detect;

/// <summary>
/// What the principals of findings did ten minutes before and after, from the logs that the findings come from: a second pass
/// over those of them that can hold it.
/// </summary>
public static partial class PrincipalTimelines
{
    /// <summary>How far a timeline goes before the first event of a finding and after its last.</summary>
    public static readonly TimeSpan Around = TimeSpan.FromMinutes(10);

    /// <summary>Most findings that get one, the most severe first.</summary>
    public const int MostFindings = 100;

    /// <summary>Most lines of one.</summary>
    public const int MostEntries = 40;

    private const int MostCalls = 20_000;
    private const int MostReadNames = 4;

    // "CloudTrail log file names": a file is named by when it was delivered, mostly within a quarter of an hour.
    private static readonly TimeSpan LateDelivery = TimeSpan.FromHours(1);

    private static readonly TimeSpan Longest = TimeSpan.FromHours(24);

    /// <summary>Gives findings of detections their timelines.</summary>
    /// <param name="findings">Findings; those that name no principal or no time stay as they are.</param>
    /// <param name="files">The logs; of them those of CloudTrail are read.</param>
    /// <param name="parallelism">How many files are read at the same time.</param>
    /// <param name="cancellation">Ends the reading: what was read until then is told.</param>
    /// <returns>The findings, in the same order.</returns>
    public static async Task<IReadOnlyList<Finding>> AddAsync(IReadOnlyList<Finding> findings, IReadOnlyList<LogFile> files, int parallelism, CancellationToken cancellation)
    {
        var wanted = findings.Where(finding => finding is { Kind: FindingKind.Detection, Status: FindingStatus.Fail })
            .OrderByDescending(finding => finding.Severity).Select(Window.Of).OfType<Window>().Take(MostFindings).ToList();
        var logs = files.Where(file => file.Source == LogSource.CloudTrail && wanted.Exists(window => MayHold(file.Name, window))).ToList();
        if (wanted.Count == 0 || logs.Count == 0)
            return findings;
        var principals = wanted.GroupBy(window => window.Principal, StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.ToList(), StringComparer.Ordinal);
        var calls = new ConcurrentDictionary<string, List<Call>>(StringComparer.Ordinal);
        try
        {
            await new Detector(RuleSet.Of([.. principals.Select(RuleOf)]), new DetectorOptions { IncludeEvents = true, Parallelism = parallelism }).RunAsync(logs, Collect, cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // A scan that is stopped tells what it knows.
        }

        var timelines = new Dictionary<Finding, List<TimelineEntry>>(ReferenceEqualityComparer.Instance);
        foreach (var window in wanted)
            timelines[window.Finding] = Fold(window, calls.GetValueOrDefault(window.Principal) ?? []);
        return [.. findings.Select(finding => timelines.TryGetValue(finding, out var timeline) ? finding with { Seen = finding.Seen! with { Timeline = timeline } } : finding)];

        // Called for one match at a time.
        void Collect(DetectionMatch match)
        {
            if (Call.Of(match) is not { } call || !principals[match.Rule.Id].Exists(window => window.Holds(call.Time)))
                return;
            var list = calls.GetOrAdd(match.Rule.Id, _ => []);
            if (list.Count < MostCalls)
                list.Add(call);
        }
    }

    /// <summary>Whether a log may hold events of a span of time, by its name; one that does not say may.</summary>
    private static bool MayHold(string name, Window window)
    {
        if (DeliveryTime().Match(name) is not { Success: true } match
            || !DateTimeOffset.TryParseExact(match.Groups["time"].Value, "yyyyMMdd'T'HHmm", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var delivered))
            return true;
        return delivered + TimeSpan.FromMinutes(1) >= window.From && delivered <= window.Until + LateDelivery;
    }

    /// <summary>The calls of one principal in its spans of time, to within ten minutes.</summary>
    private static DetectionRule RuleOf(KeyValuePair<string, List<Window>> principal)
    {
        var who = new ValueTest.Text(TextPattern.OfLiteral(principal.Key), Cased: true);
        var times = principal.Value.SelectMany(window => window.Prefixes()).Distinct(StringComparer.Ordinal)
            .Select(prefix => (Expression)new Expression.Match("eventTime", new ValueTest.Text(TextPattern.Of([prefix, TextPattern.Any]), Cased: true))).ToList();
        return new DetectionRule
        {
            Id = principal.Key,
            Title = principal.Key,
            File = "timeline",
            LogSource = new SigmaLogSource("aws", "cloudtrail", null),
            Expression = new Expression.And(
            [
                new Expression.Or([new Expression.Match("userIdentity.arn", who), new Expression.Match("userIdentity.sessionContext.sessionIssuer.arn", who)]),
                Expression.Any(times),
            ]),
        };
    }

    /// <summary>Reads one after another, and calls that are alike, as one line each; of too many lines those nearest to the match.</summary>
    private static List<TimelineEntry> Fold(Window window, IReadOnlyList<Call> calls)
    {
        var entries = new List<(TimelineEntry Entry, Call Last, SortedSet<string>? Reads)>();
        // The same event may come over two ways.
        foreach (var call in calls.Where(call => window.Holds(call.Time)).DistinctBy(call => call.Id ?? (object)call).OrderBy(call => call.Time).ThenBy(call => call.Id, StringComparer.Ordinal))
        {
            var isMatch = call.Id is not null && window.Ids.Contains(call.Id);
            var isRead = call.IsRead && !isMatch;
            if (entries.Count > 0 && entries[^1] is var (before, last, reads) && before.IsMatch == isMatch && last.Error == call.Error && last.Facts.Source == call.Facts.Source
                && (reads is not null ? isRead : !isRead && last.Facts.Action == call.Facts.Action && last.Facts.Touched == call.Facts.Touched))
            {
                reads?.Add(call.Facts.Action ?? "?");
                entries[^1] = (before with { Count = before.Count + 1 }, call, reads);
                continue;
            }

            entries.Add((new TimelineEntry(call.Time, call.Facts.Action ?? "?", call.Facts.Touched, call.Facts.Source, call.Error, 1, isMatch), call, isRead ? new(StringComparer.Ordinal) { call.Facts.Action ?? "?" } : null));
        }

        var lines = entries.ConvertAll(one => one.Reads is { Count: > 1 } names
            ? one.Entry with { Action = string.Join(", ", names.Take(MostReadNames)) + (names.Count > MostReadNames ? ", ..." : ""), Touched = null }
            : one.Entry);
        return lines.Count <= MostEntries ? lines : Nearest(lines, window);
    }

    private static List<TimelineEntry> Nearest(List<TimelineEntry> lines, Window window)
    {
        var kept = lines.OrderByDescending(line => line.IsMatch).ThenBy(line => window.DistanceOf(line.Time)).Take(MostEntries - 1).ToHashSet<TimelineEntry>(ReferenceEqualityComparer.Instance);
        var left = lines.Where(line => !kept.Contains(line)).ToList();
        var count = left.Sum(line => line.Count);
        var rest = new TimelineEntry(left[^1].Time, count == 1 ? "a call that is not shown" : "calls that are not shown", null, null, null, count, false);
        return [.. lines.Where(kept.Contains), rest];
    }

    [GeneratedRegex("_CloudTrail_[a-z0-9-]+_(?<time>[0-9]{8}T[0-9]{4})Z_", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex DeliveryTime();

    /// <summary>Whose calls are looked for, and when.</summary>
    private sealed record Window(Finding Finding, string Principal, DateTimeOffset From, DateTimeOffset Until, IReadOnlySet<string> Ids)
    {
        internal static Window? Of(Finding finding)
        {
            var facts = EventFacts.Of(finding);
            if ((facts?.PrincipalArn ?? facts?.ActorArn) is not { } principal || finding.Seen is not { First: { } first, Last: { Year: > 2000 and < 9000 } last } seen)
                return null;
            // Of what goes on for longer, the last day.
            if (last - first > Longest)
                first = last - Longest;
            return new Window(finding, principal, first - Around, last + Around, seen.EventIds.Append(finding.Resource).ToHashSet(StringComparer.Ordinal));
        }

        internal bool Holds(DateTimeOffset time) => time >= From && time <= Until;

        /// <summary>How far from the match.</summary>
        internal TimeSpan DistanceOf(DateTimeOffset time) =>
            time < From + Around ? From + Around - time : time > Until - Around ? time - (Until - Around) : TimeSpan.Zero;

        /// <summary>How the times of the span begin, as CloudTrail writes them: ten minutes each.</summary>
        internal IEnumerable<string> Prefixes()
        {
            for (var ticks = From.UtcTicks - (From.UtcTicks % (10 * TimeSpan.TicksPerMinute)); ticks <= Until.UtcTicks; ticks += 10 * TimeSpan.TicksPerMinute)
                yield return new DateTime(ticks, DateTimeKind.Utc).ToString("yyyy-MM-dd'T'HH:mm", CultureInfo.InvariantCulture)[..^1];
        }
    }

    private sealed record Call(DateTimeOffset Time, string? Id, bool IsRead, EventFacts Facts)
    {
        internal string? Error => Facts.Error;

        internal static Call? Of(DetectionMatch match)
        {
            if (match.Event is null)
                return null;
            // What the log says is told in reports: secrets go, as they do of the match itself.
            using var document = JsonDocument.Parse(SecretText.OfJson(JsonText.ReplaceLoneSurrogates(match.Event), keyIds: false));
            var e = document.RootElement;
            var facts = EventFacts.Of(e, match.Account ?? "", match.Region ?? "");
            if (facts.Time is not { } time)
                return null;
            var isRead = e.TryGetProperty("readOnly", out var read) && (read.ValueKind == JsonValueKind.True || (read.ValueKind == JsonValueKind.String && read.ValueEquals("true")));
            return new Call(time, facts.EventId, isRead, facts);
        }
    }
}
