using System.Text;
using Scanner.Model;

namespace Scanner.Publish.Reports;

/// <summary>
/// Comma-separated values (RFC 4180), one line a finding. A cell that a spreadsheet would take for a formula
/// (OWASP "CSV Injection": it begins with <c>= + - @</c>, tab or carriage return) is preceded by an apostrophe.
/// </summary>
internal sealed class CsvReport : IReportFormat
{
    private static readonly string[] _header =
    [
        "check", "title", "status", "severity", "kind", "service", "account", "region", "resource", "message",
        "controls", "mitre", "causes", "muted_reason", "key",
    ];

    /// <inheritdoc />
    public string Name => "csv";

    /// <inheritdoc />
    public async Task WriteAsync(ScanReport report, Stream output, CancellationToken cancellation)
    {
        await using var writer = new StreamWriter(output, new UTF8Encoding(false), 1 << 16, leaveOpen: true);
        var line = new StringBuilder();
        AppendLine(line, _header);
        foreach (var f in report.Findings)
        {
            var rule = report.Rules.GetValueOrDefault(f.Check);
            AppendLine(line,
            [
                f.Check, rule?.Title ?? "", Names.Of(f.Status), Names.Of(f.Severity), Names.Of(f.Kind), rule?.Service ?? "",
                f.Account, f.Region, f.Resource, f.Message, string.Join(' ', f.Controls), string.Join(' ', f.Mitre),
                string.Join("; ", f.Causes.Select(c => $"{c.Operation}: {c.Reason}")), f.MutedReason ?? "", f.Key,
            ]);
            await writer.WriteAsync(line, cancellation);
            line.Clear();
        }
        await writer.WriteAsync(line, cancellation);
    }

    private static void AppendLine(StringBuilder line, ReadOnlySpan<string> cells)
    {
        for (var i = 0; i < cells.Length; i++)
        {
            if (i > 0)
                line.Append(',');
            AppendCell(line, cells[i]);
        }
        line.Append("\r\n");
    }

    private static void AppendCell(StringBuilder line, string value)
    {
        // Looked at before line breaks and tabs are normalised: they too make a spreadsheet look for a formula.
        var first = value.AsSpan().TrimStart();
        var formula = value.Length > 0 && value[0] is '\t' or '\r' or '\n' || first.Length > 0 && first[0] is '=' or '+' or '-' or '@' or '＝' or '＋' or '－' or '＠';
        var cell = SafeText.Lines(value);
        if (formula)
            cell = "'" + cell;
        if (cell.AsSpan().IndexOfAny(",\"\n\t;") >= 0 || cell.StartsWith(' ') || cell.EndsWith(' '))
            line.Append('"').Append(cell.Replace("\"", "\"\"", StringComparison.Ordinal)).Append('"');
        else
            line.Append(cell);
    }
}
