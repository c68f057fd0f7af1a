using System.Globalization;
using System.Text;
using System.Xml.Linq;
using CsCheck;
using Publish.Tests.Text;
using Scanner.Model;
using Scanner.Publish.Reports;

namespace Publish.Tests.Reports;

/// <summary>The coverage matrix: what a cell says, and that it stays readable and inert in markdown, HTML and SVG.</summary>
public sealed class CoverageMatrixTests
{
    private static readonly CoverageRole Flow = new("network", "VPC flow logs: who talked to whom", 1, Arrives: false);

    private static RuleInfo On { get; } = SampleReport.GuardDuty with { Id = "vpc-flow-logs-active", Coverage = [Flow] };

    private static RuleInfo Arrive { get; } = SampleReport.GuardDuty with { Id = "vpc-flow-logs-arriving", Title = "Flow logs arrive", IsEvidence = true, Coverage = [Flow with { Arrives = true }] };

    private static RuleInfo Duty { get; } = SampleReport.GuardDuty with { Coverage = [new CoverageRole("guardduty", "GuardDuty: threat findings", 0, Arrives: false)] };

    // A fault of a source that is on: no part of the matrix.
    private static RuleInfo Key { get; } = SampleReport.GuardDuty with { Id = "vpc-flow-logs-key" };

    private static string Id(int i) => (100000000000 + i).ToString(CultureInfo.InvariantCulture);

    private static ScanReport Report(params IEnumerable<Finding> findings)
    {
        var report = SampleReport.Report(findings);
        var accounts = report.Findings.Select(finding => finding.Account).Distinct(StringComparer.Ordinal).ToList();
        return report with
        {
            Rules = new[] { On, Arrive, Duty, Key }.ToDictionary(rule => rule.Id, StringComparer.Ordinal),
            Scan = report.Scan with { Accounts = accounts, AccountNames = accounts.ToDictionary(id => id, id => "team-" + id[^2..], StringComparer.Ordinal) },
        };
    }

    private static IEnumerable<Finding> Findings(RuleInfo rule, string statuses, string account = SampleReport.Account, string region = "eu-west-1") =>
        statuses.Select((letter, i) => SampleReport.Of(rule, letter switch
        {
            'p' => FindingStatus.Pass,
            'f' => FindingStatus.Fail,
            'u' => FindingStatus.Unknown,
            'm' => FindingStatus.Muted,
            _ => FindingStatus.NotApplicable,
        }, $"{rule.Id}-{i}", region, letter == 'p' && rule.IsEvidence ? $"Flow log {i} puts files into bucket b: the last that was seen is of 2026-01-31 11:{i:D2} UTC, 12 minutes before the scan" : "x", account));

    [Theory]
    // on, arrives, state, words
    [InlineData("pp", "pp", "Delivering", "11:01")]
    [InlineData("pp", "", "On", "on")]
    [InlineData("pp", "pu", "On", "on")]
    [InlineData("pp", "nn", "On", "on")]
    [InlineData("ff", "", "Off", "off 2/2")]
    [InlineData("f", "f", "Off", "off")]
    [InlineData("ffu", "p", "Off", "off 2/3")]
    [InlineData("pf", "p", "Off", "off 1/2")]
    [InlineData("pf", "fp", "Silent", "silent 1/2")]
    [InlineData("pp", "f", "Silent", "silent")]
    [InlineData("pu", "p", "Unknown", "unread 1/2")]
    [InlineData("", "u", "Unknown", "unread")]
    [InlineData("pm", "p", "Accepted", "accepted")]
    [InlineData("p", "m", "Accepted", "accepted")]
    [InlineData("nn", "n", "Nothing", "")]
    public void A_cell_says_the_worst_of_what_checks_tell(string on, string arrives, string state, string words)
    {
        var matrix = new CoverageMatrix(Report([.. Findings(On, on), .. Findings(Arrive, arrives), .. Findings(Key, "fff")]));
        var cell = matrix[matrix.Sources.Single(source => source.Source == "network"), SampleReport.Account, "eu-west-1"];
        Assert.Equal((state, words), (cell.State.ToString(), cell.Words(SampleReport.Time)));
        Assert.Equal(state == "Nothing", matrix.IsEmpty);
    }

    [Fact]
    public void A_hundred_accounts_are_worst_first_and_fold()
    {
        var report = Hundred();
        var matrix = new CoverageMatrix(report);
        Assert.Equal([Id(7), Id(3), Id(5)], matrix.Accounts.Take(3));
        Assert.Equal(100, matrix.Accounts.Count);
        var cell = matrix.InRegion(Flow, "eu-west-1");
        Assert.Equal("silent 1/100", cell.Words(SampleReport.Time));

        var page = GitHubLike.Render(Markdown(report));
        var tables = page.QuerySelectorAll("table").Where(table => table.TextContent.Contains("VPC flow logs", StringComparison.Ordinal)).ToList();
        Assert.Null(tables[0].Closest("details"));
        Assert.All(tables[1..], table => Assert.NotNull(table.Closest("details")));
        var lines = tables[1].QuerySelectorAll("tbody tr");
        Assert.Equal(100, lines.Length);
        Assert.StartsWith("team-07 (100000000007)", lines[0].TextContent.TrimStart(), StringComparison.Ordinal);
        Assert.Contains("🔇 silent", lines[0].TextContent, StringComparison.Ordinal);
        // The regions of those in which all is well say nothing more.
        Assert.Equal(3, page.QuerySelectorAll("summary").Count(one => one.TextContent.EndsWith("by region", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task The_picture_stands_by_itself_says_each_state_in_words_and_follows_light_and_dark()
    {
        var svg = await Svg(Hundred());
        var root = XDocument.Parse(svg).Root!;
        XNamespace ns = "http://www.w3.org/2000/svg";
        Assert.Equal(ns + "svg", root.Name);
        Assert.NotEmpty(root.Element(ns + "title")!.Value);
        Assert.Contains("VPC flow logs: on, but of 1 of 100 nothing arrives", root.Element(ns + "desc")!.Value, StringComparison.Ordinal);
        Assert.Contains("prefers-color-scheme:dark", svg, StringComparison.Ordinal);
        Assert.DoesNotContain("href", svg, StringComparison.Ordinal);
        // Each colored cell has its words.
        Assert.All(root.Descendants(ns + "g"), cell => Assert.NotEmpty(cell.Element(ns + "text")!.Value));
        Assert.True(root.Descendants(ns + "g").Count() >= 200);
        Assert.Contains(root.Descendants(ns + "text"), text => text.Value == "team-07 (100000000007)");
    }

    [Fact]
    public async Task One_account_has_its_regions_in_the_picture()
    {
        var svg = XDocument.Parse(await Svg(Report([.. Findings(On, "pf"), .. Findings(On, "p", region: "us-east-1"), .. Findings(Duty, "f", region: "us-east-1")])));
        Assert.Contains(svg.Descendants().Select(one => one.Value), text => text == "off 1/2");
        Assert.Contains(svg.Descendants().Select(one => one.Value), text => text == "us-east-1");
    }

    [Fact]
    public void Hostile_names_stay_text_in_the_picture_and_the_tables() => HostileText.Gen.Sample(text =>
    {
        var report = Report([.. Findings(On, "pf"), .. Findings(On, "f", Id(1), text)]);
        report = report with { Scan = report.Scan with { AccountNames = report.Scan.Accounts.ToDictionary(id => id, _ => text, StringComparer.Ordinal) } };
        var svg = XDocument.Parse(Svg(report).GetAwaiter().GetResult());
        Assert.DoesNotContain(svg.Descendants(), one => one.Name.LocalName is not ("svg" or "title" or "desc" or "style" or "rect" or "text" or "line" or "g"));
        Assert.Empty(GitHubLike.Render(Markdown(report)).QuerySelectorAll("img, script, a[href^='javascript'], b"));
        Assert.DoesNotContain("<script", HtmlCoverage.Card(report), StringComparison.OrdinalIgnoreCase);
    }, iter: 200);

    // 7: silent; 3: off in two regions; 5: off in one; all others well.
    private static ScanReport Hundred() => Report(Enumerable.Range(0, 100).SelectMany(i => Findings(On, "p", Id(i))
        .Concat(Findings(Arrive, i == 7 ? "f" : "p", Id(i))).Concat(Findings(Duty, i is 3 or 5 ? "f" : "p", Id(i))).Concat(i == 3 ? Findings(Duty, "f", Id(i), "us-east-1") : [])));

    private static string Markdown(ScanReport report) => string.Concat(MarkdownReport.Sections(report, int.MaxValue, "the report").Select(section => section.Text + "\n"));

    private static async Task<string> Svg(ScanReport report)
    {
        using var stream = new MemoryStream();
        await ReportWriter.WriteAsync(report, "svg", stream, CancellationToken.None);
        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
