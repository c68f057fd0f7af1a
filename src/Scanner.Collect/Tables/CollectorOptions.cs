using System.Text.Json.Nodes;
using Scanner.Catalog;
using Scanner.Model;

namespace Scanner.Collect.Tables;

/// <summary>How to collect.</summary>
public sealed record CollectorOptions
{
    /// <summary>Regions that the user names; empty: every region that is enabled for the account.</summary>
    public IReadOnlyList<string> Regions { get; init; } = [];

    /// <summary>
    /// The user's own region (<c>AWS_REGION</c>): asked for the list of regions where the home region refuses, and among
    /// the regions that are taken when the list cannot be had. Null when there is none.
    /// </summary>
    public string? DefaultRegion { get; init; }

    /// <summary>Most calls of a service under way at once in a region of an account; how many of them are on the wire is the client's own limit.</summary>
    public int Parallelism { get; init; } = 128;

    /// <summary>What an earlier run has collected, whose rows the sink has: it is not asked again.</summary>
    public IReadOnlyList<CollectionStatus> Kept { get; init; } = [];

    /// <summary>An earlier scan whose rows are taken where CloudTrail tells of no change since; null: everything is asked.</summary>
    public EarlierScan? Earlier { get; init; }

    /// <summary>
    /// Gives the rows of a table's <c>from</c> over what was handed to the sink: JSON objects with <c>account_id</c> and <c>region</c>. Null where no
    /// table has one.
    /// </summary>
    public Func<TableDefinition, IReadOnlyList<JsonObject>>? Rows { get; init; }

    /// <summary>Time between two calls of a table's <c>prepare</c>.</summary>
    public TimeSpan PrepareDelay { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Most calls of a table's <c>prepare</c>.</summary>
    public int PrepareAttempts { get; init; } = 30;
}
