using Scanner.Collect.Plans;

namespace Collect.Tests.Plans;

/// <summary>Which instances are there before and which after: the facts of terraform's JSON format, one by one.</summary>
public sealed class PlanSidesTests
{
    private const string Vpc = """{"id":"vpc-1","cidr_block":"10.0.0.0/16","region":"eu-west-1"}""";

    [Fact]
    public void A_created_instance_is_there_afterwards_only()
    {
        var plan = new PlanFile().Create("aws_vpc.main", """{"cidr_block":"10.0.0.0/16"}""").Read();
        Assert.Empty(plan.Before);
        var vpc = Assert.Single(plan.After);
        Assert.True(vpc is { IsCreated: true, IsChanged: true, IsDeleted: false, IsCertain: true });
        Assert.Equal(("aws_vpc", "main", "eu-west-1", Plan.UnknownAccount), (vpc.Type, vpc.Name, vpc.Region, vpc.Account));
    }

    [Fact]
    public void A_deleted_instance_is_there_before_only()
    {
        var plan = new PlanFile().Change("aws_vpc.main", "delete", Vpc, null).Read();
        Assert.True(Assert.Single(plan.Before).IsDeleted);
        Assert.Empty(plan.After);
    }

    [Fact]
    public void What_the_plan_does_not_touch_stays_as_the_prior_state_has_it()
    {
        // terraform plan -target: seen with Terraform 1.11.4.
        var plan = new PlanFile().Prior("aws_flow_log.main", """{"id":"fl-1"}""").Keep("aws_vpc.main", Vpc).With("complete", "false").Read();
        Assert.Equal(["aws_flow_log.main", "aws_vpc.main"], plan.After.Select(one => one.Address));
        Assert.Equal(["aws_flow_log.main", "aws_vpc.main"], plan.Before.Select(one => one.Address));
        Assert.All(plan.After, one => Assert.False(one.IsChanged));
        Assert.Contains("partial plan (-target): 1 resource is taken as unchanged", plan.Incomplete);
    }

    [Fact]
    public void A_refresh_only_plan_changes_nothing()
    {
        var file = new PlanFile().Prior("aws_vpc.main", Vpc).With("no changes", "1").With("resource_drift", """[{"address":"aws_vpc.main","change":{"actions":["update"]}}]""");
        var plan = file.Read();
        Assert.True(plan.RefreshOnly);
        Assert.Equal(plan.Before.Select(one => one.Address), plan.After.Select(one => one.Address));
        Assert.Equal(["aws_vpc.main"], plan.Drifted);
    }

    [Theory]
    [InlineData("delete+create")]
    [InlineData("create+delete")]
    [InlineData("create+forget")]
    [InlineData("forget+create")]
    public void A_replaced_instance_is_new_afterwards_in_whatever_order_its_actions_stand(string actions)
    {
        var plan = new PlanFile().Change("aws_vpc.main", actions, Vpc, """{"cidr_block":"10.1.0.0/16"}""", """{"id":true}""").Read();
        Assert.Equal("vpc-1", ((PlanScalar)Assert.Single(plan.Before).Find("id")).Text);
        var after = Assert.Single(plan.After);
        Assert.True(after is { IsCreated: true, IsDeleted: false });
        Assert.Equal("aws_vpc.main#id", Assert.IsType<PlanSymbol>(after.Find("id")).ToString());
    }

    [Fact]
    public void A_forgotten_instance_stays_as_it_was()
    {
        var plan = new PlanFile().Change("aws_vpc.main", "forget", Vpc, null).Read();
        var after = Assert.Single(plan.After);
        Assert.Equal("vpc-1", ((PlanScalar)after.Find("id")).Text);
        Assert.False(after.IsChanged);
    }

    [Fact]
    public void A_word_that_nobody_knows_makes_the_state_afterwards_uncertain()
    {
        var plan = new PlanFile().Change("aws_vpc.main", "teleport", Vpc, Vpc).Read();
        Assert.True(Assert.Single(plan.Before).IsCertain);
        var after = Assert.Single(plan.After);
        Assert.False(after.IsCertain);
        Assert.IsType<PlanUnknown>(after.Find("cidr_block"));
    }

    [Fact]
    public void A_moved_instance_has_its_new_address_on_both_sides()
    {
        var plan = new PlanFile().Prior("aws_vpc.new", Vpc)
            .Change("aws_vpc.new", "no-op", Vpc, Vpc, more: entry => entry["previous_address"] = "aws_vpc.old").Read();
        Assert.Equal(("aws_vpc.new", "aws_vpc.old"), (Assert.Single(plan.Before).Address, plan.Before[0].PreviousAddress));
        Assert.Equal("aws_vpc.new", Assert.Single(plan.After).Address);
    }

    [Fact]
    public void A_deposed_object_is_an_instance_of_its_own()
    {
        var plan = new PlanFile().Keep("aws_vpc.main", Vpc)
            .Change("aws_vpc.main", "delete", """{"id":"vpc-0"}""", null, more: entry => entry["deposed"] = "1a2b").Read();
        Assert.Equal(["aws_vpc.main", "aws_vpc.main (deposed 1a2b)"], plan.Before.Select(one => one.Address));
        Assert.Equal(["aws_vpc.main"], plan.After.Select(one => one.Address));
    }

    [Fact]
    public void An_imported_object_was_there_before()
    {
        var plan = new PlanFile().Change("aws_vpc.main", "no-op", Vpc, Vpc, more: entry => entry["change"]!["importing"] = PlanFile.Json("""{"identity":{}}""")).Read();
        Assert.Single(plan.Before);
        Assert.False(Assert.Single(plan.After).IsChanged);
    }

    [Fact]
    public void An_errored_plan_leaves_open_what_it_did_not_come_to()
    {
        var plan = new PlanFile().Create("aws_vpc.main", "{}").Config("aws_vpc.main", "{}").Config("aws_flow_log.main", "{}")
            .Prior("aws_kms_key.main", """{"id":"k"}""").Config("aws_kms_key.main", "{}")
            .With("errored", "true").With("complete", "false").Read();
        Assert.True(plan.Errored);
        Assert.Equal([("aws_flow_log.main", false), ("aws_kms_key.main", false), ("aws_vpc.main", true)], plan.After.Select(one => (one.Address, one.IsCertain)));
        Assert.Contains(plan.Incomplete, reason => reason.Contains("errored", StringComparison.Ordinal));
    }

    [Fact]
    public void A_resource_without_instances_is_not_missing_from_a_whole_plan()
    {
        var plan = new PlanFile().Create("aws_vpc.main", "{}").Config("aws_vpc.main", "{}").Config("aws_flow_log.main", "{}").Read();
        Assert.Equal(["aws_vpc.main"], plan.After.Select(one => one.Address));
    }

    [Fact]
    public void A_deferred_change_is_uncertain()
    {
        var plan = new PlanFile().With("deferred_changes", """
            [{"reason":"instance_count_unknown","resource_change":{"address":"aws_vpc.many[*]","mode":"managed","type":"aws_vpc","name":"many","change":{"actions":["create"],"before":null,"after":{},"after_unknown":{}}}}]
            """).Read();
        var after = Assert.Single(plan.After);
        Assert.Equal(("aws_vpc.many[*]", false), (after.Address, after.IsCertain));
        Assert.Contains("1 change is deferred to a later plan", plan.Incomplete);
    }

    [Fact]
    public void Action_invocations_are_counted_and_ephemeral_resources_are_no_rows()
    {
        var plan = new PlanFile().With("action_invocations", """[{"address":"action.aws_lambda_invoke.x"}]""")
            .Change("aws_vpc.main", "read", null, null, more: entry => entry["mode"] = "ephemeral").Read();
        Assert.Empty(plan.After);
        Assert.Contains("1 action invocation is not judged", plan.Incomplete);
    }

    [Theory]
    [InlineData("""{"region":{"constant_value":"us-east-1"}}""", "{}", "us-east-1")]
    [InlineData("""{"region":{"references":["var.region"]}}""", "{}", "eu-north-1")]
    [InlineData("{}", """{"region":"ap-south-1"}""", "ap-south-1")]
    [InlineData("{}", """{"availability_zone":"us-west-2b"}""", "us-west-2")]
    [InlineData("{}", """{"arn":"arn:aws:ec2:ca-central-1:111122223333:vpc/vpc-1"}""", "ca-central-1")]
    [InlineData("{}", "{}", Plan.UnknownRegion)]
    public void The_region_comes_from_the_provider_or_from_the_instance(string provider, string values, string region)
    {
        var plan = new PlanFile().Provider("aws.alt", $$"""{"name":"aws","full_name":"registry.terraform.io/hashicorp/aws","expressions":{{provider}}}""")
            .Config("aws_vpc.main", "{}", provider: "aws.alt").Keep("aws_vpc.main", values).With("variables", """{"region":{"value":"eu-north-1"}}""").Read();
        Assert.Equal(region, Assert.Single(plan.After).Region);
    }

    [Fact]
    public void The_region_of_an_instance_counts_before_that_of_its_provider() =>
        Assert.Equal("us-east-2", new PlanFile().Config("aws_vpc.main", "{}").Keep("aws_vpc.main", """{"region":"us-east-2"}""").Read().After[0].Region);

    [Fact]
    public void The_account_is_the_callers_identity_or_that_of_an_arn_of_the_same_provider()
    {
        var named = new PlanFile().Config("data.aws_caller_identity.me", "{}").Prior("data.aws_caller_identity.me", """{"account_id":"111122223333"}""")
            .Config("aws_vpc.main", "{}").Create("aws_vpc.main", "{}");
        Assert.Equal("111122223333", named.Read().After[0].Account);
        Assert.Equal("999988887777", named.Read(new PlanReadOptions { Account = "999988887777" }).After[0].Account);
        var seen = new PlanFile().Config("aws_vpc.main", "{}").Create("aws_vpc.main", "{}")
            .Config("aws_lb.main", "{}").Keep("aws_lb.main", """{"arn":"arn:aws:elasticloadbalancing:eu-west-1:444455556666:loadbalancer/app/a/1"}""").Read();
        Assert.All(seen.After, one => Assert.Equal("444455556666", one.Account));
    }

    [Fact]
    public void Sensitive_texts_are_collected_wherever_they_are_marked()
    {
        var plan = new PlanFile().Change("aws_db_instance.main", "update", """{"password":"old-secret","tags":{"t":"tag-secret"},"port":5432}""", """{"password":"new-secret","port":5432}""", more: entry =>
        {
            entry["change"]!["before_sensitive"] = PlanFile.Json("""{"password":true,"tags":{"t":true}}""");
            entry["change"]!["after_sensitive"] = PlanFile.Json("""{"password":true}""");
        }).Change("aws_rds_cluster.old", "create", null, """{"master_password":"unmarked-secret"}""")
            .With("variables", """{"token":{"value":{"inner":["variable-secret","abc"]}}}""");
        Assert.Equal(["old-secret", "new-secret", "tag-secret", "unmarked-secret"], plan.Read().Secrets.ToHashSet(StringComparer.Ordinal));
    }
}
