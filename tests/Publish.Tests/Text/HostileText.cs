using CsCheck;

namespace Publish.Tests.Text;

/// <summary>Texts made of pieces that mean something to markdown, HTML, GitHub, spreadsheets, terminals or Actions.</summary>
internal static class HostileText
{
    private static readonly string[] Pieces =
    [
        "a", "b", "Z", "0", "1", "9", " ", "  ", "\t", "\n", "\r\n", "\r", "\0", "\u001b[31m", "\u007f", "\u0085", "\u00a0", "\u2028",
        "\u202e", "\u2066", "\u200b", "\u200d", "\ufeff", "\ud800", "\udc00", "😀", "é", "界", "\ufffe", "\ufe0f", "\U000e0041",
        "*", "**", "_", "__", "~", "~~", "`", "``", "```", "~~~", "\\", "\\|", "|", "||", "| a | b |\n|---|---|\n", "-", "---", "- [x] ", "- ", "+ ", "1. ", "1) ",
        "#", "# ", "## ", "#123", "GH-1", "owner/repo#1", "@org", "@org/team", "user@example.com", "a@b.co", "deadbeef", "0123456789abcdef0123456789abcdef01234567",
        "http://evil.example", "https://evil.example/x?y=z", "www.evil.example", "ftp://evil", "mailto:a@b.co", "<https://evil.example>", "javascript:alert(1)",
        "<", ">", "</", "/>", "<b>", "</b>", "<img src=x onerror=alert(1)>", "<script>", "</script>", "</details>", "</td>", "</code>", "</summary>",
        "<!--", "-->", "--!>", "<!-- scanner:v1 key=", "&", "&lt;", "&#64;", "&#x40;", "&commat;", ";",
        "[", "]", "(", ")", "[a](http://evil.example)", "![a](http://evil.example)", "[a]: http://evil.example", "[^1]", "[^1]: note", "[[wiki]]", "> ", "> [!NOTE]\n> x",
        "$", "$$", "$x$", "$`x`$", ":smile:", ":+1:", ":", "::", "::error::x", "##[group]", "%0A", "%", "=", "===", "^", "{", "}", "{#id}", "{{", "\"", "'", "!", "@", "/", ",", ".",
        "```mermaid\ngraph TD\n", "\n\n", "\n    code", "\n---\n", "\n===\n", "=1+1", "+1", "-1", "@SUM(1)", "<?php", "<![CDATA[", "]]>", "ABC-123", "GHSA-xxxx",
    ];

    public static Gen<string> Gen { get; } =
        CsCheck.Gen.OneOf(CsCheck.Gen.OneOf(Pieces), CsCheck.Gen.OneOf(Pieces), CsCheck.Gen.OneOf(Pieces), CsCheck.Gen.String[0, 8])
            .Array[0, 12].Select(parts => string.Concat(parts));
}
