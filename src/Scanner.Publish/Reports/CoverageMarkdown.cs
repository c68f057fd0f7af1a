using System.Text;
using Scanner.Publish.Text;

namespace Scanner.Publish.Reports;

/// <summary>The coverage matrix as tables for GitHub: of one account its regions, of several the whole, then a line each, then the regions of the worst.</summary>
internal static class CoverageMarkdown
{
    private const string Heading = "Logging: on, and arriving?";

    private const string Legend = "\n✅ arrives (when the newest of its log was put, UTC) · 🟢 on, not seen to arrive · 🔇 silent: on, but nothing arrives · ❌ off · ❔ could not be read · 🔕 accepted · empty: nothing there to log. 2/5: two of five.\n";

    /// <summary>The section; null where there is nothing to tell.</summary>
    /// <param name="report">Of a scan.</param>
    /// <param name="accounts">Most accounts with a line of their own.</param>
    /// <param name="apart">Most accounts whose regions are told, the worst first.</param>
    /// <param name="whole">Where everything is kept; safe markdown.</param>
    public static MarkdownSection? Section(Model.ScanReport report, int accounts, int apart, string whole)
    {
        var matrix = new CoverageMatrix(report);
        if (matrix.IsEmpty)
            return null;
        var made = new StringBuilder();
        if (matrix.Accounts.Count == 1)
        {
            Regions(made, matrix, (source, region) => matrix[source, matrix.Accounts[0], region]);
            return new MarkdownSection(Heading, made.Append(Legend).ToString(), Heading);
        }
        made.Append(Wording.Number(matrix.Accounts.Count)).Append(" accounts together: the worst of each place, and in how many accounts.\n\n");
        Regions(made, matrix, matrix.InRegion);
        made.Append(Legend).Append('\n').Append(RuleMarkdown.Details("By account, the worst first", Lines(matrix, accounts, whole))).Append('\n');
        foreach (var account in matrix.Accounts.Where(account => !matrix.IsCalm(account)).Take(apart))
        {
            var own = new StringBuilder();
            Regions(own, matrix, (source, region) => matrix[source, account, region]);
            made.Append('\n').Append(RuleMarkdown.Details($"<code>{Html.Text(matrix.Scan.Called(account))}</code> by region", own.ToString().TrimEnd('\n'))).Append('\n');
        }
        return new MarkdownSection(Heading, made.ToString(), Heading);
    }

    /// <summary>The state as a sign and words.</summary>
    /// <param name="cell">A cell.</param>
    /// <param name="scanned">When the scan looked.</param>
    private static string Cell(CoverageCell cell, DateTimeOffset scanned) => cell.State == CoverageState.Nothing ? "" : cell.State switch
    {
        CoverageState.Delivering => "✅ ",
        CoverageState.On => "🟢 ",
        CoverageState.Accepted => "🔕 ",
        CoverageState.Unknown => "❔ ",
        CoverageState.Off => "❌ ",
        _ => "🔇 ",
    } + cell.Words(scanned);

    private static void Regions(StringBuilder made, CoverageMatrix matrix, Func<Model.CoverageRole, string, CoverageCell> cell)
    {
        // A region or source in which this account has nothing says nothing.
        var regions = matrix.Regions.Where(region => matrix.Sources.Any(source => cell(source, region).State != CoverageState.Nothing)).ToList();
        var sources = matrix.Sources.Where(source => regions.Exists(region => cell(source, region).State != CoverageState.Nothing)).ToList();
        made.Append("| ");
        foreach (var region in regions)
            made.Append("| ").Append(Markdown.Text(CoverageMatrix.Heading(region))).Append(' ');
        made.Append("|\n|---").Insert(made.Length, "|---", regions.Count).Append("|\n");
        foreach (var source in sources)
        {
            made.Append("| ").Append(Markdown.Text(source.Name)).Append(' ');
            foreach (var region in regions)
                made.Append("| ").Append(Cell(cell(source, region), matrix.Scan.Time)).Append(' ');
            made.Append("|\n");
        }
        var left = matrix.Sources.Except(sources).Select(source => Markdown.Text(source.Name)).ToList();
        if (left.Count > 0)
            made.Append("\nNothing there to log: ").AppendJoin(", ", left).Append(".\n");
    }

    private static string Lines(CoverageMatrix matrix, int most, string whole)
    {
        var made = new StringBuilder("| Account ");
        foreach (var source in matrix.Sources)
            made.Append("| ").Append(Markdown.Text(source.Name)).Append(' ');
        made.Append("|\n|---").Insert(made.Length, "|---", matrix.Sources.Count).Append("|\n");
        foreach (var account in matrix.Accounts.Take(most))
        {
            made.Append("| ").Append(Markdown.Code(matrix.Scan.Called(account))).Append(' ');
            foreach (var source in matrix.Sources)
                made.Append("| ").Append(Cell(matrix.InAccount(source, account), matrix.Scan.Time)).Append(' ');
            made.Append("|\n");
        }
        if (matrix.Accounts.Count > most)
            made.Append("\n… and ").Append(Wording.Number(matrix.Accounts.Count - most)).Append(" more, none of them worse: in ").Append(whole).Append(".\n");
        return made.ToString().TrimEnd('\n');
    }
}
