using System.Text.Json.Nodes;
using Scanner.Collect.Plans;

namespace Collect.Tests.Plans;

/// <summary>What a row may be where columns of it are not known.</summary>
public sealed class PlanAlternativesTests
{
    [Fact]
    public void A_rule_of_some_group_is_in_it_or_not()
    {
        var rows = new WrittenPlan()
            .Create("aws_security_group.a", """{"name": "a", "id": "?", "ingress": "?", "egress": "?"}""")
            .Create("aws_vpc_security_group_ingress_rule.r", """{"security_group_id": "=local.group", "ip_protocol": "tcp", "from_port": 443, "to_port": 443, "cidr_ipv4": "0.0.0.0/0", "id": "?"}""")
            .Rows().After;

        var group = rows.Single(row => row.Resource.Table == "aws_vpc_security_group");
        Assert.Equal("ip_permissions", Assert.Single(group.Resource.Failures).Detail);
        Assert.Equal(
            ["[]", """[{"IpProtocol":"tcp","FromPort":443,"ToPort":443,"IpRanges":[{"CidrIp":"0.0.0.0/0"}]}]"""],
            group.Alternatives.Select(one => JsonNode.Parse(one.Item)!["IpPermissions"]!.ToJsonString()));
        Assert.All(group.Alternatives, one => Assert.Empty(one.Failures));
        Assert.All(group.Alternatives, one => Assert.Equal(group.Resource.Id, one.Id));
        // The rule itself is judged whatever its group.
        var rule = rows.Single(row => row.Resource.Table == "aws_vpc_security_group_rule");
        Assert.Empty(rule.Resource.Failures);
        Assert.Equal("aws_vpc_security_group_ingress_rule.r#security_group_id", JsonNode.Parse(rule.Resource.Item)!["GroupId"]!.GetValue<string>());
    }

    [Fact]
    public void Many_rules_of_some_group_are_all_in_it_or_none_and_of_an_ACL_nobody_can_tell()
    {
        var plan = new WrittenPlan()
            .Create("aws_security_group.a", """{"name": "a", "id": "?", "ingress": "?", "egress": "?"}""")
            .Create("aws_network_acl.a", """{"vpc_id": "vpc-1", "id": "?", "ingress": "?", "egress": "?", "subnet_ids": []}""");
        for (var i = 0; i < 5; i++)
        {
            plan.Create($"aws_security_group_rule.r{i}", $$"""{"security_group_id": "=local.group", "type": "ingress", "protocol": "tcp", "from_port": {{i}}, "to_port": {{i}}, "cidr_blocks": ["10.0.0.0/8"], "id": "?"}""");
            plan.Create($"aws_network_acl_rule.r{i}", $$"""{"network_acl_id": "=local.acl", "rule_number": {{i}}, "rule_action": "allow", "protocol": "-1", "egress": false, "cidr_block": "0.0.0.0/0"}""");
        }
        var rows = plan.Rows().After;

        Assert.Equal([0, 5], rows.Single(row => row.Resource.Table == "aws_vpc_security_group").Alternatives.Select(one => JsonNode.Parse(one.Item)!["IpPermissions"]!.AsArray().Count));
        Assert.Empty(rows.Single(row => row.Resource.Table == "aws_vpc_network_acl").Alternatives);
    }

    [Fact]
    public void What_is_the_same_in_each_case_is_known()
    {
        var rows = new WrittenPlan()
            .Create("aws_s3_bucket.a", """{"bucket": "a", "id": "?"}""")
            .Create("aws_s3_bucket.b", """{"bucket": "b", "id": "?"}""")
            .Create("aws_s3_bucket_public_access_block.p", """{"bucket": "=local.bucket", "block_public_acls": true, "ignore_public_acls": true, "block_public_policy": true, "restrict_public_buckets": true}""")
            .Rows().After;

        Assert.All(rows, row => Assert.Empty(row.Resource.Failures));
        Assert.All(rows, row => Assert.Empty(row.Alternatives));
        Assert.All(rows, row => Assert.True(JsonNode.Parse(row.Resource.Item)!["PublicAccessBlock"]!["BlockPublicAcls"]!.GetValue<bool>()));
    }

    [Fact]
    public void A_log_of_some_VPC_is_of_one_that_is_not_known_yet_either_or_of_none()
    {
        var rows = new WrittenPlan()
            .Create("aws_vpc.a", """{"id": "?", "cidr_block": "10.0.0.0/16"}""")
            .Keep("aws_vpc.b", """{"id": "vpc-2", "cidr_block": "10.1.0.0/16"}""")
            .Create("aws_flow_log.f", """{"vpc_id": "=local.vpc", "traffic_type": "ALL", "log_destination": "arn:aws:s3:::logs", "log_destination_type": "s3", "id": "?"}""")
            .Rows().After;

        var log = rows.Single(row => row.Resource.Table == "aws_vpc_flow_log");
        Assert.True(log.HasManyCases);
        Assert.Equal("monitored_resource_id", Assert.Single(log.Resource.Failures).Detail);
        // Had it been the VPC that is there, its id would be known.
        Assert.Equal(["aws_vpc.a#id", "aws_flow_log.f#vpc_id"], log.Alternatives.Select(one => JsonNode.Parse(one.Item)!["ResourceId"]!.GetValue<string>()));
    }

    [Fact]
    public void An_argument_whose_name_does_not_tell_the_kind_of_object_may_be_anything()
    {
        var rows = new WrittenPlan()
            .Create("aws_vpc.a", """{"id": "?", "cidr_block": "10.0.0.0/16"}""")
            .Create("aws_flow_log.f", """{"eni_id": "=local.interface", "traffic_type": "ALL", "log_destination": "arn:aws:s3:::logs", "log_destination_type": "s3", "id": "?"}""")
            .Rows().After;

        var log = rows.Single(row => row.Resource.Table == "aws_vpc_flow_log");
        Assert.Equal("monitored_resource_id", Assert.Single(log.Resource.Failures).Detail);
        Assert.Empty(log.Alternatives);
    }

    [Fact]
    public void A_target_bucket_is_a_bucket_of_the_plan_or_none_of_them()
    {
        var rows = new WrittenPlan()
            .Create("aws_s3_bucket.a", """{"bucket": "a", "id": "?"}""")
            .Create("aws_s3_bucket_logging.a", """{"bucket": "=aws_s3_bucket.a.id", "target_bucket": "=local.logs", "target_prefix": ""}""")
            .Rows().After;

        var bucket = Assert.Single(rows);
        Assert.Equal(["a", "aws_s3_bucket_logging.a#target_bucket"], bucket.Alternatives.Select(one => JsonNode.Parse(one.Item)!["Logging"]!["TargetBucket"]!.GetValue<string>()));
    }

    [Fact]
    public void Where_too_much_may_come_together_each_value_goes_through_what_it_may_be_by_itself()
    {
        var plan = new WrittenPlan();
        foreach (var name in new[] { "a", "b", "c" })
            plan.Create($"aws_sns_topic.{name}", $$"""{"name": "{{name}}", "arn": "?", "id": "?"}""");
        var alarm = plan
            .Create("aws_cloudwatch_metric_alarm.some", """{"alarm_name": "some", "alarm_actions": ["=each.value"], "ok_actions": ["=each.value"], "insufficient_data_actions": ["=each.value"], "arn": "?", "id": "?"}""")
            .Rows().After.Single(row => row.Resource.Table == "aws_cloudwatch_alarm");

        // Each of three lists names one of three topics, or none of them.
        Assert.Equal(4, alarm.Alternatives.Count);
        Assert.Equal(4, alarm.Alternatives.Select(one => JsonNode.Parse(one.Item)!["OKActions"]!.ToJsonString()).Distinct().Count());
        Assert.Equal(["alarm_actions", "insufficient_data_actions", "ok_actions"], alarm.Apart.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(3, alarm.Apart.Values.SelectMany(numbers => numbers).Distinct().Count());
    }

    [Fact]
    public void An_action_that_is_not_known_is_one_for_all_that()
    {
        var rows = new WrittenPlan()
            .Create("aws_sns_topic.t", """{"name": "t", "arn": "?", "id": "?"}""")
            .Create("aws_cloudwatch_metric_alarm.one", """{"alarm_name": "one", "alarm_actions": ["=aws_sns_topic.t.arn"], "arn": "?", "id": "?"}""")
            .Create("aws_cloudwatch_metric_alarm.some", """{"alarm_name": "some", "alarm_actions": ["=each.value"], "arn": "?", "id": "?"}""")
            .Rows().After.Where(row => row.Resource.Table == "aws_cloudwatch_alarm").ToList();

        Assert.Empty(rows[0].Resource.Failures);
        Assert.Equal("alarm_actions", Assert.Single(rows[1].Resource.Failures).Detail);
        Assert.Equal(2, rows[1].Alternatives.Count);
        Assert.All(rows[1].Alternatives, one => Assert.Single(JsonNode.Parse(one.Item)!["AlarmActions"]!.AsArray()));
        Assert.Equal(JsonNode.Parse(rows[0].Resource.Item)!["AlarmActions"]!.ToJsonString(), JsonNode.Parse(rows[1].Alternatives[0].Item)!["AlarmActions"]!.ToJsonString());
    }

    [Fact]
    public void Of_a_part_that_there_is_once_there_are_not_two()
    {
        var rows = new WrittenPlan()
            .Create("aws_s3_bucket.a", """{"bucket": "a", "id": "?"}""")
            .Create("aws_s3_bucket_logging.one", """{"bucket": "=local.x", "target_bucket": "one", "target_prefix": ""}""")
            .Create("aws_s3_bucket_logging.two", """{"bucket": "=local.y", "target_bucket": "two", "target_prefix": ""}""")
            .Rows().After;

        var row = Assert.Single(rows);
        Assert.Equal([null, "one", "two"], row.Alternatives.Select(one => JsonNode.Parse(one.Item)!["Logging"]?["TargetBucket"]?.GetValue<string>()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Protection_plans_that_are_not_named_are_all_on_or_all_off()
    {
        var rows = new WrittenPlan()
            .Create("aws_guardduty_detector.d", """{"enable": true, "id": "?", "datasources": "?"}""")
            .Create("aws_guardduty_detector_feature.f", """{"detector_id": "=aws_guardduty_detector.d.id", "name": "S3_DATA_EVENTS", "status": "ENABLED"}""")
            .Rows().After;

        var row = Assert.Single(rows);
        Assert.Equal("features", Assert.Single(row.Resource.Failures).Detail);
        var status = row.Alternatives.Select(one => JsonNode.Parse(one.Item)!["Detector"]!["Features"]!.AsArray().ToDictionary(feature => feature!["Name"]!.GetValue<string>(), feature => feature!["Status"]!.GetValue<string>()));
        Assert.All(status, one => Assert.Equal("ENABLED", one["S3_DATA_EVENTS"]));
        Assert.Equal(["DISABLED", "ENABLED"], status.Select(one => one["RDS_LOGIN_EVENTS"]));
    }

    [Theory]
    [InlineData("""{"statement": [{"effect": null, "actions": ["s3:GetObject"], "resources": ["?"]}]}""",
        """{"Effect":"Allow","Action":["s3:GetObject"],"Resource":["arn:aws:none:::none"]}""", """{"Effect":"Allow","Action":["s3:GetObject"],"Resource":["*"]}""")]
    [InlineData("""{"statement": [{"effect": "Deny", "actions": "?", "resources": ["*"], "principals": [{"type": "*", "identifiers": ["*"]}], "condition": [{"test": "Bool", "variable": "aws:SecureTransport", "values": ["false"]}]}]}""",
        """{"Effect":"Deny","Action":["none:None"],"Resource":["*"],"Principal":{"AWS":["*"]},"Condition":{"Bool":{"aws:SecureTransport":["false"]}}}""",
        """{"Effect":"Deny","Action":["*"],"Resource":["*"],"Principal":{"AWS":["*"]},"Condition":{"Bool":{"aws:SecureTransport":["false"]}}}""")]
    [InlineData("""{"statement": [{"actions": ["a:B"], "resources": ["*"], "principals": [{"type": "AWS", "identifiers": ["?"]}], "condition": [{"test": "StringEquals", "variable": "aws:x", "values": ["?"]}]}]}""",
        """{"Effect":"Allow","Action":["a:B"],"Resource":["*"],"Principal":{"AWS":["arn:aws:iam::000000000000:root"]},"Condition":{"StringEquals":{"aws:PrincipalArn":"none"}}}""",
        """{"Effect":"Allow","Action":["a:B"],"Resource":["*"],"Principal":{"AWS":["*"]}}""")]
    [InlineData("""{"statement": [{"effect": "Deny", "actions": ["a:B"], "resources": ["*"], "principals": [{"type": "*", "identifiers": ["*"]}], "condition": "?"}]}""",
        """{"Effect":"Deny","Action":["a:B"],"Resource":["*"],"Principal":{"AWS":["*"]},"Condition":{"StringEquals":{"aws:PrincipalArn":"none"}}}""",
        """{"Effect":"Deny","Action":["a:B"],"Resource":["*"],"Principal":{"AWS":["*"]}},{"Effect":"Deny","Action":["a:B"],"Resource":["*"],"Principal":{"AWS":["*"]},"Condition":{"Bool":{"aws:SecureTransport":"false"}}}""")]
    public void A_policy_that_is_made_during_apply_lies_between_its_narrowest_and_its_widest(string document, string narrow, string wide)
    {
        Assert.Equal([Whole(narrow), Whole(wide)], Policies(document));
    }

    [Fact]
    public void A_policy_of_which_everything_is_known_is_what_it_will_be_though_it_is_read_later()
    {
        var row = Assert.Single(Bucket("""{"statement": [{"sid": "", "effect": "Allow", "actions": ["s3:*"], "resources": ["*"], "principals": [{"type": "Service", "identifiers": ["a.amazonaws.com", "b.amazonaws.com"]}]}]}"""));

        Assert.Empty(row.Resource.Failures);
        Assert.Equal(Whole("""{"Effect":"Allow","Action":["s3:*"],"Resource":["*"],"Principal":{"Service":["a.amazonaws.com","b.amazonaws.com"]}}"""), JsonNode.Parse(row.Resource.Item)!["Policy"]!.GetValue<string>());
    }

    [Fact]
    public void A_policy_that_takes_in_what_nobody_knows_may_allow_everything_and_deny_everything()
    {
        var policies = Policies("""{"statement": [{"actions": ["s3:GetObject"], "resources": ["*"]}], "source_policy_documents": ["=data.external.x.result"]}""");

        const string Own = """{"Effect":"Allow","Action":["s3:GetObject"],"Resource":["*"]}""";
        const string Allow = """{"Effect":"Allow","Action":"*","Resource":"*","Principal":"*"}""";
        // Refusals are asked for by their condition as well (plain HTTP).
        const string Deny = """{"Effect":"Deny","Action":"*","Resource":"*","Principal":"*"},{"Effect":"Deny","Action":"*","Resource":"*","Principal":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}""";
        Assert.Equal([Whole(Own), Whole(Own + "," + Deny), Whole(Own + "," + Allow), Whole(Own + "," + Allow + "," + Deny)], policies);
    }

    [Theory]
    [InlineData("""{\"Statement\":[{\"Sid\":\"a\",\"Sid\":\"b\"}]}""")]
    [InlineData("""{\"Statement\":[],\"Statement\":[{}]}""")]
    [InlineData("""{\"Statement\":[{\"\\udc00\":1,\"\\ud800\":2}]}""")]
    [InlineData("""{\"Statement\":[""")]
    public void A_document_that_says_a_thing_twice_or_is_none_may_say_anything(string text) =>
        Assert.Equal(4, Policies($$"""{"statement": [{"actions": ["s3:GetObject"], "resources": ["*"]}], "source_policy_documents": ["{{text}}"]}""").Count());

    [Fact]
    public void Documents_are_put_together_as_the_data_source_does_it_by_their_statement_ids()
    {
        var row = Assert.Single(new WrittenPlan()
            .Create("aws_s3_bucket.b", """{"bucket": "b", "id": "?"}""")
            .Read("aws_iam_policy_document.base", """{"statement": [{"sid": "One", "actions": ["s3:GetObject"], "resources": ["*"]}, {"sid": "Two", "actions": ["s3:PutObject"], "resources": ["*"]}], "json": "?"}""")
            .Read("aws_iam_policy_document.p", """
                {"statement": [{"sid": "Two", "actions": ["s3:ListBucket"], "resources": ["*"]}], "source_policy_documents": ["=data.aws_iam_policy_document.base.json"],
                 "override_policy_documents": ["{\"Statement\":{\"Sid\":\"One\",\"Effect\":\"Deny\",\"Action\":\"s3:*\",\"Resource\":\"*\"}}"], "json": "?"}
                """)
            .Create("aws_s3_bucket_policy.b", """{"bucket": "b", "policy": "=data.aws_iam_policy_document.p.json"}""")
            .Rows().After);

        Assert.Equal(
            Whole("""{"Sid":"One","Effect":"Deny","Action":"s3:*","Resource":"*"},{"Sid":"Two","Effect":"Allow","Action":["s3:ListBucket"],"Resource":["*"]}"""),
            JsonNode.Parse(row.Resource.Item)!["Policy"]!.GetValue<string>());
    }

    [Fact]
    public void Of_several_documents_in_one_place_any_may_be_taken_in_and_nothing_else()
    {
        var row = Assert.Single(new WrittenPlan()
            .Create("aws_s3_bucket.b", """{"bucket": "b", "id": "?"}""")
            .Read("aws_iam_policy_document.read", """{"statement": [{"actions": ["s3:GetObject"]}], "json": "?"}""")
            .Read("aws_iam_policy_document.deny", """{"statement": [{"effect": "Deny", "actions": ["s3:PutObject"]}], "json": "?"}""")
            .Read("aws_iam_policy_document.p", """{"statement": [{"actions": ["s3:ListBucket"]}], "source_policy_documents": ["=data.aws_iam_policy_document.read.json, data.aws_iam_policy_document.deny.json"], "json": "?"}""")
            .Create("aws_s3_bucket_policy.b", """{"bucket": "b", "policy": "=data.aws_iam_policy_document.p.json"}""")
            .Rows().After);

        const string Own = """{"Effect":"Allow","Action":["s3:ListBucket"]}""";
        const string Read = """{"Effect":"Allow","Action":["s3:GetObject"]}""";
        const string Deny = """{"Effect":"Deny","Action":["s3:PutObject"]}""";
        Assert.Equal(
            [Whole(Own), Whole(Own + "," + Deny), Whole(Own + "," + Read), Whole(Own + "," + Read + "," + Deny)],
            row.Alternatives.Select(one => JsonNode.Parse(one.Item)!["Policy"]!.GetValue<string>()));
    }

    [Fact]
    public void Of_a_list_that_is_not_known_as_a_whole_anything_may_be_an_element()
    {
        var policies = Policies("""{"statement": [{"actions": ["s3:GetObject"]}], "source_policy_documents": "=data.aws_iam_policy_document.other.json"}""",
            plan => plan.Read("aws_iam_policy_document.other", """{"statement": [{"actions": ["s3:PutObject"]}], "json": "?"}"""));

        Assert.Equal(4, policies.Count());
    }

    [Theory]
    [InlineData("_S3_BUCKET_ARN_", 1)]
    // It is in a statement, in the frame, or may be anything: what stands there afterwards nobody knows.
    [InlineData("s3:Get", 4)]
    [InlineData("Statement", 4)]
    [InlineData("/.*/", 4)]
    public void Where_something_is_put_in_the_place_of_a_text_a_policy_is_known_as_far_as_it_does_not_have_it(string text, int choices)
    {
        var statement = new PlanObject([
            KeyValuePair.Create<string, PlanValue>("actions", new PlanList([PlanScalar.Of("s3:GetObject")])),
            KeyValuePair.Create<string, PlanValue>("resources", new PlanList([PlanScalar.Of("*")]))]);
        var policy = PlanPolicy.Of(new PlanObject([KeyValuePair.Create<string, PlanValue>("statement", new PlanList([statement]))]));
        Assert.Equal(choices, policy.Without([text]).Choices().Count);
    }

    [Fact]
    public void Documents_that_take_in_each_other_end()
    {
        var rows = new WrittenPlan()
            .Create("aws_s3_bucket.b", """{"bucket": "b", "id": "?"}""")
            .Read("aws_iam_policy_document.p", """{"statement": [], "source_policy_documents": ["=data.aws_iam_policy_document.p.json"], "json": "?"}""")
            .Create("aws_s3_bucket_policy.b", """{"bucket": "b", "policy": "=data.aws_iam_policy_document.p.json"}""")
            .Rows().After;

        Assert.Equal("policy", Assert.Single(Assert.Single(rows).Resource.Failures).Detail);
    }

    private static IReadOnlyList<PlanRow> Bucket(string document, Func<WrittenPlan, WrittenPlan>? more = null) =>
        (more ?? (plan => plan))(new WrittenPlan())
            .Create("aws_s3_bucket.b", """{"bucket": "b", "id": "?"}""")
            .Read("aws_iam_policy_document.p", document[..^1] + """, "json": "?"}""")
            .Create("aws_s3_bucket_policy.b", """{"bucket": "b", "policy": "=data.aws_iam_policy_document.p.json"}""")
            .Rows().After;

    private static IEnumerable<string> Policies(string document, Func<WrittenPlan, WrittenPlan>? more = null)
    {
        var row = Assert.Single(Bucket(document, more));
        Assert.Equal("policy", Assert.Single(row.Resource.Failures).Detail);
        Assert.All(row.Alternatives, one => Assert.Empty(one.Failures));
        return row.Alternatives.Select(one => JsonNode.Parse(one.Item)!["Policy"]!.GetValue<string>());
    }

    private static string Whole(string statements) => $$"""{"Version":"2012-10-17","Statement":[{{statements}}]}""";
}
