using System.Text;
using Loopback.Ocsf;
using Publish.Tests.Gates;
using Scanner.Model;
using Scanner.Publish.Reports;

namespace Publish.Tests.Reports;

/// <summary>Every event that Scanner writes is valid in the version of OCSF that it names, by the schema as it is published.</summary>
public sealed class OcsfSchemaTests
{
    private static readonly OcsfSchema Schema = OcsfSchema.Load();

    [Fact]
    public async Task Findings_of_every_status_change_and_kind_are_valid()
    {
        var whole = SampleReport.Whole();
        var event1 = SampleReport.Login("e-1") with
        {
            Seen = new Sighting(SampleReport.Time.AddMinutes(-3), SampleReport.Time, 2, ["e-0", "e-1"], new Dictionary<string, string>()),
            Event = """{"eventID":"e-1","eventName":"StopLogging","eventSource":"cloudtrail.amazonaws.com","errorCode":"AccessDenied","eventTime":"2026-01-31T04:28:00Z","awsRegion":"us-east-1","sourceIPAddress":"2001:db8::1","userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::111111111111:user/ben","accessKeyId":"AKIAIOSFODNN7EXAMPLE","sessionContext":{"attributes":{"mfaAuthenticated":"true"}}},"requestParameters":{"name":"legacy"}}""",
        };
        Finding[] findings =
        [
            .. whole.Findings,
            .. Enum.GetValues<Severity>().Select(severity => SampleReport.TrailFails() with { Severity = severity }),
            .. Enum.GetValues<FindingChange>().Select(change => SampleReport.TrailFails() with { Change = change }),
            .. Enum.GetValues<FindingStatus>().Select(status => event1 with { Status = status }),
            .. new[] { "Root", "AssumedRole", "AWSService", "AWSAccount", "FederatedUser", "" }.Select(type => event1 with { Event = event1.Event.Replace("IAMUser", type, StringComparison.Ordinal) }),
            event1 with { Event = event1.Event.Replace("2001:db8::1", "cloudformation.amazonaws.com", StringComparison.Ordinal) },
            event1 with { Event = "{}" },
            event1 with
            {
                Event = null,
                Seen = event1.Seen with { Actors = ["arn:aws:iam::111111111111:user/ben", "root"], Sources = ["198.51.100.1", "a.amazonaws.com"], Actions = ["A", "B"], Touched = ["arn:aws:s3:::b", "i-0"] },
            },
        ];
        var lines = await Write(whole with { Findings = findings });

        Assert.Equal(findings.Length, lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Empty(Schema.Faults(lines));
    }

    [Fact]
    public async Task Findings_of_a_gate_are_valid()
    {
        foreach (var (name, report) in SampleGate.All())
            Assert.Equal((name, ""), (name, string.Join('\n', Schema.Faults(await Write(report)))));
    }

    [Theory]
    [InlineData("\"is_alert\":true", "\"is_alarm\":true", "no such attribute")]
    [InlineData("\"message\":", "\"action\":\"Alert\",\"message\":", "an attribute of the profile security_control")]
    [InlineData("\"cloud\"]", "\"host\"]", "an attribute of the profile cloud")]
    [InlineData("\"name\":\"Scanner\",", "", "at_least_one")]
    [InlineData("\"version\":\"1.6.0\"", "\"version\":\"1.3.0\"", "is not 1.6.0")]
    [InlineData("\"severity_id\":4", "\"severity_id\":7", "is not one of")]
    [InlineData("\"severity_id\":4", "\"severity_id\":3", "severity says 'High'")]
    [InlineData("\"provider\":\"AWS\",", "", "cloud.provider: required")]
    [InlineData("\"resources\":[{", "\"resources\":[{\"labels\":\"a\",", "an array is expected")]
    [InlineData("\"title\":", "\"created_time\":\"now\",\"title\":", "no timestamp_t")]
    public async Task A_fault_is_seen(string valid, string faulty, string said)
    {
        var line = await Write(SampleReport.Report(SampleReport.Login("e-1")));
        Assert.Contains(valid, line, StringComparison.Ordinal);

        var faults = Schema.Faults(line.Replace(valid, faulty, StringComparison.Ordinal));

        Assert.Contains(faults, fault => fault.Contains(said, StringComparison.Ordinal));
    }

    private static async Task<string> Write(ScanReport report)
    {
        var output = new MemoryStream();
        await new OcsfReport().WriteAsync(report, output, TestContext.Current.CancellationToken);
        return Encoding.UTF8.GetString(output.ToArray());
    }
}
