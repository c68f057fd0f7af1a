using Scanner.Catalog;

namespace Scanner.Evaluate.Gates;

/// <summary>Both sides of one plan, and what they are judged by.</summary>
public sealed record GateRequest
{
    /// <summary>Rows as they are.</summary>
    public required IReadOnlyList<GateRow> Before { get; init; }

    /// <summary>Rows as they will be.</summary>
    public required IReadOnlyList<GateRow> After { get; init; }

    /// <summary>What the plan does to each instance, by address.</summary>
    public required IReadOnlyDictionary<string, GateInstance> Instances { get; init; }

    /// <summary>The checks, judged as far as a plan can.</summary>
    public required IReadOnlyList<CheckDefinition> Checks { get; init; }

    /// <summary>What <c>scan_time()</c> gives.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>The last scan's rows and how they were collected; null without <c>--scan</c>.</summary>
    public GateScan? Scan { get; init; }

    /// <summary>Whether what is said of the side afterwards is wanted whole (<see cref="GateResult.State"/>), and not only what changes: of a large
    /// plan it would not fit into memory besides.</summary>
    public bool WantsState { get; init; }
}
