using System.Text;
using Scanner.Model;
using Scanner.Publish.Reports;

namespace Publish.Tests.Reports;

/// <summary>A benchmark for an auditor: every control with its level, its answer, the counts and what it rests on.</summary>
public sealed class ControlsReportTests
{
    private static readonly FrameworkResult Cis = new("cis", "CIS, \"version\" 5",
    [
        new ControlResult { Id = "1.1", Title = "Contact details <b>", Level = 1, Status = ControlStatus.Manual, Reason = "=look(1)" },
        new ControlResult { Id = "3.1", Title = "Trails log", Level = 2, Status = ControlStatus.Fail, Checks = [SampleReport.Trail.Id], Findings = new Dictionary<FindingStatus, int> { [FindingStatus.Fail] = 1, [FindingStatus.Pass] = 1 } },
    ]);

    [Fact]
    public async Task Csv_has_a_line_a_control_with_what_decided_first()
    {
        var csv = await Write(new ControlsReport(), [Cis]);

        var lines = csv.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("framework,framework_title,control,level,title,status,fail,unknown,pass,muted,not_applicable,checks,reason,evidence", lines[0]);
        Assert.StartsWith("cis,\"CIS, \"\"version\"\" 5\",1.1,1,Contact details <b>,manual,0,0,0,0,0,,", lines[1], StringComparison.Ordinal);
        Assert.DoesNotContain(",=look", lines[1], StringComparison.Ordinal);
        Assert.Contains("3.1,2,Trails log,fail,1,0,1,0,0,cloudtrail-logging-now,,", lines[2], StringComparison.Ordinal);
        Assert.Matches("fail 111111111111 us-east-1 arn:aws:cloudtrail:us-east-1:111111111111:trail/main; pass .*trail/other", lines[2]);
    }

    [Fact]
    public async Task Html_has_a_table_of_each_framework_and_markdown_a_line_each_of_many()
    {
        var html = await Write(new HtmlReport(), [Cis, Cis with { Id = "other" }]);
        Assert.Contains("1 by hand", html, StringComparison.Ordinal);
        Assert.Contains("Contact details &lt;b&gt;", html, StringComparison.Ordinal);
        Assert.Contains("0 of 2 controls pass", html, StringComparison.Ordinal);

        var markdown = await Write(new MarkdownReport(), [Cis, Cis with { Id = "other" }]);
        Assert.Equal(2, markdown.Split('\n').Count(line => line.EndsWith("| 0 | 1 | 0 | 0 | 1 | 0 |", StringComparison.Ordinal)));
        Assert.Contains("**0 of 2 controls pass**", await Write(new MarkdownReport(), [Cis]), StringComparison.Ordinal);
    }

    private static async Task<string> Write(IReportFormat format, IReadOnlyList<FrameworkResult> frameworks)
    {
        var output = new MemoryStream();
        var passes = SampleReport.TrailFails("other") with { Status = FindingStatus.Pass };
        await format.WriteAsync(SampleReport.Report(passes, SampleReport.TrailFails()) with { Frameworks = frameworks }, output, TestContext.Current.CancellationToken);
        return Encoding.UTF8.GetString(output.ToArray());
    }
}
