using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using AngleSharp.Html.Parser;
using Scanner.Model;
using Scanner.Publish.Reports;

namespace Publish.Tests.Reports;

/// <summary>What findings can be chosen by in HTML, and where its first lines lead.</summary>
public sealed class HtmlFilterTests
{
    [Fact]
    public async Task Findings_can_be_chosen_by_account_region_service_framework_kind_change_and_owner_whatever_they_are_called()
    {
        const string Evil = "\"><script>alert(1)</script>";
        var page = await PageAsync(SampleReport.Report(
            SampleReport.TrailFails() with { Owner = new Owner(null, Evil), Change = FindingChange.New },
            SampleReport.TrailFails(region: "eu-west-1") with { Account = Evil },
            SampleReport.Of(SampleReport.GuardDuty, FindingStatus.Fail, "d"),
            SampleReport.Login("e-1")));

        var choices = page.QuerySelectorAll("select[data-f]").ToDictionary(select => select.GetAttribute("data-f")!, select => select.QuerySelectorAll("option").Skip(1).Select(option => option.GetAttribute("value")).ToList());
        Assert.Equal(["account", "change", "framework", "kind", "owner", "region", "service"], choices.Keys.Append("framework").Distinct().Order(StringComparer.Ordinal));
        Assert.Equal([Evil, SampleReport.Account], choices["account"]);
        Assert.Equal(["events", "settings"], choices["kind"]);
        Assert.Contains(choices["owner"], owner => owner!.Contains(Evil, StringComparison.Ordinal));
        Assert.Single(page.QuerySelectorAll("script:not([type])"));
        // What the script reads of a rule: its ids, its service and its frameworks.
        using var data = Data(page);
        var rule = data.RootElement.GetProperty("rules").EnumerateArray().Single(one => one.GetProperty("i").GetString()!.StartsWith(SampleReport.Trail.Id, StringComparison.Ordinal));
        Assert.Equal(("cloudtrail", """["cis-aws-5.0"]""", "settings"), (rule.GetProperty("s").GetString(), rule.GetProperty("f").GetRawText(), rule.GetProperty("k").GetString()));
        Assert.Equal("cloudtrail-logging-now cloudtrail cis-aws-5.0/3.1 t1685.002 defense-impairment", rule.GetProperty("i").GetString());
        Assert.All(page.QuerySelectorAll("#t tr[data-s]"), row => Assert.NotNull(page.GetElementById(row.QuerySelector("td:nth-child(3) a")!.GetAttribute("href")![1..])));
    }

    [Fact]
    public async Task What_to_do_first_leads_to_its_issue_where_there_is_one()
    {
        var report = SampleReport.Report(SampleReport.TrailFails()) with
        {
            Issues = new Dictionary<(string Check, string Account), Uri> { [(SampleReport.Trail.Id, SampleReport.Account)] = new("https://github.com/acme/security/issues/12") },
        };

        var link = Assert.Single((await PageAsync(report)).QuerySelectorAll(".start a[href^=https]"));
        Assert.Equal(("#12", "https://github.com/acme/security/issues/12"), (link.TextContent, link.GetAttribute("href")));
        var markdown = new MemoryStream();
        await new MarkdownReport().WriteAsync(report, markdown, TestContext.Current.CancellationToken);
        Assert.Contains("](https://github.com/acme/security/issues/12)", Encoding.UTF8.GetString(markdown.ToArray()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_data_says_of_each_finding_what_its_row_does()
    {
        const string Evil = "</script>\n<b>\u202e|";
        var report = SampleReport.Report(
            [.. SampleReport.Whole().Findings.Select((finding, i) => i == 1 ? finding with { Resource = Evil, Message = Evil, Owner = new Owner("ana", Evil) } : finding), SampleReport.LoginWithTimeline("e-9", Evil)]);
        report = report with { Scan = report.Scan with { AccountNames = new Dictionary<string, string>(StringComparer.Ordinal) { [SampleReport.Account] = "acme-prod " + Evil } } };

        var page = await PageAsync(report);

        using var data = Data(page);
        var d = data.RootElement;
        var rows = page.QuerySelectorAll("#t tr[data-s]");
        Assert.Equal(report.Findings.Count, rows.Length);
        Assert.Contains(rows, row => row.Children[3].TextContent.StartsWith("acme-prod </script>", StringComparison.Ordinal) && row.Children[3].TextContent.EndsWith($"({SampleReport.Account})", StringComparison.Ordinal));
        for (var i = 0; i < rows.Length; i++)
        {
            var (cells, look) = (rows[i].Children, d.GetProperty("looks")[d.GetProperty("look")[i].GetInt32()]);
            Assert.Equal(rows[i].Id, "f-" + d.GetProperty("key")[i].GetString());
            Assert.Equal(rows[i].GetAttribute("data-s"), look.GetProperty("s").GetString());
            Assert.Equal(cells[0].TextContent.Trim(), string.Join(' ', look.GetProperty("p").EnumerateArray().Select(pill => pill[1].GetString())));
            Assert.Equal(cells[1].TextContent, Listed("severities", "severity", i));
            Assert.Equal(cells[2].TextContent, Listed("titles", "title", i));
            Assert.Equal(cells[3].TextContent, Listed("accounts", "account", i));
            Assert.Equal(cells[4].TextContent, Listed("regions", "region", i));
            Assert.Equal(cells[5].TextContent, Cell("resource", i));
            var timeline = d.GetProperty("timelines").TryGetProperty($"{i}", out var told) ? told[0].GetString() + Told(told[1].GetString()!) : "";
            Assert.Equal(cells[6].TextContent, Cell("message", i) + timeline + (d.GetProperty("events").TryGetProperty($"{i}", out var happened) ? "Event" + happened.GetString() : ""));
        }

        Assert.Single(d.GetProperty("timelines").EnumerateObject());

        string Listed(string list, string column, int i) => d.GetProperty(list)[d.GetProperty(column)[i].GetInt32()].GetString()!;

        string Cell(string column, int i) => Told(d.GetProperty(column)[i].GetString()!);

        // A line a piece, with its kind before it; a time is shown without its letters.
        static string Told(string data) => string.Concat(data.Split('\n').Select(piece => piece[0] == 'm' ? piece[1..20].Replace('T', ' ') : piece[1..]));
    }

    [Fact]
    public async Task Of_many_findings_the_page_has_the_first_of_each_that_fails_and_the_data_all_in_little_room()
    {
        var findings = Enumerable.Range(0, 20_000).Select(i => SampleReport.TrailFails("t" + i) with { Message = $"Trail t{i} was stopped by {Finding.KeyOf("", "", "", i.ToString(System.Globalization.CultureInfo.InvariantCulture))}" })
            .Prepend(SampleReport.Of(SampleReport.RootMfa, FindingStatus.Pass, SampleReport.Account)).Append(SampleReport.Of(SampleReport.GuardDuty, FindingStatus.Unknown, SampleReport.Account)).ToList();
        var output = new MemoryStream();

        await new HtmlReport().WriteAsync(SampleReport.Report(findings), output, TestContext.Current.CancellationToken);

        // A fifth of a hundred thousand, which 20 MB must hold, although each has its own key and name of 32 digits.
        Assert.InRange(output.Length, 1, 4_000_000);
        var page = new HtmlParser().ParseDocument(Encoding.UTF8.GetString(output.ToArray()));
        Assert.Equal(["fail", "unknown", "pass"], page.QuerySelectorAll("#t tr[data-s]").Select(row => row.GetAttribute("data-s")).Distinct());
        Assert.Equal("and 19,980 more", page.QuerySelector("#t .more")!.TextContent);
        Assert.StartsWith("These are 22 of 20,002 findings, what fails first.", page.QuerySelector(".unscripted")!.TextContent, StringComparison.Ordinal);
        using var data = Data(page);
        Assert.Equal(findings.Select(finding => finding.Key).Order(StringComparer.Ordinal), data.RootElement.GetProperty("key").EnumerateArray().Select(key => key.GetString()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_heat_map_tells_tactic_by_tactic_what_is_looked_for_and_what_was_seen()
    {
        var whole = SampleReport.Whole();
        var quiet = SampleReport.RootLogin with { Id = "quiet", Title = "A quiet one", Mitre = ["defense-impairment", "T1685.002", "T1578"] };

        var page = await PageAsync(whole with { Rules = whole.Rules.Append(new("quiet", quiet)).ToDictionary() });

        Assert.Equal("3 techniques that 2 detections look for, 1 seen", page.QuerySelector("#attack summary")!.TextContent);
        Assert.Equal(["Initial Access", "Defense Impairment"], page.QuerySelectorAll("#attack th").Select(head => head.TextContent));
        Assert.Equal(["Valid Accounts 1 detection, 1 match"], page.QuerySelectorAll("#attack li.seen").Select(cell => cell.TextContent));
        Assert.Equal(2, page.QuerySelectorAll("#attack li.heat1:not(.seen)").Length);
        Assert.Empty((await PageAsync(whole with { Rules = whole.Rules.Where(rule => rule.Value.Kind == FindingKind.Posture).ToDictionary() })).QuerySelectorAll("#attack"));
    }

    // The columns, and the texts that come in pieces, as the page's script joins them.
    private static JsonDocument Data(AngleSharp.Dom.IDocument page)
    {
        var whole = Unpacked(page.GetElementById("data")!);
        var texts = page.QuerySelectorAll("script.texts").Select(Unpacked).ToList();
        foreach (var column in new[] { "key", "resource", "message" })
            whole[column] = new JsonArray([.. texts.SelectMany(piece => piece[column]!.AsArray()).Select(text => text!.DeepClone())]);
        foreach (var column in new[] { "events", "timelines" })
            whole[column] = new JsonObject(texts.SelectMany(piece => piece[column]!.AsObject()).Select(one => KeyValuePair.Create(one.Key, (JsonNode?)one.Value!.DeepClone())));
        Assert.Equal(whole["key"]!.AsArray().Count, (int)whole["count"]!);
        return JsonDocument.Parse(whole.ToJsonString());
    }

    private static JsonObject Unpacked(AngleSharp.Dom.IElement element)
    {
        using var packed = new MemoryStream(Convert.FromBase64String(element.TextContent));
        using var unpacked = new GZipStream(packed, CompressionMode.Decompress);
        return JsonNode.Parse(unpacked)!.AsObject();
    }

    private static async Task<AngleSharp.Dom.IDocument> PageAsync(ScanReport report)
    {
        var output = new MemoryStream();
        await new HtmlReport().WriteAsync(report, output, TestContext.Current.CancellationToken);
        return new HtmlParser().ParseDocument(Encoding.UTF8.GetString(output.ToArray()));
    }
}
