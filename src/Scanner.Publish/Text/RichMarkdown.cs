using System.Globalization;
using System.Text;
using Markdig;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;
using Scanner.Model;

namespace Scanner.Publish.Text;

/// <summary>
/// Markdown that the author of a check wrote (why, remediation). Checks may come with a pull request, so only
/// what cannot do harm is let through: paragraphs, lists, quotes, code, emphasis and links to http or https. The
/// text is parsed and written again, with every piece of text escaped; raw HTML (and with it comments) becomes text,
/// images become links.
/// </summary>
internal static class RichMarkdown
{
    // CommonMark alone: without tables, footnotes, math ... these stay text.
    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder().Build();

    /// <summary>Safe blocks, separated by empty lines, without a line break at the end.</summary>
    public static string Blocks(string markdown)
    {
        var made = new StringBuilder();
        foreach (var block in Parse(markdown))
            AppendBlock(made, block, "");
        return made.ToString().Trim('\n');
    }

    /// <summary>Safe blocks after a lead: on its line where they begin with words, below it where a fence, a list or the like would be none there.</summary>
    public static string After(string lead, string markdown) =>
        lead + (Parse(markdown).FirstOrDefault() is ParagraphBlock ? " " : "\n\n") + Blocks(markdown);

    /// <summary>Safe text on one line, for table cells and sentences: blocks are joined by spaces.</summary>
    public static string Line(string markdown)
    {
        var made = new StringBuilder();
        foreach (var leaf in Parse(markdown).Descendants<LeafBlock>())
        {
            if (made.Length > 0)
                made.Append(' ');
            if (leaf is CodeBlock or HtmlBlock)
                made.Append(leaf is CodeBlock ? Markdown.Code(leaf.Lines.ToString()) : Markdown.Text(leaf.Lines.ToString()));
            else
                AppendInlines(made, leaf.Inline);
        }
        return made.ToString();
    }

    /// <summary>The words alone, without any markup: for formats that have no markdown.</summary>
    public static string Plain(string markdown)
    {
        var made = new StringBuilder();
        foreach (var leaf in Parse(markdown).Descendants<LeafBlock>())
        {
            if (made.Length > 0)
                made.Append(leaf is CodeBlock ? '\n' : ' ');
            if (leaf.Inline is null)
            {
                made.Append(leaf.Lines.ToString());
                continue;
            }
            // Depth first, parents before children.
            foreach (var inline in leaf.Inline.Descendants<Inline>())
            {
                if (Literal(inline) is { } text)
                    made.Append(text);
                else if (inline is CodeInline code)
                    made.Append(code.Content);
                else if (inline is AutolinkInline auto)
                    made.Append(auto.Url);
            }
        }
        return made.ToString().Trim();
    }

    /// <summary>Safe HTML, by Markdig, with raw HTML as text and links to http and https only.</summary>
    public static string Html(string markdown)
    {
        var document = Parse(markdown);
        foreach (var link in document.Descendants<LinkInline>().ToList())
        {
            link.IsImage = false;
            if (Markdown.Target(link.Url) is null)
                link.Url = "#";
            else
                link.Url = new Uri(link.Url!).AbsoluteUri;
        }
        foreach (var link in document.Descendants<AutolinkInline>().ToList())
        {
            if (link.IsEmail || Markdown.Target(link.Url) is null)
                link.ReplaceBy(new LiteralInline(link.Url));
        }
        foreach (var html in document.Descendants<HtmlInline>().ToList())
            html.ReplaceBy(new LiteralInline(html.Tag));
        foreach (var html in document.Descendants<HtmlBlock>().ToList())
        {
            var paragraph = new ParagraphBlock { Inline = new ContainerInline() };
            paragraph.Inline.AppendChild(new LiteralInline(html.Lines.ToString()));
            var parent = html.Parent!;
            parent[parent.IndexOf(html)] = paragraph;
        }
        return document.ToHtml(Pipeline);
    }

    private static MarkdownDocument Parse(string markdown)
    {
        var text = SafeText.Lines(markdown);
        try
        {
            return Markdig.Markdown.Parse(text, Pipeline);
        }
        catch (ArgumentException)
        {
            // Nested deeper than Markdig follows: nobody reads that as formatting.
            return Markdig.Markdown.Parse(Markdown.Text(text), Pipeline);
        }
    }

    private static void AppendBlock(StringBuilder made, Block block, string indent)
    {
        switch (block)
        {
            case ListBlock list:
                var number = 1;
                foreach (var item in list.OfType<ListItemBlock>())
                {
                    var mark = list.IsOrdered ? string.Create(CultureInfo.InvariantCulture, $"{number++}. ") : "- ";
                    made.Append(indent).Append(mark);
                    AppendChildren(made, item, indent + new string(' ', mark.Length));
                }
                made.Append('\n');
                break;
            case QuoteBlock quote:
                made.Append(indent).Append("> ");
                AppendChildren(made, quote, indent + "> ");
                made.Append('\n');
                break;
            case CodeBlock code:
                var language = code is FencedCodeBlock { Info: { Length: > 0 } info } && info.All(char.IsAsciiLetterLower)
                    && info is not ("mermaid" or "math" or "geojson" or "topojson" or "stl") ? info : "";
                made.Append(indent).Append(Markdown.Fence(code.Lines.ToString(), language).Replace("\n", "\n" + indent, StringComparison.Ordinal)).Append("\n\n");
                break;
            case HtmlBlock html:
                made.Append(indent).Append(Markdown.Text(html.Lines.ToString())).Append("\n\n");
                break;
            case HeadingBlock heading:
                made.Append(indent).Append("<strong>");
                AppendInlines(made, heading.Inline);
                made.Append("</strong>\n\n");
                break;
            case LeafBlock { Inline: not null } leaf:
                made.Append(indent);
                AppendInlines(made, leaf.Inline);
                made.Append(leaf.Parent is ListItemBlock { Parent: ListBlock { IsLoose: false } } ? "\n" : "\n\n");
                break;
            case ContainerBlock container:
                AppendChildren(made, container, indent);
                break;
        }
    }

    private static void AppendChildren(StringBuilder made, ContainerBlock container, string indent)
    {
        // The first child stands on the line that the caller began.
        var inner = new StringBuilder();
        foreach (var child in container)
            AppendBlock(inner, child, indent);
        var text = inner.ToString().TrimEnd('\n');
        made.Append(text.StartsWith(indent, StringComparison.Ordinal) ? text.AsSpan(indent.Length) : text.AsSpan()).Append('\n');
    }

    private static void AppendInlines(StringBuilder made, ContainerInline? container)
    {
        var pending = new StringBuilder();
        foreach (var inline in Flat(container))
        {
            // Neighbors are escaped as one text: `\@` and `name` apart would pass, together they are a mention.
            if (Literal(inline) is { } text)
            {
                pending.Append(text);
                continue;
            }
            Flush(made, pending);
            switch (inline)
            {
                case CodeInline code:
                    made.Append(Markdown.Code(code.Content));
                    break;
                case AutolinkInline auto:
                    made.Append(auto.IsEmail ? Markdown.Code(auto.Url) : Markdown.Link(auto.Url, auto.Url));
                    break;
                case LinkInline link:
                    var target = Markdown.Target(link.GetDynamicUrl?.Invoke() ?? link.Url);
                    var inner = new StringBuilder();
                    AppendInlines(inner, link);
                    made.Append(target is null || inner.Length == 0 ? inner.ToString() : $"[{inner}]({target})");
                    break;
                case EmphasisInline emphasis:
                    var tag = emphasis.DelimiterCount == 2 ? "strong" : "em";
                    made.Append('<').Append(tag).Append('>');
                    AppendInlines(made, emphasis);
                    made.Append("</").Append(tag).Append('>');
                    break;
                case ContainerInline other:
                    AppendInlines(made, other);
                    break;
            }
        }
        Flush(made, pending);
    }

    // A delimiter that found no partner holds what follows it: its own characters, then its children.
    private static IEnumerable<Inline> Flat(ContainerInline? container)
    {
        for (var inline = container?.FirstChild; inline is not null; inline = inline.NextSibling)
        {
            yield return inline;
            if (inline is not DelimiterInline delimiter)
                continue;
            foreach (var child in Flat(delimiter))
                yield return child;
        }
    }

    private static string? Literal(Inline inline) => inline switch
    {
        LiteralInline literal => literal.Content.ToString(),
        HtmlEntityInline entity => entity.Transcoded.ToString(),
        HtmlInline html => html.Tag,
        LineBreakInline => " ",
        DelimiterInline delimiter => delimiter.ToLiteral(),
        _ => null,
    };

    private static void Flush(StringBuilder made, StringBuilder pending)
    {
        if (pending.Length == 0)
            return;
        var text = pending.ToString();
        pending.Clear();
        var escaped = Markdown.Text(text);
        if (char.IsWhiteSpace(text[0]) && made.Length > 0)
            made.Append(' ');
        made.Append(escaped);
        if (escaped.Length > 0 && char.IsWhiteSpace(text[^1]))
            made.Append(' ');
    }
}
