using System.Text;
using Loopback;
using Publish.Tests.Gates;
using Scanner.Model;
using Scanner.Publish.Reports;

namespace Publish.Tests.Reports;

/// <summary>The JSON report is what its schema says, which it names: consumers can rely on it.</summary>
public sealed class ReportSchemaTests
{
    [Fact]
    public async Task Reports_of_scans_and_gates_are_valid_and_one_of_another_version_is_not()
    {
        NodePackages.Find("ajv/package.json");
        var whole = SampleReport.Whole();
        var compared = whole with
        {
            Since = new SinceBaseline(SampleReport.Time, 1, 2, 3, 0) { Oldest = SampleReport.Time },
            History = new ScanHistory([new ScanPoint { Time = SampleReport.Time }, new ScanPoint { Time = SampleReport.Time, New = 1, Fixed = 2, Still = 3, FixedDays = 2.5 }], [new FindingPast("k", "c", "a", "r", "x", [SampleReport.Time], SampleReport.Time, true)]),
            Notices = ["The scan was stopped"],
            Findings = [.. whole.Findings.Select(finding => finding with { Change = FindingChange.New, Began = [SampleReport.Time, SampleReport.Time] }), SampleReport.Login("e-1") with { Seen = new Sighting(SampleReport.Time, null, 2, ["e-0", "e-1"], new Dictionary<string, string> { ["userIdentity.arn"] = "a" }) { Timeline = [new(SampleReport.Time, "CreateUser", null, "203.0.113.9", "AccessDenied", 2, true)] } }],
            Collection = [.. Enum.GetValues<CollectionOutcome>().Select(outcome => new CollectionStatus("t", SampleReport.Account, "us-east-1", outcome, "a:B", "why", ["r"]))],
        };
        var report = await Write(whole);
        List<(string, string, string)> files =
        [
            ("report", "scan", report), ("report", "compared", await Write(compared)),
            ("report", "old", report.Replace("/report.v1.json", "/report.v0.json", StringComparison.Ordinal)),
            ("report", "wrong", report.Replace("\"status\": \"pass\"", "\"status\": \"passed\"", StringComparison.Ordinal)),
        ];
        foreach (var (name, gate) in SampleGate.All())
            files.Add(("report", name, await Write(gate)));

        var said = await ShippedSchemas.FaultsAsync(Tools.Find("node")!, files, TestContext.Current.CancellationToken);

        Assert.Equal(["old: /$schema must be equal to constant", "wrong: /findings/5/status must be equal to one of the allowed values"], said.SkipLast(1));
        Assert.Equal($"{files.Count} files checked, 2 faults", said[^1]);
    }

    private static async Task<string> Write(ScanReport report)
    {
        var output = new MemoryStream();
        await new JsonReport().WriteAsync(report, output, TestContext.Current.CancellationToken);
        return Encoding.UTF8.GetString(output.ToArray());
    }
}
