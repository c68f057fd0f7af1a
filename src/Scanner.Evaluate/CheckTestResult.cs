using Scanner.Catalog;
using Scanner.Model;

namespace Scanner.Evaluate;

/// <summary>How one unit test of a check ended.</summary>
/// <param name="Check">Check id.</param>
/// <param name="Name">What the test shows.</param>
/// <param name="File">The check's file.</param>
/// <param name="Line">Line of the test in it.</param>
/// <param name="Difference">Null when it passed. Otherwise lines of text: <c>- </c> what was expected and is missing,
/// <c>+ </c> what came and was not expected.</param>
/// <param name="Findings">What the check found.</param>
public sealed record CheckTestResult(
    string Check, string Name, string File, int Line, IReadOnlyList<string>? Difference, IReadOnlyList<Finding> Findings)
{
    /// <summary>Whether the findings are those that the test expects.</summary>
    public bool Passed => Difference is null;

    internal static CheckTestResult Of(CheckDefinition check, CheckTest test, IReadOnlyList<string>? difference, IReadOnlyList<Finding> findings) =>
        new(check.Id, test.Name, check.Info.File, test.Line, difference, findings);
}
