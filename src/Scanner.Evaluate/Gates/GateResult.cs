using Scanner.Model;

namespace Scanner.Evaluate.Gates;

/// <summary>What a plan changes.</summary>
public sealed record GateResult
{
    /// <summary>One finding for each check and address of which there is something to say, sorted by <see cref="FindingOrder"/>.</summary>
    public required IReadOnlyList<Finding> Findings { get; init; }

    /// <summary>Number of pairs of check and resource that were judged on the side afterwards.</summary>
    public int Judgements { get; init; }

    /// <summary>Of these, how many pass for sure.</summary>
    public int Passed { get; init; }

    /// <summary>Of the passes, how many rest on something that only the running account can tell.</summary>
    public int Assumed { get; init; }

    /// <summary>How many answers hang on nothing but what AWS decides by itself.</summary>
    public int LeftToAws { get; init; }

    /// <summary>How many answers hang on nothing but what else there is in the account, before as afterwards: an earlier scan would tell.</summary>
    public int LeftToAccount { get; init; }

    /// <summary>What was not judged, a sentence each.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Ids of checks that no plan can answer.</summary>
    public IReadOnlyList<string> NotJudged { get; init; } = [];

    /// <summary>What is said of the side afterwards: one finding for each check and address, of every status. Empty unless asked for
    /// (<see cref="GateRequest.WantsState"/>).</summary>
    public IReadOnlyList<Finding> State { get; init; } = [];

    /// <summary>All findings of the side before, of every status; for scores. Empty without an earlier scan.</summary>
    public IReadOnlyList<Finding> Before { get; init; } = [];

    /// <summary>All findings of the side afterwards. Empty without an earlier scan.</summary>
    public IReadOnlyList<Finding> After { get; init; } = [];
}
