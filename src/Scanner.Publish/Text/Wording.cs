using System.Globalization;
using Scanner.Model;

namespace Scanner.Publish.Text;

/// <summary>Words that reports, issues and comments share, so that one thing is said one way.</summary>
internal static class Wording
{
    /// <summary>A colored mark for a severity: the same in reports, issues and comments.</summary>
    internal static string SeverityMark(Severity severity) => severity switch
    {
        Severity.Critical => "🟣",
        Severity.High => "🔴",
        Severity.Medium => "🟠",
        Severity.Low => "🟡",
        _ => "⚪",
    };

    /// <summary><c>1 resource</c>, <c>2,000 resources</c>.</summary>
    internal static string Count(long count, string one, string many) => $"{Number(count)} {(count == 1 ? one : many)}";

    /// <summary><c>2,000</c>.</summary>
    internal static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>Where the whole report is, for a text that had to leave something out.</summary>
    /// <param name="reports">Paths of the reports that were written.</param>
    internal static string WholeReport(IReadOnlyList<string> reports) =>
        // A picture of one matter holds nothing whole.
        reports.Where(r => !r.EndsWith(".svg", StringComparison.OrdinalIgnoreCase)).ToList() is not { Count: > 0 } texts
            ? "the JSON report (`--report json=FILE`)"
            : string.Join(", ", texts.OrderByDescending(r => r.EndsWith(".json", StringComparison.OrdinalIgnoreCase)).Take(3).Select(Markdown.Code));
}
