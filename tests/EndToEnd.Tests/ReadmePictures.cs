using System.Net;
using Loopback;
using Markdig;

namespace EndToEnd.Tests;

/// <summary>
/// Makes the pictures that the README shows, from what the program writes today; nothing is retouched. Not run unless asked for:
/// <c>tests/EndToEnd.Tests/bin/Debug/net10.0/EndToEnd.Tests -explicit only -class EndToEnd.Tests.ReadmePictures</c>. It needs chromium.
/// </summary>
public sealed class ReadmePictures : IDisposable
{
    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder().UsePipeTables().UseAutoLinks().UseEmojiAndSmiley(enableSmileys: false).Build();

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("pictures");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact(Explicit = true)]
    public async Task The_report_of_the_sample_account()
    {
        var page = Path.Combine(_folder.FullName, "report.html");
        var (code, output) = await ScannerProgram.RunAsync(Tools.Repository, ["scan", "--from", "samples/acme", "--report", "html=" + page]);
        Assert.True(code is 0, output);
        await TakeAsync(page, "report.png", 1100, 920);
    }

    [Fact(Explicit = true)]
    public async Task The_issue_of_a_stopped_trail()
    {
        await using var github = await GitHubServer.StartAsync();
        var (code, output) = await ScannerProgram.RunAsync(
            Tools.Repository,
            ["scan", "--from", "samples/acme", "--only", "cloudtrail-logging-now", "--publish", "issues", "--report", "json=" + Path.Combine(_folder.FullName, "r.json")],
            ("GITHUB_TOKEN", GitHubServer.Token),
            ("GITHUB_REPOSITORY", $"{GitHubServer.Owner}/{GitHubServer.Name}"),
            ("GITHUB_API_URL", github.ApiUrl.ToString().TrimEnd('/')));
        Assert.True(code is 0, output);
        var issue = Assert.Single(github.Issues);
        var labels = string.Concat(issue.Labels.Select(label => $"<span class=label>{Text(label)}</span>"));
        await TakeAsync(Page($"<h1>{Text(issue.Title)} <i>#{issue.Number}</i></h1><p><span class='label open'>Open</span>{labels}</p>", issue.Body), "issue.png", 900, 520);
    }

    [Fact(Explicit = true)]
    public async Task The_comment_on_the_sample_plan()
    {
        var comment = await File.ReadAllTextAsync(Path.Combine(Tools.Repository, "tests", "EndToEnd.Tests", "Snapshots", "comment-sample.md"), TestContext.Current.CancellationToken);
        await TakeAsync(Page("", comment), "pull-request.png", 900, 620);
    }

    private static string Text(string text) => WebUtility.HtmlEncode(text);

    /// <summary>About as GitHub shows it: its fonts, widths and colors, without its chrome.</summary>
    private string Page(string head, string markdown)
    {
        const string Style = """
            body{font:14px/1.5 "Noto Sans","Liberation Sans",Helvetica,Arial,sans-serif;color:#1f2328;margin:18px}
            h1{font-size:24px;font-weight:400;margin:0 0 8px} h1 i{color:#59636e;font-style:normal} h3{font-size:18px;margin:0 0 12px}
            .label{border:1px solid #d1d9e0;border-radius:2em;padding:2px 10px;margin-right:6px;font-size:12px;background:#eef2f6} .open{background:#1a7f37;color:#fff}
            .comment{border:1px solid #d1d9e0;border-radius:6px} .comment>header{background:#f6f8fa;border-bottom:1px solid #d1d9e0;padding:8px 14px;color:#59636e} .comment>div{padding:14px}
            table{border-collapse:collapse;margin:0 0 14px} td,th{border:1px solid #d1d9e0;padding:6px 13px} tr:nth-child(2n){background:#f6f8fa}
            code{font:12px "Liberation Mono",monospace;background:#eff1f3;border-radius:6px;padding:2px 5px} a{color:#0969da;text-decoration:none} pre{background:#f6f8fa;padding:12px}
            """;
        var path = Path.Combine(_folder.FullName, "page.html");
        File.WriteAllText(path, $"<!doctype html><meta charset=utf-8><style>{Style}</style>{head}<div class=comment><header><b>github-actions</b> bot commented</header><div>{Markdown.ToHtml(markdown, Pipeline)}</div></div>");
        return path;
    }

    private static async Task TakeAsync(string page, string name, int width, int height)
    {
        var chromium = Tools.Find("chromium");
        Assert.SkipUnless(chromium is not null, "chromium is not on PATH");
        var (code, output) = await Tools.RunAsync(
            chromium!,
            ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--virtual-time-budget=20000", $"--window-size={width},{height}", "--screenshot=" + Path.Combine(Tools.Repository, "docs", "images", name), new Uri(page).AbsoluteUri],
            cancellation: TestContext.Current.CancellationToken);
        Assert.True(code is 0, output);
    }
}
