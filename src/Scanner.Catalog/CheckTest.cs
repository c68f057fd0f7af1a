using System.Text.Json.Nodes;
using Scanner.Model;

namespace Scanner.Catalog;

/// <summary>A unit test of a check.</summary>
public sealed record CheckTest
{
    /// <summary>What it shows, as a sentence.</summary>
    public required string Name { get; init; }

    /// <summary>Line in the file.</summary>
    public int Line { get; init; }

    /// <summary>Value of <c>scan_time()</c>.</summary>
    public DateTimeOffset Now { get; init; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Rows by table; each an object of column values.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<JsonObject>> Given { get; init; } = new Dictionary<string, IReadOnlyList<JsonObject>>();

    /// <summary>How the collection of a table ended; tables that are not named were collected.</summary>
    public IReadOnlyDictionary<string, CollectionOutcome> Collection { get; init; } = new Dictionary<string, CollectionOutcome>();

    /// <summary>All expected findings; each names the fields that it is about.</summary>
    public required IReadOnlyList<IReadOnlyDictionary<string, string?>> Expect { get; init; }
}
