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
}
