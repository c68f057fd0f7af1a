using System.Globalization;
using System.Text;
using Scanner.Model;
using Scanner.Publish.Reports;
using Scanner.Publish.Text;

namespace Scanner.Publish.Actions;

/// <summary>
/// The summary of a job (<c>GITHUB_STEP_SUMMARY</c>). GitHub throws a whole step's summary away when it is over 1 MiB,
/// so it is cut at section boundaries, and says in words what was left out.
/// </summary>
public static class StepSummary
{
    /// <summary>GitHub's limit, in bytes of UTF-8.</summary>
    internal const int MaxBytes = 1_048_576;

    // Line breaks that the runner may add, and a safe distance.
    private const int Reserve = 4_096;

    // A table longer than this is not read in a summary.
    private const int Rows = 200;

    /// <summary>Appends the summary to the file; does nothing where <paramref name="file"/> is null or empty.</summary>
    /// <param name="file">Value of <c>GITHUB_STEP_SUMMARY</c>.</param>
    /// <param name="report">What to say.</param>
    /// <param name="reports">Paths of reports that hold everything.</param>
    /// <param name="published">What became of issues, comments and uploads; null when nothing was to be published.</param>
    /// <param name="cancellation">Ends the writing.</param>
    /// <exception cref="InputException">The file cannot be written.</exception>
    public static async Task WriteAsync(
        string? file,
        ScanReport report,
        IReadOnlyList<string> reports,
        PublishResult? published = null,
        CancellationToken cancellation = default)
    {
        if (string.IsNullOrEmpty(file))
            return;
        var there = FileEntry.Look(file).Kind == FileKind.Regular ? new FileInfo(file).Length : 0;
        await FileOutput.AppendAsync(file, "GITHUB_STEP_SUMMARY", Compose(report, reports, published, MaxBytes - there - Reserve), cancellation);
    }

    /// <summary>The summary, of at most so many bytes of UTF-8; empty when not even its overview fits.</summary>
    internal static string Compose(ScanReport report, IReadOnlyList<string> reports, PublishResult? published, long bytes)
    {
        var whole = Wording.WholeReport(reports);
        var sections = MarkdownReport.Sections(report, Rows, whole, published?.Issues).ToList();
        if (Published(published) is { Length: > 0 } said)
            sections.Insert(1, new MarkdownSection("What was published", said));
        return MarkdownFit.Join(sections, bytes, Encoding.UTF8.GetByteCount, "GitHub takes no more than 1 MiB", whole);
    }

    private static string Published(PublishResult? published)
    {
        if (published is null)
            return "";
        var made = new StringBuilder();
        if (published.Created + published.Updated + published.Closed + published.Reopened > 0)
        {
            made.Append(CultureInfo.InvariantCulture, $"Issues: {published.Created} opened, {published.Updated} updated, {published.Reopened} reopened, {published.Closed} closed.");
            made.Append(published.DryRun ? " This was a dry run: nothing was changed.\n" : "\n");
        }
        foreach (var error in published.Errors)
            made.Append("\n> ❌ ").Append(Markdown.Text(error)).Append('\n');
        foreach (var note in published.Notes)
            made.Append("\n> ").Append(Markdown.Text(note)).Append('\n');
        return made.ToString();
    }
}
