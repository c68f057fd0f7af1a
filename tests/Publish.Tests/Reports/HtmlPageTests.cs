using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using Scanner.Model;
using Scanner.Publish.Reports;

namespace Publish.Tests.Reports;

/// <summary>The HTML report in a browser, as a reader meets it.</summary>
public sealed partial class HtmlPageTests(Chromium chromium) : IClassFixture<Chromium>, IDisposable
{
    private const string Evil = "\"><img src=x onerror=alert(1)><script>alert(1)</script>${alert(1)}";
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("scanner-page-tests-");
    private readonly List<string> _faults = [];
    private ScanReport? _written;

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData(1440, ColorScheme.Light)]
    [InlineData(1440, ColorScheme.Dark)]
    [InlineData(390, ColorScheme.Light)]
    [InlineData(390, ColorScheme.Dark)]
    public async Task No_rule_of_axe_is_violated_and_nothing_is_wider_than_the_screen(int width, ColorScheme scheme)
    {
        var page = await OpenAsync(Rich(), width: width, scheme: scheme);
        await page.EvaluateAsync("document.querySelectorAll('details').forEach(d => { d.open = true; })");
        await page.Locator("#t .h button").First.ClickAsync();

        Assert.Equal(width, await page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
        var result = await page.RunAxe();
        Assert.Empty(result.Violations.Select(violation => $"{violation.Id}: {violation.Nodes[0].Html}"));
        Assert.NotEmpty(result.Passes);
        Assert.Empty(_faults);
    }

    [Fact]
    public async Task Findings_are_in_reach_of_the_first_screen() =>
        Assert.InRange(await (await OpenAsync(Rich())).EvaluateAsync<double>("document.querySelector('#t tbody').getBoundingClientRect().top"), 0, 900);

    /// <summary>No word is cut off at the right, whatever accounts are called.</summary>
    [Fact]
    public async Task The_table_of_findings_fits_a_screen_of_1440_with_long_names_of_accounts_and_all_kinds_of_status()
    {
        var report = Rich();
        var page = await OpenAsync(report with { Scan = report.Scan with { AccountNames = report.Scan.Accounts.ToDictionary(id => id, id => "workload-production-" + id, StringComparer.Ordinal) } });
        await page.EvaluateAsync("document.querySelectorAll('.filters input[name=status]').forEach(box => { if (!box.checked) box.click(); })");
        Assert.Equal(0, await page.EvaluateAsync<int>("(box => box.scrollWidth - box.clientWidth)(document.querySelector('#findings .scroll'))"));
        Assert.Equal("", await page.EvaluateAsync<string>("[...document.querySelectorAll('#t td')].filter(cell => cell.scrollWidth > cell.clientWidth).map(cell => cell.outerHTML).join()"));
    }

    [Fact]
    public async Task Each_filter_and_the_search_leave_what_they_say_and_the_address_keeps_them()
    {
        var report = Rich();
        var page = await OpenAsync(report);
        var open = report.Findings.Where(finding => finding.Status is FindingStatus.Fail or FindingStatus.Unknown).ToList();
        Assert.Equal(Shown(open.Count, report), await ShownAsync(page));

        await page.SelectOptionAsync("select[data-f=region]", "eu-west-1");
        Assert.Equal(Shown(open.Count(finding => finding.Region == "eu-west-1"), report), await ShownAsync(page));
        await page.SelectOptionAsync("select[data-f=account]", SampleReport.Account);
        var left = open.Where(finding => finding is { Region: "eu-west-1", Account: SampleReport.Account }).ToList();
        Assert.Equal(Shown(left.Count, report), await ShownAsync(page));
        await page.SelectOptionAsync("select[data-f=service]", "cloudtrail");
        Assert.Equal(Shown(left.Count(finding => report.Rules[finding.Check].Service == "cloudtrail"), report), await ShownAsync(page));
        await page.ReloadAsync();
        await page.WaitForSelectorAsync("html[data-ready]", new() { State = WaitForSelectorState.Attached });
        Assert.Equal(Shown(left.Count(finding => report.Rules[finding.Check].Service == "cloudtrail"), report), await ShownAsync(page));

        page = await OpenAsync(report, hash: "#?severity=high&kind=events");
        Assert.Equal(Shown(open.Count(finding => finding is { Kind: FindingKind.Detection, Severity: >= Severity.High }), report), await ShownAsync(page));
        page = await OpenAsync(report, hash: "#?framework=cis-aws-5.0&status=muted,pass");
        Assert.Equal(Shown(report.Findings.Count(finding => finding.Status is FindingStatus.Muted or FindingStatus.Pass && finding.Controls.Count > 0), report), await ShownAsync(page));

        // Ids of controls and techniques, of the check, of the resource, of an event, and the key.
        foreach (var (asked, count) in new[] { ("cis-aws-5.0/1.5", 1), ("T1078.004 root", 3), ("iam-root-mfa", 1), ("trail/t77 ", 1), ("11111111-2222-3333", 1), (report.Findings.First(finding => finding.Resource.EndsWith("/t78", StringComparison.Ordinal)).Key, 1), ("nothing-has-this", 0) })
        {
            page = await OpenAsync(report, hash: "#?q=" + Uri.EscapeDataString(asked));
            Assert.Equal((asked, Shown(count, report)), (asked, await ShownAsync(page)));
        }
        Assert.Empty(_faults);
    }

    [Fact]
    public async Task A_link_to_a_finding_opens_it_although_it_is_neither_drawn_nor_chosen()
    {
        var report = Rich();
        var far = report.Findings.Last(finding => finding.Check == SampleReport.Trail.Id && finding.Status == FindingStatus.Fail);
        var hidden = report.Findings.First(finding => finding.Status == FindingStatus.Pass);
        var page = await OpenAsync(report);
        foreach (var wanted in new[] { far, hidden })
        {
            Assert.Equal(0, await page.Locator("#f-" + wanted.Key).CountAsync());
            await page.EvaluateAsync("key => { location.hash = '#f-' + key; }", wanted.Key);
            await page.WaitForSelectorAsync($"#f-{wanted.Key}.here");
            Assert.Equal("#f-" + wanted.Key, await page.EvaluateAsync<string>("document.activeElement.getAttribute('href')"));
            Assert.Contains(wanted.Message, await page.InnerTextAsync("#f-" + wanted.Key), StringComparison.Ordinal);
        }

        page = await OpenAsync(report, hash: "#f-" + far.Key);
        Assert.True(await page.Locator("#f-" + far.Key).IsVisibleAsync());
        Assert.Empty(_faults);
    }

    [Fact]
    public async Task All_of_it_can_be_used_with_the_keyboard()
    {
        var page = await OpenAsync(Rich());
        await page.Keyboard.PressAsync("Tab");
        Assert.Equal("Skip to the findings", await FocusAsync(page));
        await page.Keyboard.PressAsync("Enter");
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.TypeAsync("Trails are stopped");
        await ShowsAsync(page, "300 of ");
        // What was searched for is unfolded: a hundred of three hundred.
        Assert.Equal(100, await page.Locator("#t tr[data-s]").CountAsync());
        var more = page.GetByRole(AriaRole.Button, new() { Name = "Show 100 more of 200" });
        await more.FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        Assert.Equal(200, await page.Locator("#t tr[data-s]").CountAsync());
        Assert.Equal(100, await page.EvaluateAsync<int>("[...document.querySelectorAll('#t tr[data-s]')].indexOf(document.activeElement.closest('tr'))"));

        var fold = page.GetByRole(AriaRole.Button, new() { Name = "Findings of Trails are stopped" });
        await fold.FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        Assert.Equal(("false", 0), (await fold.GetAttributeAsync("aria-expanded"), await page.Locator("#t tr[data-s]").CountAsync()));
        Assert.Equal("Findings of Trails are stopped", await page.EvaluateAsync<string>("document.activeElement.getAttribute('aria-label')"));

        await page.FillAsync("#q", "");
        await page.UncheckAsync("#group");
        var resource = page.GetByRole(AriaRole.Columnheader, new() { Name = "Resource" });
        await resource.GetByRole(AriaRole.Button).FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        Assert.Equal("ascending", await resource.GetAttributeAsync("aria-sort"));
        var names = (await page.Locator("#t tr[data-s] td:nth-child(6)").AllInnerTextsAsync()).Where(name => name.Contains(":trail/t", StringComparison.Ordinal)).Take(12).Select(name => name.Split(":trail/")[1]);
        // As people count: t2 before t10.
        Assert.Equal(["t0", "t2", "t4", "t6", "t8", "t10", "t12", "t14", "t16", "t18", "t20", "t22"], names);
        Assert.Empty(_faults);
    }

    /// <summary>Texts that are read piece by piece are drawn, searched, sorted by and linked to as if they had been there from the start.</summary>
    [Fact]
    public async Task Of_tens_of_thousands_of_findings_those_of_the_last_piece_are_reached_as_those_of_the_first()
    {
        // The one of another check stands alone, unfolded, behind all others.
        var lone = SampleReport.Of(SampleReport.GuardDuty, FindingStatus.Unknown, "d-lone", message: "Detector d-lone could not be read");
        var report = SampleReport.Report([.. Enumerable.Range(0, 23_000).Select(i => SampleReport.TrailFails($"trail-{i}") with { Message = $"Trail number-{i} is stopped" }), lone]);
        var page = await OpenAsync(report);
        Assert.Equal(Shown(23_001, report), (await ShownAsync(page)).Replace(",", "", StringComparison.Ordinal));
        Assert.Contains("could not be read", await page.Locator("#f-" + lone.Key).InnerTextAsync(), StringComparison.Ordinal);

        await page.FillAsync("#q", "number-22999");
        await ShowsAsync(page, "1 of ");
        Assert.Contains("Trail number-22999 is stopped", await page.Locator("#t tr[data-s]").InnerTextAsync(), StringComparison.Ordinal);

        page = await OpenAsync(report, hash: "#?sort=Resource+down&status=fail&group=no");
        Assert.Contains("trail-22999", await page.Locator("#t tr[data-s]").First.InnerTextAsync(), StringComparison.Ordinal);
        var far = report.Findings[22_500];
        page = await OpenAsync(report, hash: "#f-" + far.Key);
        Assert.Contains(far.Message, await page.Locator($"#f-{far.Key}.here").InnerTextAsync(), StringComparison.Ordinal);
        Assert.Empty(_faults);
    }

    [Fact]
    public async Task What_is_shown_is_printed_and_no_forest()
    {
        var page = await OpenAsync(Rich());
        var all = await PagesAsync(page);
        Assert.InRange(all, 15, 60);
        await page.FillAsync("#q", "iam-root-mfa");
        await ShowsAsync(page, "1 of ");
        Assert.InRange(await PagesAsync(page), 1, 3);
        await page.EvaluateAsync("dispatchEvent(new Event('afterprint'))");
        Assert.Equal(1, await page.Locator("#t tr[data-s]").CountAsync());
        Assert.Empty(_faults);
    }

    [Fact]
    public async Task Without_a_script_what_matters_first_can_be_read_and_the_rest_is_named()
    {
        var page = await OpenAsync(Rich(), script: false);
        var rows = page.Locator("#t tr[data-s]");
        Assert.True(await rows.First.IsVisibleAsync());
        Assert.Equal("fail", (await rows.First.Locator("td").First.InnerTextAsync()).Split(' ', '\n')[0]);
        Assert.Contains("of 421 findings, what fails first", await page.Locator(".unscripted").InnerTextAsync(), StringComparison.Ordinal);
        Assert.False(await page.Locator(".filters").IsVisibleAsync());
        Assert.InRange(await rows.CountAsync(), 20, HtmlFindings.MostRows);
    }

    /// <summary>What the principal did around a match is folded away beside it, with a script and without one, and for an incident in its story.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_the_principal_did_around_a_match_is_a_click_away(bool script)
    {
        var report = SampleReport.Report([SampleReport.LoginWithTimeline("e-1"), SampleReport.LoginWithTimeline("e-2") with { Message = "root logged in again" }]);
        // What is searched for is unfolded.
        var page = await OpenAsync(report, script: script, hash: "#?q=ConsoleLogin");
        var timeline = page.Locator("#t details").Filter(new() { HasText = "Timeline of arn:aws:iam::" + SampleReport.Account + ":root, 2" });
        Assert.Equal(2, await timeline.CountAsync());
        Assert.Null(await timeline.First.GetAttributeAsync("open"));
        Assert.False(await timeline.First.GetByText("StopLogging").IsVisibleAsync());
        await timeline.First.Locator("summary").First.ClickAsync();
        var lines = (await timeline.First.InnerTextAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Matches("^[0-9:]{8} DescribeInstances, ListUsers × 12 from 198.51.100.7$", lines[^3]);
        Assert.Matches("^➤ [0-9:]{8} ConsoleLogin$", lines[^2]);
        Assert.Matches("^[0-9:]{8} StopLogging on legacy from 203.0.113.9, refused: AccessDenied$", lines[^1]);

        var story = page.Locator(".story");
        await story.Locator("summary").First.ClickAsync();
        await story.GetByText("All that those who take part did around it").ClickAsync();
        Assert.Equal(3, await story.Locator("table").Last.Locator("tbody tr").CountAsync());
        Assert.Contains("AccessDenied", await story.Locator("table").Last.InnerTextAsync(), StringComparison.Ordinal);
        Assert.Empty(_faults);
    }

    [Fact]
    public async Task Hostile_text_is_text()
    {
        var hostile = SampleReport.TrailFails() with { Resource = Evil, Message = Evil, Owner = new Owner(Evil, null), Account = Evil, Region = Evil };
        var page = await OpenAsync(SampleReport.Report([hostile, SampleReport.LoginWithTimeline("e", Evil) with { Event = Evil, Message = Evil }, .. Enumerable.Range(0, 300).Select(i => SampleReport.TrailFails("t" + i) with { Message = Evil })]), hash: "#?q=" + Uri.EscapeDataString("<img"));

        Assert.Equal(Shown(302, 302), await ShownAsync(page));
        Assert.Equal(0, await page.Locator("img").CountAsync());
        Assert.Equal(3, await page.Locator("script").CountAsync());
        Assert.Contains(Evil, await page.InnerTextAsync("#f-" + hostile.Key), StringComparison.Ordinal);
        // A script that got in all the same would not run.
        await page.EvaluateAsync("document.body.append(Object.assign(document.createElement('script'), {textContent: 'alert(2)'}))");
        Assert.Contains("Content Security Policy", Assert.Single(_faults), StringComparison.Ordinal);
    }

    // 300 stopped trails, 100 detectors that are on, and everything else that a report has.
    private static ScanReport Rich()
    {
        var at = SampleReport.Time;
        var report = SampleReport.Report(
        [
            .. SampleReport.Whole().Findings.Where(finding => finding.Check != SampleReport.Trail.Id || finding.Status == FindingStatus.Muted),
            SampleReport.LoginWithTimeline("e-2") with { Owner = new Owner("ana", "acme/network") },
            .. Enumerable.Range(0, 300).Select(i => SampleReport.TrailFails($"t{i}", i % 2 == 0 ? "eu-west-1" : "us-east-1") with { Account = i % 3 == 0 ? "222222222222" : SampleReport.Account }),
            .. Enumerable.Range(0, 114).Select(i => SampleReport.Of(SampleReport.GuardDuty, FindingStatus.Pass, $"d-{i}", message: $"Detector d-{i} is enabled")),
        ]) with
        {
            Collection = SampleReport.Whole().Collection,
            Frameworks = [new FrameworkResult("cis-aws-5.0", "CIS AWS Foundations 5.0", [new ControlResult { Id = "3.1", Title = "CloudTrail is enabled in all regions", Level = 1, Status = ControlStatus.Fail, Checks = [SampleReport.Trail.Id], Findings = new Dictionary<FindingStatus, int> { [FindingStatus.Fail] = 300 } }])],
            Notices = ["A source is silent"],
        };
        report = Baseline.Of(report with { Scan = report.Scan with { Time = at.AddDays(-1) } }).Compare(report);
        return report with { Findings = [.. report.Findings.OrderByDescending(finding => finding.Severity).ThenBy(finding => finding.Check, StringComparer.Ordinal)] };
    }

    private async Task<IPage> OpenAsync(ScanReport report, int width = 1440, ColorScheme scheme = ColorScheme.Light, bool script = true, string hash = "")
    {
        var file = Path.Combine(_folder.FullName, "report.html");
        if (!ReferenceEquals(report, _written))
            await ReportWriter.WriteAsync(report, "html", file, TestContext.Current.CancellationToken);
        _written = report;
        return await chromium.OpenAsync(file, _faults, width, scheme, script, hash);
    }

    private static string Shown(int count, ScanReport report) => Shown(count, report.Findings.Count);

    private static string Shown(int count, int of) => string.Create(CultureInfo.InvariantCulture, $"{count} of {of} shown");

    private static Task<string> ShownAsync(IPage page) => page.InnerTextAsync("#shown");

    // Waited for through the locator: a function that is asked again and again is compiled from a string, which the page's own policy forbids.
    private static Task ShowsAsync(IPage page, string count) =>
        Assertions.Expect(page.Locator("#shown")).ToHaveTextAsync(new Regex("^" + count, RegexOptions.None, TimeSpan.FromSeconds(1)), new() { Timeout = 30_000 });

    private static Task<string> FocusAsync(IPage page) => page.EvaluateAsync<string>("document.activeElement.textContent");

    private static async Task<int> PagesAsync(IPage page) => PdfPage().Count(Encoding.Latin1.GetString(await page.PdfAsync(new() { PreferCSSPageSize = true })));

    [GeneratedRegex(@"/Type\s*/Page\b(?!s)", RegexOptions.None, matchTimeoutMilliseconds: 5000)]
    private static partial Regex PdfPage();
}
