using CsCheck;
using Scanner.Collect.Plans;

namespace Collect.Tests.Plans;

public sealed class PlanAddressTests
{
    [Fact]
    public void An_address_is_taken_apart_and_never_at_the_dots_of_a_key()
    {
        var address = PlanAddress.Parse("module.net[\"a.b]\\\"c\"].module.logs[0].data.aws_vpc.this[\"x.y\"]")!;
        Assert.Equal([new PlanStep("net", "[\"a.b]\\\"c\"]"), new PlanStep("logs", "[0]")], address.Steps);
        Assert.Equal((true, "aws_vpc", "this"), (address.IsData, address.Type, address.Name));
        Assert.Equal("x.y", PlanAddress.Plain(address.Key));
        Assert.Equal("module.net[\"a.b]\\\"c\"].module.logs[0].data.aws_vpc.this", address.Resource);
    }

    [Theory]
    [InlineData("")]
    [InlineData("aws_vpc")]
    [InlineData("module.a")]
    [InlineData("module.a[\"x.aws_vpc.b")]
    [InlineData("aws_vpc.a[0")]
    [InlineData("aws_vpc.a[0]x")]
    public void What_is_no_address_is_refused(string text) => Assert.Null(PlanAddress.Parse(text));

    [Fact]
    public void Every_key_survives_being_written_and_read() =>
        Gen.String[Gen.Char["ab.[]\"\\\n$"], 0, 8].Sample(key =>
            Assert.Equal(key, PlanAddress.Plain(PlanAddress.Parse("aws_vpc.a" + PlanAddress.Quote(key))!.Key)));

    [Fact]
    public void Any_text_is_an_address_or_none() =>
        Gen.String[Gen.Char["module.dat_[]\"\\0"], 0, 30].Sample(text => _ = PlanAddress.Parse(text));
}
