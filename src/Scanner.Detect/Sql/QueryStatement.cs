using Scanner.Detect.Rules;

namespace Scanner.Detect.Sql;

/// <summary>One <c>select</c> that asks an engine for the matches of one rule or correlation, or of several rules at once.</summary>
/// <param name="Rules">At least one. Several are rules, not correlations.</param>
/// <param name="Sql">Rows and columns as <see cref="ConvertedRule"/> describes; of several rules, <c>rule</c> holds the ids
/// of all that the event matches, with <see cref="Separator"/> between them. No semicolon at its end.</param>
public sealed record QueryStatement(IReadOnlyList<DetectionRule> Rules, string Sql)
{
    /// <summary>Between the ids of rules: a control character (unit separator), which no id has.</summary>
    public const char Separator = '\u001f';

    /// <summary>Whether it asks for events that correlations count, whose rows go to <see cref="QueriedCorrelations"/>.</summary>
    public bool IsOfParts => Kept is not null;

    /// <summary>The rules and correlations that a whole answer to it is needed for.</summary>
    public IReadOnlyList<DetectionRule> Concerns { get; init; } = Rules;

    /// <summary>Whether documents come as maps whose members are texts, as CloudTrail Lake holds them, and not as JSON.</summary>
    internal bool HasMaps { get; init; }

    /// <summary>What of the events is asked for to judge correlations here; null: none is.</summary>
    internal IReadOnlyList<KeptColumn>? Kept { get; init; }

    /// <summary>The rules by what stands for them in the rows, where that need not be their ids.</summary>
    internal IReadOnlyDictionary<string, DetectionRule> Labels { get; init; } = new Dictionary<string, DetectionRule>(StringComparer.Ordinal);
}
