using System.Text.Json.Nodes;
using Scanner.Catalog;
using Scanner.Collect.Plans;
using Scanner.Model;

namespace Collect.Tests.Plans;

public sealed class PlanTablesTests
{
    private const string Thing = """
        table: thing
        title: Things
        service: ec2
        scope: region
        list: {operation: DescribeVpcs, items: Vpcs}
        id: Id
        columns:
          id: Id
          setting: Setting.Value
          named: Name
        """;

    [Fact]
    public void A_reference_to_what_is_not_there_yet_joins()
    {
        var rows = new WrittenPlan()
            .Create("aws_vpc.main", """{"cidr_block": "10.0.0.0/16", "id": "?", "arn": "?", "owner_id": "?"}""")
            .Create("aws_flow_log.main", """{"vpc_id": "=aws_vpc.main.id", "traffic_type": "ALL", "id": "?"}""")
            .Rows();

        Assert.Empty(rows.Before);
        var vpc = Row(rows, "aws_vpc");
        Assert.Equal("aws_vpc.main#id", vpc.Resource.Id);
        Assert.Equal("eu-west-1", vpc.Resource.Region);
        Assert.Equal("111111111111", Item(vpc)["OwnerId"]!.GetValue<string>());
        Assert.Equal("aws_vpc.main#id", Item(Row(rows, "aws_vpc_flow_log"))["ResourceId"]!.GetValue<string>());
        Assert.Empty(vpc.Resource.Failures);
    }

    [Fact]
    public void A_column_that_is_not_known_is_left_out_and_named()
    {
        var rows = new WrittenPlan()
            .Create("aws_vpc.main", """{"cidr_block": "10.0.0.0/16", "id": "?"}""")
            .Create("aws_flow_log.main", """{"vpc_id": "=local.vpc_id", "traffic_type": "ALL", "id": "?"}""")
            .Rows();

        var log = Row(rows, "aws_vpc_flow_log");
        var failure = Assert.Single(log.Resource.Failures);
        Assert.Equal(("monitored_resource_id", CollectionOutcome.Planned, "terraform:aws_flow_log.main"), (failure.Detail, failure.Outcome, failure.Operation));
        Assert.StartsWith("aws_flow_log.main.vpc_id is known after apply (local.vpc_id", failure.Reason, StringComparison.Ordinal);
        Assert.False(Item(log).ContainsKey("ResourceId"));
        Assert.Equal(["deliver_logs_status", "deliver_logs_error_message", "creation_time"], log.Assumed);
    }

    [Fact]
    public void Ids_before_are_those_that_a_scan_has()
    {
        var rows = new WrittenPlan().Keep("aws_s3_bucket.b", """{"bucket": "acme", "id": "acme", "arn": "arn:aws:s3:::acme"}""").Rows();

        Assert.Equal("arn:aws:s3:::acme", Assert.Single(rows.Before).Resource.Id);
        Assert.Equal("arn:aws:s3:::acme", Assert.Single(rows.After).Resource.Id);
    }

    private const string Vpc = """{"cidr_block": "10.0.0.0/16", "id": "?", "default_security_group_id": "?", "default_network_acl_id": "?"}""";

    [Fact]
    public void What_aws_creates_along_with_a_resource_is_a_row_of_its_own()
    {
        var rows = new WrittenPlan().Create("aws_vpc.main", Vpc).Rows();

        var group = Row(rows, "aws_vpc_security_group");
        Assert.Equal(("aws_vpc.main", "aws_vpc.main#default_security_group_id", "aws_default_security_group"), (group.Address, group.Resource.Id, group.Implied));
        Assert.Equal("default", Item(group)["GroupName"]!.GetValue<string>());
        Assert.Equal("aws_vpc.main#id", Item(group)["VpcId"]!.GetValue<string>());
        Assert.Empty(group.Resource.Failures);
        Assert.False(group.Uncertain);
        Assert.Equal("aws_vpc.main#default_network_acl_id", Row(rows, "aws_vpc_network_acl").Resource.Id);
        Assert.Null(Row(rows, "aws_vpc").Implied);
    }

    [Theory]
    [InlineData("aws_default_security_group.d", """{"vpc_id": "=aws_vpc.main.id", "id": "?"}""", "aws_vpc_security_group", "aws_default_security_group.d")]
    [InlineData("aws_default_security_group.d", """{"vpc_id": "=aws_vpc.other.id", "id": "?"}""", "aws_vpc_security_group", "aws_default_security_group.d, aws_vpc.main")]
    [InlineData("aws_default_security_group.d", """{"vpc_id": "=local.vpc", "id": "?"}""", "aws_vpc_security_group", "aws_default_security_group.d, aws_vpc.main?, aws_vpc.other?")]
    [InlineData("aws_default_network_acl.d", """{"default_network_acl_id": "=aws_vpc.main.default_network_acl_id", "id": "?"}""", "aws_vpc_network_acl", "aws_default_network_acl.d")]
    [InlineData("aws_cloudwatch_log_group.d", """{"name": "/aws/lambda/resize", "id": "?"}""", "aws_cloudwatch_log_group", "aws_cloudwatch_log_group.d")]
    [InlineData("aws_cloudwatch_log_group.d", """{"name": "/aws/lambda/resized", "id": "?"}""", "aws_cloudwatch_log_group", "aws_cloudwatch_log_group.d, aws_lambda_function.f")]
    [InlineData("aws_cloudwatch_log_group.d", """{"name": "=local.name", "id": "?"}""", "aws_cloudwatch_log_group", "aws_cloudwatch_log_group.d, aws_lambda_function.f?")]
    public void It_is_none_where_the_plan_manages_it_and_uncertain_where_that_is_not_known(string address, string json, string table, string expected)
    {
        var plan = new WrittenPlan()
            .Create("aws_lambda_function.f", """{"function_name": "resize", "arn": "?", "id": "?"}""")
            .Create("aws_vpc.main", Vpc)
            .Create(address, json);
        if (expected.Contains("other", StringComparison.Ordinal) || json.Contains("other", StringComparison.Ordinal))
            plan.Create("aws_vpc.other", Vpc);

        var rows = plan.Rows().After.Where(row => row.Resource.Table == table);

        Assert.Equal(expected, string.Join(", ", rows.Select(row => row.Address + (row.Uncertain ? "?" : "")).Order(StringComparer.Ordinal)));
    }

    [Fact]
    public void Of_more_than_a_thousand_it_is_told_in_one_sentence()
    {
        var plan = new WrittenPlan();
        for (var i = 0; i < 1001; i++)
            plan.Create($"aws_vpc.many[{i}]", Vpc);

        var rows = plan.Rows();

        Assert.Equal("aws_vpc", Assert.Single(rows.After.Select(row => row.Resource.Table).Distinct()));
        Assert.Contains("what AWS creates along with aws_vpc is not judged, where aws_default_security_group does not manage it: there are more than 1,000", rows.Notes);
    }

    [Fact]
    public void What_a_plan_manages_no_longer_may_be_anything()
    {
        const string There = """{"cidr_block": "10.0.0.0/16", "id": "vpc-1", "default_security_group_id": "sg-1", "default_network_acl_id": "acl-1"}""";
        var rows = new WrittenPlan().Keep("aws_vpc.main", There).Delete("aws_default_security_group.d", """{"vpc_id": "vpc-1", "id": "sg-1", "ingress": [], "egress": []}""").Rows();

        Assert.Null(Assert.Single(rows.Before, row => row.Resource.Table == "aws_vpc_security_group").Implied);
        var group = Row(rows, "aws_vpc_security_group");
        Assert.Equal(("aws_vpc.main", "sg-1", true), (group.Address, group.Resource.Id, group.Uncertain));
        Assert.False(Row(rows, "aws_vpc_network_acl").Uncertain);
    }

    [Theory]
    [InlineData("""{"Main": {"id": "?", "value": "a"}, "Part": {"thing_id": "=aws_thing.main.id", "value": "on"}}""", "on")]
    [InlineData("""{"Main": {"id": "?", "value": "a"}, "Part": {"thing_id": "=aws_thing.other.id", "value": "on"}}""", "off")]
    [InlineData("""{"Main": {"id": "?", "value": "a"}, "Part": {"thing_id": "=local.thing", "value": "on"}}""", null)]
    [InlineData("""{"Main": {"id": "i-1", "value": "a"}, "Part": {"thing_id": "i-1", "value": "on"}}""", "on")]
    [InlineData("""{"Main": {"id": "i-1", "value": "a"}, "Part": {"thing_id": "i-2", "value": "on"}}""", "off")]
    [InlineData("""{"Main": {"id": "i-1", "value": "a"}, "Part": {"thing_id": "i-1", "value": "?"}}""", "default")]
    [InlineData("""{"Main": {"id": "i-1", "value": "a"}, "Part": {"thing_id": "i-1", "value": "=local.v"}}""", null)]
    public void A_part_belongs_by_reference_or_by_equal_name(string plan, string? setting)
    {
        var both = JsonNode.Parse(plan)!;
        var rows = new WrittenPlan()
            .Create("aws_thing.main", both["Main"]!.ToJsonString())
            .Create("aws_thing.other", """{"id": "?"}""")
            .Create("aws_thing_part.p", both["Part"]!.ToJsonString())
            .Rows(Tables("""
                  - resources: [aws_thing]
                    names: [id]
                    with: {Part: {resource: aws_thing_part, by: thing_id}}
                    columns:
                      id: id
                      setting: {path: Part.value, unset: default, none: "off"}
                      named: {value: x}
                """));

        var row = rows.After.Single(row => row.Address == "aws_thing.main");
        Assert.Equal(setting, Item(row)["Setting"]?["Value"]?.GetValue<string>());
        Assert.Equal(setting is null, row.Resource.Failures.Any(failure => failure.Detail == "setting"));
    }

    [Fact]
    public void A_part_whose_reference_is_not_known_leaves_those_alone_that_have_theirs()
    {
        var rows = new WrittenPlan()
            .Create("aws_thing.a", """{"id": "?"}""")
            .Create("aws_thing.b", """{"id": "?"}""")
            .Create("aws_thing_part.sure", """{"thing_id": "=aws_thing.a.id", "value": "on"}""")
            .Create("aws_thing_part.doubt", """{"thing_id": "=local.thing", "value": "on"}""")
            .Rows(Tables("""
                  - resources: [aws_thing]
                    names: [id]
                    with: {Part: {resource: aws_thing_part, by: thing_id}}
                    columns: {id: id, setting: {path: Part.value, none: "off"}, named: {value: x}}
                """));

        Assert.Empty(rows.After.Single(row => row.Address == "aws_thing.a").Resource.Failures);
        var failure = Assert.Single(rows.After.Single(row => row.Address == "aws_thing.b").Resource.Failures);
        Assert.Equal(("setting", "terraform:aws_thing_part.doubt"), (failure.Detail, failure.Operation));
    }

    [Fact]
    public void A_part_that_is_taken_away_is_gone_whatever_the_provider_refreshed_and_is_in_the_lineage()
    {
        var rows = new WrittenPlan()
            .Keep("aws_s3_bucket.b", """{"bucket": "acme", "id": "acme", "logging": [{"target_bucket": "logs", "target_prefix": ""}]}""")
            .Delete("aws_s3_bucket_logging.b", """{"bucket": "acme", "target_bucket": "logs", "target_prefix": ""}""")
            .Rows();

        Assert.Equal("logs", Item(Assert.Single(rows.Before))["Logging"]!["TargetBucket"]!.GetValue<string>());
        var after = Assert.Single(rows.After);
        Assert.False(Item(after).ContainsKey("Logging"));
        Assert.Equal(["aws_s3_bucket.b", "aws_s3_bucket_logging.b"], after.Lineage);
        Assert.Equal(["aws_s3_bucket_logging.b"], after.Sources["logging_target_bucket"]);
        Assert.False(after.Sources.ContainsKey("name"), "what comes from the instance alone is left out");
    }

    [Theory]
    [InlineData("create", "true")]
    [InlineData("removed", "false")]
    [InlineData("unseen", null)]
    public void What_a_missing_part_means_hangs_on_whether_the_object_is_new(string how, string? blocked)
    {
        const string Bucket = """{"bucket": "acme", "id": "acme"}""";
        const string Block = """{"bucket": "acme", "block_public_acls": true, "ignore_public_acls": true, "block_public_policy": true, "restrict_public_buckets": true}""";
        var plan = how == "create" ? new WrittenPlan().Create("aws_s3_bucket.b", """{"bucket": "acme", "id": "?"}""") : new WrittenPlan().Keep("aws_s3_bucket.b", Bucket);
        if (how == "removed")
            plan.Delete("aws_s3_bucket_public_access_block.b", Block);

        var row = Assert.Single(plan.Rows().After);

        Assert.Equal(blocked, Item(row)["PublicAccessBlock"]?["BlockPublicAcls"]?.ToJsonString());
        Assert.Equal(blocked is null, row.Resource.Failures.Any(failure => failure.Detail == "block_public_acls"));
    }

    [Fact]
    public void A_block_that_is_unknown_as_a_whole_is_a_dynamic_one_unless_the_provider_fills_it_in()
    {
        const string Section = """
              - resources: [aws_thing]
                names: [id]
                computed: [filled]
                columns:
                  id: id
                  setting: {path: "written[0].value", unset: "off"}
                  named: {path: "filled[0].value", unset: "off"}
            """;
        var row = Assert.Single(new WrittenPlan().Create("aws_thing.a", """{"id": "?", "written": "?", "filled": "?"}""").Rows(Tables(Section)).After);

        Assert.Equal("setting", Assert.Single(row.Resource.Failures).Detail);
        Assert.Equal("off", Item(row)["Name"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("~> 5.0", "\"old\"")]
    [InlineData("~> 4.0", "\"old\"")]
    [InlineData("~> 6.2", "\"new\"")]
    [InlineData("~> 7.0", "\"new\"")]
    [InlineData(">= 5.0", null)]
    public void A_default_may_differ_by_the_providers_major_version(string constraint, string? setting)
    {
        var rows = new WrittenPlan().Provider(constraint).Create("aws_thing.a", """{"id": "?", "value": null}""").Rows(Tables("""
              - resources: [aws_thing]
                names: [id]
                columns: {id: id, setting: {path: value, unset: {provider: {5: old, 6: new}}}, named: {value: x}}
            """));

        var row = Assert.Single(rows.After);
        Assert.Equal(setting, Item(row)["Setting"]?["Value"]?.ToJsonString());
        Assert.Equal(setting is null, row.Resource.Failures.Count > 0);
    }

    [Fact]
    public void Each_security_group_rule_is_found_in_its_group_however_it_is_spelled()
    {
        var rows = new WrittenPlan()
            .Create("aws_security_group.g", """{"name": "g", "id": "?", "ingress": [{"protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_blocks": ["10.0.0.0/8"], "ipv6_cidr_blocks": [], "prefix_list_ids": null, "security_groups": [], "self": false}], "egress": "?"}""")
            .Create("aws_security_group_rule.old", """{"security_group_id": "=aws_security_group.g.id", "type": "ingress", "protocol": "-1", "from_port": 0, "to_port": 0, "cidr_blocks": ["0.0.0.0/0"], "ipv6_cidr_blocks": ["::/0"], "prefix_list_ids": null, "self": false, "source_security_group_id": "?", "id": "?"}""")
            .Create("aws_vpc_security_group_ingress_rule.new", """{"security_group_id": "=aws_security_group.g.id", "ip_protocol": "tcp", "from_port": 3389, "to_port": 3389, "cidr_ipv4": "0.0.0.0/0", "id": "?", "arn": "?"}""")
            .Rows();

        var group = Row(rows, "aws_vpc_security_group");
        Assert.Empty(group.Resource.Failures);
        Assert.Equal(
            """[{"IpProtocol":"tcp","FromPort":22,"ToPort":22,"IpRanges":[{"CidrIp":"10.0.0.0/8"}]},"""
            + """{"IpProtocol":"-1","IpRanges":[{"CidrIp":"0.0.0.0/0"}]},{"IpProtocol":"-1","Ipv6Ranges":[{"CidrIpv6":"::/0"}]},"""
            + """{"IpProtocol":"tcp","FromPort":3389,"ToPort":3389,"IpRanges":[{"CidrIp":"0.0.0.0/0"}]}]""",
            Item(group)["IpPermissions"]!.ToJsonString());
        Assert.Equal("[]", Item(group)["IpPermissionsEgress"]!.ToJsonString());
        Assert.Equal(
            ["aws_security_group_rule.old#0", "aws_security_group_rule.old#ipv6-0", "aws_vpc_security_group_ingress_rule.new#id"],
            rows.After.Where(row => row.Resource.Table == "aws_vpc_security_group_rule").Select(row => row.Resource.Id).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_rule_that_is_taken_away_is_gone_from_the_group_that_the_provider_refreshed()
    {
        const string Group = """{"name": "g", "id": "sg-1", "ingress": [{"protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_blocks": ["0.0.0.0/0", "10.0.0.0/8"], "ipv6_cidr_blocks": [], "prefix_list_ids": [], "security_groups": [], "self": false, "description": ""}], "egress": []}""";
        var rows = new WrittenPlan()
            .Keep("aws_security_group.g", Group)
            .Delete("aws_vpc_security_group_ingress_rule.world", """{"security_group_id": "sg-1", "ip_protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_ipv4": "0.0.0.0/0", "id": "sgr-1"}""")
            .Rows();

        Assert.Contains("0.0.0.0/0", Row(rows.Before, "aws_vpc_security_group").Resource.Item, StringComparison.Ordinal);
        var after = Row(rows, "aws_vpc_security_group");
        Assert.Equal("""[{"IpProtocol":"tcp","FromPort":22,"ToPort":22,"IpRanges":[{"CidrIp":"10.0.0.0/8"}]}]""", Item(after)["IpPermissions"]!.ToJsonString());
        Assert.Contains("aws_vpc_security_group_ingress_rule.world", after.Sources["ip_permissions"]);
    }

    [Fact]
    public void JSON_in_a_text_is_read_and_a_list_may_lie_within_a_column()
    {
        var tables = Collected.Tables("""
            table: thing
            title: Things
            service: ec2
            scope: region
            list: {operation: DescribeVpcs, items: Vpcs}
            id: Id
            columns:
              id: Id
              policy: {path: Policy, type: json}
              drivers: {path: "Definitions[].Log.Driver", type: json}
              names: {path: "Definitions[].Name", type: json}
            terraform:
              - resources: [aws_thing]
                names: [id]
                columns:
                  id: id
                  policy: {parse: policy}
                  drivers: {json: {each: definitions, parse: true, item: log.driver}}
                  names: {json: {each: definitions, parse: true, item: name}}
            """);
        var rows = new WrittenPlan()
            .Create("aws_thing.a", """{"id": "?", "policy": "{\"Statement\": []}", "definitions": "[{\"name\": \"one\", \"log\": {\"driver\": \"awslogs\"}}, {\"name\": \"two\"}]"}""")
            .Create("aws_thing.b", """{"id": "?", "policy": "no JSON", "definitions": "=local.definitions"}""")
            .Rows(tables).After;

        Assert.Equal("""{"Id":"aws_thing.a#id","Policy":{"Statement":[]},"Definitions":[{"Name":"one","Log":{"Driver":"awslogs"}},{"Name":"two"}]}""", rows[0].Resource.Item);
        Assert.Equal("""{"Id":"aws_thing.b#id"}""", rows[1].Resource.Item);
        Assert.Equal(["names", "drivers"], rows[1].Resource.Failures.Select(failure => failure.Detail));
    }

    [Fact]
    public void A_row_for_each_element_may_have_its_account_from_it_and_a_list_meets_a_condition_with_any_element()
    {
        var rows = new WrittenPlan()
            .Create("aws_thing.a", """{"id": "?", "accounts": ["222222222222", "333333333333"], "kinds": ["EC2", "ECR"]}""")
            .Rows(Tables("""
                  - resources: [aws_thing]
                    rows: accounts
                    account: "@row"
                    when: {kinds: [EC2]}
                    columns:
                      id: "@row"
                      setting: {value: "on", unless: {kinds: LAMBDA}}
                      named: {value: "on", unless: {kinds: ECR}}
                """)).After;

        Assert.Equal(["222222222222", "333333333333"], rows.Select(row => row.Resource.Account));
        Assert.All(rows, row => Assert.Equal("on", Item(row)["Setting"]!["Value"]!.GetValue<string>()));
        Assert.All(rows, row => Assert.False(Item(row).ContainsKey("Name")));
    }

    [Fact]
    public void Two_objects_of_one_name_are_two_rows()
    {
        var rows = new WrittenPlan()
            .Keep("aws_s3_bucket.a", """{"bucket": "acme", "id": "acme"}""")
            .Keep("aws_s3_bucket.b", """{"bucket": "acme", "id": "acme"}""")
            .Rows();

        Assert.Equal(["arn:aws:s3:::acme", "arn:aws:s3:::acme (aws_s3_bucket.b)"], rows.After.Select(row => row.Resource.Id));
    }

    private static IReadOnlyList<TableDefinition> Tables(string section) => Collected.Tables(Thing + "\nterraform:\n" + section);

    private static PlanRow Row(PlanRows rows, string table) => Row(rows.After, table);

    private static PlanRow Row(IReadOnlyList<PlanRow> rows, string table) => Assert.Single(rows, row => row.Resource.Table == table);

    private static JsonObject Item(PlanRow row) => (JsonObject)JsonNode.Parse(row.Resource.Item)!;
}
