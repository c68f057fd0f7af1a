using System.Collections;

namespace Scanner.Model;

/// <summary>
/// Findings of hundreds of accounts in little memory. Nearly all of a check say the same of account after account: what they have in common is
/// kept once, and each is made when it is asked for. Not for several threads while it grows.
/// </summary>
public sealed class FindingList : IReadOnlyList<Finding>
{
    // A list that grows by doubling would hold everything twice for a moment.
    private const int ChunkSize = 1 << 14;
    private const int MostTexts = 20_000;

    private readonly List<Row[]> _chunks = [];
    private readonly Dictionary<Finding, Finding> _common = [];
    private readonly SharedTexts _texts = new(MostTexts);

    /// <summary>Makes a list of what is given.</summary>
    /// <param name="findings">Findings, in their order.</param>
    public FindingList(IEnumerable<Finding> findings)
    {
        ArgumentNullException.ThrowIfNull(findings);
        foreach (var finding in findings)
            Add(finding);
    }

    /// <summary>An empty list.</summary>
    public FindingList()
    {
    }

    /// <inheritdoc/>
    public int Count { get; private set; }

    /// <inheritdoc/>
    public Finding this[int index] => index >= 0 && index < Count ? Made(At(index)) : throw new ArgumentOutOfRangeException(nameof(index));

    /// <summary>Adds a finding.</summary>
    /// <param name="finding">The finding.</param>
    public void Add(Finding finding)
    {
        ArgumentNullException.ThrowIfNull(finding);
        var common = finding with { Account = "", Region = "", Resource = "", Message = "" };
        if (_common.TryGetValue(common, out var known))
            common = known;
        else
            _common[common] = common;
        if (Count / ChunkSize == _chunks.Count)
            _chunks.Add(new Row[Count == 0 ? 64 : ChunkSize]);
        var at = Count % ChunkSize;
        // The first chunk alone grows: most lists are short.
        if (at == _chunks[^1].Length)
        {
            var longer = _chunks[^1];
            Array.Resize(ref longer, Math.Min(ChunkSize, at * 4));
            _chunks[^1] = longer;
        }
        _chunks[^1][at] = new Row(common, _texts.Of(finding.Account), _texts.Of(finding.Region), _texts.Of(finding.Resource), _texts.Of(finding.Message));
        Count++;
    }

    /// <inheritdoc/>
    public IEnumerator<Finding> GetEnumerator()
    {
        for (var i = 0; i < Count; i++)
            yield return Made(At(i));
    }

    /// <summary>Findings in the order of a number; of those with the same each stays where it is.</summary>
    /// <param name="findings">Findings.</param>
    /// <param name="place">The number of a finding, at least 0 and small; asked with what it shares with others alone, so not by account, region, resource or message.</param>
    public static FindingList OrderBy(IEnumerable<Finding> findings, Func<Finding, int> place)
    {
        ArgumentNullException.ThrowIfNull(place);
        var list = findings as FindingList ?? new FindingList(findings);
        var places = new List<List<int>>();
        for (var i = 0; i < list.Count; i++)
        {
            var number = place(list.At(i).Common);
            while (places.Count <= number)
                places.Add([]);
            places[number].Add(i);
        }
        return list.Picked(places.SelectMany(own => own));
    }

    /// <summary>The same in the order of <see cref="FindingOrder"/>; itself where it is in that order.</summary>
    internal FindingList InOrder()
    {
        var sorted = true;
        for (var i = 1; i < Count && sorted; i++)
            sorted = Compare(At(i - 1), At(i)) <= 0;
        if (sorted)
            return this;
        var order = new int[Count];
        for (var i = 0; i < Count; i++)
            order[i] = i;
        // What is equal keeps its order.
        Array.Sort(order, (one, other) => Compare(At(one), At(other)) is var said && said != 0 ? said : one.CompareTo(other));
        return Picked(order);
    }

    private FindingList Picked(IEnumerable<int> order)
    {
        var made = new FindingList { Count = Count };
        foreach (var (i, from) in order.Index())
        {
            if (i % ChunkSize == 0)
                made._chunks.Add(new Row[Math.Min(ChunkSize, Count - i)]);
            made._chunks[^1][i % ChunkSize] = At(from);
        }
        return made;
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static Finding Made(in Row row) => row.Common with { Account = row.Account, Region = row.Region, Resource = row.Resource, Message = row.Message };

    private static int Compare(in Row one, in Row other)
    {
        if (one.Common.Severity != other.Common.Severity)
            return other.Common.Severity.CompareTo(one.Common.Severity);
        var said = ReferenceEquals(one.Common, other.Common) ? 0 : string.CompareOrdinal(one.Common.Check, other.Common.Check);
        if (said == 0)
            said = string.CompareOrdinal(one.Account, other.Account);
        if (said == 0)
            said = string.CompareOrdinal(one.Region, other.Region);
        return said != 0 ? said : string.CompareOrdinal(one.Resource, other.Resource);
    }

    private ref Row At(int index) => ref _chunks[index / ChunkSize][index % ChunkSize];

    private readonly record struct Row(Finding Common, string Account, string Region, string Resource, string Message);
}
