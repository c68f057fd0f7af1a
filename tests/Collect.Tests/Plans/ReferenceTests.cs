using Scanner.Collect.Plans;

namespace Collect.Tests.Plans;

/// <summary>What a value known after apply will be, told from the names in the configuration: rule by rule of <see cref="ReferenceResolver"/>.</summary>
public sealed class ReferenceTests
{
    private const string Unknown = """{"id":true,"arn":true,"vpc_id":true}""";

    [Fact]
    public void One_object_is_the_answer() => Assert.Equal("aws_vpc.main#id", Text(Log("""["aws_vpc.main.id","aws_vpc.main"]""").Create("aws_vpc.main", "{}")));

    [Fact]
    public void What_is_known_beside_it_takes_no_part()
    {
        var file = Log("""["aws_vpc.main.id","aws_vpc.main","aws_vpc.old.id","aws_vpc.old","var.root","path.module","aws_vpc.none[0].id","aws_vpc.none[0]","aws_vpc.none"]""")
            .Create("aws_vpc.main", "{}").Keep("aws_vpc.old", """{"id":"vpc-0"}""");
        Assert.Equal("aws_vpc.main#id", Text(file));
    }

    [Fact]
    public void Nothing_unknown_means_that_nothing_was_set()
    {
        Assert.True(Found(Log("""["var.root","aws_vpc.none[0].id"]""")) is PlanUnset { IsComputed: true });
        Assert.True(Found(new PlanFile().Config("aws_flow_log.main", "{}").Create("aws_flow_log.main", "{}", Unknown)) is PlanUnset { IsComputed: true });
        Assert.True(Found(new PlanFile().Config("aws_flow_log.main", """{"vpc_id":{"constant_value":null}}""").Create("aws_flow_log.main", "{}", Unknown)) is PlanUnset { IsComputed: true });
    }

    [Fact]
    public void An_absent_instance_of_a_partial_plan_is_not_nothing()
    {
        var file = Log("""["aws_vpc.none.id","aws_vpc.none"]""").With("errored", "true");
        Assert.Contains("which this plan does not show", Assert.IsType<PlanUnknown>(Found(file)).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Several_objects_are_not_told_apart()
    {
        var unknown = Assert.IsType<PlanUnknown>(Found(Log("""["aws_vpc.a.id","aws_vpc.b.id"]""").Create("aws_vpc.a", "{}").Create("aws_vpc.b", "{}")));
        Assert.Equal("aws_flow_log.main.vpc_id is known after apply (aws_vpc.a, aws_vpc.b)", unknown.Reason);
        Assert.Equal(["aws_vpc.a", "aws_vpc.b"], unknown.References.Select(one => one.Address));
    }

    [Theory]
    [InlineData("""["local.vpc_id"]""", "local.vpc_id; --source may tell")]
    [InlineData("""["each.value"]""", "each.value; --source may tell")]
    [InlineData("""["module.net"]""", "module.net; --source may tell")]
    [InlineData("""["data.aws_vpc.later.id"]""", "data.aws_vpc.later is read during apply")]
    public void What_the_plan_hides_is_named(string references, string words)
    {
        var file = Log(references).Change("data.aws_vpc.later", "read", null, "{}", """{"id":true}""");
        Assert.Equal($"aws_flow_log.main.vpc_id is known after apply ({words})", Assert.IsType<PlanUnknown>(Found(file)).Reason);
    }

    [Fact]
    public void The_same_key_pairs_up_and_a_key_may_hold_a_dot()
    {
        var file = new PlanFile().Config("aws_flow_log.main", """{"vpc_id":{"references":["aws_vpc.v","each.key"]}}""")
            .Create("aws_vpc.v[\"a.b\"]", "{}").Create("aws_vpc.v[\"c\"]", "{}")
            .Create("aws_flow_log.main[\"a.b\"]", "{}", Unknown).Create("aws_flow_log.main[\"d\"]", "{}", Unknown);
        var plan = file.Read();
        Assert.Equal("aws_vpc.v[\"a.b\"]#id", plan.After.Single(one => one.Address == "aws_flow_log.main[\"a.b\"]").Find("vpc_id").ToString());
        Assert.IsType<PlanUnknown>(plan.After.Single(one => one.Address == "aws_flow_log.main[\"d\"]").Find("vpc_id"));
    }

    [Theory]
    [InlineData(2, "aws_vpc.v[0]#id")]
    [InlineData(3, null)]
    public void The_same_index_pairs_up_only_where_there_are_as_many(int vpcs, string? symbol)
    {
        var file = new PlanFile().Config("aws_flow_log.main", """{"vpc_id":{"references":["aws_vpc.v","count.index"]}}""")
            .Create("aws_flow_log.main[0]", "{}", Unknown).Create("aws_flow_log.main[1]", "{}", Unknown);
        for (var i = 0; i < vpcs; i++)
            file.Create($"aws_vpc.v[{i}]", "{}");
        var found = file.Read().After.First(one => one.Type == "aws_flow_log").Find("vpc_id");
        Assert.Equal(symbol, (found as PlanSymbol)?.ToString());
        Assert.True(found is PlanUnknown or PlanSymbol { ByIndex: true });
    }

    [Fact]
    public void Each_value_beside_a_resource_is_its_key_perhaps_and_never_the_same_key()
    {
        // claims/1: for_each = {x = "y"}, aws_vpc.pair[each.value].id
        var file = new PlanFile().Config("aws_flow_log.main", """{"vpc_id":{"references":["aws_vpc.v","each.value"]}}""", """{"constant_value":{"x":"y"}}""")
            .Create("aws_vpc.v[\"x\"]", "{}").Create("aws_vpc.v[\"y\"]", "{}").Create("aws_flow_log.main[\"x\"]", "{}", Unknown);
        Assert.IsType<PlanUnknown>(file.Read().After.Single(one => one.Type == "aws_flow_log").Find("vpc_id"));
    }

    [Fact]
    public void Each_value_of_one_bare_resource_is_the_instance_of_the_key()
    {
        var file = new PlanFile().Config("aws_flow_log.main", """{"vpc_id":{"references":["each.value.id","each.value"]}}""", """{"references":["aws_vpc.v"]}""")
            .Create("aws_vpc.v[\"x\"]", "{}").Create("aws_vpc.v[\"y\"]", "{}").Create("aws_flow_log.main[\"y\"]", "{}", Unknown);
        Assert.Equal("aws_vpc.v[\"y\"]#id", file.Read().After.Single(one => one.Type == "aws_flow_log").Find("vpc_id").ToString());
    }

    [Fact]
    public void A_splat_is_all_and_no_identity()
    {
        var file = Log("""["aws_vpc.v"]""").Create("aws_vpc.v[0]", "{}").Create("aws_vpc.v[1]", "{}");
        Assert.Equal(2, Assert.IsType<PlanUnknown>(Found(file)).References.Count);
    }

    [Fact]
    public void Variables_and_outputs_lead_through_modules()
    {
        var file = new PlanFile()
            .Config("module.net.aws_vpc.this", "{}").Call("net", "{}", """{"vpc_id":{"expression":{"references":["aws_vpc.this[0].id","aws_vpc.this[0]","aws_vpc.this"]}}}""")
            .Call("logs", """{"vpc":{"references":["module.net.vpc_id","module.net"]}}""")
            .Call("logs.inner", """{"vpc":{"references":["var.vpc"]}}""")
            .Config("module.logs.module.inner.aws_flow_log.main", """{"vpc_id":{"references":["var.vpc"]}}""")
            .Create("module.net.aws_vpc.this[0]", "{}").Create("module.logs.module.inner.aws_flow_log.main", "{}", Unknown);
        Assert.Equal("module.net.aws_vpc.this[0]#id", Text(file));
    }

    [Fact]
    public void A_keyed_module_is_its_own_instance()
    {
        var file = Log("""["module.net[\"b.1\"].vpc_id","module.net[\"b.1\"]"]""")
            .Config("module.net.aws_vpc.this", "{}").Call("net", "{}", """{"vpc_id":{"expression":{"references":["aws_vpc.this.id","aws_vpc.this"]}}}""", """{"constant_value":{}}""")
            .Create("module.net[\"a\"].aws_vpc.this", "{}").Create("module.net[\"b.1\"].aws_vpc.this", "{}");
        Assert.Equal("module.net[\"b.1\"].aws_vpc.this#id", Text(file));
    }

    [Fact]
    public void Part_of_an_object_that_a_call_puts_together_is_not_told()
    {
        // claims/8
        var file = new PlanFile().Call("logs", """{"logs":{"references":["aws_vpc.a.id","aws_vpc.a"]}}""")
            .Config("module.logs.aws_flow_log.main", """{"vpc_id":{"references":["var.logs.one.vpc","var.logs.one","var.logs"]}}""")
            .Create("aws_vpc.a", "{}").Create("module.logs.aws_flow_log.main", "{}", Unknown);
        Assert.IsType<PlanUnknown>(Found(file));
    }

    [Fact]
    public void An_argument_that_was_given_through_is_what_it_was_given()
    {
        var file = new PlanFile().Config("aws_s3_bucket.b", "{}").Config("aws_s3_bucket_policy.p", """{"bucket":{"references":["aws_s3_bucket.b.id","aws_s3_bucket.b"]}}""")
            .Config("aws_s3_bucket_public_access_block.x", """{"bucket":{"references":["aws_s3_bucket_policy.p.bucket","aws_s3_bucket_policy.p"]}}""")
            .Create("aws_s3_bucket.b", "{}", """{"id":true,"bucket":true}""").Create("aws_s3_bucket_policy.p", "{}", """{"id":true,"bucket":true}""")
            .Create("aws_s3_bucket_public_access_block.x", "{}", """{"id":true,"bucket":true}""");
        Assert.Equal("aws_s3_bucket.b#id", file.Read().After.Single(one => one.Type.EndsWith("block", StringComparison.Ordinal)).Find("bucket").ToString());
    }

    [Fact]
    public void A_name_of_its_own_is_its_own_and_a_name_made_of_something_random_is_nobodys()
    {
        // claims/5: two buckets named by one random_pet are two.
        var file = new PlanFile().Create("random_pet.p", "{}", """{"id":true}""")
            .Config("aws_s3_bucket.one", """{"bucket":{"references":["random_pet.p.id","random_pet.p"]}}""").Create("aws_s3_bucket.one", "{}", """{"id":true,"bucket":true}""")
            .Config("aws_s3_bucket_logging.one", """{"bucket":{"references":["random_pet.p.id","random_pet.p"]}}""").Create("aws_s3_bucket_logging.one", "{}", """{"id":true,"bucket":true}""");
        var plan = file.Read();
        Assert.Equal("aws_s3_bucket.one#bucket", plan.After[0].Find("bucket").ToString());
        Assert.IsType<PlanUnknown>(plan.After.Single(one => one.Type == "aws_s3_bucket_logging").Find("bucket"));
    }

    [Fact]
    public void A_document_is_never_the_object_that_it_names()
    {
        // claims/7
        var file = new PlanFile().Create("aws_s3_bucket.b", "{}").Config("aws_iam_policy.p", """{"policy":{"references":["aws_s3_bucket.b.arn","aws_s3_bucket.b"]}}""")
            .Create("aws_iam_policy.p", "{}", """{"id":true,"policy":true}""");
        Assert.IsType<PlanUnknown>(file.Read().After.Single(one => one.Type == "aws_iam_policy").Find("policy"));
    }

    [Fact]
    public void A_block_that_nothing_in_the_configuration_makes_is_dynamic()
    {
        var file = new PlanFile().Config("aws_lb.web", """{"name":{"constant_value":"web"}}""")
            .Create("aws_lb.web", """{"access_logs":[{"enabled":true}]}""", """{"id":true,"access_logs":[{"bucket":true}]}""");
        var web = file.Read().After[0];
        Assert.Same(PlanScalar.True, web.Find("access_logs[0].enabled"));
        Assert.Contains("a dynamic block sets it", Assert.IsType<PlanUnknown>(web.Find("access_logs[0].bucket")).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_several_blocks_the_one_whose_constants_fit_made_the_element()
    {
        var file = new PlanFile().Create("aws_vpc.a", "{}").Create("aws_vpc.b", "{}")
            .Config("aws_x.x", """{"rule":[{"port":{"constant_value":22},"vpc_id":{"references":["aws_vpc.a.id"]}},{"port":{"constant_value":443},"vpc_id":{"references":["aws_vpc.b.id"]}}]}""")
            .Create("aws_x.x", """{"rule":[{"port":443},{"port":22}]}""", """{"rule":[{"vpc_id":true},{"vpc_id":true}]}""");
        var x = file.Read().After.Single(one => one.Type == "aws_x");
        Assert.Equal(["aws_vpc.b#id", "aws_vpc.a#id"], new[] { x.Find("rule[0].vpc_id").ToString(), x.Find("rule[1].vpc_id").ToString() });
    }

    [Fact]
    public void References_that_double_at_each_step_end_in_time()
    {
        var file = Log("""["module.m0.out"]""").Create("aws_vpc.a", "{}");
        for (var i = 0; i < 30; i++)
        {
            file.Call("m" + i, $$$"""{"x":{"references":["module.m{{{i + 1}}}.out"]},"y":{"references":["module.m{{{i + 1}}}.out"]}}""",
                """{"out":{"expression":{"references":["var.x","var.y"]}}}""");
        }
        Assert.IsType<PlanUnknown>(Found(file));
    }

    private static readonly Dictionary<(string Type, string Argument), IReadOnlySet<string>> Owners = new()
    {
        [("aws_security_group_rule", "security_group_id")] = new HashSet<string>(["aws_security_group", "aws_default_security_group"], StringComparer.Ordinal),
    };

    // A rule in a module whose group is a local there.
    private static PlanFile RuleInModule(string given = "{}") => new PlanFile()
        .Call("web", given).Config("module.web.aws_security_group_rule.r", """{"security_group_id":{"references":["local.group"]}}""")
        .Create("module.web.aws_security_group_rule.r", "{}", """{"id":true,"security_group_id":true,"source_security_group_id":true}""")
        .Create("aws_security_group.other", "{}");

    private static PlanValue GroupOf(PlanFile file) =>
        file.Read(new PlanReadOptions { Owners = Owners }).After.Single(one => one.Type == "aws_security_group_rule").Find("security_group_id");

    [Fact]
    public void What_hides_in_a_module_is_the_one_object_that_the_module_can_name()
    {
        Assert.Equal("module.web.aws_security_group.this[0]#id", GroupOf(RuleInModule().Create("module.web.aws_security_group.this[0]", "{}")).ToString());
        // One that it is given, and none of its own.
        Assert.Equal("aws_security_group.other#id", GroupOf(RuleInModule("""{"group":{"references":["aws_security_group.other.id","aws_security_group.other"]}}""")).ToString());
        // A made-up text is nobody's id.
        Assert.Equal("module.web.aws_security_group.this#id", GroupOf(RuleInModule().Create("module.web.aws_security_group.this", "{}").Create("module.web.random_id.x", "{}", """{"id":true,"hex":true}""")).ToString());
    }

    [Theory]
    // Two: its own, and one that it is given.
    [InlineData("""{"group":{"references":["aws_security_group.other.id","aws_security_group.other"]}}""", "module.web.aws_security_group.this", """{"id":true,"arn":true}""")]
    // What it is given hides in the root, where everything may be.
    [InlineData("""{"group":{"references":["local.group"]}}""", "module.web.aws_security_group.this", """{"id":true,"arn":true}""")]
    // Two of its own.
    [InlineData("{}", "module.web.aws_security_group.second", """{"id":true,"arn":true}""")]
    // A data source that is read during apply may find any.
    [InlineData("{}", "module.web.data.aws_security_group.found", """{"id":true,"vpc_id":true}""")]
    // AWS makes a group with each VPC and names it.
    [InlineData("{}", "module.web.aws_vpc.main", """{"id":true,"default_security_group_id":true}""")]
    // Whatever somebody put there.
    [InlineData("{}", "module.web.aws_ssm_parameter.group", """{"arn":true,"value":true}""")]
    [InlineData("{}", "module.web.terraform_data.group", """{"id":true,"output":true}""")]
    public void What_hides_in_a_module_is_not_told_where_it_may_be_something_else(string given, string address, string unknown)
    {
        var file = RuleInModule(given).Create("module.web.aws_security_group.this", "{}");
        if (address != "module.web.aws_security_group.this")
            file.Change(address, address.Contains(".data.", StringComparison.Ordinal) ? "read" : "create", null, "{}", unknown);
        Assert.Contains("local.group; --source may tell", Assert.IsType<PlanUnknown>(GroupOf(file)).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void In_the_root_nothing_is_told_by_leaving_out_and_in_a_partial_plan_neither()
    {
        var root = new PlanFile().Config("aws_security_group_rule.r", """{"security_group_id":{"references":["local.group"]}}""")
            .Create("aws_security_group_rule.r", "{}", """{"id":true,"security_group_id":true}""").Create("aws_security_group.only", "{}");
        Assert.IsType<PlanUnknown>(GroupOf(root));
        Assert.IsType<PlanUnknown>(GroupOf(RuleInModule().Create("module.web.aws_security_group.this", "{}").With("errored", "true")));
        // An argument by which nothing belongs to anything may be what AWS decides.
        Assert.IsType<PlanUnknown>(RuleInModule().Create("module.web.aws_security_group.this", "{}").Read().After.Single(one => one.Type == "aws_security_group_rule").Find("security_group_id"));
    }

    private static PlanFile Log(string references) =>
        new PlanFile().Config("aws_flow_log.main", $$$"""{"vpc_id":{"references":{{{references}}}}}""").Create("aws_flow_log.main", "{}", Unknown);

    private static PlanValue Found(PlanFile file) => file.Read().After.Single(one => one.Type == "aws_flow_log").Find("vpc_id");

    private static string? Text(PlanFile file) => Found(file).ToString();
}
