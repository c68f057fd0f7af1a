using AngleSharp.Dom;
using AngleSharp.Html.Parser;
using Markdig;

namespace Publish.Tests.Text;

/// <summary>
/// Renders markdown about as GitHub does, with some extensions that GitHub does not have, and lets HTML through, so that
/// nothing stays inert only because the renderer is strict.
/// </summary>
internal static class GitHubLike
{
    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder()
        .UsePipeTables().UseAutoLinks().UseEmphasisExtras().UseTaskLists().UseFootnotes().UseMathematics()
        .UseEmojiAndSmiley(enableSmileys: false).UseAlertBlocks().UseDiagrams().Build();

    public static IElement Render(string markdown)
    {
        var html = Markdown.ToHtml(markdown, Pipeline);
        return new HtmlParser().ParseDocument("<!doctype html><html><body>" + html + "</body></html>").Body!;
    }

    /// <summary>Text that GitHub's filters look into: not in code.</summary>
    public static IEnumerable<string> FilteredText(IElement body) =>
        body.Descendants().OfType<IText>()
            .Where(t => t.ParentElement?.Closest("code, pre, a") is null)
            .Select(t => t.Data);

    public static IEnumerable<IComment> Comments(IElement body) => body.Descendants().OfType<IComment>();
}
