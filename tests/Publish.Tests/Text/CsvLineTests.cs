using Scanner.Publish.Text;

namespace Publish.Tests.Text;

public sealed class CsvLineTests
{
    [Theory]
    [InlineData("=cmd|x", "'=cmd|x")]
    [InlineData("@SUM(A1)", "'@SUM(A1)")]
    [InlineData("-2+3", "'-2+3")]
    [InlineData(" +1x", "' +1x")]
    [InlineData("-1.5", "'-1.5")]
    [InlineData("a,b", "\"a,b\"")]
    [InlineData("say \"x\"", "\"say \"\"x\"\"\"")]
    [InlineData("a\rb", "\"a\nb\"")]
    [InlineData("", "")]
    public void A_cell_is_text_and_never_a_formula(string value, string cell) =>
        Assert.Equal($"first,{cell},last", CsvLine.Of(["first", value, "last"]));

    [Fact]
    public void What_is_known_to_be_a_number_keeps_its_sign() =>
        Assert.Equal("'-1,-1", CsvLine.Of(["-1", "-1"], i => i == 1));
}
