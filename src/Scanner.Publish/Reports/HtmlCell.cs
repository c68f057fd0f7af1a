using System.Text;
using Scanner.Model;
using H = Scanner.Publish.Text.Html;

namespace Scanner.Publish.Reports;

/// <summary>
/// What a cell of the findings' table holds, in pieces: written as HTML, or as data of which the page's script (report.js) makes the same elements. Text
/// may be anything.
/// </summary>
internal sealed class HtmlCell
{
    private readonly List<(char Kind, string Text)> _pieces = [];

    /// <summary>Adds running text.</summary>
    /// <param name="text">Of any origin.</param>
    public HtmlCell Text(string? text) => Add('t', text);

    /// <summary>Adds a name or id.</summary>
    /// <param name="text">Of any origin.</param>
    public HtmlCell Code(string? text) => Add('c', text);

    /// <summary>Adds what is said beside.</summary>
    /// <param name="text">Of any origin.</param>
    public HtmlCell Aside(string? text) => Add('e', text);

    /// <summary>Begins a line.</summary>
    public HtmlCell Break()
    {
        _pieces.Add(('b', ""));
        return this;
    }

    /// <summary>Adds a time, to the second, in UTC.</summary>
    /// <param name="time">When.</param>
    public HtmlCell Time(DateTimeOffset time) => Add('m', EventText.Utc(time));

    /// <summary>The cell as HTML, without its tags.</summary>
    public string Html()
    {
        var made = new StringBuilder();
        foreach (var (kind, text) in _pieces)
        {
            _ = kind switch
            {
                'c' => made.Append("<code>").Append(H.Text(text)).Append("</code>"),
                'e' => made.Append("<em>").Append(H.Text(text)).Append("</em>"),
                'b' => made.Append("<br>"),
                'm' => made.Append("<time datetime=\"").Append(text).Append("\">").Append(text, 0, 10).Append(' ').Append(text, 11, 8).Append("</time>"),
                _ => made.Append(H.Text(text)),
            };
        }
        return made.ToString();
    }

    /// <summary>The cell as data: a line a piece, of which the first letter is its kind.</summary>
    public string Data() => string.Join('\n', _pieces.Select(piece => piece.Kind + piece.Text));

    private HtmlCell Add(char kind, string? text)
    {
        // Without line breaks: they part the pieces.
        if (SafeText.Line(text) is { Length: > 0 } line)
            _pieces.Add((kind, line));
        return this;
    }
}
