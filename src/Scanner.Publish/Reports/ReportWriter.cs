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
        new CsvReport(), new JUnitReport(), new OcsfReport(), new AsffReport(), new NavigatorReport(), new ControlsReport(), new SvgReport(),
    }.ToDictionary(f => f.Name, StringComparer.Ordinal);

    /// <summary>Names of all formats.</summary>
    internal static IReadOnlyCollection<string> FormatNames => Formats.Keys;

    /// <summary>
    /// Refuses, before any work is done, what writing could not do afterwards. Makes missing folders.
    /// </summary>
    /// <param name="format">markdown, json, sarif, html, csv, junit, ocsf, asff, navigator, controls or svg.</param>
    /// <param name="path">File to write.</param>
    /// <exception cref="InputException">The format is not known, or the file cannot be written.</exception>
    public static void Validate(string format, string path)
    {
        _ = Find(format);
        ReportFiles.Validate(format, path);
        FileOutput.Probe(ReportFiles.IndexPath(format, path) ?? ReportFiles.Sample(path), Label(format, path));
    }

    /// <summary>Writes the whole report.</summary>
    /// <param name="report">What to write.</param>
    /// <param name="format">markdown, json, sarif, html, csv, junit, ocsf, asff, navigator, controls or svg.</param>
    /// <param name="path">
    /// File to write, as <see cref="FileOutput"/> does; left alone when writing fails. With <c>{account}</c> in it a file an account and an index,
    /// with <c>{n}</c> parts; packed where it ends with <c>.gz</c>.
    /// </param>
    /// <param name="cancellation">Ends the writing; the file is then as it was.</param>
    /// <exception cref="InputException">The format is not known, or a file cannot be written.</exception>
    public static async Task WriteAsync(ScanReport report, string format, string path, CancellationToken cancellation = default)
    {
        var writer = Find(format);
        var written = new List<(string Account, string Path)>();
        foreach (var (account, file, part) in ReportFiles.Of(report, path))
        {
            await FileOutput.WriteAsync(file, Label(format, file), FileAudience.Everybody, (stream, token) => ReportFiles.WriteAsync(writer, part, file, stream, token), cancellation);
            written.Add((account ?? "", file));
        }
        ReportFiles.RemoveOlder(path, written);
        if (ReportFiles.IndexPath(format, path) is not { } index)
            return;
        var folder = Path.GetDirectoryName(Path.GetFullPath(index))!;
        var files = written.ToLookup(one => one.Account, one => Path.GetRelativePath(folder, Path.GetFullPath(one.Path)).Replace('\\', '/'), StringComparer.Ordinal);
        await FileOutput.WriteAsync(index, Label(format, index), FileAudience.Everybody, (stream, token) => ReportIndex.WriteAsync(report, files, format == "html", stream, token), cancellation);
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
