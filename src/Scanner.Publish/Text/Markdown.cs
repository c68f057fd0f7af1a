using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Scanner.Model;

namespace Scanner.Publish.Text;

/// <summary>
/// Puts text of unknown origin into GitHub-flavoured markdown so that it stays text: no formatting, no HTML, no links,
/// mentions, issue or commit references, emoji, math, footnotes or table cells come out of it (GitHub Flavored
/// Markdown Spec 0.29-gfm; "Autolinked references and URLs" and "Writing mathematical expressions" in GitHub's
/// documentation). What GitHub finds in the rendered text (mentions, references, commit ids, emoji) it does not look
/// for inside code, so words that could be taken for any of it are set as code: exact, and safe to copy.
/// </summary>
public static partial class Markdown
{
    private static readonly SearchValues<char> Structural = SearchValues.Create("\\`*_{}[]<>)#+!|~$^@&=-.");
    private static readonly SearchValues<char> NeedsHtmlCode = SearchValues.Create("`|\\");

    /// <summary>
    /// Running text for a paragraph, a list item, a heading, a table cell or the text of a link. Control characters are
    /// made visible, line breaks and runs of spaces become one space.
    /// </summary>
    public static string Text(string? text)
    {
        var words = SafeText.Words(text);
        if (words.Length == 0 || !words.AsSpan().ContainsAny(Structural) && !Suspicious().IsMatch(words))
            return words;
        var made = new StringBuilder(words.Length + 16);
        foreach (var range in words.AsSpan().Split(' '))
        {
            if (range.Start.Value > 0)
                made.Append(' ');
            AppendWord(made, words.AsSpan()[range]);
        }
        return made.ToString();
    }

    /// <summary>A code span that shows <paramref name="text"/> exactly (control characters and spaces that would not show made visible).</summary>
    public static string Code(string? text)
    {
        var line = SafeText.Exact(text);
        var made = new StringBuilder(line.Length + 2);
        AppendCode(made, line);
        return made.ToString();
    }

    /// <summary>
    /// A link, where <paramref name="url"/> is an absolute http or https address; otherwise the text alone.
    /// </summary>
    /// <param name="text">Text of the link, of unknown origin.</param>
    /// <param name="url">Address, of unknown origin.</param>
    public static string Link(string? text, string? url)
    {
        var target = Target(url);
        return target is null ? Text(text) : $"[{Text(text)}]({target})";
    }

    /// <summary>
    /// A fenced code block whose fence is longer than any run of backticks in <paramref name="code"/>; begins and ends
    /// with its fence, without a line break after it.
    /// </summary>
    /// <param name="code">Lines of unknown origin.</param>
    /// <param name="language">Our own word for the language.</param>
    public static string Fence(string code, string language)
    {
        var lines = SafeText.Lines(code).TrimEnd('\n');
        var longest = 2;
        var run = 0;
        foreach (var c in lines)
        {
            run = c == '`' ? run + 1 : 0;
            longest = Math.Max(longest, run);
        }
        var fence = new string('`', longest + 1);
        return $"{fence}{language}\n{lines}\n{fence}";
    }

    /// <summary>The address of a link, safe between parentheses; null when it is not absolute http or https.</summary>
    internal static string? Target(string? url)
    {
        if (url is null || !Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https") || uri.UserInfo.Length > 0)
            return null;
        var made = new StringBuilder();
        foreach (var c in uri.AbsoluteUri)
        {
            if (char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '/' or ':' or '?' or '=' or '&' or '%' or '#' or ',' or ';' or '+' or '@' or '!')
                made.Append(c == '&' ? "&amp;" : c.ToString());
            else if (c == '_' || c == '~')
                made.Append('\\').Append(c);
            else if (c < 0x80)
                made.Append(CultureInfo.InvariantCulture, $"%{(int)c:X2}");
            else
                return null;
        }
        return made.ToString();
    }

    private static void AppendWord(StringBuilder made, ReadOnlySpan<char> word)
    {
        if (!Suspicious().IsMatch(word) || Time().IsMatch(word))
        {
            AppendEscaped(made, word);
            return;
        }
        // Quotation marks and the punctuation of the sentence stay outside of the code, as a writer would set it.
        var start = 0;
        while (start < word.Length && word[start] is '\'' or '"' or '(')
            start++;
        var end = word.Length;
        while (end > start && word[end - 1] is '\'' or '"' or ')' or '.' or ',' or ';' or ':' or '?')
            end--;
        if (start >= end)
        {
            AppendEscaped(made, word);
            return;
        }
        AppendEscaped(made, word[..start]);
        AppendCode(made, word[start..end]);
        AppendEscaped(made, word[end..]);
    }

    private static void AppendEscaped(StringBuilder made, ReadOnlySpan<char> word)
    {
        for (var i = 0; i < word.Length; i++)
        {
            var c = word[i];
            switch (c)
            {
                // As entities, because a table cell is cut at a pipe before backslashes are looked at, and `<` must not
                // begin a tag for any reader.
                case '|' or '<' or '>' or '&' or '`' or '\\' or '$' or '@' or '#' or '=':
                    AppendEntity(made, c);
                    break;
                case '*' or '_' or '{' or '}' or '[' or ']' or '!' or '~' or '^':
                    made.Append('\\').Append(c);
                    break;
                // Meaningful at the start of a line only; a caller may put this word there.
                case '-' when i == 0:
                case '+' when i == 0 || word[i - 1] == '+':
                    AppendEntity(made, c);
                    break;
                case '.' or ')' when i > 0 && i == word.Length - 1 && word[..i].IndexOfAnyExceptInRange('0', '9') < 0:
                    AppendEntity(made, c);
                    break;
                default:
                    made.Append(c);
                    break;
            }
        }
    }

    private static void AppendCode(StringBuilder made, ReadOnlySpan<char> line)
    {
        if (line.Length > 0 && !line.ContainsAny(NeedsHtmlCode))
        {
            made.Append('`').Append(line).Append('`');
            return;
        }
        made.Append("<code>");
        for (var i = 0; i < line.Length; i++)
        {
            var c = line[i];
            if (c < 0x80 && c != ' ' && !char.IsAsciiLetterOrDigit(c))
                AppendEntity(made, c);
            else
                made.Append(c);
        }
        made.Append("</code>");
    }

    private static void AppendEntity(StringBuilder made, char c) =>
        made.Append(c switch
        {
            '<' => "&lt;",
            '>' => "&gt;",
            '&' => "&amp;",
            '"' => "&quot;",
            _ => string.Create(CultureInfo.InvariantCulture, $"&#{(int)c};"),
        });

    // What GitHub's filters look for in rendered text: @user, #1, owner/repo#1, owner/repo@sha, GH-1, custom references
    // (LETTERS-1), GHSA-..., commit ids of 7 to 40 digits, addresses with or without a scheme, :emoji:, $math$.
    [GeneratedRegex(@"[@#$]|:[^\s]|www\.|[A-Za-z]-[0-9]|GHSA-|[0-9a-fA-F]{7}", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Suspicious();

    // 06:30: one colon makes no emoji, and no scheme is a number.
    [GeneratedRegex(@"^\(?[0-9]{2}:[0-9]{2}[.,;)]?\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Time();
}
