using System.Collections;
using System.Runtime.InteropServices;

namespace Scanner.Model;

/// <summary>
/// Findings of hundreds of accounts in little memory. Nearly all of a check say the same of account after account: what they have in common is
/// kept once, their texts are packed, and each is made when it is asked for. Not for several threads while it grows.
/// </summary>
public sealed class FindingList : IReadOnlyList<Finding>
{
    // A list that grows by doubling would hold everything twice for a moment.
    private const int ChunkSize = 1 << 14;
    private const int MostTexts = 20_000;

    private readonly List<Row[]> _chunks = [];
    // What findings share, all but account, region, resource and message; then accounts and regions, which are few.
    private readonly Numbered<Finding> _common;
    private readonly Numbered<string> _names;
    private readonly PackedTexts _texts;

    /// <summary>Makes a list of what is given.</summary>
    /// <param name="findings">Findings, in their order.</param>
    public FindingList(IEnumerable<Finding> findings)
        : this()
    {
        ArgumentNullException.ThrowIfNull(findings);
        foreach (var finding in findings)
            Add(finding);
    }

    /// <summary>An empty list.</summary>
    public FindingList()
        : this(new Numbered<Finding>(), new Numbered<string>(), new PackedTexts(MostTexts))
    {
    }

    private FindingList(Numbered<Finding> common, Numbered<string> names, PackedTexts texts) => (_common, _names, _texts) = (common, names, texts);

    /// <inheritdoc/>
    public int Count { get; private set; }

    /// <inheritdoc/>
    public Finding this[int index]
    {
        get
        {
            if (index < 0 || index >= Count)
                throw new ArgumentOutOfRangeException(nameof(index));
            ref var row = ref At(index);
            return Made(row, _texts[row.Resource], _texts[row.Message]);
        }
    }

    /// <summary>Adds a finding.</summary>
    /// <param name="finding">The finding.</param>
    public void Add(Finding finding)
    {
        ArgumentNullException.ThrowIfNull(finding);
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
        _chunks[^1][at] = new Row(
            _common.Add(finding with { Account = "", Region = "", Resource = "", Message = "" }), _names.Add(finding.Account), _names.Add(finding.Region), _texts.Add(finding.Resource), _texts.Add(finding.Message));
        Count++;
    }

    /// <inheritdoc/>
    public IEnumerator<Finding> GetEnumerator() => Each(_ => true).GetEnumerator();

    private IEnumerable<Finding> Each(Func<Finding, bool> isChosen)
    {
        var (said, chosen) = (-1, false);
        var (resourceAt, messageAt) = (default(PackedTexts.Place), default(PackedTexts.Place));
        var (resource, message) = ("", "");
        for (var i = 0; i < Count; i++)
        {
            var row = At(i);
            // Neighbors are mostly of one check.
            if (row.Common != said)
                (said, chosen) = (row.Common, isChosen(_common.All[row.Common]));
            if (!chosen)
                continue;
            // What comes again and again is made once.
            if (row.Resource != resourceAt)
                (resourceAt, resource) = (row.Resource, _texts[row.Resource]);
            if (row.Message != messageAt)
                (messageAt, message) = (row.Message, _texts[row.Message]);
            yield return Made(row, resource, message);
        }
    }

    /// <summary>Findings in the order of a number; of those with the same each stays where it is.</summary>
    /// <param name="findings">Findings.</param>
    /// <param name="place">The number of a finding, at least 0 and small; asked with what it shares with others alone, so not by account, region, resource or message.</param>
    public static FindingList OrderBy(IEnumerable<Finding> findings, Func<Finding, int> place)
    {
        ArgumentNullException.ThrowIfNull(place);
        var list = findings as FindingList ?? new FindingList(findings);
        var numbers = list._common.All.Select(place).ToList();
        var order = new int[list.Count];
        var next = new int[numbers.Count == 0 ? 1 : numbers.Max() + 2];
        for (var i = 0; i < order.Length; i++)
            next[numbers[list.At(i).Common] + 1]++;
        for (var number = 1; number < next.Length; number++)
            next[number] += next[number - 1];
        for (var i = 0; i < order.Length; i++)
            order[next[numbers[list.At(i).Common]]++] = i;
        return list.Picked(order);
    }

    /// <summary>Findings changed in what they share with others.</summary>
    /// <param name="findings">Findings.</param>
    /// <param name="change">Gives the finding as it shall be; asked as in <see cref="OrderBy"/>, and neither account, region, resource nor message may change.</param>
    public static FindingList Changed(IEnumerable<Finding> findings, Func<Finding, Finding> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        var list = findings as FindingList ?? new FindingList(findings);
        var made = new FindingList(new Numbered<Finding>(list._common.All.Select(change)), list._names, list._texts) { Count = list.Count };
        made._chunks.AddRange(list._chunks.Select(chunk => (Row[])chunk.Clone()));
        return made;
    }

    /// <summary>What findings share with others, and how many share it: to count them without making each.</summary>
    /// <param name="findings">Findings.</param>
    /// <returns>Findings as <see cref="OrderBy"/> asks with them; each may come several times.</returns>
    public static IEnumerable<(Finding Shared, int Count)> Tally(IEnumerable<Finding> findings)
    {
        if (findings is not FindingList list)
            return findings.Select(finding => (finding, 1));
        var counts = new int[list._common.All.Count];
        for (var i = 0; i < list.Count; i++)
            counts[list.At(i).Common]++;
        return counts.Select((count, i) => (list._common.All[i], count)).Where(one => one.count > 0);
    }

    /// <summary>Findings of which that is chosen what they share with others; the rest is not made.</summary>
    /// <param name="findings">Findings.</param>
    /// <param name="isChosen">Whether they are; asked as in <see cref="OrderBy"/>.</param>
    public static IEnumerable<Finding> Where(IEnumerable<Finding> findings, Func<Finding, bool> isChosen) =>
        findings is FindingList list ? list.Each(isChosen) : findings.Where(isChosen);

    /// <summary>How many there are of them.</summary>
    /// <param name="findings">Findings.</param>
    /// <param name="isChosen">Whether one counts; asked as in <see cref="OrderBy"/>.</param>
    public static int CountOf(IEnumerable<Finding> findings, Func<Finding, bool> isChosen) => Tally(findings).Where(one => isChosen(one.Shared)).Sum(one => one.Count);

    /// <summary>Each finding with what it shares with others: the same object for all that share it, where the findings are such a list.</summary>
    /// <param name="findings">Findings.</param>
    public static IEnumerable<(Finding Finding, Finding Shared)> Parts(IEnumerable<Finding> findings) => findings is FindingList list
        ? list.Zip(Enumerable.Range(0, list.Count), (finding, i) => (finding, list._common.All[list.At(i).Common]))
        : findings.Select(finding => (finding, finding));

    /// <summary>What each finding shares with others, its account and its region, in their order: for those who ask no more, nothing is made.</summary>
    /// <param name="findings">Findings.</param>
    public static IEnumerable<(Finding Shared, string Account, string Region)> Places(IEnumerable<Finding> findings)
    {
        if (findings is not FindingList list)
            return findings.Select(finding => (finding, finding.Account, finding.Region));
        return Enumerable.Range(0, list.Count).Select(i =>
        {
            ref var row = ref list.At(i);
            return (list._common.All[row.Common], list._names.All[row.Account], list._names.All[row.Region]);
        });
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

    private FindingList Picked(int[] order)
    {
        var made = new FindingList(_common, _names, _texts) { Count = Count };
        for (var i = 0; i < order.Length; i++)
        {
            if (i % ChunkSize == 0)
                made._chunks.Add(new Row[Math.Min(ChunkSize, Count - i)]);
            made._chunks[^1][i % ChunkSize] = At(order[i]);
        }
        return made;
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private Finding Made(in Row row, string resource, string message) =>
        _common.All[row.Common] with { Account = _names.All[row.Account], Region = _names.All[row.Region], Resource = resource, Message = message };

    private int Compare(in Row one, in Row other)
    {
        var said = 0;
        if (one.Common != other.Common)
        {
            var (a, b) = (_common.All[one.Common], _common.All[other.Common]);
            said = a.Severity != b.Severity ? b.Severity.CompareTo(a.Severity) : string.CompareOrdinal(a.Check, b.Check);
        }
        if (said == 0 && one.Account != other.Account)
            said = string.CompareOrdinal(_names.All[one.Account], _names.All[other.Account]);
        if (said == 0 && one.Region != other.Region)
            said = string.CompareOrdinal(_names.All[one.Region], _names.All[other.Region]);
        return said != 0 ? said : _texts.Compare(one.Resource, other.Resource);
    }

    private ref Row At(int index) => ref _chunks[index / ChunkSize][index % ChunkSize];

    // No references: the collector does not look into millions of them.
    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct Row(int Common, int Account, int Region, PackedTexts.Place Resource, PackedTexts.Place Message);

    // What comes again and again, each under a number.
    private sealed class Numbered<T>
        where T : notnull
    {
        private readonly Dictionary<T, int> _places = [];

        public Numbered(IEnumerable<T>? all = null)
        {
            // Two that became the same keep the places that rows know.
            foreach (var one in all ?? [])
            {
                _places.TryAdd(one, All.Count);
                All.Add(one);
            }
        }

        public List<T> All { get; } = [];

        public int Add(T one)
        {
            if (_places.TryGetValue(one, out var place))
                return place;
            All.Add(one);
            return _places[one] = All.Count - 1;
        }
    }
}
