using System.Globalization;
using Scanner.Model;

namespace Scanner.Detect;

/// <summary>
/// Matches as people want to be told of them: one for each rule, principal, account and hour, with how many there were, the first, the
/// last and the events' ids. A thousand calls of one tool are one thing to look at. Safe for several threads.
/// </summary>
public sealed class FindingGroups
{
    private const int MostIds = 50;
    private const int MostTouched = 5;

    private readonly Lock _lock = new();
    private readonly Dictionary<(string Check, string Account, string Principal, long Hour), Group> _groups = [];

    /// <summary>The groups so far, in the order of their first match.</summary>
    public IReadOnlyList<Finding> Findings
    {
        get
        {
            lock (_lock)
                return [.. _groups.Values.OrderBy(group => group.Number).Select(group => group.ToFinding())];
        }
    }

    /// <summary>How many matches were added.</summary>
    public long Count { get; private set; }

    /// <summary>Adds a match.</summary>
    public void Add(Finding finding)
    {
        var facts = EventFacts.Of(finding);
        var principal = PrincipalOf(finding, facts);
        var hour = (finding.Seen?.First ?? facts?.Time)?.UtcTicks / TimeSpan.TicksPerHour ?? -1;
        lock (_lock)
        {
            Count++;
            var key = (finding.Check, finding.Account, principal, hour);
            if (_groups.TryGetValue(key, out var group))
                group.Add(finding, facts);
            else
                _groups.Add(key, new Group(finding, facts, _groups.Count));
        }
    }

    private static string PrincipalOf(Finding finding, EventFacts? facts)
    {
        if ((facts?.PrincipalArn ?? facts?.Actor) is { } principal)
            return principal;
        if (finding.Seen is { Group.Count: > 0 } seen)
            return string.Join('\n', seen.Group.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => pair.Value));
        // Nobody is named (a flow log): by where it comes from; and what names nothing stands alone.
        return facts?.Source ?? finding.Resource;
    }

    private sealed class Group(Finding first, EventFacts? facts, int number)
    {
        private readonly List<string> _ids = [.. first.Seen?.EventIds ?? []];
        private readonly HashSet<string> _resources = new([first.Resource], StringComparer.Ordinal);
        private readonly HashSet<string> _touched = new(facts?.Touched is { } touched ? [touched] : [], StringComparer.Ordinal);
        private Finding _first = first;
        private Sighting? _seen = first.Seen;
        private DateTimeOffset? _from = first.Seen?.First;
        private DateTimeOffset? _until = first.Seen?.Last;
        private long _events = first.Seen?.Count ?? 1;
        private long _refused = facts?.Error is null ? 0 : 1;
        private int _matches = 1;

        internal int Number => number;

        internal void Add(Finding finding, EventFacts? facts)
        {
            // The same event may come over two ways (LookupEvents and a bucket).
            if (!_resources.Add(finding.Resource))
                return;
            _matches++;
            _events += finding.Seen?.Count ?? 1;
            _refused += facts?.Error is null ? 0 : 1;
            if (facts?.Touched is { } touched)
                _touched.Add(touched);
            if (finding.Seen is { } seen)
            {
                _seen = _seen?.With(seen) ?? seen;
                _ids.AddRange(seen.EventIds);
                if (_ids.Count > MostIds)
                    _ids.RemoveRange(0, _ids.Count - MostIds);
                // The first event is the one that is shown, whatever file it came from.
                if (seen.First < _from)
                {
                    _first = finding;
                    _from = seen.First;
                }

                if (_until is null || seen.Last > _until)
                    _until = seen.Last;
            }
        }

        internal Finding ToFinding()
        {
            if (_matches == 1)
                return _first;
            var span = _until is { } until && until != _from ? $", the last at {until.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}" : "";
            var refused = _refused > 0 && _refused < _matches ? string.Create(CultureInfo.InvariantCulture, $", {_refused} of them refused") : "";
            var seen = new Sighting(_from, _until, _events, [.. _ids], _first.Seen?.Group ?? new Dictionary<string, string>(StringComparer.Ordinal));
            return _first with
            {
                Message = string.Create(CultureInfo.InvariantCulture, $"{_first.Message} ({_matches} such matches within the hour{refused}{Touched()}{span})"),
                Seen = _seen is null ? seen : seen.With(_seen),
            };
        }

        /// <summary>What they touched, where it is not one thing: the first event tells of one alone.</summary>
        private string Touched()
        {
            if (_touched.Count < 2)
                return "";
            var more = _touched.Count > MostTouched ? ", ..." : "";
            return string.Create(CultureInfo.InvariantCulture, $", on {_touched.Count} resources: {string.Join(", ", _touched.Order(StringComparer.Ordinal).Take(MostTouched))}{more}");
        }
    }
}
