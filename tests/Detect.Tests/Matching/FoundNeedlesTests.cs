using System.Globalization;
using System.Text;
using Scanner.Detect.Matching;
using Scanner.Detect.Rules;

namespace Detect.Tests.Matching;

/// <summary>What is remembered of texts, and what is compiled for being used often, gives the same answers.</summary>
public class FoundNeedlesTests
{
    [Fact]
    public void A_text_that_comes_again_has_the_needles_that_it_had()
    {
        var index = new ContainsIndex(0, ["kali", "alibi", "li", "python", "77"]);
        var remembered = new FoundNeedles(index);
        // More texts than are kept, some longer than any that is kept, twice.
        string[] texts = ["", "KALI", "kalibi", "x", new string('x', 600) + "python", .. Enumerable.Range(0, 4000).Select(i => string.Create(CultureInfo.InvariantCulture, $"agent/{i} {(i % 3 == 0 ? "python" : "")}"))];
        var found = new uint[index.Needles];
        var asked = new uint[index.Needles];
        var mark = 0U;
        foreach (var text in texts.Concat(texts))
        {
            mark++;
            index.Find(Encoding.UTF8.GetBytes(text), found, mark);
            remembered.Find(Encoding.UTF8.GetBytes(text), asked, mark);
            Assert.Equal(found.Select(one => one == mark), asked.Select(one => one == mark));
        }
    }

    [Fact]
    public void An_expression_that_is_used_often_gives_the_same_answers()
    {
        var matcher = new PatternMatcher(new ValueTest.Regex(":i-[0-9a-f]{8,17}$", IgnoreCase: false, MultiLine: false, SingleLine: false));
        for (var i = 0; i < 30_000; i++)
        {
            Assert.True(matcher.IsMatch("AROA:i-0123456789abcdef0"));
            Assert.False(matcher.IsMatch("AROA:i-0123456"));
        }
    }
}
