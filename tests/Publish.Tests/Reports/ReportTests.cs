using System.Text;
using System.Text.Json;
using System.Xml.Linq;
using CsCheck;
using Publish.Tests.Text;
using Scanner.Model;
using Scanner.Publish.Reports;

namespace Publish.Tests.Reports;

public sealed class ReportTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("scanner-reports-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private async Task<string> Write(ScanReport report, string format)
    {
        var path = Path.Combine(_folder, "report." + format);
        await ReportWriter.WriteAsync(report, format, path, TestContext.Current.CancellationToken);
        Assert.Equal([path], Directory.GetFiles(_folder));
        return await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);
    }

    private static ScanReport Hostile(string text) => SampleReport.Report(
        SampleReport.TrailFails() with { Resource = text, Message = text },
        SampleReport.Of(SampleReport.GuardDuty, FindingStatus.Unknown, text, message: text) with
        {
            Causes = [new CollectionStatus("t", SampleReport.Account, "us-east-1", CollectionOutcome.Error, "a:B", text)],
        },
        SampleReport.Of(SampleReport.RootMfa, FindingStatus.Muted, text, message: text) with { MutedReason = text },
        SampleReport.Login("e") with { Message = text, Event = text });

    [Theory]
    [InlineData("json", "\"read_at\": \"2026-11-20T03:30:00")]
    [InlineData("csv", ",2026-11-20T03:30:00Z\r\n")]
    [InlineData("sarif", "\"readAt\": \"2026-11-20T03:30:00.000Z\"")]
    [InlineData("ocsf", "\"read_at\":\"2026-11-20T03:30:00")]
    [InlineData("asff", "\"ScannerReadAt\": \"2026-11-20T03:30:00.000Z\"")]
    public async Task A_finding_that_rests_on_an_earlier_reading_says_when_it_was_read(string format, string expected)
    {
        var read = new DateTimeOffset(2026, 11, 20, 3, 30, 0, TimeSpan.Zero);
        var text = await Write(SampleReport.Report(SampleReport.TrailFails() with { ReadAt = read }, SampleReport.Of(SampleReport.RootMfa, FindingStatus.Fail, "root", message: "no device")), format);

        Assert.Equal(2, text.Split(expected).Length);
        Assert.DoesNotContain(expected, await Write(SampleReport.Report(SampleReport.TrailFails()), format), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Json_is_the_contract()
    {
        using var json = JsonDocument.Parse(await Write(SampleReport.Whole(), "json"));
        var root = json.RootElement;
        Assert.Equal(["$schema", "scan", "findings", "collection", "incidents", "rules"], root.EnumerateObject().Select(p => p.Name));
        var findings = root.GetProperty("findings").EnumerateArray().ToList();
        Assert.Equal(7, findings.Count);
        Assert.Equal(["fail", "fail", "muted", "fail", "unknown", "pass", "not applicable"], findings.Select(f => f.GetProperty("status").GetString()));
        var trail = findings[1];
        Assert.Equal("cloudtrail-logging-now", trail.GetProperty("check").GetString());
        Assert.Equal("high", trail.GetProperty("severity").GetString());
        Assert.Equal("111111111111", trail.GetProperty("account").GetString());
        Assert.Equal("us-east-1", trail.GetProperty("region").GetString());
        Assert.Equal("arn:aws:cloudtrail:us-east-1:111111111111:trail/main", trail.GetProperty("resource").GetString());
        Assert.Equal("Trail main was stopped", trail.GetProperty("message").GetString());
        Assert.Equal("cis-aws-5.0/3.1", trail.GetProperty("controls")[0].GetString());
        Assert.Equal("T1685.002", trail.GetProperty("mitre")[0].GetString());
        Assert.Equal(SampleReport.TrailFails().Key, trail.GetProperty("key").GetString());
        Assert.Equal("198.51.100.7", findings[3].GetProperty("event").GetProperty("sourceIPAddress").GetString());
        Assert.Equal("guardduty:ListDetectors", findings[4].GetProperty("causes")[0].GetProperty("operation").GetString());
        var denied = root.GetProperty("collection")[1];
        Assert.Equal(["table", "account", "region", "status", "operation", "reason"], denied.EnumerateObject().Select(p => p.Name));
        Assert.Equal("denied", denied.GetProperty("status").GetString());
    }

    [Fact]
    public async Task Json_keeps_every_finding_and_every_text_exactly()
    {
        var odd = "a\u202e\0|<b>\n😀";
        var report = SampleReport.Report(Enumerable.Range(0, 30_000).Select(i => SampleReport.TrailFails("t" + i) with { Message = odd }));
        using var json = JsonDocument.Parse(await Write(report, "json"));
        var findings = json.RootElement.GetProperty("findings");
        Assert.Equal(30_000, findings.GetArrayLength());
        Assert.Equal(odd, findings[29_999].GetProperty("message").GetString());
    }

    [Fact]
    public async Task Sarif_is_valid_for_its_schema()
    {
        var schema = await NodePackages.SarifSchemaAsync();
        foreach (var report in new[] { SampleReport.Whole(), SampleReport.Report(), Hostile("<!-- [x](y) {0} \u202e") })
        {
            var errors = schema.Validate(await Write(report, "sarif"));
            Assert.Empty(errors.Select(e => e.ToString()));
        }
    }

    [Fact]
    public async Task Sarif_has_what_code_scanning_asks_for()
    {
        var whole = SampleReport.Whole();
        using var json = JsonDocument.Parse(await Write(whole with { Scan = whole.Scan with { Workflow = ".github/workflows/scan all.yml" } }, "sarif"));
        Assert.Equal("2.1.0", json.RootElement.GetProperty("version").GetString());
        var run = json.RootElement.GetProperty("runs")[0];
        var rules = run.GetProperty("tool").GetProperty("driver").GetProperty("rules").EnumerateArray().ToList();
        Assert.All(rules, r =>
        {
            Assert.True(r.GetProperty("properties").GetProperty("tags").GetArrayLength() <= SarifReport.MaxTags);
            Assert.Matches("^[0-9]\\.[0-9]$", r.GetProperty("properties").GetProperty("security-severity").GetString()!);
            Assert.NotEqual("", r.GetProperty("help").GetProperty("markdown").GetString());
        });
        var results = run.GetProperty("results").EnumerateArray().ToList();
        Assert.Equal(["fail", "fail", "fail", "open", "fail"], results.Select(r => r.GetProperty("kind").GetString()));
        Assert.Equal("none", results[3].GetProperty("level").GetString());
        Assert.Equal("accepted", results[4].GetProperty("suppressions")[0].GetProperty("status").GetString());
        Assert.All(results, r =>
        {
            Assert.Equal(".github/workflows/scan%20all.yml", r.GetProperty("locations")[0].GetProperty("physicalLocation").GetProperty("artifactLocation").GetProperty("uri").GetString());
            Assert.Equal(rules[r.GetProperty("ruleIndex").GetInt32()].GetProperty("id").GetString(), r.GetProperty("ruleId").GetString());
        });
        Assert.Equal(results.Count, results.Select(r => r.GetProperty("partialFingerprints").GetProperty("primaryLocationLineHash").GetString()).Distinct().Count());
        Assert.Contains("guardduty:ListDetectors", run.GetProperty("invocations")[0].GetProperty("toolExecutionNotifications")[0].GetProperty("message").GetProperty("text").GetString()!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sarif_over_the_limit_says_how_many_are_left_out()
    {
        using var json = JsonDocument.Parse(await Write(SampleReport.Report(Enumerable.Range(0, 25_007).Select(i => SampleReport.TrailFails("t" + i))), "sarif"));
        var run = json.RootElement.GetProperty("runs")[0];
        Assert.Equal(25_000, run.GetProperty("results").GetArrayLength());
        Assert.StartsWith("7 more results are left out", run.GetProperty("invocations")[0].GetProperty("toolExecutionNotifications")[0].GetProperty("message").GetProperty("text").GetString()!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Csv_has_a_line_a_finding_and_no_formulas()
    {
        var report = SampleReport.Report(
            SampleReport.TrailFails() with { Resource = "=HYPERLINK(\"http://evil\")", Message = "\t=1+1" },
            SampleReport.TrailFails() with { Resource = "@SUM(1)", Message = "a,\"b\"\r\nc" },
            SampleReport.TrailFails() with { Resource = "-1", Message = "+1" });
        var lines = Csv(await Write(report, "csv"));
        Assert.Equal(4, lines.Count);
        Assert.All(lines, l => Assert.Equal(32, l.Count));
        Assert.Equal("'=HYPERLINK(\"http://evil\")", lines[1][8]);
        Assert.Equal("'\t=1+1", lines[1][9]);
        Assert.Equal("'@SUM(1)", lines[2][8]);
        Assert.Equal("a,\"b\"\nc", lines[2][9]);
        Assert.Equal(["'-1", "'+1"], lines[3].Skip(8).Take(2));
    }

    [Fact]
    public async Task No_text_can_break_a_format()
    {
        var shape = Shape(GitHubLike.Render(await Write(Hostile("x"), "markdown")));
        Clear();
        foreach (var text in Sampled(300))
        {
            var report = Hostile(text);
            Assert.Equal(5, Csv(await Write(report, "csv")).Count);
            File.Delete(Path.Combine(_folder, "report.csv"));
            var cells = Csv(await Write(report, "csv")).SelectMany(l => l);
            Assert.All(cells, c => Assert.DoesNotMatch("^[=+\\-@\t\r]", c));
            Clear();
            using (var json = JsonDocument.Parse(await Write(report, "json")))
                Assert.Equal(Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)), json.RootElement.GetProperty("findings")[0].GetProperty("message").GetString());
            Clear();
            var junit = XDocument.Parse(await Write(report, "junit"));
            Assert.Equal(4, junit.Descendants("testcase").Count());
            Clear();
            Assert.All((await Write(report, "ocsf")).TrimEnd('\n').Split('\n'), l => JsonDocument.Parse(l).Dispose());
            Clear();
            JsonDocument.Parse(await Write(report, "asff")).Dispose();
            Clear();
            JsonDocument.Parse(await Write(report, "sarif")).Dispose();
            Clear();
            var html = new AngleSharp.Html.Parser.HtmlParser().ParseDocument(await Write(report, "html"));
            Assert.Single(html.QuerySelectorAll("script:not([type])"));
            Assert.Equal(4, html.QuerySelectorAll("#t tbody tr[data-s]").Length);
            Assert.Empty(html.QuerySelectorAll("img, iframe, object, embed, link, base, form"));
            Assert.All(html.QuerySelectorAll("*"), e => Assert.DoesNotContain(e.Attributes, a => a.Name.StartsWith("on", StringComparison.Ordinal)));
            Clear();
            var body = GitHubLike.Render(await Write(report, "markdown"));
            Assert.Empty(body.QuerySelectorAll("script, img, input, b, iframe"));
            Assert.Empty(GitHubLike.Comments(body));
            Assert.Equal(shape, Shape(body));
            Clear();
        }
    }

    [Fact]
    public async Task Junit_counts_match()
    {
        var xml = XDocument.Parse(await Write(SampleReport.Whole(), "junit"));
        var root = xml.Root!;
        Assert.Equal(["7", "3", "1", "2"], new[] { "tests", "failures", "errors", "skipped" }.Select(a => root.Attribute(a)!.Value));
        Assert.Equal(3, root.Descendants("failure").Count());
        Assert.Contains("guardduty:ListDetectors", root.Descendants("error").Single().Value, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_navigator_layer_holds_what_the_detections_look_for_and_what_fired()
    {
        var whole = SampleReport.Whole();
        var quiet = whole.Rules.Values.First(rule => rule.Kind == FindingKind.Detection) with { Id = "quiet", Title = "A quiet one", Mitre = ["defense-impairment", "T1562.008", "T1578"] };
        using var layer = JsonDocument.Parse(await Write(whole with { Rules = whole.Rules.Append(new("quiet", quiet)).ToDictionary() }, "navigator"));

        Assert.Equal("""{"attack":"19","navigator":"5.1.0","layer":"4.5"}""", Compact(layer.RootElement.GetProperty("versions")));
        Assert.Equal("enterprise-attack", layer.RootElement.GetProperty("domain").GetString());
        // The rule that fired names the one tactic that it means of the four that T1078.004 serves; no check of posture is in the layer.
        Assert.Equal(
            ["T1078.004 initial-access 1 #cf222e", "T1578 defense-impairment 0 #54aeff", "T1685.002 defense-impairment 0 #54aeff"],
            layer.RootElement.GetProperty("techniques").EnumerateArray().Select(t => $"{t.GetProperty("techniqueID")} {t.GetProperty("tactic")} {t.GetProperty("score")} {t.GetProperty("color")}"));
        Assert.StartsWith("Seen: ", layer.RootElement.GetProperty("techniques")[0].GetProperty("comment").GetString(), StringComparison.Ordinal);

        static string Compact(JsonElement element) => JsonSerializer.Serialize(element);
    }

    [Fact]
    public async Task Ocsf_has_the_two_classes()
    {
        var lines = (await Write(SampleReport.Whole(), "ocsf")).TrimEnd('\n').Split('\n').Select(l => JsonDocument.Parse(l).RootElement).ToList();
        Assert.Equal(7, lines.Count);
        Assert.Equal([2003, 2003, 2003, 2004, 2003, 2003, 2003], lines.Select(l => l.GetProperty("class_uid").GetInt32()));
        Assert.All(lines, l => Assert.Equal(l.GetProperty("class_uid").GetInt32() * 100 + l.GetProperty("activity_id").GetInt32(), l.GetProperty("type_uid").GetInt32()));
        Assert.Equal([3, 3, 3, 0, 1, 99], lines.Where(l => l.GetProperty("class_uid").GetInt32() == 2003).Select(l => l.GetProperty("compliance").GetProperty("status_id").GetInt32()));
        Assert.All(lines, l => Assert.Equal("1.6.0", l.GetProperty("metadata").GetProperty("version").GetString()));
        var attack = Assert.Single(lines[1].GetProperty("finding_info").GetProperty("attacks").EnumerateArray());
        Assert.Equal("""{"version":"19.1","tactic":{"uid":"TA0112","name":"Defense Impairment"},"technique":{"uid":"T1685","name":"Disable or Modify Tools"},"sub_technique":{"uid":"T1685.002","name":"Disable or Modify Cloud Log"}}""", attack.GetRawText());
        Assert.Equal(lines[0].GetProperty("message").GetString(), lines[0].GetProperty("compliance").GetProperty("status_details")[0].GetString());
        Assert.Equal("198.51.100.7", lines[3].GetProperty("evidences")[0].GetProperty("data").GetProperty("sourceIPAddress").GetString());
    }

    [Theory]
    [InlineData("arn:aws-eusc:s3:::b", "eusc-de-east-1", "aws-eusc", "eusc-de-east-1")]
    [InlineData("arn:aws-us-gov:s3:::b", "global", "aws-us-gov", "us-gov-west-1")]
    [InlineData("vpc-1", "us-isob-east-1", "aws-iso-b", "us-isob-east-1")]
    // What is about the account as a whole has no ARN and no region: the scan's own regions tell.
    [InlineData(SampleReport.Account, "global", "aws-cn", "cn-north-1")]
    public async Task A_finding_is_in_the_partition_that_it_was_found_in(string resource, string region, string partition, string placed)
    {
        var finding = SampleReport.Whole().Findings[0] with { Resource = resource, Region = region };
        var report = SampleReport.Report([finding]);
        report = report with { Scan = report.Scan with { Regions = ["cn-northwest-1"] } };

        using var ocsf = JsonDocument.Parse(await Write(report, "ocsf"));
        Assert.Equal(partition, ocsf.RootElement.GetProperty("cloud").GetProperty("cloud_partition").GetString());
        Assert.Equal(placed, ocsf.RootElement.GetProperty("cloud").GetProperty("region").GetString());
        Clear();
        using var asff = JsonDocument.Parse(await Write(report, "asff"));
        Assert.StartsWith($"arn:{partition}:securityhub:{placed}:", asff.RootElement[0].GetProperty("ProductArn").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Asff_fields_are_within_their_lengths()
    {
        var longText = new string('x', 5000);
        using var json = JsonDocument.Parse(await Write(SampleReport.Report([.. SampleReport.Whole().Findings, .. Hostile(longText).Findings, .. Hostile("").Findings]), "asff"));
        var all = json.RootElement.EnumerateArray().ToList();
        Assert.Equal(["FAILED", "FAILED", "FAILED", null, "NOT_AVAILABLE", "PASSED", "NOT_AVAILABLE"],
            all.Take(7).Select(f => f.TryGetProperty("Compliance", out var c) ? c.GetProperty("Status").GetString() : null));
        Assert.All(all, f =>
        {
            Assert.InRange(f.GetProperty("Title").GetString()!.Length, 1, 256);
            Assert.InRange(f.GetProperty("Description").GetString()!.Length, 1, 1024);
            Assert.InRange(f.GetProperty("Id").GetString()!.Length, 1, 512);
            Assert.InRange(f.GetProperty("Resources")[0].GetProperty("Id").GetString()!.Length, 1, 512);
            Assert.NotEqual("global", f.GetProperty("Region").GetString());
        });
    }

    [Fact]
    public async Task Markdown_reads_as_kept() =>
        Snapshot.Match("report.md", await Write(SampleReport.Whole(), "markdown"));

    [Fact]
    public async Task Markdown_of_a_clean_scan_says_so()
    {
        var text = await Write(SampleReport.Report(SampleReport.Of(SampleReport.RootMfa, FindingStatus.Pass, SampleReport.Account)), "markdown");
        Assert.StartsWith("# ✅ Nothing fails\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("❌ The", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Html_has_one_entry_for_what_one_check_says_of_many_resources()
    {
        var findings = Enumerable.Range(0, 30).Select(i => SampleReport.TrailFails($"t{i}", i % 2 == 0 ? "us-east-1" : "eu-west-1"))
            .Append(SampleReport.Of(SampleReport.Trail, FindingStatus.Pass, "good")).Append(SampleReport.Of(SampleReport.RootMfa, FindingStatus.Fail, SampleReport.Account));
        var html = new AngleSharp.Html.Parser.HtmlParser().ParseDocument(await Write(SampleReport.Report(findings), "html"));

        Assert.Equal([30, 1, 1], html.QuerySelectorAll("#t tbody").Select(body => body.QuerySelectorAll("tr[data-s]").Length).OrderDescending());
        var heading = Assert.Single(html.QuerySelectorAll("#t th[scope=rowgroup]"));
        Assert.Equal("fail high Trails are stopped 30 findings in 2 regions", string.Join(' ', heading.TextContent.Split(' ', StringSplitOptions.RemoveEmptyEntries)));
        // Without the script all of it is there, and no row hangs on the heading to be understood.
        Assert.All(html.QuerySelectorAll("#t tr[data-s]"), row => Assert.Equal(7, row.Children.Length));
        Assert.Empty(html.QuerySelectorAll("#t [hidden]"));
    }

    [Fact]
    public async Task Html_lets_only_its_own_script_run()
    {
        var html = new AngleSharp.Html.Parser.HtmlParser().ParseDocument(await Write(SampleReport.Whole(), "html"));
        var script = html.QuerySelector("script:not([type])")!.TextContent;
        var hash = Convert.ToBase64String(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(script)));
        Assert.Contains($"script-src 'sha256-{hash}'", html.QuerySelector("meta[http-equiv]")!.GetAttribute("content")!, StringComparison.Ordinal);
        Assert.Empty(html.QuerySelectorAll("[src]"));
        Assert.Equal("111111111111", html.QuerySelector("#t tbody tr[data-s] td:nth-child(4)")!.TextContent);
        // Every link within the page arrives.
        Assert.All(html.QuerySelectorAll("a[href^='#']"), a => Assert.NotNull(html.GetElementById(a.GetAttribute("href")![1..])));
    }

    [Theory]
    [InlineData("yaml", "x", "there is no format 'yaml'")]
    [InlineData("json", "", "the path is missing")]
    [InlineData("json", "/proc/nowhere/report.json", "cannot be written")]
    [InlineData("json", "/tmp", "is a folder")]
    public void What_cannot_be_written_is_refused_beforehand(string format, string path, string said)
    {
        var refused = Assert.Throws<InputException>(() => ReportWriter.Validate(format, path));
        Assert.Contains(said, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_good_path_leaves_nothing_behind()
    {
        ReportWriter.Validate("json", Path.Combine(_folder, "new", "report.json"));
        Assert.Empty(Directory.GetFiles(_folder, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task A_cancelled_report_leaves_the_old_file()
    {
        var path = Path.Combine(_folder, "report.json");
        await File.WriteAllTextAsync(path, "old", TestContext.Current.CancellationToken);
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ReportWriter.WriteAsync(SampleReport.Whole(), "json", path, cancelled.Token));
        Assert.Equal("old", await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken));
        Assert.Equal([path], Directory.GetFiles(_folder));
    }

    // Everything that a text could add or break, in order: what it says left out.
    private static string Shape(AngleSharp.Dom.IElement body) =>
        string.Join(' ', body.QuerySelectorAll("h1, h2, h3, details, summary, table, tr, td, th, ul, ol, li, a").Select(e => e.LocalName));

    private void Clear()
    {
        foreach (var file in Directory.GetFiles(_folder))
            File.Delete(file);
    }

    // As many as asked for, whatever CsCheck_Time says: each is written in every format.
    private static string[] Sampled(int count) => HostileText.Gen.Array[count].Single();

    // RFC 4180, read strictly.
    private static List<List<string>> Csv(string text)
    {
        var lines = new List<List<string>>();
        var line = new List<string>();
        var i = 0;
        while (i < text.Length)
        {
            var cell = new StringBuilder();
            if (text[i] == '"')
            {
                for (i++; ; i++)
                {
                    if (text[i] == '"' && i + 1 < text.Length && text[i + 1] == '"')
                        i++;
                    else if (text[i] == '"')
                        break;
                    cell.Append(text[i]);
                }
                i++;
            }
            else
            {
                while (text[i] != ',' && text[i] != '\r')
                {
                    Assert.NotEqual('"', text[i]);
                    Assert.NotEqual('\n', text[i]);
                    cell.Append(text[i++]);
                }
            }
            line.Add(cell.ToString());
            if (text[i] == ',')
            {
                i++;
                continue;
            }
            Assert.Equal("\r\n", text.Substring(i, 2));
            i += 2;
            lines.Add(line);
            line = [];
        }
        return lines;
    }
}
