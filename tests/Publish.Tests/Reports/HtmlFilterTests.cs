using System.Text;
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
        Assert.Single(page.QuerySelectorAll("script"));
        // What the script reads of a rule: its ids, its service and its frameworks.
        var rule = page.QuerySelectorAll(".rules details").Single(one => one.GetAttribute("data-ids")!.StartsWith(SampleReport.Trail.Id, StringComparison.Ordinal));
        Assert.Equal(("cloudtrail", "cis-aws-5.0", "settings"), (rule.GetAttribute("data-service"), rule.GetAttribute("data-frameworks"), rule.GetAttribute("data-kind")));
        Assert.Contains("cis-aws-5.0/3.1", rule.GetAttribute("data-ids"), StringComparison.Ordinal);
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

    private static async Task<AngleSharp.Dom.IDocument> PageAsync(ScanReport report)
    {
        var output = new MemoryStream();
        await new HtmlReport().WriteAsync(report, output, TestContext.Current.CancellationToken);
        return new HtmlParser().ParseDocument(Encoding.UTF8.GetString(output.ToArray()));
    }
}
