using System.Globalization;
using System.IO.Compression;
using Scanner.Model;

namespace Scanner.Publish.Reports;

/// <summary>
/// The files that a report's path stands for: itself, or, with <c>{account}</c> in it, one an account behind an index, or, with <c>{n}</c>, parts of
/// so many findings. A name that ends with <c>.gz</c> is written as gzip.
/// </summary>
internal static class ReportFiles
{
    /// <summary>Findings in a part: of OCSF about 50 MB, of CSV 7.</summary>
    public const int FindingsInPart = 20_000;

    private const string Account = "{account}";
    private const string Number = "{n}";

    // What is a list of findings can be cut anywhere.
    private static readonly string[] Lists = ["ocsf", "asff", "csv"];

    // What says something of the whole is no part of it.
    private static readonly string[] OfAnAccount = [.. Lists, "markdown", "json", "html", "junit"];

    /// <summary>Refuses a path that the format cannot be written to.</summary>
    /// <param name="format">The format.</param>
    /// <param name="path">The path, as it was given.</param>
    /// <exception cref="InputException">It has braces that mean nothing, or the format does not come in such parts.</exception>
    public static void Validate(string format, string path)
    {
        if (path.Contains(Account, StringComparison.Ordinal) && !OfAnAccount.Contains(format, StringComparer.Ordinal))
            throw new InputException($"--report {format}={path}: {format} is not written by account; {string.Join(", ", OfAnAccount)} are");
        if (path.Contains(Number, StringComparison.Ordinal) && !Lists.Contains(format, StringComparer.Ordinal))
            throw new InputException($"--report {format}={path}: {format} is not written in parts; {string.Join(", ", Lists)} are");
        var rest = path.Replace(Account, "", StringComparison.Ordinal).Replace(Number, "", StringComparison.Ordinal);
        if (rest.Contains('{', StringComparison.Ordinal) && rest.Contains('}', StringComparison.Ordinal))
            throw new InputException($"--report {format}={path}: in braces only {Account} and {Number} mean something");
        if (path.Contains(Account, StringComparison.Ordinal) && Path.GetFileName(path) == Path.GetFileName(IndexOf(format, path)))
            throw new InputException($"--report {format}={path}: this name is the index's; give the accounts' files another, such as {Account}.{format}");
    }

    /// <summary>A file that the path stands for, to see whether it can be written.</summary>
    public static string Sample(string path) => path.Replace(Account, "000000000000", StringComparison.Ordinal).Replace(Number, "001", StringComparison.Ordinal);

    /// <summary>The files, each with what it says, in order, without the index.</summary>
    /// <param name="report">The whole.</param>
    /// <param name="path">The path, as it was given.</param>
    /// <returns>The account that a file is of, null where it is of all; the file; what it says.</returns>
    public static IEnumerable<(string? Account, string Path, ScanReport Report)> Of(ScanReport report, string path)
    {
        if (!path.Contains(Account, StringComparison.Ordinal))
            return Parts(report, path).Select(part => ((string?)null, part.Path, part.Report));
        // Places, and not the findings: those of all accounts are not held at once.
        var findings = Enumerable.Range(0, report.Findings.Count).ToLookup(i => report.Findings[i].Account, StringComparer.Ordinal);
        var collection = report.Collection.ToLookup(status => status.Account, StringComparer.Ordinal);
        return AccountsOf(report).SelectMany(account => Parts(
            report with
            {
                Scan = report.Scan with { Accounts = [account] },
                Findings = [.. findings[account].Select(i => report.Findings[i])],
                Collection = [.. collection[account]],
                // These are answers about all accounts together.
                Frameworks = [],
                Since = null,
                History = null,
            },
            path.Replace(Account, FileName(account), StringComparison.Ordinal)).Select(part => ((string?)account, part.Path, part.Report)));
    }

    /// <summary>Accounts that a report says something of.</summary>
    public static IEnumerable<string> AccountsOf(ScanReport report) =>
        report.Scan.Accounts.Concat(report.Findings.Select(finding => finding.Account)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);

    // Those of AWS have twelve digits; a plan or an event may name others.
    private static string FileName(string account) => string.Concat(account.Select(c => char.IsAsciiLetterOrDigit(c) || c == '-' ? c : '_'));

    /// <summary>The index of the accounts' files; null where there are none.</summary>
    public static string? IndexPath(string format, string path) => path.Contains(Account, StringComparison.Ordinal) ? IndexOf(format, path) : null;

    /// <summary>Removes the parts of an earlier report that was longer: who reads all parts would take them for this one's.</summary>
    /// <param name="path">The path, as it was given.</param>
    /// <param name="written">The files that were written.</param>
    public static void RemoveOlder(string path, IReadOnlyCollection<(string, string)> written)
    {
        if (!path.Contains(Number, StringComparison.Ordinal) || path.Contains(Account, StringComparison.Ordinal))
            return;
        for (var part = written.Count + 1; File.Exists(PartOf(path, part)); part++)
            File.Delete(PartOf(path, part));
    }

    /// <summary>Writes to a file's stream what a format writes, packed where the name says so.</summary>
    public static async Task WriteAsync(IReportFormat format, ScanReport report, string path, Stream output, CancellationToken cancellation)
    {
        if (!path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase))
        {
            await format.WriteAsync(report, output, cancellation);
            return;
        }
        await using var packed = new GZipStream(output, CompressionLevel.Fastest, leaveOpen: true);
        // Formats hand over a finding at a time.
        await using var buffered = new BufferedStream(packed, 1 << 16);
        await format.WriteAsync(report, buffered, cancellation);
    }

    private static IEnumerable<(string Path, ScanReport Report)> Parts(ScanReport report, string path)
    {
        if (!path.Contains(Number, StringComparison.Ordinal))
        {
            yield return (path, report);
            yield break;
        }
        // Of nothing there is one part too: that nothing was found is an answer.
        for (var part = 0; part == 0 || part * FindingsInPart < report.Findings.Count; part++)
        {
            yield return (PartOf(path, part + 1),
                report with { Findings = [.. Enumerable.Range(part * FindingsInPart, Math.Min(FindingsInPart, report.Findings.Count - part * FindingsInPart)).Select(i => report.Findings[i])] });
        }
    }

    private static string PartOf(string path, int part) => path.Replace(Number, part.ToString("000", CultureInfo.InvariantCulture), StringComparison.Ordinal);

    private static string IndexOf(string format, string path)
    {
        var folder = Path.GetDirectoryName(path);
        // With a folder an account the index stands above those.
        while (folder is not null && folder.Contains(Account, StringComparison.Ordinal))
            folder = Path.GetDirectoryName(folder);
        return Path.Combine(folder ?? "", format == "html" ? "index.html" : "index.json");
    }
}
