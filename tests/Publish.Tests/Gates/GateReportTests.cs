using System.Text.Json;
using System.Xml.Linq;
using Scanner.Model;
using Scanner.Publish.Reports;

namespace Publish.Tests.Gates;

/// <summary>What a gate's reports say of a change, format by format.</summary>
public sealed class GateReportTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("scanner-gate-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private async Task<string> Write(ScanReport report, string format)
    {
        var path = Path.Combine(_folder, "report." + format);
        await ReportWriter.WriteAsync(report, format, path, TestContext.Current.CancellationToken);
        return await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);
    }

    private static ScanReport Sample(string name) => SampleGate.All().First(sample => sample.Name == name).Report;

    [Fact]
    public async Task Json_has_the_change_its_causes_and_its_place_and_the_gate()
    {
        using var json = JsonDocument.Parse(await Write(Sample("mixed"), "json"));
        var root = json.RootElement;
        Assert.Equal(["$schema", "scan", "findings", "collection", "gate", "rules"], root.EnumerateObject().Select(p => p.Name));
        Assert.Equal("fail", root.GetProperty("scan").GetProperty("status").GetString());
        var findings = root.GetProperty("findings").EnumerateArray().ToList();
        Assert.Equal(["introduced", "introduced", "fixed", "unknown", "existing"], findings.Select(f => f.GetProperty("change").GetString()));
        var vpc = findings[1];
        Assert.Equal("aws_vpc.main", vpc.GetProperty("address").GetString());
        Assert.Equal("aws_flow_log.main", Assert.Single(vpc.GetProperty("causes").EnumerateArray()).GetString());
        Assert.Equal("""{"file":"infra/network.tf","line":3,"endLine":3}""", JsonSerializer.Serialize(vpc.GetProperty("location")));
        Assert.False(findings[4].TryGetProperty("location", out _));
        // Causes are addresses for every change; what could not be told has its reasons apart.
        Assert.Equal("data.aws_iam_policy_document.tls", findings[3].GetProperty("causes")[0].GetString());
        Assert.Contains("known after apply", findings[3].GetProperty("reasons")[0].GetProperty("reason").GetString()!, StringComparison.Ordinal);
        var gate = root.GetProperty("gate");
        Assert.Equal("""{"introduced":2,"existing":1,"fixed":1,"removed":0,"unknown":1}""", JsonSerializer.Serialize(gate.GetProperty("counts")));
        var plan = gate.GetProperty("plans")[0];
        Assert.Equal(("infra/prod", "infra/prod/plan.json", true, false, "111122223333"),
            (plan.GetProperty("name").GetString(), plan.GetProperty("file").GetString(), plan.GetProperty("complete").GetBoolean(), plan.GetProperty("errored").GetBoolean(), plan.GetProperty("account").GetString()));
    }

    [Fact]
    public async Task Json_tells_what_is_not_known_of_a_plan_apart_from_what_is_false()
    {
        using var json = JsonDocument.Parse(await Write(Sample("opentofu"), "json"));
        Assert.Equal(JsonValueKind.Null, json.RootElement.GetProperty("gate").GetProperty("plans")[0].GetProperty("complete").ValueKind);
    }

    [Theory]
    [InlineData("clean", "pass")]
    [InlineData("fixed-only", "pass")]
    [InlineData("opentofu", "unknown")]
    [InlineData("errored", "unknown")]
    [InlineData("targeted", "unknown")]
    [InlineData("nothing-judged", "unknown")]
    [InlineData("own-rules", "fail")]
    public async Task Only_what_is_introduced_is_a_fail_and_what_is_not_whole_is_never_a_pass(string name, string status)
    {
        using var json = JsonDocument.Parse(await Write(Sample(name), "json"));
        Assert.Equal(status, json.RootElement.GetProperty("scan").GetProperty("status").GetString());
    }

    [Fact]
    public async Task Sarif_is_valid_for_its_schema()
    {
        var schema = await NodePackages.SarifSchemaAsync();
        foreach (var (_, report) in SampleGate.All())
            Assert.Empty(schema.Validate(await Write(report, "sarif")).Select(e => e.ToString()));
    }

    [Fact]
    public async Task Sarif_points_into_the_terraform_and_says_what_is_new()
    {
        using var json = JsonDocument.Parse(await Write(Sample("mixed"), "sarif"));
        var run = json.RootElement.GetProperty("runs")[0];
        Assert.Equal("scanner-gate/infra%2Fprod%2Fplan.json/", run.GetProperty("automationDetails").GetProperty("id").GetString());
        var results = run.GetProperty("results").EnumerateArray().ToList();
        Assert.Equal(["new", "new", null, "unchanged", "absent"], results.Select(r => r.TryGetProperty("baselineState", out var state) ? state.GetString() : null));
        Assert.Equal("open", results[2].GetProperty("kind").GetString());
        var place = results[0].GetProperty("locations")[0];
        Assert.Equal(("infra/net/main.tf", 43), (place.GetProperty("physicalLocation").GetProperty("artifactLocation").GetProperty("uri").GetString(), place.GetProperty("physicalLocation").GetProperty("region").GetProperty("startLine").GetInt32()));
        Assert.Equal("module.net.aws_vpc_security_group_ingress_rule.ssh", place.GetProperty("logicalLocations")[0].GetProperty("fullyQualifiedName").GetString());
        // Code scanning refuses a file in which one result has no path.
        Assert.Equal("README.md", results[3].GetProperty("locations")[0].GetProperty("physicalLocation").GetProperty("artifactLocation").GetProperty("uri").GetString());
    }

    [Fact]
    public async Task Sarif_warns_of_a_plan_that_is_not_whole()
    {
        var text = await Write(Sample("errored"), "sarif");
        Assert.Contains("ended with an error", text, StringComparison.Ordinal);
        Assert.Contains("0 AWS resources were judged", await Write(Sample("nothing-judged"), "sarif"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Csv_names_the_change_and_the_place()
    {
        var lines = (await Write(Sample("mixed"), "csv")).Split("\r\n");
        Assert.Contains(",change,plan,address,file,line,caused_by,", lines[0], StringComparison.Ordinal);
        Assert.Contains(",introduced,,aws_vpc.main,infra/network.tf,3,aws_flow_log.main,", lines[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Junit_fails_what_is_introduced_and_nothing_else()
    {
        var root = XDocument.Parse(await Write(Sample("mixed"), "junit")).Root!;
        Assert.Equal(["5", "2", "0", "2"], new[] { "tests", "failures", "errors", "skipped" }.Select(a => root.Attribute(a)!.Value));
        Assert.Equal(["cannot be told before apply: Cannot be told before apply", "was there before: Security group old-1 opens port 3389 to 0.0.0.0/0"],
            root.Descendants("skipped").Select(e => e.Attribute("message")!.Value).Order(StringComparer.Ordinal));
        var failed = root.Descendants("failure").First().Parent!;
        Assert.Equal(("infra/net/main.tf", "43"), (failed.Attribute("file")!.Value, failed.Attribute("line")!.Value));
    }

    [Fact]
    public async Task Ocsf_and_asff_carry_the_change()
    {
        var lines = (await Write(Sample("mixed"), "ocsf")).TrimEnd('\n').Split('\n').Select(l => JsonDocument.Parse(l).RootElement).ToList();
        Assert.Equal([("introduced", 1), ("introduced", 1), ("fixed", 3), ("unknown", 1), ("existing", 2)],
            lines.Select(l => (l.GetProperty("unmapped").GetProperty("change").GetString()!, l.GetProperty("activity_id").GetInt32())));
        Assert.All(lines, l => Assert.Equal(l.GetProperty("class_uid").GetInt32() * 100 + l.GetProperty("activity_id").GetInt32(), l.GetProperty("type_uid").GetInt32()));
        using var asff = JsonDocument.Parse(await Write(Sample("mixed"), "asff"));
        Assert.Equal("introduced", asff.RootElement[1].GetProperty("ProductFields").GetProperty("ScannerChange").GetString());
        Assert.Equal("aws_vpc.main", asff.RootElement[1].GetProperty("ProductFields").GetProperty("ScannerAddress").GetString());
    }

    [Fact]
    public async Task Html_shows_the_verdict_and_the_change_of_each_finding()
    {
        var html = new AngleSharp.Html.Parser.HtmlParser().ParseDocument(await Write(Sample("own-rules"), "html"));
        Assert.Equal("This change introduces 1 problem (and 1 that is ignored)", html.QuerySelector("h1")!.TextContent);
        Assert.Contains("changes what it is judged by: security/checks/mutes.yml", html.Body!.TextContent, StringComparison.Ordinal);
        var rows = html.QuerySelectorAll("#t tbody tr[data-s]");
        Assert.Equal(["muted", "introduced"], rows.Select(row => row.GetAttribute("data-s")));
        Assert.All(rows, row => Assert.Equal(html.QuerySelectorAll("#t thead th").Length, row.Children.Length));
        Assert.Equal(["muted", "introduced"], rows.Select(row => row.FirstElementChild!.TextContent.Trim()));
        Assert.Equal("VPC main has no flow log" + "by the change of aws_flow_log.main", rows[1].LastElementChild!.TextContent);
        var boxes = html.QuerySelectorAll("input[name=status]").Select(box => box.GetAttribute("value")).ToList();
        Assert.All(rows, row => Assert.Contains(row.GetAttribute("data-s"), boxes));
    }

    [Fact]
    public async Task Html_of_a_scan_shows_the_change_since_its_baseline_beside_the_status()
    {
        var html = new AngleSharp.Html.Parser.HtmlParser().ParseDocument(await Write(SampleReport.Report(SampleReport.TrailFails() with { Change = FindingChange.New }, SampleReport.TrailFails("old")), "html"));
        Assert.Equal(["fail new", "fail"], html.QuerySelectorAll("#t tbody tr[data-s]").Select(row => row.FirstElementChild!.TextContent.Trim()));
        Assert.All(html.QuerySelectorAll("#t tbody tr[data-s]"), row => Assert.Equal(7, row.Children.Length));
    }

    [Fact]
    public async Task The_markdown_report_holds_every_row_that_the_comment_leaves_out()
    {
        var text = await Write(Sample("many"), "markdown");
        Assert.Contains("Security group s59 opens", text, StringComparison.Ordinal);
        Assert.DoesNotContain("more:", text, StringComparison.Ordinal);
    }
}
