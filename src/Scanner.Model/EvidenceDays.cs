using System.Globalization;

namespace Scanner.Model;

/// <summary>
/// On which days scans saw the log of one source arrive: the day of a scan on which it did is proven, every other is not. At most <see cref="Most"/> days,
/// a letter each, so that what is kept has a bound.
/// </summary>
/// <param name="Check">The check that looked.</param>
/// <param name="Account">Account of the source.</param>
/// <param name="Region">Its region, or <c>global</c>.</param>
/// <param name="Resource">Its ARN or id.</param>
/// <param name="Last">Day (UTC) of the last letter.</param>
/// <param name="Days">Letters of <see cref="Seen"/>, the oldest day first; the first is that on which a scan first saw the source log, or be silent.</param>
public sealed record EvidenceDays(string Check, string Account, string Region, string Resource, DateOnly Last, string Days)
{
    /// <summary>Days that are kept of a source.</summary>
    public const int Most = 90;

    /// <summary>Sources that are kept.</summary>
    public const int MostSources = 10_000;

    /// <summary>What a scan saw on a day, as letters, each stronger than those before it: no scan looked, nothing to log, not known, alive, silent.</summary>
    public const string Seen = "-qkas";

    /// <summary>Days on which something was seen to arrive.</summary>
    public int Alive => Days.Count(day => day == 'a');

    /// <summary>Days from the first, without those on which there was nothing to log.</summary>
    public int Of => Days.Count(day => day != 'q');

    /// <summary>Percentage of <see cref="Of"/> on which it was proven alive; null where there was never anything to log.</summary>
    public double? Share => Of == 0 ? null : 100.0 * Alive / Of;

    /// <summary>Runs of days on which it was not proven alive although there may have been something to log, the oldest first.</summary>
    public IReadOnlyList<EvidenceGap> Gaps
    {
        get
        {
            var gaps = new List<EvidenceGap>();
            var first = Last.AddDays(1 - Days.Length);
            for (var (from, i) = (0, 0); i < Days.Length; i++)
            {
                if (i + 1 < Days.Length && Days[i + 1] == Days[i])
                    continue;
                if (Days[i] is not ('a' or 'q'))
                    gaps.Add(new EvidenceGap(first.AddDays(from), first.AddDays(i), Days[i] switch { 's' => EvidenceState.Silent, 'k' => EvidenceState.Unknown, _ => null }));
                from = i + 1;
            }
            return gaps;
        }
    }

    /// <summary>The sources that the newest scan looked at, of which more than one day is known.</summary>
    /// <param name="days">What scans until now saw of sources.</param>
    public static IEnumerable<EvidenceDays> Current(IReadOnlyList<EvidenceDays> days)
    {
        var last = days.Select(one => one.Last).DefaultIfEmpty().Max();
        return days.Where(one => one.Last == last && one.Days.Length > 1);
    }

    /// <summary>What is known of all sources after one more scan.</summary>
    /// <param name="before">What was known before.</param>
    /// <param name="report">The scan.</param>
    public static IReadOnlyList<EvidenceDays> After(IReadOnlyList<EvidenceDays> before, ScanReport report)
    {
        var today = DateOnly.FromDateTime(report.Scan.Time.UtcDateTime);
        var findings = FindingList.Where(report.Findings, finding => report.Rules.GetValueOrDefault(finding.Check) is { IsEvidence: true }).ToList();
        // What could not be read is said of a place, and then of each of its sources nothing is known.
        var blind = findings.Where(finding => finding.Status == FindingStatus.Unknown && finding.Resource == finding.Account).Select(finding => (finding.Check, finding.Account, finding.Region)).ToHashSet();
        var known = before.DistinctBy(Key).ToDictionary(Key);
        var seen = new HashSet<(string, string, string, string)>();
        foreach (var finding in findings)
        {
            var key = (finding.Check, finding.Account, finding.Region, finding.Resource);
            var letter = finding.Status switch { FindingStatus.Pass => 'a', FindingStatus.Fail or FindingStatus.Muted => 's', FindingStatus.Unknown => 'k', _ => 'q' };
            if (known.TryGetValue(key, out var days))
                known[key] = days.With(today, letter);
            else if (letter is 'a' or 's')
                known[key] = new EvidenceDays(finding.Check, finding.Account, finding.Region, finding.Resource, today, letter.ToString());
            seen.Add(key);
        }
        foreach (var (key, days) in known.Where(pair => !seen.Contains(pair.Key) && (blind.Contains((pair.Key.Check, pair.Key.Account, pair.Key.Region)) || blind.Contains((pair.Key.Check, pair.Key.Account, CollectionStatus.Global)))).ToList())
            known[key] = days.With(today, 'k');
        return
        [
            .. known.Values.Where(days => days.Last.AddDays(Most) > today)
                .OrderByDescending(days => days.Last).ThenBy(days => days.Check, StringComparer.Ordinal).ThenBy(days => days.Account, StringComparer.Ordinal)
                .ThenBy(days => days.Region, StringComparer.Ordinal).ThenBy(days => days.Resource, StringComparer.Ordinal).Take(MostSources),
        ];

        static (string Check, string Account, string Region, string Resource) Key(EvidenceDays days) => (days.Check, days.Account, days.Region, days.Resource);
    }

    /// <summary>What an earlier scan kept; null where it is nothing that could have been kept.</summary>
    /// <param name="check">The check.</param>
    /// <param name="account">The account.</param>
    /// <param name="region">The region.</param>
    /// <param name="resource">The source.</param>
    /// <param name="last">The last day, as <c>yyyy-MM-dd</c>.</param>
    /// <param name="days">The letters.</param>
    public static EvidenceDays? Read(string check, string account, string region, string resource, string last, string days) =>
        DateOnly.TryParseExact(last, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && days.Length is > 0 and <= Most && days.All(letter => Seen.Contains(letter, StringComparison.Ordinal))
            ? new EvidenceDays(check, account, region, resource, day, days) : null;

    // A scan that looked earlier than one before it (a recording) changes nothing.
    private EvidenceDays With(DateOnly day, char letter)
    {
        var apart = day.DayNumber - Last.DayNumber;
        if (apart < 0)
            return this;
        var all = apart == 0
            ? Days[..^1] + (Seen.IndexOf(letter, StringComparison.Ordinal) > Seen.IndexOf(Days[^1], StringComparison.Ordinal) ? letter : Days[^1])
            : Days + new string('-', Math.Min(apart, Most) - 1) + letter;
        return this with { Last = day, Days = all[Math.Max(0, all.Length - Most)..] };
    }
}
