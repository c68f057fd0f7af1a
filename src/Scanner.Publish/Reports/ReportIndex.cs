using System.Globalization;
using System.Text;
using System.Text.Json;
using Scanner.Model;
using Scanner.Publish.Text;

namespace Scanner.Publish.Reports;

/// <summary>The index of reports that are written by account: of each what fails and is not known, the worst first, and its files.</summary>
internal static class ReportIndex
{
    /// <summary>Writes the index.</summary>
    /// <param name="report">The whole report.</param>
    /// <param name="files">Files of each account, relative to the index's folder.</param>
    /// <param name="asHtml">Whether people read it; JSON otherwise.</param>
    /// <param name="output">Where.</param>
    /// <param name="cancellation">Ends it.</param>
    public static async Task WriteAsync(ScanReport report, ILookup<string, string> files, bool asHtml, Stream output, CancellationToken cancellation)
    {
        var findings = report.Findings.ToLookup(finding => finding.Account, StringComparer.Ordinal);
        var accounts = ReportFiles.AccountsOf(report).Select(account => (Account: account, Counts: new ReportCounts([.. findings[account]])))
            .OrderByDescending(one => one.Counts[Severity.Critical, FindingStatus.Fail]).ThenByDescending(one => one.Counts[Severity.High, FindingStatus.Fail])
            .ThenByDescending(one => one.Counts[FindingStatus.Fail]).ThenBy(one => one.Account, StringComparer.Ordinal).ToList();
        if (asHtml)
            await WriteHtmlAsync(report, accounts, files, output, cancellation);
        else
            await WriteJsonAsync(report, accounts, files, output, cancellation);
    }

    private static async Task WriteJsonAsync(ScanReport report, List<(string Account, ReportCounts Counts)> accounts, ILookup<string, string> files, Stream output, CancellationToken cancellation)
    {
        await using var json = new Utf8JsonWriter(output, JsonText.Indented);
        json.WriteStartObject();
        json.WriteString("time", report.Scan.Time.ToUniversalTime());
        json.WriteStartArray("accounts");
        foreach (var (account, counts) in accounts)
        {
            json.WriteStartObject();
            json.Text("account", account);
            json.WriteStartObject("counts");
            foreach (var status in ReportCounts.Statuses)
                json.WriteNumber(Names.Of(status), counts[status]);
            json.WriteEndObject();
            json.WriteStartObject("fail_by_severity");
            foreach (var severity in ReportCounts.WorstFirst)
                json.WriteNumber(Names.Of(severity), counts[severity, FindingStatus.Fail]);
            json.WriteEndObject();
            json.Texts("files", files[account]);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
        await json.FlushAsync(cancellation);
    }

    private static async Task WriteHtmlAsync(ScanReport report, List<(string Account, ReportCounts Counts)> accounts, ILookup<string, string> files, Stream output, CancellationToken cancellation)
    {
        var page = new StringBuilder();
        page.Append(CultureInfo.InvariantCulture, $"""
            <!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
            <title>Scanner: {accounts.Count} accounts</title><style>{HtmlAssets.Style}</style></head><body><header><h1>{accounts.Count} accounts</h1><p>{report.Scan.Time.UtcDateTime:yyyy-MM-dd HH:mm} UTC</p></header>
            <main><section class="card"><div class="scroll" tabindex="0"><table><thead><tr><th>Account</th><th>Critical</th><th>High</th><th>All that fails</th><th>Unknown</th><th>Passed</th></tr></thead><tbody>
            """);
        foreach (var (account, counts) in accounts)
        {
            var links = string.Join(' ', files[account].Select((file, i) => $"<a href=\"{Uri.EscapeDataString(file).Replace("%2F", "/", StringComparison.Ordinal)}\">{Html.Text(i == 0 ? account : "part " + (i + 1).ToString(CultureInfo.InvariantCulture))}</a>"));
            page.Append(CultureInfo.InvariantCulture,
                $"<tr><td>{links}</td><td>{counts[Severity.Critical, FindingStatus.Fail]}</td><td>{counts[Severity.High, FindingStatus.Fail]}</td><td>{counts[FindingStatus.Fail]}</td><td>{counts[FindingStatus.Unknown]}</td><td>{counts[FindingStatus.Pass]}</td></tr>\n");
        }
        page.Append("</tbody></table></div></section></main></body></html>\n");
        await output.WriteAsync(Encoding.UTF8.GetBytes(page.ToString()), cancellation);
    }
}
