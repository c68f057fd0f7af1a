namespace Scanner.Evaluate.Detections;

/// <summary>One <c>select</c> that asks an engine for the matches of one rule or correlation, or of several rules at once.</summary>
/// <param name="Rules">At least one. Several are rules, not correlations.</param>
/// <param name="Sql">Rows and columns as <see cref="ConvertedRule"/> describes; no semicolon at its end.</param>
public sealed record QueryStatement(IReadOnlyList<DetectionRule> Rules, string Sql);
