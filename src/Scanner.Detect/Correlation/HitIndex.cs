using System.Runtime.InteropServices;

namespace Scanner.Detect.Correlation;

/// <summary>
/// Hits that stay as bytes in their blocks: only where each is, and when it was, is sorted, and a hit becomes an object when its turn comes.
/// </summary>
/// <param name="read">Makes a hit of its place.</param>
internal sealed class HitIndex(Func<HitPlace, Hit> read) : SortedHits
{
    private readonly List<HitPlace> _places = [];
    private bool _isSorted;

    internal override long Count => _places.Count;

    internal void Add(HitPlace place) => _places.Add(place);

    internal override IEnumerable<Hit> InOrder()
    {
        if (!_isSorted)
            _places.Sort(static (left, right) => left.Ticks.CompareTo(right.Ticks));
        _isSorted = true;
        // Of one moment there are few, and what orders them stands in the hits.
        var moment = new List<Hit>();
        for (var at = 0; at < _places.Count;)
        {
            var ticks = _places[at].Ticks;
            moment.Clear();
            for (; at < _places.Count && _places[at].Ticks == ticks; at++)
                moment.Add(read(_places[at]));
            if (moment.Count > 1)
                moment.Sort(Hit.Order);
            foreach (var hit in moment)
                yield return hit;
        }
    }

    public override void Dispose()
    {
    }
}

/// <summary>Where a hit stands.</summary>
/// <param name="Ticks">Its time, as <see cref="HitHead.Ticks"/>.</param>
/// <param name="Block">Number of the block.</param>
/// <param name="At">Byte in the block's hits.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct HitPlace(long Ticks, int Block, int At);
