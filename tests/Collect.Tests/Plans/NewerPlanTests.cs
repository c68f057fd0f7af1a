namespace Collect.Tests.Plans;

/// <summary>
/// Plans as Terraform 1.14 to 1.16 and OpenTofu 1.11 to 1.12 write them. Neither program was at hand: the members are those of their
/// sources (<c>internal/command/jsonplan</c> and <c>jsonconfig</c>) and changelogs, and both still say format_version 1.2.
/// </summary>
public sealed class NewerPlanTests
{
    private const string Vpc = """{"id":"vpc-1","cidr_block":"10.0.0.0/16"}""";

    [Fact]
    public void Terraform_1_16_tells_actions_identities_and_imports_without_an_id()
    {
        var plan = new PlanFile().With("terraform_version", "\"1.16.3\"").With("applyable", "true").With("complete", "true").With("errored", "false")
            .With("action_invocations", """
                [{"address":"action.aws_lambda_invoke.warm","type":"aws_lambda_invoke","name":"warm","provider_name":"registry.terraform.io/hashicorp/aws","config_values":{"payload":"{}"},"config_unknown":{},"config_sensitive":{},
                  "lifecycle_action_trigger":{"triggering_resource_address":"aws_vpc.new","action_trigger_event":"BeforeDestroy","action_trigger_block_index":0,"actions_list_index":0,"on_failure":"taint"}}]
                """)
            .With("deferred_action_invocations", """[{"reason":"deferred_prereq","action_invocation":{"address":"action.aws_sns_publish.told","type":"aws_sns_publish","name":"told"}}]""")
            .With("something_new", """{"nested":[1,{"resource_changes":[]}]}""")
            .Change("aws_vpc.new", "create", null, """{"cidr_block":"10.1.0.0/16"}""", """{"id":true}""", entry =>
            {
                entry["action_reason"] = "a word of tomorrow";
                entry["change"]!["after_identity"] = PlanFile.Json("""{"id":null}""");
                entry["change"]!["before_identity"] = null;
            })
            .Change("aws_vpc.old", "no-op", Vpc, Vpc, more: entry => entry["change"]!["importing"] = PlanFile.Json("""{"identity":{"id":"vpc-1","region":"eu-west-1","account_id":"111122223333"}}"""))
            .Change("module.net.aws_vpc.later", "create", null, "{}", """{"id":true,"cidr_block":true}""", entry => entry["change"]!["importing"] = PlanFile.Json("""{"unknown":true}"""))
            .Config("aws_vpc.new", "{}").Config("aws_vpc.old", "{}").Config("module.net.aws_vpc.later", "{}")
            .Call("net", "{}", source: "./modules/${var.flavor}")
            .Read();
        Assert.Equal(["aws_vpc.new", "aws_vpc.old", "module.net.aws_vpc.later"], plan.After.Select(one => one.Address).Order(StringComparer.Ordinal));
        Assert.Equal(["aws_vpc.old"], plan.Before.Select(one => one.Address));
        Assert.All(plan.After, one => Assert.True(one.IsCertain));
        Assert.Equal(["2 action invocations are not judged"], plan.Incomplete);
        Assert.False(plan.Errored);
        Assert.True(plan.Complete);
    }

    [Fact]
    public void OpenTofu_1_12_says_neither_complete_nor_applyable_and_lists_ephemeral_resources()
    {
        var file = new PlanFile();
        file.Top["terraform_version"] = "1.12.6";
        var plan = file.With("errored", "false")
            .Change("ephemeral.aws_secretsmanager_secret_version.db", "open", null, null, more: entry =>
            {
                entry["mode"] = "ephemeral";
                entry["type"] = "aws_secretsmanager_secret_version";
                entry["name"] = "db";
                entry["change"]!["after_unknown"] = true;
            })
            .Change("aws_vpc.main", "forget+create", Vpc, """{"cidr_block":"10.1.0.0/16"}""", """{"id":true}""")
            .Config("aws_vpc.main", "{}").Read();
        Assert.Equal(["aws_vpc.main"], plan.After.Select(one => one.Address));
        Assert.Equal(["aws_vpc.main"], plan.Before.Select(one => one.Address));
        Assert.True(plan.After[0].IsCreated);
        Assert.Null(plan.Complete);
    }

    /// <summary>Both may be called the same in one module; the ephemeral one is written later here.</summary>
    [Fact]
    public void An_ephemeral_resource_does_not_take_the_place_of_a_managed_one_of_its_name()
    {
        var file = new PlanFile().Config("aws_vpc.main", "{}").Config("aws_flow_log.main", """{"vpc_id":{"references":["aws_vpc.main.id","aws_vpc.main"]}}""")
            .Create("aws_vpc.main", "{}").Create("aws_flow_log.main", "{}", """{"id":true,"vpc_id":true}""");
        file.Config("aws_flow_log.main", """{"vpc_id":{"constant_value":"nothing"}}""", mode: "ephemeral");
        Assert.Equal("aws_vpc.main#id", file.Read().After.Single(one => one.Type == "aws_flow_log").Find("vpc_id").ToString());
    }

    [Fact]
    public void An_errored_plan_does_not_miss_ephemeral_resources()
    {
        var file = new PlanFile().With("errored", "true").Config("aws_vpc.main", "{}").Create("aws_vpc.main", "{}");
        file.Config("aws_kms_secrets.main", "{}", mode: "ephemeral");
        Assert.Equal(["aws_vpc.main"], file.Read().After.Select(one => one.Address));
    }
}
