namespace Scanner.Model;

/// <summary>When a detection saw something, in how many events, and by what they belong together.</summary>
/// <param name="First">Time of the first event; null where it has none.</param>
/// <param name="Last">Time of the last event; null where it has none.</param>
/// <param name="Count">Number of events: 1 but for a correlation, and where matches of one principal and hour are one finding.</param>
/// <param name="EventIds">Ids of the events, the last fifty; hostile.</param>
/// <param name="Group">For a correlation: the fields that its events share, with their values; hostile.</param>
public sealed record Sighting(
    DateTimeOffset? First,
    DateTimeOffset? Last,
    long Count,
    IReadOnlyList<string> EventIds,
    IReadOnlyDictionary<string, string> Group)
{
    /// <summary>What the principal did around it, in the order of time; empty where that was not looked for.</summary>
    public IReadOnlyList<TimelineEntry> Timeline { get; init; } = [];

    /// <summary>How many different actors, sources, actions and resources are kept.</summary>
    public const int Most = 20;

    /// <summary>ARNs of who acted in the events (a name where there is none), each once, the first <see cref="Most"/>; hostile.</summary>
    public IReadOnlyList<string> Actors { get; init; } = [];

    /// <summary>Where the events came from: addresses and services, each once, the first <see cref="Most"/>; hostile.</summary>
    public IReadOnlyList<string> Sources { get; init; } = [];

    /// <summary>What was called, each once, the first <see cref="Most"/>; hostile.</summary>
    public IReadOnlyList<string> Actions { get; init; } = [];

    /// <summary>ARNs or ids of what was touched, each once, the first <see cref="Most"/>; hostile.</summary>
    public IReadOnlyList<string> Touched { get; init; } = [];

    /// <summary>Access keys that signed the calls, each once, the first <see cref="Most"/>; hostile.</summary>
    public IReadOnlyList<string> AccessKeys { get; init; } = [];

    /// <summary>How many of the events are calls that were refused or failed; of a correlation, of those whose events are told.</summary>
    public long Refused { get; init; }

    /// <summary>Each text once, in their order, the first <see cref="Most"/>; null and empty ones are passed over.</summary>
    /// <param name="texts">Texts.</param>
    public static IReadOnlyList<string> Distinct(IEnumerable<string?> texts) =>
        [.. texts.Where(text => !string.IsNullOrEmpty(text)).OfType<string>().Distinct(StringComparer.Ordinal).Take(Most)];

    /// <summary>As <see cref="Distinct"/> of who acted: a name that is the end of an ARN beside it is that one (a sign-in that fails has no ARN).</summary>
    /// <param name="actors">ARNs and names.</param>
    public static IReadOnlyList<string> DistinctActors(IEnumerable<string?> actors)
    {
        var all = actors.Where(one => !string.IsNullOrEmpty(one)).OfType<string>().Distinct(StringComparer.Ordinal).ToList();
        var named = all.Where(one => one.StartsWith("arn:", StringComparison.Ordinal)).Select(EventFacts.NameOf).ToHashSet(StringComparer.Ordinal);
        return Distinct(all.Where(one => !named.Contains(one)));
    }

    /// <summary>With the actors, sources, actions, resources, keys and refusals of another, after its own.</summary>
    /// <param name="other">Another sighting.</param>
    public Sighting With(Sighting other) => this with
    {
        Actors = DistinctActors(Actors.Concat(other.Actors)),
        Sources = Distinct(Sources.Concat(other.Sources)),
        Actions = Distinct(Actions.Concat(other.Actions)),
        Touched = Distinct(Touched.Concat(other.Touched)),
        AccessKeys = Distinct(AccessKeys.Concat(other.AccessKeys)),
        Refused = Refused + other.Refused,
    };
}
