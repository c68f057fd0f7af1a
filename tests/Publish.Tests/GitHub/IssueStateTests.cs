using CsCheck;
using Publish.Tests.Text;
using Scanner.Publish.GitHub;

namespace Publish.Tests.GitHub;

/// <summary>The line that an issue remembers by: an HTML comment, which ends at the first <c>--></c> and must hold no <c>--</c> (HTML).</summary>
public sealed class IssueStateTests
{
    [Theory]
    [InlineData("a--b")]
    [InlineData("--")]
    [InlineData("a---")]
    [InlineData("-->")]
    [InlineData("--!>")]
    [InlineData("<!--")]
    public void No_name_ends_the_comment(string name) => Whole(name);

    [Fact]
    public void No_text_ends_the_comment_and_all_come_back() => HostileText.Gen.Sample(Whole, iter: 300);

    private static void Whole(string text)
    {
        var state = new IssueState { Check = text, Account = text, Regions = text.Length == 0 ? [] : [text], AcceptedBy = text, Hash = "h" };

        var line = state.Line();

        Assert.StartsWith("<!-- ", line, StringComparison.Ordinal);
        Assert.EndsWith(" -->", line, StringComparison.Ordinal);
        Assert.DoesNotContain("--", line["<!-- ".Length..^" -->".Length], StringComparison.Ordinal);
        Assert.DoesNotContain('\n', line);
        Assert.DoesNotContain('\r', line);
        var read = IssueState.Parse(line + "\n\nbody <!-- -->");
        Assert.NotNull(read);
        // Half characters cannot be sent.
        var kept = text.EnumerateRunes().Aggregate("", (made, rune) => made + rune);
        Assert.Equal((kept, kept, kept), (read.Check, read.Account, read.AcceptedBy));
    }
}
