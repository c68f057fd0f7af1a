namespace Scanner.Detect.Rules;

/// <summary>Something to say of a rule.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Text">One line.</param>
public sealed record RuleNote(DetectionRule Rule, string Text);
