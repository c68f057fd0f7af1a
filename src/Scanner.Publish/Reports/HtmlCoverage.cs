using System.Text;
using Scanner.Model;
using Scanner.Publish.Text;
using H = Scanner.Publish.Text.Html;

namespace Scanner.Publish.Reports;

/// <summary>The coverage matrix in the HTML report: of one account its regions, of several the whole and then accounts by sources, each of which opens its regions.</summary>
internal static class HtmlCoverage
{
    // A page of many accounts is for looking at, and the worst come first.
    private const int MostApart = 50;

    /// <summary>The card; empty where there is nothing to tell.</summary>
    /// <param name="report">Of a scan.</param>
    public static string Card(ScanReport report)
    {
        var matrix = new CoverageMatrix(report);
        if (matrix.IsEmpty)
            return "";
        var made = new StringBuilder("<section class=\"card\" id=\"coverage\"><h2>Logging: on, and arriving?</h2>\n");
        if (matrix.Accounts.Count == 1)
        {
            Regions(made, matrix, matrix.Accounts[0]);
        }
        else
        {
            made.Append("<p class=\"note\">").Append(Wording.Number(matrix.Accounts.Count)).Append(" accounts together: the worst of each place, and in how many accounts.</p>\n");
            Regions(made, matrix, null);
            Accounts(made, matrix);
        }
        return made.Append("<p class=\"note\">a time or “arrives”: the log arrives (newest that was seen, UTC) · on: not seen to arrive · silent: on, but nothing arrives · off · unread: could not be read · accepted: off or silent, as somebody decided · empty: nothing there to log. 2/5: two of five.</p></section>\n").ToString();
    }

    private static void Accounts(StringBuilder made, CoverageMatrix matrix)
    {
        made.Append("<h3>By account, the worst first</h3>\n");
        Head(made, "Accounts by logging source", "Account", matrix.Sources.Select(source => source.Name));
        foreach (var account in matrix.Accounts)
        {
            made.Append("<tr><th scope=\"row\">").Append(H.Text(matrix.Scan.Called(account))).Append("</th>");
            foreach (var source in matrix.Sources)
                Cell(made, matrix.InAccount(source, account), $"{source.Name}, {matrix.Scan.Called(account)}", matrix.Scan);
            made.Append("</tr>\n");
        }
        made.Append("</tbody></table></div>\n");
        var apart = matrix.Accounts.Where(account => !matrix.IsCalm(account)).ToList();
        foreach (var account in apart.Take(MostApart))
        {
            made.Append("<details><summary>").Append(H.Text(matrix.Scan.Called(account))).Append(" by region</summary>\n");
            Regions(made, matrix, account);
            made.Append("</details>\n");
        }
        if (apart.Count > MostApart)
            made.Append("<p class=\"note\">").Append(Wording.Number(apart.Count - MostApart)).Append(" more accounts by region are in the report of each account (--report html=out/{account}.html).</p>\n");
    }

    private static void Regions(StringBuilder made, CoverageMatrix matrix, string? account)
    {
        var where = account is null ? "all accounts" : matrix.Scan.Called(account);
        Head(made, "Logging sources by region, " + where, "Source", matrix.Regions.Select(CoverageMatrix.Heading));
        foreach (var source in matrix.Sources)
        {
            made.Append("<tr><th scope=\"row\">").Append(H.Text(source.Name)).Append("</th>");
            foreach (var region in matrix.Regions)
                Cell(made, account is null ? matrix.InRegion(source, region) : matrix[source, account, region], $"{source.Name}, {CoverageMatrix.Heading(region)}", matrix.Scan);
            made.Append("</tr>\n");
        }
        made.Append("</tbody></table></div>\n");
    }

    private static void Head(StringBuilder made, string label, string first, IEnumerable<string> columns)
    {
        made.Append("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"").Append(H.Text(label)).Append("\"><table class=\"matrix\"><thead><tr><th scope=\"col\">").Append(first).Append("</th>");
        foreach (var column in columns)
            made.Append("<th scope=\"col\"><span>").Append(H.Text(column)).Append("</span></th>");
        made.Append("</tr></thead><tbody>\n");
    }

    // The words are in the cell: the color says it once more, the title whole.
    private static void Cell(StringBuilder made, CoverageCell cell, string place, ScanSummary scan)
    {
        if (cell.State == CoverageState.Nothing)
        {
            made.Append("<td></td>");
            return;
        }
        made.Append("<td class=\"m-").Append(cell.State switch { CoverageState.Silent or CoverageState.Off => "fail", CoverageState.Unknown => "unknown", CoverageState.Accepted => "muted", _ => "pass" })
            .Append("\" title=\"").Append(H.Text($"{place}: {cell.Sentence()}")).Append("\">").Append(H.Text(cell.Words(scan.Time))).Append("</td>");
    }
}
