using System.Globalization;
using System.Text;
using CsCheck;
using Scanner.Model;

namespace Publish.Tests.Text;

/// <summary>What hostile text becomes before it reaches a terminal, a log or a report.</summary>
public sealed class SafeTextTests
{
    // What no terminal, log or page shows: written down from Unicode's categories, not from the code.
    private static bool IsShown(Rune rune) => Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate
        or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
        && (rune.Value == ' ' || Rune.GetUnicodeCategory(rune) != UnicodeCategory.SpaceSeparator);

    [Fact]
    public void Every_text_becomes_one_line_of_which_every_character_is_shown() =>
        HostileText.Gen.Sample(text =>
        {
            var line = SafeText.Line(text);
            Assert.All(line.EnumerateRunes(), rune => Assert.True(IsShown(rune), $"U+{rune.Value:X4} of {Escaped(text)}"));
            Assert.Equal(line, SafeText.Line(line));
            Assert.All(SafeText.Lines(text).Split('\n', '\t'), part => Assert.All(part.EnumerateRunes(), rune => Assert.True(IsShown(rune))));
        }, iter: 1_000);

    [Theory]
    [InlineData("a\r\nb\nc\rd\u0085e\u2028f\u2029g", "a b c d e f g")]
    [InlineData("a\tb", "a b")]
    [InlineData("\u001b[31mred\u0007\u007f", "␛[31mred␇␡")]
    [InlineData("\u009b31m", "⟨U+009B⟩31m")]
    [InlineData("user\u202etxt.exe", "user⟨U+202E⟩txt.exe")]
    [InlineData("a\u200bb\u200d\ufeff\u2060", "a⟨U+200B⟩b⟨U+200D⟩⟨U+FEFF⟩⟨U+2060⟩")]
    [InlineData("a\u00a0b\u3000c", "a⟨U+00A0⟩b⟨U+3000⟩c")]
    [InlineData("\U000e0041\ufe0f\U000e0100", "⟨U+E0041⟩⟨U+FE0F⟩⟨U+E0100⟩")]
    [InlineData("\u3164\uffa0\u115f\u1160\u180e\u2800", "⟨U+3164⟩⟨U+FFA0⟩⟨U+115F⟩⟨U+1160⟩⟨U+180E⟩⟨U+2800⟩")]
    [InlineData("é界😀 «ß»", "é界😀 «ß»")]
    [InlineData("", "")]
    [InlineData(null, "")]
    public void What_is_not_seen_is_shown(string? text, string expected) => Assert.Equal(expected, SafeText.Line(text));

    // Not among the data above: an attribute cannot hold half a character.
    [Fact]
    public void Half_a_character_is_replaced() => Assert.Equal("\ufffd \ufffd😀\ufffd", SafeText.Line("\ud800 \udc00\ud83d\ude00\ud83d"));

    [Fact]
    public void Lines_and_tabs_stay_where_they_may() => Assert.Equal("a\nb\tc\nd\n", SafeText.Lines("a\r\nb\tc\u2028d\r"));

    [Theory]
    [InlineData("  a  b ", "a b", "␠␠a ␠b␠")]
    [InlineData("a b", "a b", "a b")]
    [InlineData(" ", "", "␠")]
    [InlineData("a ", "a", "a␠")]
    [InlineData(" a", "a", "␠a")]
    public void Spaces_are_joined_or_shown(string text, string words, string exact)
    {
        Assert.Equal(words, SafeText.Words(text));
        Assert.Equal(exact, SafeText.Exact(text));
    }

    [Theory]
    [InlineData("::error::x")]
    [InlineData("  ::add-mask::x")]
    [InlineData("\t::stop-commands::x")]
    [InlineData("\n::set-output name=a::b")]
    [InlineData("##[error]x")]
    [InlineData(" ##[group]x")]
    public void No_line_of_the_log_begins_a_workflow_command(string text)
    {
        var line = SafeText.LogLine(text);

        Assert.False(Commands(line), line);
        Assert.EndsWith(text.Trim(), line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a::b")]
    [InlineData(":x:")]
    [InlineData("#1")]
    [InlineData("arn:aws:s3:::bucket")]
    public void Other_text_is_not_touched(string text) => Assert.Equal(text, SafeText.LogLine(text));

    [Theory]
    [InlineData("abcd", 4, "abcd")]
    [InlineData("abcd", 3, "ab…")]
    [InlineData("a😀b", 3, "a…")]
    [InlineData("a😀bc", 4, "a😀…")]
    [InlineData("abc", 1, "…")]
    public void A_cut_says_so_and_halves_no_character(string text, int units, string expected) => Assert.Equal(expected, SafeText.Cut(text, units));

    private static string Escaped(string text) => string.Concat(text.Select(c => c is > ' ' and < '\u007f' ? c.ToString() : $"\\u{(int)c:x4}"));

    // As the runner reads a line (actions/runner, ActionCommand): a command begins it, after spaces.
    private static bool Commands(string line) => line.TrimStart().StartsWith("::", StringComparison.Ordinal) || line.TrimStart().StartsWith("##[", StringComparison.Ordinal);
}
