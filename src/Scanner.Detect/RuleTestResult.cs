using Scanner.Detect.Rules;

namespace Scanner.Detect;

/// <summary>How a rule's unit test ended.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Test">The test.</param>
/// <param name="Failure">What was wrong, with file and line; null: it passed.</param>
public sealed record RuleTestResult(DetectionRule Rule, DetectionTest Test, string? Failure)
{
    /// <summary>Whether it passed.</summary>
    public bool Passed => Failure is null;
}
