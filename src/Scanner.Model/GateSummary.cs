namespace Scanner.Model;

/// <summary>What a report of <c>scanner gate</c> says besides its findings.</summary>
public sealed record GateSummary
{
    /// <summary><c>--name</c>, which tells the comments of several gates on one pull request apart; empty without.</summary>
    public string Name { get; init; } = "";

    /// <summary>The plans that were read, in the order of their names.</summary>
    public required IReadOnlyList<GatePlan> Plans { get; init; }

    /// <summary>Number of pairs of check and resource that were judged on the state afterwards, unknown ones included.
    /// 0 says that nothing was looked at, which must never look like "nothing was found".</summary>
    public int Judgements { get; init; }

    /// <summary>Of these, how many pass.</summary>
    public int Passed { get; init; }

    /// <summary>Number of AWS resources of the plans that some table could take up.</summary>
    public int Resources { get; init; }

    /// <summary>AWS resource types of the plans that no table takes up, with the number of their resources.</summary>
    public IReadOnlyDictionary<string, int> TypesNotJudged { get; init; } = new Dictionary<string, int>(StringComparer.Ordinal);

    /// <summary>Ids of chosen checks that no plan can answer: delivery, the root user, credential reports. People are told the number:
    /// the names would be of what is not this change's business.</summary>
    public IReadOnlyList<string> ChecksNotJudged { get; init; } = [];

    /// <summary>Whether rows of an earlier scan took part (<c>--scan</c>), and its time.</summary>
    public DateTimeOffset? ScanTime { get; init; }

    /// <summary>Score of each chosen framework before and after; empty without <c>--scan</c>.</summary>
    public IReadOnlyList<GateScore> Scores { get; init; } = [];

    /// <summary>Findings that somebody's words in the source, a mute or the gate's baseline silenced, with why.</summary>
    public IReadOnlyList<GateIgnore> Ignored { get; init; } = [];

    /// <summary>What a reader must know of how the gate looked: a file that did not parse, a source that does not fit, an ignore
    /// without a reason, checks or mutes that the pull request itself changes. One sentence each.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>What the change is judged by and changes itself: files of checks, mutes, the gate's baseline, the workflow, and
    /// places of new ignores, one text each. Hostile text.</summary>
    public IReadOnlyList<string> ChangesOwnRules { get; init; } = [];
}
