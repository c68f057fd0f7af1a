namespace Scanner.Store.Functions;

/// <summary>Addresses of one family, as ranges that neither overlap nor touch, in order.</summary>
internal sealed class AddressSet
{
    // All IPv4 addresses; of IPv6 those that IANA calls global unicast (2000::/3): nothing else is reached over the internet.
    private static readonly AddressRange World4 = Parsed("0.0.0.0/0");
    private static readonly AddressRange World6 = Parsed("2000::/3");

    private readonly List<(UInt128 Start, UInt128 End)> _ranges;

    private AddressSet(List<(UInt128 Start, UInt128 End)> ranges) => _ranges = ranges;

    /// <summary>No address.</summary>
    public static AddressSet Empty { get; } = new([]);

    /// <summary>The whole internet of a family.</summary>
    public static AddressRange World(bool six) => six ? World6 : World4;

    /// <summary>The addresses of some ranges of one family.</summary>
    public static AddressSet Of(IEnumerable<(UInt128 Start, UInt128 End)> ranges)
    {
        var joined = new List<(UInt128 Start, UInt128 End)>();
        foreach (var (start, end) in ranges.OrderBy(range => range.Start))
        {
            if (joined.Count > 0 && (start <= joined[^1].End || start == joined[^1].End + 1))
                joined[^1] = (joined[^1].Start, UInt128.Max(joined[^1].End, end));
            else
                joined.Add((start, end));
        }
        return new AddressSet(joined);
    }

    /// <summary>The addresses of both.</summary>
    public AddressSet Union(AddressSet other) => Of(_ranges.Concat(other._ranges));

    /// <summary>Those that are in a range.</summary>
    public AddressSet Within(AddressRange range) =>
        new([.. _ranges.Where(own => own.Start <= range.End && own.End >= range.Start)
            .Select(own => (UInt128.Max(own.Start, range.Start), UInt128.Min(own.End, range.End)))]);

    /// <summary>Those that are not in a range.</summary>
    public AddressSet Without(AddressRange range)
    {
        var left = new List<(UInt128 Start, UInt128 End)>();
        foreach (var (start, end) in _ranges)
        {
            if (start < range.Start)
                left.Add((start, UInt128.Min(end, range.Start - 1)));
            if (end > range.End)
                left.Add((UInt128.Max(start, range.End + 1), end));
        }
        return new AddressSet(left);
    }

    /// <summary>Whether it holds a whole range.</summary>
    public bool Covers(AddressRange range) => _ranges.Exists(own => own.Start <= range.Start && own.End >= range.End);

    /// <summary>
    /// Whether it is the internet for all that matters: half of it or more. A network that leaves out some ranges, or is
    /// written in halves and quarters, is as open as one line that says 0.0.0.0/0.
    /// </summary>
    public bool IsWorld(bool six)
    {
        var world = World(six);
        var half = (world.End - world.Start) / 2;
        var size = UInt128.Zero;
        foreach (var (start, end) in Within(world)._ranges)
            size += end - start + 1;
        return size > half;
    }

    private static AddressRange Parsed(string text) => AddressRange.TryParse(text, out var range) ? range : throw new ArgumentException(text, nameof(text));
}
