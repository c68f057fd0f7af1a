namespace Scanner.Model;

/// <summary>
/// Matches of detections that belong together: they share a principal, session, access key or outside address within a day. At least one is
/// of high or critical severity; lesser matches take part where they share such a thing within an hour of one that is. Without one, matches of
/// medium severity of several rules within an hour are a story too.
/// </summary>
/// <param name="Findings">The matches, in the order of time; never empty.</param>
/// <param name="Facts">What each of <paramref name="Findings"/> says of itself, in the same order.</param>
public sealed record Incident(IReadOnlyList<Finding> Findings, IReadOnlyList<EventFacts> Facts)
{
    /// <summary>Matches further apart than this are two stories.</summary>
    public static readonly TimeSpan Span = TimeSpan.FromHours(24);

    /// <summary>How near to an urgent match a lesser one must be: a day of somebody's ordinary work is no part of a story.</summary>
    public static readonly TimeSpan Near = TimeSpan.FromHours(1);

    /// <summary>The worst severity of its matches.</summary>
    public Severity Severity => Findings.Max(finding => finding.Severity);

    /// <summary>Time of its first event; null where no event has a time.</summary>
    public DateTimeOffset? First => Findings.Select(FirstOf).Min();

    /// <summary>Time of its last event; null where no event has a time.</summary>
    public DateTimeOffset? Last => Findings.Select((finding, i) => finding.Seen?.Last ?? Facts[i].Time).Max();

    /// <summary>Accounts, the one with most matches first.</summary>
    public IReadOnlyList<string> Accounts => MostFirst(Findings.Select(finding => finding.Account));

    /// <summary>Who acted, the one with most matches first.</summary>
    public IReadOnlyList<string> Actors => MostFirst(Facts.Select(facts => facts.Actor).OfType<string>());

    /// <summary>Outside addresses, the one with most matches first.</summary>
    public IReadOnlyList<string> Addresses => MostFirst(Facts.Where(facts => facts.HasOutsideAddress).Select(facts => facts.Source!));

    /// <summary>By what its matches belong together: <c>actor ARN</c>, <c>key ID</c>, <c>address IP</c>. Hostile text.</summary>
    public IReadOnlyList<string> Joins => [.. Facts.SelectMany(JoinsOf).Distinct(StringComparer.Ordinal)];

    /// <summary>
    /// The keys that join matches, declared here: the session or user that acted, the user behind it, the access key, and an outside address.
    /// A service that acts by itself, and a role as such, are shared by those who have nothing to do with one another.
    /// </summary>
    /// <param name="facts">Of a match.</param>
    public static IEnumerable<string> JoinsOf(EventFacts facts)
    {
        if (facts.ActorType is not ("AWSService" or "AWSAccount") && facts.ActorArn is { } actor)
            yield return "actor " + actor;
        if (facts.ActorType is not ("AWSService" or "AssumedRole") && facts.PrincipalArn is { } principal && principal != facts.ActorArn)
            yield return "actor " + principal;
        if (facts.AccessKeyId is { } key)
            yield return "key " + key;
        if (facts.HasOutsideAddress)
            yield return "address " + facts.Source;
    }

    /// <summary>All incidents of a report, the most urgent first.</summary>
    /// <param name="findings">Findings of a report; those that are no failing detection are passed over.</param>
    public static IReadOnlyList<Incident> Of(IEnumerable<Finding> findings)
    {
        var matches = FindingList.Where(findings, finding => finding.Kind == FindingKind.Detection && finding.Status == FindingStatus.Fail)
            .Select((finding, i) => new Match(finding, EventFacts.Of(finding) ?? new EventFacts(), i)).ToList();
        var urgent = matches.Where(match => match.Finding.Severity >= Severity.High).ToList();
        Join(urgent);
        var lesser = matches.Where(match => match.Finding.Severity < Severity.High).ToList();
        foreach (var match in lesser)
            match.Story = null;
        Attach(lesser, urgent);
        var free = lesser.Where(match => match.Root() is null).ToList();
        var seeds = Pair(free.Where(match => match.Finding.Severity == Severity.Medium));
        Attach([.. free.Where(match => match.Finding.Severity < Severity.Medium)], seeds);
        return
        [
            .. matches.Where(match => match.Root() is not null).GroupBy(match => match.Root())
                .Select(group => group.OrderBy(match => match.Time ?? DateTimeOffset.MaxValue).ThenByDescending(match => match.Finding.Severity).ThenBy(match => match.Finding.Check, StringComparer.Ordinal).ToList())
                .Select(group => new Incident([.. group.Select(match => match.Finding)], [.. group.Select(match => match.Facts)]))
                .OrderByDescending(incident => incident.Severity).ThenByDescending(incident => incident.Findings.Count(finding => finding.Severity >= Severity.High))
                .ThenByDescending(incident => incident.Last ?? DateTimeOffset.MinValue).ThenBy(incident => incident.Findings[0].Key, StringComparer.Ordinal),
        ];
    }

    private DateTimeOffset? FirstOf(Finding finding, int i) => finding.Seen?.First ?? Facts[i].Time;

    private static void Join(List<Match> urgent)
    {
        foreach (var byKey in Keyed(urgent))
        {
            Match? before = null;
            foreach (var match in byKey.OrderBy(match => match.Time ?? DateTimeOffset.MinValue).ThenBy(match => match.Number))
            {
                if (before is not null && Within(before, match, Span))
                    match.Root()!.Story = before.Root();
                before = match;
            }
        }
    }

    // Of medium severity, one rule's match is one rule's match; several rules within an hour are a story of that hour, never of a day.
    private static List<Match> Pair(IEnumerable<Match> medium)
    {
        var seeds = new HashSet<Match>();
        foreach (var byKey in Keyed(medium))
        {
            var left = byKey.OrderBy(match => match.Time ?? DateTimeOffset.MinValue).ThenBy(match => match.Number).ToList();
            while (left.Count > 0)
            {
                var hour = left.TakeWhile(match => Within(left[0], match, Near)).ToList();
                left.RemoveRange(0, hour.Count);
                if (hour.DistinctBy(match => match.Finding.Check, StringComparer.Ordinal).Take(2).Count() < 2)
                    continue;
                foreach (var match in hour)
                {
                    if (seeds.Add(match))
                        match.Story = match;
                    if (match.Root() != hour[0].Root())
                        match.Root()!.Story = hour[0].Root();
                }
            }
        }
        return [.. seeds.OrderBy(match => match.Number)];
    }

    private static void Attach(List<Match> lesser, List<Match> urgent)
    {
        var byKey = Keyed(urgent).ToDictionary(group => group.Key, group => group.ToList(), StringComparer.Ordinal);
        foreach (var match in lesser)
        {
            match.Story = match.Keys.SelectMany(key => byKey.GetValueOrDefault(key, []))
                .Where(other => Within(other, match, Near))
                .OrderBy(other => other.Number).FirstOrDefault()?.Root();
        }
    }

    private static IEnumerable<IGrouping<string, Match>> Keyed(IEnumerable<Match> matches) =>
        matches.SelectMany(match => match.Keys.Select(key => (Key: key, Match: match))).GroupBy(pair => pair.Key, pair => pair.Match, StringComparer.Ordinal);

    private static bool Within(Match one, Match other, TimeSpan span) =>
        one.Time is not { } a || other.Time is not { } b || (a - b).Duration() <= span;

    private static List<string> MostFirst(IEnumerable<string> values) =>
        [.. values.GroupBy(value => value, StringComparer.Ordinal).OrderByDescending(group => group.Count()).ThenBy(group => group.Key, StringComparer.Ordinal).Select(group => group.Key)];

    // A forest of matches: the story of a match is that of its root.
    private sealed class Match(Finding finding, EventFacts facts, int number)
    {
        private Match? _story;
        private bool _none;

        public Finding Finding => finding;

        public EventFacts Facts => facts;

        public int Number => number;

        public DateTimeOffset? Time => finding.Seen?.Last ?? facts.Time;

        public Match? Story
        {
            set
            {
                _none = value is null;
                _story = value == this ? null : value;
            }
        }

        public IReadOnlyList<string> Keys { get; } = [.. JoinsOf(facts)];

        public Match? Root()
        {
            if (_none)
                return null;
            var at = this;
            while (at._story is { } up)
                at = up;
            return at;
        }
    }
}
