using System.Text.Json;
using System.Text.Json.Nodes;
using Scanner.Model;

namespace Scanner.Publish.Reports;

/// <summary>
/// Findings in the form in which Security Hub imports them: of one account and region each, as its default product wants, and at most 100 (Security Hub API
/// reference, BatchImportFindings). What does not apply is left out: there is nothing that it would be about.
/// </summary>
/// <param name="Account">Twelve digits.</param>
/// <param name="Region">A region that exists; what is global is in the partition's home region.</param>
/// <param name="Findings">The findings, to send once.</param>
public sealed record SecurityHubBatch(string Account, string Region, IReadOnlyList<Finding> Findings)
{
    private const int Most = 100;

    /// <summary>All findings of a report.</summary>
    /// <param name="report">Of a scan.</param>
    public static IEnumerable<SecurityHubBatch> Of(ScanReport report) =>
        report.Findings.Where(finding => finding.Status != FindingStatus.NotApplicable)
            .GroupBy(finding => (finding.Account, Region: AwsPlace.Region(finding, report.Scan)))
            .SelectMany(group => group.Chunk(Most).Select(part => new SecurityHubBatch(group.Key.Account, group.Key.Region, part)));

    /// <summary>The findings in AWS's format (ASFF), as <c>--report asff</c> writes them.</summary>
    /// <param name="report">That they are of.</param>
    public JsonArray ToJson(ScanReport report)
    {
        var made = new JsonArray();
        foreach (var finding in Findings)
        {
            using var stream = new MemoryStream();
            using (var json = new Utf8JsonWriter(stream))
                AsffReport.WriteFinding(json, report.Scan, finding, report.Rules.GetValueOrDefault(finding.Check));
            stream.Position = 0;
            made.Add(JsonNode.Parse(stream));
        }
        return made;
    }
}
