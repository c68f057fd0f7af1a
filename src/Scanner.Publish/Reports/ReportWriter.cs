using Scanner.Model;

namespace Scanner.Publish.Reports;

/// <summary>
/// Writes reports to files, in the format that the caller names. A report appears at its path whole or not at all:
/// it is written beside it and renamed.
/// </summary>
public static class ReportWriter
{
    private static readonly Dictionary<string, IReportFormat> Formats = new IReportFormat[]
    {
        new MarkdownReport(), new JsonReport(), new SarifReport(), new HtmlReport(),
        new CsvReport(), new JUnitReport(), new OcsfReport(), new AsffReport(),
    }.ToDictionary(f => f.Name, StringComparer.Ordinal);

    /// <summary>
    /// Refuses, before any work is done, what writing could not do afterwards. Makes missing folders.
    /// </summary>
    /// <param name="format">markdown, json, sarif, html, csv, junit, ocsf or asff.</param>
    /// <param name="path">File to write; replaced when it exists.</param>
    /// <exception cref="InputException">The format is not known, or the file cannot be written.</exception>
    public static void Validate(string format, string path)
    {
        _ = Find(format);
        if (string.IsNullOrWhiteSpace(path))
            throw new InputException($"--report {format}=: the path is missing; write --report {format}=FILE");
        if (Directory.Exists(path) || Path.EndsInDirectorySeparator(path))
            throw new InputException($"--report {format}={path}: this is a folder; name a file in it");
        try
        {
            var full = Path.GetFullPath(path);
            Directory.CreateDirectory(Path.GetDirectoryName(full)!);
            // The temporary file is what gets written later: that it can be made is what has to hold.
            var probe = TemporaryBeside(full);
            using (new FileStream(probe, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose))
            {
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new InputException($"--report {format}={path}: the file cannot be written: {e.Message}", e);
        }
    }

    /// <summary>Writes the whole report.</summary>
    /// <param name="report">What to write.</param>
    /// <param name="format">One of markdown, json, sarif, html, csv, junit, ocsf, asff.</param>
    /// <param name="path">File to write; replaced when it exists, left alone when writing fails.</param>
    /// <param name="cancellation">Ends the writing; the file is then as it was.</param>
    /// <exception cref="InputException">The format is not known, or the file cannot be written.</exception>
    public static async Task WriteAsync(ScanReport report, string format, string path, CancellationToken cancellation = default)
    {
        var writer = Find(format);
        var full = Path.GetFullPath(path);
        var temporary = TemporaryBeside(full);
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(full)!);
            var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16, FileOptions.Asynchronous);
            await using (file)
            {
                await writer.WriteAsync(report, file, cancellation);
                await file.FlushAsync(cancellation);
            }
            File.Move(temporary, full, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"--report {format}={path}: the file cannot be written: {e.Message}", e);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <summary>Writes the report in a format to a stream that the caller owns (upload of SARIF).</summary>
    internal static Task WriteAsync(ScanReport report, string format, Stream output, CancellationToken cancellation) =>
        Find(format).WriteAsync(report, output, cancellation);

    private static IReportFormat Find(string format) =>
        Formats.TryGetValue(format, out var found)
            ? found
            : throw new InputException($"--report: there is no format '{format}'; there are {string.Join(", ", Formats.Keys)}");

    private static string TemporaryBeside(string full) =>
        Path.Combine(Path.GetDirectoryName(full)!, $".{Path.GetFileName(full)}.{Guid.NewGuid():N}.tmp");
}
