using Scanner.Catalog;

namespace Scanner.Evaluate.Gaps;

/// <summary>What is missing of one table.</summary>
/// <param name="Table">The table.</param>
/// <param name="Physical">Name of the temporary table that has its rows, the masks and the phantoms; the table's own where nothing is missing.</param>
/// <param name="HasPhantoms">Whether rows are missing.</param>
/// <param name="HasLostRegions">Whether it is not known of which region missing rows are.</param>
/// <param name="Details">Details that could not be read of some row.</param>
internal sealed record TableGaps(TableDefinition Table, string Physical, bool HasPhantoms, bool HasLostRegions, IReadOnlyList<string> Details)
{
    // Bits a table: the phantoms and so many details. What is beyond shares the last.
    private const int Most = 12;

    /// <summary>Name of a region that is not known: none of those that are.</summary>
    public const string LostRegion = "\uE014";

    public const string PhantomColumn = "\uE010";
    public const string RegionColumn = "\uE011";

    /// <summary>Whether anything is missing.</summary>
    public bool Any => HasPhantoms || Details.Count > 0;

    /// <summary>Bits that its masks use.</summary>
    public int Bits => Math.Min(1 + Details.Count, Most);

    /// <summary>Bit of the phantoms.</summary>
    public static int PhantomBit => 0;

    /// <summary>Bit of a detail, by its place.</summary>
    public int BitOf(int detail) => Math.Min(detail + 1, Most - 1);

    /// <summary>Column with the masks of a detail.</summary>
    public static string ColumnOf(int detail) => $"\uE012{detail.ToString(System.Globalization.CultureInfo.InvariantCulture)}";
}
