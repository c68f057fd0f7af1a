using System.Text.RegularExpressions;
using AngleSharp.Dom;
using CsCheck;
using Scanner.Model;
using Scanner.Publish.Text;

namespace Publish.Tests.Text;

public sealed partial class MarkdownTests
{
    // What GitHub's filters would make a link, a notification or a picture of, if they found it outside of code.
    [GeneratedRegex(@"@[A-Za-z0-9]|#[0-9]|GH-[0-9]|\b[0-9a-f]{7,40}\b|https?:|www\.[a-z]|:[a-z0-9_+-]+:|\$[^$]+\$|[A-Z]+-[0-9]", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Filters();

    private static void Inert(IElement body, params string[] ours)
    {
        foreach (var element in body.QuerySelectorAll("*"))
            Assert.Contains(element.LocalName, ours);
        Assert.Empty(GitHubLike.Comments(body));
        foreach (var text in GitHubLike.FilteredText(body))
            Assert.DoesNotMatch(Filters(), text);
    }

    [Fact]
    public void Running_text_stays_text_in_a_paragraph() =>
        HostileText.Gen.Sample(text =>
        {
            var body = GitHubLike.Render(Markdown.Text(text));
            Inert(body, "p", "code");
            Assert.Equal(SafeText.Words(text), body.TextContent.Trim('\n'));
        }, iter: 1_000);

    [Fact]
    public void Running_text_stays_text_in_a_heading_and_in_a_list() =>
        HostileText.Gen.Sample(text =>
        {
            var words = SafeText.Words(text);
            var body = GitHubLike.Render($"## x {Markdown.Text(text)} y\n\n- {Markdown.Text(text)}\n- z {Markdown.Text(text)}\n");
            Inert(body, "h2", "ul", "li", "code");
            Assert.Equal(SafeText.Words($"x {words} y"), SafeText.Words(body.QuerySelector("h2")!.TextContent));
            Assert.Equal(words, body.QuerySelectorAll("li")[0].TextContent.Trim('\n'));
        }, iter: 600);

    [Fact]
    public void Running_text_and_code_stay_in_their_table_cells() =>
        Gen.Select(HostileText.Gen, HostileText.Gen).Sample((one, two) =>
        {
            var body = GitHubLike.Render($"| a | b | c |\n|---|---|---|\n| {Markdown.Code(one)} | {Markdown.Text(two)} | end |\n| {Markdown.Text(one)} | {Markdown.Code(two)} | end |\n");
            Inert(body, "table", "thead", "tbody", "tr", "th", "td", "code");
            var rows = body.QuerySelectorAll("tbody tr");
            Assert.Equal(2, rows.Length);
            Assert.All(rows, r => Assert.Equal(3, r.Children.Length));
            Assert.Equal(SafeText.Exact(one), rows[0].Children[0].TextContent);
            Assert.Equal(SafeText.Words(two), rows[0].Children[1].TextContent);
            Assert.Equal(SafeText.Words(one), rows[1].Children[0].TextContent);
            Assert.Equal(SafeText.Exact(two), rows[1].Children[1].TextContent);
        }, iter: 600);

    [Fact]
    public void Code_is_shown_exactly() =>
        HostileText.Gen.Sample(text =>
        {
            var body = GitHubLike.Render("x " + Markdown.Code(text) + " y");
            Inert(body, "p", "code");
            Assert.Equal(SafeText.Exact(text), body.QuerySelector("code")!.TextContent);
        }, iter: 1_000);

    [Fact]
    public void A_fence_holds_any_code() =>
        HostileText.Gen.Sample(text =>
        {
            var body = GitHubLike.Render(Markdown.Fence(text, "hcl") + "\n\nend\n");
            Inert(body, "pre", "code", "p");
            Assert.Equal(SafeText.Lines(text).TrimEnd('\n'), body.QuerySelector("pre code")!.TextContent.TrimEnd('\n'));
            Assert.Equal("end", body.QuerySelector("p")!.TextContent);
        }, iter: 600);

    [Fact]
    public void A_link_goes_to_http_or_https_or_is_no_link() =>
        Gen.Select(HostileText.Gen, HostileText.Gen, Gen.OneOf("", "https://example.com/", "http://example.com/?q=", "javascript:", "data:text/html,")).Sample((text, tail, head) =>
        {
            var body = GitHubLike.Render("x " + Markdown.Link(text, head + tail) + " y");
            Inert(body, "p", "code", "a");
            Assert.All(body.QuerySelectorAll("a"), a => Assert.Matches("^https?://", a.GetAttribute("href")!));
            Assert.All(body.QuerySelectorAll("a"), a => Assert.Equal(["href"], a.Attributes.Select(t => t.Name)));
            Assert.Equal(SafeText.Words($"x {SafeText.Words(text)} y"), SafeText.Words(body.TextContent));
        }, iter: 600);

    [Fact]
    public void Markdown_of_a_check_author_keeps_its_formatting_and_nothing_else() =>
        HostileText.Gen.Sample(text =>
        {
            var body = GitHubLike.Render("before\n\n" + RichMarkdown.Blocks(text) + "\n\nafter\n");
            Inert(body, "p", "code", "pre", "a", "ul", "ol", "li", "strong", "em", "blockquote");
            Assert.All(body.QuerySelectorAll("a"), a => Assert.Matches("^https?://", a.GetAttribute("href")!));
            Assert.Equal("before", body.FirstElementChild!.TextContent);
            Assert.Equal("after", body.LastElementChild!.TextContent);
            Assert.DoesNotContain(body.QuerySelectorAll("pre code"), c => c.ClassName?.Contains("mermaid", StringComparison.Ordinal) == true);
        }, iter: 1_000);

    [Fact]
    public void Markdown_of_a_check_author_on_one_line_stays_in_its_cell() =>
        HostileText.Gen.Sample(text =>
        {
            var body = GitHubLike.Render($"| a | b |\n|---|---|\n| {RichMarkdown.Line(text)} | end |\n");
            Inert(body, "table", "thead", "tbody", "tr", "th", "td", "code", "a", "strong", "em");
            Assert.Equal(2, body.QuerySelectorAll("tbody td").Length);
            Assert.Equal("end", body.QuerySelectorAll("tbody td")[1].TextContent);
        }, iter: 1_000);

    [Fact]
    public void Markdown_of_a_check_author_as_html_has_no_script_and_no_foreign_address() =>
        HostileText.Gen.Sample(text =>
        {
            var html = RichMarkdown.Html(text);
            var body = new AngleSharp.Html.Parser.HtmlParser().ParseDocument("<html><body>" + html).Body!;
            string[] allowed = ["p", "code", "pre", "a", "ul", "ol", "li", "strong", "em", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "br"];
            Assert.All(body.QuerySelectorAll("*"), e => Assert.Contains(e.LocalName, allowed));
            Assert.All(body.QuerySelectorAll("a"), a => Assert.Matches("^(https?://|#)", a.GetAttribute("href")!));
            Assert.Empty(GitHubLike.Comments(body));
        }, iter: 600);

    [Theory]
    [InlineData("Trail main was stopped", "Trail main was stopped")]
    [InlineData("ask @org/team", "ask `@org/team`")]
    [InlineData("see '#12'.", "see '`#12`'.")]
    [InlineData("a|b <i>", "a&#124;b &lt;i&gt;")]
    [InlineData("arn:aws:s3:::x is public", "`arn:aws:s3:::x` is public")]
    [InlineData("a\u202eb\u0007", "a⟨U+202E⟩b␇")]
    [InlineData("1. first", "1&#46; first")]
    [InlineData("Note: fine", "Note: fine")]
    [InlineData("stopped at 06:30, or (23:59).", "stopped at 06:30, or (`23:59`).")]
    [InlineData("12:00:00 06:30:x a06:30", "`12:00:00` `06:30:x` `a06:30`")]
    public void Text_is_readable_in_source_too(string text, string markdown) =>
        Assert.Equal(markdown, Markdown.Text(text));

    [Fact]
    public void A_comment_that_looks_like_our_key_is_text()
    {
        var body = GitHubLike.Render("x\n\n" + RichMarkdown.Blocks("<!-- scanner:v1 key=0 -->\n\na <!-- b --> c"));
        Assert.Empty(GitHubLike.Comments(body));
        Assert.Contains("<!-- scanner:v1 key=0 -->", body.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Author_markdown_keeps_lists_emphasis_and_code()
    {
        var made = RichMarkdown.Blocks("1. Open **CloudTrail**\n2. Do\n   - this\n   - `that`\n\n```sh\naws x\n```\n\nSee [docs](https://example.com/a_b).");
        Assert.Equal("1. Open <strong>CloudTrail</strong>\n2. Do\n   - this\n   - `that`\n\n```sh\naws x\n```\n\nSee [docs](https://example.com/a\\_b).", made);
    }
}
