using Scanner.Model;

namespace Scanner.Publish.Reports;

/// <summary>
/// Writes reports to files, in the format that the caller names.
/// </summary>
public static class ReportWriter
{
    private static readonly Dictionary<string, IReportFormat> Formats = new IReportFormat[]
    {
        new MarkdownReport(), new JsonReport(), new SarifReport(), new HtmlReport(),
        new CsvReport(), new JUnitReport(), new OcsfReport(), new AsffReport(), new NavigatorReport(), new ControlsReport(),
    }.ToDictionary(f => f.Name, StringComparer.Ordinal);

    /// <summary>Names of all formats.</summary>
    internal static IReadOnlyCollection<string> FormatNames => Formats.Keys;

    /// <summary>
    /// Refuses, before any work is done, what writing could not do afterwards. Makes missing folders.
    /// </summary>
    /// <param name="format">markdown, json, sarif, html, csv, junit, ocsf, asff, navigator or controls.</param>
    /// <param name="path">File to write.</param>
    /// <exception cref="InputException">The format is not known, or the file cannot be written.</exception>
    public static void Validate(string format, string path)
    {
        _ = Find(format);
        FileOutput.Probe(path, Label(format, path));
    }

    /// <summary>Writes the whole report.</summary>
    /// <param name="report">What to write.</param>
    /// <param name="format">markdown, json, sarif, html, csv, junit, ocsf, asff, navigator or controls.</param>
    /// <param name="path">File to write, as <see cref="FileOutput"/> does; left alone when writing fails.</param>
    /// <param name="cancellation">Ends the writing; the file is then as it was.</param>
    /// <exception cref="InputException">The format is not known, or the file cannot be written.</exception>
    public static Task WriteAsync(ScanReport report, string format, string path, CancellationToken cancellation = default)
    {
        var writer = Find(format);
        return FileOutput.WriteAsync(path, Label(format, path), FileAudience.Everybody, (stream, token) => writer.WriteAsync(report, stream, token), cancellation);
    }

    /// <summary>Writes the report in a format to a stream that the caller owns (upload of SARIF).</summary>
    internal static Task WriteAsync(ScanReport report, string format, Stream output, CancellationToken cancellation) =>
        Find(format).WriteAsync(report, output, cancellation);

    private static IReportFormat Find(string format) =>
        Formats.TryGetValue(format, out var found)
            ? found
            : throw new InputException($"--report: there is no format '{format}'; there are {string.Join(", ", Formats.Keys)}");

    private static string Label(string format, string path) => $"--report {format}={path}";
}
