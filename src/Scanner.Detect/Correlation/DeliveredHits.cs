namespace Scanner.Detect.Correlation;

/// <summary>Tells the first delivery of an event's hit from those after it, of hits in <see cref="Hit.Order"/>: those of one event stand together.</summary>
internal sealed class DeliveredHits
{
    // More of one id and time is no event that came twice, and would take ever longer to compare one by one.
    private const int Few = 64;

    private readonly List<Hit> _few = [];
    private readonly HashSet<Hit> _many = new(SameHit.Instance);

    /// <summary>Whether no hit of the same rule, event, time and values was asked about before.</summary>
    internal bool IsNew(Hit hit)
    {
        if (_few.Count > 0 && (_few[0].Ticks != hit.Ticks || _few[0].EventId != hit.EventId))
        {
            _few.Clear();
            _many.Clear();
        }

        foreach (var other in _few)
        {
            if (SameHit.Instance.Equals(other, hit))
                return false;
        }

        if (_few.Count >= Few)
            return _many.Add(hit);
        _few.Add(hit);
        return true;
    }

    private sealed class SameHit : IEqualityComparer<Hit>
    {
        internal static readonly SameHit Instance = new();

        public bool Equals(Hit? x, Hit? y)
        {
            if (x!.Rule != y!.Rule)
                return false;
            for (var field = 0; field < x.Fields; field++)
            {
                if (x[field] != y[field])
                    return false;
            }
            return true;
        }

        public int GetHashCode(Hit hit)
        {
            var hash = default(HashCode);
            hash.Add(hit.Rule);
            for (var field = 0; field < hit.Fields; field++)
                hash.Add(hit[field], StringComparer.Ordinal);
            return hash.ToHashCode();
        }
    }
}
