using CsCheck;
using Scanner.Collect.Plans;

namespace Collect.Tests.Plans;

public sealed class PlanValueTests
{
    private static readonly PlanUnknown Later = new("aws_lb.web.name is known after apply", "aws_lb.web");
    private static readonly PlanUnset Provider = PlanUnset.Computed("aws_lb.web.arn is known after apply", "aws_lb.web");

    private static readonly PlanObject Balancer = Object(
        ("name", Later),
        ("arn", Provider),
        ("access_logs", new PlanList([Object(("enabled", PlanScalar.True), ("bucket", Later))])),
        ("rule", new PlanList([
            Object(("apply", new PlanList([Object(("algorithm", PlanScalar.Of("a"))), Object(("algorithm", PlanScalar.Of("b")))]))),
            Object(("apply", PlanUnset.Null)),
            Object(("apply", new PlanList([Object(("algorithm", Later))]))),
        ])),
        ("encryption", Object(("key", PlanScalar.Of("k")))),
        ("ports", new PlanList([PlanScalar.Number("22"), PlanScalar.Number("443")])),
        ("empty", PlanList.Empty));

    [Fact]
    public void A_known_part_beside_an_unknown_one_stays_known()
    {
        Assert.Same(PlanScalar.True, Balancer.Find("access_logs[0].enabled"));
        Assert.Same(Later, Balancer.Find("access_logs[0].bucket"));
    }

    [Theory]
    [InlineData("missing")]
    [InlineData("access_logs[1].enabled")]
    [InlineData("encryption.key.deeper")]
    [InlineData("ports.name")]
    public void What_is_not_there_is_not_set(string path) => Assert.Same(PlanUnset.Null, Balancer.Find(path));

    [Theory]
    [InlineData("name.deeper[0]")]
    [InlineData("name[]")]
    public void A_path_through_something_unknown_gives_that(string path) => Assert.Same(Later, Balancer.Find(path));

    [Fact]
    public void A_path_through_what_the_provider_decides_says_that_it_is_a_part_of_it()
    {
        var part = Assert.IsType<PlanUnset>(Balancer.Find("arn[0].part"));
        Assert.True(part.IsComputed && part.IsPart);
        Assert.Equal(Provider.Reason, part.Reason);
        Assert.Same(Provider, Balancer.Find("arn"));
        Assert.Same(Provider, Balancer.Find("arn[]"));
    }

    [Fact]
    public void All_elements_of_what_is_not_set_are_not_set_and_of_an_empty_list_are_none()
    {
        Assert.Same(PlanUnset.Null, Balancer.Find("missing[]"));
        Assert.Empty(Assert.IsType<PlanList>(Balancer.Find("empty[]")).Items);
    }

    [Fact]
    public void Elements_of_elements_become_one_list_that_keeps_the_unknown_ones()
    {
        var found = Assert.IsType<PlanList>(Balancer.Find("rule[].apply[].algorithm"));
        Assert.Equal(["a", "b", null], found.Items.Select(item => (item as PlanScalar)?.Text));
        Assert.Same(Later, found.Items[2]);
    }

    [Fact]
    public void A_block_that_a_provider_made_an_object_is_a_list_of_one()
    {
        Assert.Equal("k", Assert.IsType<PlanScalar>(Balancer.Find("encryption[0].key")).Text);
        Assert.Single(Assert.IsType<PlanList>(Balancer.Find("encryption[]")).Items);
    }

    [Theory]
    [InlineData("a..b")]
    [InlineData(".a")]
    [InlineData("a.")]
    [InlineData("a[x]")]
    [InlineData("a[1")]
    [InlineData("a[-1]")]
    public void What_is_no_path_is_refused(string path) => Assert.False(PlanPath.TryParse(path, out _));

    [Fact]
    public void Reading_any_text_as_a_path_ends_with_a_path_or_with_none() =>
        Gen.String[Gen.Char["ab.[]01"], 0, 12].Sample(text =>
        {
            if (PlanPath.TryParse(text, out var path))
                Assert.NotNull(path.In(Balancer));
        });

    [Fact]
    public void Json_keeps_numbers_and_leaves_unknown_parts_null() =>
        Assert.Equal(
            """{"n":10000000000,"x":1.5,"huge":"1e999","s":"aws_vpc.main","u":null}""",
            Object(("n", PlanScalar.Number("10000000000")), ("x", PlanScalar.Number("1.5")), ("huge", PlanScalar.Number("1e999")),
                ("s", new PlanSymbol("aws_vpc.main", "aws_vpc", "id")), ("u", Later)).ToJson(symbol => symbol.Address)!.ToJsonString());

    [Fact]
    public void A_value_is_known_only_when_all_of_it_is()
    {
        Assert.True(Balancer.Find("ports").IsKnown);
        Assert.False(Balancer.IsKnown);
        Assert.Equal(3, Balancer.Unknowns.Count());
    }

    private static PlanObject Object(params (string Name, PlanValue Value)[] members) =>
        new(members.Select(member => KeyValuePair.Create(member.Name, member.Value)));
}
