using System.Globalization;
using System.Text;
using Scanner.Model;
using Scanner.Publish.Text;

namespace Scanner.Publish.Reports;

/// <summary>Every control of every framework as comma-separated values (RFC 4180): what an auditor asks for, with what each answer rests on.</summary>
internal sealed class ControlsReport : IReportFormat
{
    private const int MostEvidence = 20;

    private static readonly string[] Header =
        ["framework", "framework_title", "control", "level", "title", "status", "fail", "unknown", "pass", "muted", "not_applicable", "checks", "reason", "evidence"];

    /// <inheritdoc />
    public string Name => "controls";

    /// <inheritdoc />
    public async Task WriteAsync(ScanReport report, Stream output, CancellationToken cancellation)
    {
        await using var writer = new StreamWriter(output, new UTF8Encoding(false), 1 << 16, leaveOpen: true);
        var byCheck = FindingList.Where(report.Findings, finding => finding.Kind == FindingKind.Posture).ToLookup(finding => finding.Check, StringComparer.Ordinal);
        await LineAsync(Header);
        foreach (var framework in report.Frameworks)
        {
            foreach (var control in framework.Controls)
            {
                await LineAsync(
                [
                    framework.Id, framework.Title, control.Id, control.Level?.ToString(CultureInfo.InvariantCulture) ?? "", control.Title, Names.Of(control.Status),
                    .. new[] { FindingStatus.Fail, FindingStatus.Unknown, FindingStatus.Pass, FindingStatus.Muted, FindingStatus.NotApplicable }.Select(status => control[status].ToString(CultureInfo.InvariantCulture)),
                    string.Join(' ', control.Checks), control.Reason, Evidence(control, byCheck),
                ]);
            }
        }

        Task LineAsync(string[] cells) => writer.WriteAsync((CsvLine.Of(cells) + "\r\n").AsMemory(), cancellation);
    }

    // What decided comes first: fails before unknowns before passes.
    private static string Evidence(ControlResult control, ILookup<string, Finding> byCheck)
    {
        var all = control.Checks.SelectMany(check => byCheck[check]).Where(finding => finding.Status is not FindingStatus.NotApplicable)
            .OrderBy(finding => finding.Status switch { FindingStatus.Fail => 0, FindingStatus.Unknown => 1, FindingStatus.Muted => 2, _ => 3 }).ToList();
        var more = all.Count > MostEvidence ? string.Create(CultureInfo.InvariantCulture, $"; and {all.Count - MostEvidence} more") : "";
        return string.Join("; ", all.Take(MostEvidence).Select(finding => $"{Names.Of(finding.Status)} {finding.Account} {finding.Region} {finding.Resource}")) + more;
    }
}
