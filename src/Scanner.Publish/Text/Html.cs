using System.Text;
using Scanner.Model;

namespace Scanner.Publish.Text;

/// <summary>Puts text of unknown origin into HTML, between tags or in a quoted attribute.</summary>
internal static class Html
{
    /// <summary>The text with control characters made visible and <c>&lt; &gt; &amp; " '</c> as entities.</summary>
    public static string Text(string? text)
    {
        var line = SafeText.Line(text);
        if (line.AsSpan().IndexOfAny("<>&\"'") < 0)
            return line;
        var made = new StringBuilder(line.Length + 16);
        foreach (var c in line)
        {
            _ = c switch
            {
                '<' => made.Append("&lt;"),
                '>' => made.Append("&gt;"),
                '&' => made.Append("&amp;"),
                '"' => made.Append("&quot;"),
                '\'' => made.Append("&#39;"),
                _ => made.Append(c),
            };
        }
        return made.ToString();
    }

    /// <summary>An absolute http or https address for an <c>href</c>, escaped; null when it is anything else.</summary>
    public static string? Address(string? url) =>
        Markdown.Target(url) is null ? null : Text(new Uri(url!).AbsoluteUri);
}
