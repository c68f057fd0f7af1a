using System.Globalization;
using System.Text;
using Scanner.Model;
using Scanner.Publish.Text;

namespace Scanner.Publish.Reports;

/// <summary>
/// The coverage matrix as one picture that stands by itself, for an issue or a page: accounts by logging source, the worst first, or of one account its
/// sources by region. It loads nothing, follows light and dark by itself, and each cell has words. GitHub shows it in an issue only from an address (it
/// takes <c>svg</c> elements and <c>data:</c> addresses out of markdown), such as a file of a branch.
/// </summary>
internal sealed class SvgReport : IReportFormat
{
    // A picture that is taller is not looked at.
    private const int MostRows = 100;

    private const int Label = 230;
    private const int Wide = 84;
    private const int High = 22;

    /// <inheritdoc />
    public string Name => "svg";

    /// <inheritdoc />
    public async Task WriteAsync(ScanReport report, Stream output, CancellationToken cancellation)
    {
        await using var writer = new StreamWriter(output, new UTF8Encoding(false), 1 << 16, leaveOpen: true) { NewLine = "\n" };
        await writer.WriteAsync(Picture(new CoverageMatrix(report)).AsMemory(), cancellation);
    }

    private static string Picture(CoverageMatrix matrix)
    {
        var one = matrix.Accounts.Count == 1;
        IReadOnlyList<string> columns = one ? [.. matrix.Regions.Select(CoverageMatrix.Heading)] : [.. matrix.Sources.Select(source => source.Name)];
        var rows = one
            ? matrix.Sources.Select(source => (source.Name, Cells: matrix.Regions.Select(region => matrix[source, matrix.Accounts[0], region]).ToList())).ToList()
            : matrix.Accounts.Take(MostRows).Select(account => (Name: matrix.Scan.Called(account), Cells: matrix.Sources.Select(source => matrix.InAccount(source, account)).ToList())).ToList();
        const int Top = 132;
        var width = Label + (columns.Count * Wide) + 60;
        var height = Top + (rows.Count * High) + 56;
        var title = one ? "Logging of " + matrix.Scan.Called(matrix.Accounts[0]) : $"Logging of {Wording.Number(matrix.Accounts.Count)} accounts, the worst first";
        var made = new StringBuilder();
        made.Append(CultureInfo.InvariantCulture, $"""
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" aria-labelledby="t d" font-family="system-ui,-apple-system,'Segoe UI',sans-serif" font-size="12">
            <title id="t">{Html.Text(title)}</title>
            <desc id="d">{Html.Text(Told(matrix))}</desc>
            <style>
            .g{"{fill:#ffffff}.i{fill:#1f2328}.n{fill:#59636e}.l{stroke:#d1d9e0}"}
            .s{"{fill:#fff1c2}.ts{fill:#6b4700}.o{fill:#ffd8d3}.to{fill:#8f1a10}.u{fill:#e6e0ff}.tu{fill:#4b32a8}.a{fill:#e9edf1}.ta{fill:#48525c}.p{fill:#d5f2dc}.tp{fill:#0f5323}.q{fill:#e7f5ea}"}
            @media (prefers-color-scheme:dark){"{.g{fill:#0d1117}.i{fill:#f0f6fc}.n{fill:#9198a1}.l{stroke:#3d444d}.s{fill:#4d3800}.ts{fill:#ffdf8a}.o{fill:#5c1a15}.to{fill:#ffc9c2}.u{fill:#352a66}.tu{fill:#d8ccff}.a{fill:#2b3138}.ta{fill:#c2cbd4}.p{fill:#123d1f}.tp{fill:#a6ecb9}.q{fill:#10301a}}"}
            </style>
            <rect class="g" width="{width}" height="{height}"/>
            <text class="i" x="12" y="24" font-size="15" font-weight="600">{Html.Text(title)}</text>
            <text class="n" x="12" y="42">{matrix.Scan.Time.UtcDateTime:yyyy-MM-dd HH:mm} UTC</text>

            """);
        for (var i = 0; i < columns.Count; i++)
            made.Append(CultureInfo.InvariantCulture, $"<text class=\"i\" transform=\"translate({Label + (i * Wide) + 14} {Top - 8}) rotate(-28)\">{Html.Text(SafeText.Cut(columns[i], 26))}</text>\n");
        for (var i = 0; i < rows.Count; i++)
        {
            var y = Top + (i * High);
            made.Append(CultureInfo.InvariantCulture, $"<line class=\"l\" x1=\"12\" x2=\"{Label + (columns.Count * Wide)}\" y1=\"{y}\" y2=\"{y}\"/><text class=\"i\" x=\"12\" y=\"{y + 15}\">{Html.Text(SafeText.Cut(SafeText.Line(rows[i].Name), 34))}</text>\n");
            for (var j = 0; j < columns.Count; j++)
                Cell(made, rows[i].Cells[j], Label + (j * Wide), y, $"{rows[i].Name}, {columns[j]}", matrix.Scan.Time);
        }
        var end = Top + (rows.Count * High);
        if (!one && matrix.Accounts.Count > rows.Count)
            made.Append(CultureInfo.InvariantCulture, $"<text class=\"n\" x=\"12\" y=\"{end + 18}\">and {Wording.Number(matrix.Accounts.Count - rows.Count)} more, none of them worse</text>\n");
        return made.Append(CultureInfo.InvariantCulture, $"<text class=\"n\" x=\"12\" y=\"{end + 40}\">time: newest log that arrived (UTC) · on: not seen to arrive · silent: on, nothing arrives · unread: could not be read · 2/5: two of five</text>\n</svg>\n").ToString();
    }

    private static void Cell(StringBuilder made, CoverageCell cell, int x, int y, string place, DateTimeOffset scanned)
    {
        if (cell.State == CoverageState.Nothing)
            return;
        var (back, text) = cell.State switch
        {
            CoverageState.Silent => ("s", "ts"),
            CoverageState.Off => ("o", "to"),
            CoverageState.Unknown => ("u", "tu"),
            CoverageState.Accepted => ("a", "ta"),
            CoverageState.On => ("q", "tp"),
            _ => ("p", "tp"),
        };
        made.Append(CultureInfo.InvariantCulture, $"<g><title>{Html.Text($"{place}: {cell.Sentence()}")}</title><rect class=\"{back}\" x=\"{x + 1}\" y=\"{y + 1}\" width=\"{Wide - 2}\" height=\"{High - 2}\" rx=\"3\"/><text class=\"{text}\" x=\"{x + (Wide / 2)}\" y=\"{y + 15}\" text-anchor=\"middle\" font-size=\"11\"{(cell.State is CoverageState.Silent or CoverageState.Off ? " font-weight=\"700\"" : "")}>{Html.Text(cell.Words(scanned))}</text></g>\n");
    }

    // What the picture says, for who does not see it.
    private static string Told(CoverageMatrix matrix) => string.Join("; ", matrix.Sources.Select(source => (source.Name, Cell: CoverageCell.Together(matrix.Accounts.Select(account => matrix.InAccount(source, account)))))
        .Where(one => one.Cell.State != CoverageState.Nothing)
        .Select(one => $"{one.Name}: {one.Cell.Sentence()}{(matrix.Accounts.Count > 1 ? " accounts" : "")}"));
}
