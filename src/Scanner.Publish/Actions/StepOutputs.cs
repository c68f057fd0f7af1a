using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Scanner.Model;
using Scanner.Publish.Reports;

namespace Scanner.Publish.Actions;

/// <summary>
/// Outputs of the step (<c>GITHUB_OUTPUT</c>), each with a delimiter drawn at random, as GitHub asks for where a value
/// may hold text of unknown origin.
/// </summary>
public static class StepOutputs
{
    /// <summary>Appends all outputs to the file; does nothing where <paramref name="file"/> is null or empty.</summary>
    /// <param name="file">Value of <c>GITHUB_OUTPUT</c>.</param>
    /// <param name="report">What was found.</param>
    /// <param name="reports">Paths of the reports that were written.</param>
    /// <param name="published">What became of the issues; null when nothing was to be published.</param>
    /// <param name="exitCode">Exit code that the program is going to end with.</param>
    /// <param name="cancellation">Ends the writing.</param>
    /// <exception cref="InputException">The file cannot be written.</exception>
    public static async Task WriteAsync(
        string? file,
        ScanReport report,
        IReadOnlyList<string> reports,
        PublishResult? published,
        int exitCode,
        CancellationToken cancellation = default)
    {
        if (string.IsNullOrEmpty(file))
            return;
        var made = new StringBuilder();
        foreach (var (name, value) in Values(report, reports, published, exitCode))
            Append(made, name, value);
        await FileOutput.AppendAsync(file, "GITHUB_OUTPUT", made.ToString(), cancellation);
    }

    /// <summary>Appends one output to the file; does nothing where <paramref name="file"/> is null or empty.</summary>
    /// <param name="file">Value of <c>GITHUB_OUTPUT</c>.</param>
    /// <param name="name">Name of the output.</param>
    /// <param name="value">Value.</param>
    /// <param name="cancellation">Ends the writing.</param>
    /// <exception cref="InputException">The file cannot be written.</exception>
    public static async Task WriteAsync(string? file, string name, string value, CancellationToken cancellation = default)
    {
        if (string.IsNullOrEmpty(file))
            return;
        var made = new StringBuilder();
        Append(made, name, value);
        await FileOutput.AppendAsync(file, "GITHUB_OUTPUT", made.ToString(), cancellation);
    }

    /// <summary>Names and values of all outputs.</summary>
    internal static IEnumerable<(string Name, string Value)> Values(
        ScanReport report, IReadOnlyList<string> reports, PublishResult? published, int exitCode)
    {
        var counts = new ReportCounts(report.Findings);
        yield return ("status", ReportCounts.StatusOf(report) switch { "fail" => "findings", "unknown" => "incomplete", _ => "clean" });
        yield return ("exit-code", Number(exitCode));
        yield return ("fail-count", Number(counts[FindingStatus.Fail]));
        yield return ("unknown-count", Number(counts[FindingStatus.Unknown]));
        yield return ("muted-count", Number(counts[FindingStatus.Muted]));
        yield return ("pass-count", Number(counts[FindingStatus.Pass]));
        foreach (var severity in ReportCounts.WorstFirst)
            yield return ($"{Names.Of(severity)}-count", Number(counts[severity, FindingStatus.Fail]));
        var gate = GateCounts.Of(report.Findings);
        yield return ("introduced-count", Number(gate.Introduced));
        yield return ("fixed-count", Number(gate.Fixed));
        yield return ("removed-count", Number(gate.Removed));
        yield return ("existing-count", Number(gate.Existing));
        yield return ("issues-created", Number(published?.Created ?? 0));
        yield return ("issues-updated", Number((published?.Updated ?? 0) + (published?.Reopened ?? 0)));
        yield return ("issues-closed", Number(published?.Closed ?? 0));
        yield return ("report-paths", string.Join('\n', reports));
    }

    /// <summary>Appends one output in the form with a delimiter.</summary>
    internal static void Append(StringBuilder made, string name, string value)
    {
        var delimiter = "scanner_" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        made.Append(name).Append("<<").Append(delimiter).Append('\n')
            .Append(SafeText.Lines(value)).Append('\n').Append(delimiter).Append('\n');
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
