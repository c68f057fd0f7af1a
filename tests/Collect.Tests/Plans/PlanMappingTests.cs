using System.Text.Json.Nodes;
using Scanner.Collect.Plans;
using Scanner.Model;

namespace Collect.Tests.Plans;

/// <summary>What the shipped tables make of arguments that are easily misread.</summary>
public sealed class PlanMappingTests
{
    private const string Unknown = "?";

    [Theory]
    [InlineData("""{"name": "a", "access_logs": [{"bucket": "logs"}]}""", "true")]
    [InlineData("""{"name": "a", "access_logs": [{"bucket": "logs", "enabled": false}]}""", "false")]
    [InlineData("""{"name": "a", "access_logs": []}""", "false")]
    [InlineData("""{"name": "a", "access_logs": "?"}""", Unknown)]
    public void A_classic_load_balancer_logs_where_it_has_the_block(string elb, string enabled) =>
        Assert.Equal(enabled, Column(new WrittenPlan().Create("aws_elb.a", elb).Rows().After, "aws_ec2_classic_load_balancer", "access_log_enabled"));

    [Theory]
    [InlineData("""{"name": "a", "access_logs": [{"bucket": "=aws_s3_bucket.logs.id", "enabled": true}]}""", "true", "\"acme-logs\"")]
    [InlineData("""{"name": "a", "access_logs": [{"bucket": "b"}]}""", "false", "\"b\"")]
    [InlineData("""{"name": "a", "access_logs": []}""", "false", "null")]
    [InlineData("""{"name": "a", "access_logs": "?"}""", Unknown, Unknown)]
    public void A_newer_load_balancer_logs_only_where_it_is_enabled(string lb, string enabled, string bucket)
    {
        var rows = new WrittenPlan().Create("aws_s3_bucket.logs", """{"bucket": "acme-logs", "id": "?"}""").Create("aws_lb.a", lb).Rows().After;

        Assert.Equal((enabled, bucket), (Column(rows, "aws_ec2_load_balancer", "access_logs_enabled"), Column(rows, "aws_ec2_load_balancer", "access_logs_bucket")));
    }

    [Theory]
    [InlineData("~> 5.0", "false", "true")]
    [InlineData("~> 6.0", "true", "false")]
    [InlineData(">= 4.0", Unknown, Unknown)]
    public void A_Redshift_cluster_is_encrypted_and_private_by_default_since_provider_6(string provider, string encrypted, string isPublic)
    {
        var rows = new WrittenPlan().Provider(provider).Create("aws_redshift_cluster.a", """{"cluster_identifier": "a", "encrypted": null, "publicly_accessible": null, "logging": "?"}""").Rows().After;

        Assert.Equal((encrypted, isPublic), (Column(rows, "aws_redshift_cluster", "encrypted"), Column(rows, "aws_redshift_cluster", "publicly_accessible")));
        Assert.Equal("false", Column(rows, "aws_redshift_cluster", "logging_enabled"));
    }

    [Fact]
    public void Audit_logging_of_Redshift_is_a_block_in_provider_5_and_a_resource_in_6()
    {
        var rows = new WrittenPlan()
            .Keep("aws_redshift_cluster.five", """{"cluster_identifier": "five", "logging": [{"enable": true, "bucket_name": "logs"}]}""")
            .Keep("aws_redshift_cluster.six", """{"cluster_identifier": "six"}""")
            .Delete("aws_redshift_logging.six", """{"cluster_identifier": "six", "bucket_name": "logs", "log_destination_type": "s3"}""")
            .Rows();

        Assert.Equal(("true", "\"logs\""), (Column(rows.After, "aws_redshift_cluster", "logging_enabled", "aws_redshift_cluster.five"), Column(rows.After, "aws_redshift_cluster", "log_bucket_name", "aws_redshift_cluster.five")));
        Assert.Equal(("true", "false"), (Column(rows.Before, "aws_redshift_cluster", "logging_enabled", "aws_redshift_cluster.six"), Column(rows.After, "aws_redshift_cluster", "logging_enabled", "aws_redshift_cluster.six")));
    }

    [Theory]
    [InlineData("""{"metadata_options": "?", "launch_template": [], "iam_instance_profile": "?"}""", Unknown, "null")]
    [InlineData("""{"metadata_options": [{"http_tokens": "required", "http_endpoint": "?"}], "iam_instance_profile": "web"}""", "\"required\"", "\"arn:aws:iam::111111111111:instance-profile/web\"")]
    [InlineData("""{"metadata_options": "?", "launch_template": [{"id": "=aws_launch_template.t.id", "name": "?"}], "iam_instance_profile": "?"}""", "\"optional\"", "\"arn:aws:iam::111111111111:instance-profile/t\"")]
    [InlineData("""{"metadata_options": "?", "launch_template": [{"id": "lt-of-another-stack"}], "iam_instance_profile": "?"}""", Unknown, Unknown)]
    public void An_instance_that_says_nothing_of_IMDS_has_its_templates_or_nobody_knows(string instance, string tokens, string role)
    {
        var rows = new WrittenPlan()
            .Create("aws_launch_template.t", """{"id": "?", "metadata_options": [{"http_tokens": "optional", "http_endpoint": "enabled"}], "iam_instance_profile": [{"arn": "arn:aws:iam::111111111111:instance-profile/t"}]}""")
            .Create("aws_instance.a", instance)
            .Rows().After;

        Assert.Equal((tokens, role), (Column(rows, "aws_ec2_instance", "metadata_http_tokens"), Column(rows, "aws_ec2_instance", "iam_instance_profile_arn")));
    }

    [Fact]
    public void Destroying_the_default_encryption_of_EBS_switches_it_off()
    {
        var rows = new WrittenPlan().Delete("aws_ebs_encryption_by_default.a", """{"enabled": true}""").Rows();

        Assert.Equal("true", Column(rows.Before, "aws_ec2_regional_settings", "default_ebs_encryption_enabled"));
        Assert.Equal("false", Column(rows.After, "aws_ec2_regional_settings", "default_ebs_encryption_enabled"));
        Assert.Equal("aws_ebs_encryption_by_default.a", Assert.Single(rows.After).Address);
    }

    [Theory]
    [InlineData("""{"name": "g", "retention_in_days": 0, "arn": "?", "id": "?"}""", "null", "\"arn:aws:logs:eu-west-1:111111111111:log-group:g:*\"")]
    [InlineData("""{"name": "g", "retention_in_days": 30, "arn": "?", "id": "?"}""", "30", "\"arn:aws:logs:eu-west-1:111111111111:log-group:g:*\"")]
    [InlineData("""{"name": "?", "retention_in_days": "=local.days", "arn": "?", "id": "?"}""", Unknown, "\"arn:aws:logs:eu-west-1:111111111111:log-group:aws_cloudwatch_log_group.g#name:*\"")]
    public void A_log_group_that_keeps_events_for_ever_has_no_retention(string group, string days, string arn)
    {
        var rows = new WrittenPlan().Create("aws_cloudwatch_log_group.g", group).Rows().After;

        Assert.Equal(days, Column(rows, "aws_cloudwatch_log_group", "retention_in_days"));
        Assert.Equal(arn, Column(rows, "aws_cloudwatch_log_group", "arn"));
    }

    [Fact]
    public void A_trail_finds_its_log_group_through_the_text_around_its_ARN()
    {
        var rows = new WrittenPlan()
            .Create("aws_cloudwatch_log_group.g", """{"name": "?", "name_prefix": "trail", "arn": "?", "id": "?", "retention_in_days": 1}""")
            .Create("aws_cloudtrail.t", """{"name": "t", "s3_bucket_name": "b", "arn": "?", "id": "?", "cloud_watch_logs_group_arn": "=aws_cloudwatch_log_group.g.arn", "cloud_watch_logs_role_arn": "=aws_iam_role.r.arn", "event_selector": [], "advanced_event_selector": []}""")
            .Rows().After;

        Assert.Equal(Column(rows, "aws_cloudwatch_log_group", "arn").Trim('"', '*', ':'), Column(rows, "aws_cloudtrail_trail", "log_group_arn").Trim('"'));
        Assert.Equal("\"arn:aws:cloudtrail:eu-west-1:111111111111:trail/t\"", Column(rows, "aws_cloudtrail_trail", "arn"));
        Assert.Equal(("true", "false", "[]"), (Column(rows, "aws_cloudtrail_trail", "is_logging"), Column(rows, "aws_cloudtrail_trail", "has_custom_event_selectors"), Column(rows, "aws_cloudtrail_trail", "event_selectors")));
    }

    [Fact]
    public void The_event_selectors_of_a_trail_have_the_shape_that_AWS_gives_them()
    {
        var rows = new WrittenPlan()
            .Create("aws_cloudtrail.t", """
                {"name": "t", "s3_bucket_name": "b", "event_selector": [{"read_write_type": "WriteOnly", "include_management_events": false, "data_resource": [{"type": "AWS::S3::Object", "values": ["arn:aws:s3"]}]}], "advanced_event_selector": []}
                """)
            .Create("aws_cloudtrail.u", """
                {"name": "u", "s3_bucket_name": "b", "event_selector": [], "advanced_event_selector": [{"name": "n", "field_selector": [{"field": "eventCategory", "equals": ["Data"], "starts_with": [], "not_equals": null}]}]}
                """)
            .Create("aws_cloudtrail.v", """{"name": "v", "s3_bucket_name": "b", "event_selector": "?", "advanced_event_selector": []}""")
            .Rows().After;

        Assert.Equal(
            """[{"ReadWriteType":"WriteOnly","IncludeManagementEvents":false,"DataResources":[{"Type":"AWS::S3::Object","Values":["arn:aws:s3"]}],"ExcludeManagementEventSources":[]}]""",
            Column(rows, "aws_cloudtrail_trail", "event_selectors", "aws_cloudtrail.t"));
        Assert.Equal("""[{"Name":"n","FieldSelectors":[{"Field":"eventCategory","Equals":["Data"]}]}]""", Column(rows, "aws_cloudtrail_trail", "advanced_event_selectors", "aws_cloudtrail.u"));
        Assert.Equal((Unknown, Unknown), (Column(rows, "aws_cloudtrail_trail", "event_selectors", "aws_cloudtrail.v"), Column(rows, "aws_cloudtrail_trail", "has_custom_event_selectors", "aws_cloudtrail.v")));
    }

    [Theory]
    [InlineData("""{"identifier": "a", "engine": "mysql", "storage_encrypted": true}""", "true", "\"mysql\"")]
    [InlineData("""{"identifier": "a", "engine": "mysql", "storage_encrypted": null}""", "false", "\"mysql\"")]
    [InlineData("""{"identifier": "a", "engine": "?", "storage_encrypted": null, "replicate_source_db": "=aws_db_instance.source.arn"}""", "true", "\"postgres\"")]
    [InlineData("""{"identifier": "a", "engine": "?", "storage_encrypted": null, "replicate_source_db": "of-another-stack"}""", Unknown, Unknown)]
    [InlineData("""{"identifier": "a", "engine": "?", "storage_encrypted": null, "snapshot_identifier": "rds:x"}""", Unknown, Unknown)]
    public void A_replica_is_encrypted_as_its_source_is_and_a_restored_database_as_nobody_can_tell(string database, string encrypted, string engine)
    {
        var rows = new WrittenPlan()
            .Create("aws_db_instance.source", """{"identifier": "source", "engine": "postgres", "storage_encrypted": true, "arn": "?"}""")
            .Create("aws_db_instance.a", database)
            .Rows().After;

        Assert.Equal((encrypted, engine), (Column(rows, "aws_rds_db_instance", "storage_encrypted", "aws_db_instance.a"), Column(rows, "aws_rds_db_instance", "engine", "aws_db_instance.a")));
    }

    [Theory]
    [InlineData("""{"cluster_identifier": "c", "engine": "aurora-mysql", "engine_mode": "provisioned", "storage_encrypted": "?"}""", "false")]
    [InlineData("""{"cluster_identifier": "c", "engine": "aurora-mysql", "engine_mode": "serverless", "storage_encrypted": "?"}""", "true")]
    [InlineData("""{"cluster_identifier": "c", "engine": "aurora-mysql", "engine_mode": "provisioned", "storage_encrypted": true}""", "true")]
    [InlineData("""{"cluster_identifier": "c", "engine": "aurora-mysql", "engine_mode": "provisioned", "storage_encrypted": "?", "snapshot_identifier": "s"}""", Unknown)]
    public void The_instances_of_a_cluster_are_encrypted_as_it_is(string cluster, string encrypted)
    {
        var rows = new WrittenPlan()
            .Create("aws_rds_cluster.c", cluster)
            .Create("aws_rds_cluster_instance.i", """{"identifier": "i", "cluster_identifier": "c", "engine": "aurora-mysql", "storage_encrypted": "?"}""")
            .Create("aws_rds_cluster_instance.other", """{"identifier": "o", "cluster_identifier": "of-another-stack", "engine": "aurora-mysql", "storage_encrypted": "?"}""")
            .Rows().After;

        Assert.Equal(encrypted, Column(rows, "aws_rds_db_cluster", "storage_encrypted"));
        Assert.Equal(encrypted, Column(rows, "aws_rds_db_instance", "storage_encrypted", "aws_rds_cluster_instance.i"));
        Assert.Equal(Unknown, Column(rows, "aws_rds_db_instance", "storage_encrypted", "aws_rds_cluster_instance.other"));
    }

    [Theory]
    [InlineData("aws_kms_key", """{"enable_key_rotation": null, "arn": "?"}""", "AWS_KMS", "false", "Enabled", null)]
    [InlineData("aws_kms_key", """{"enable_key_rotation": true, "is_enabled": false, "multi_region": true, "arn": "?"}""", "AWS_KMS", "true", "Disabled", "PRIMARY")]
    [InlineData("aws_kms_key", """{"custom_key_store_id": "cks-1", "arn": "?"}""", "AWS_CLOUDHSM", "false", "Enabled", null)]
    [InlineData("aws_kms_key", """{"custom_key_store_id": "cks-1", "xks_key_id": "x", "arn": "?"}""", "EXTERNAL_KEY_STORE", "false", "Enabled", null)]
    [InlineData("aws_kms_external_key", """{"enabled": null, "arn": "?"}""", "EXTERNAL", "null", "Enabled", null)]
    [InlineData("aws_kms_replica_key", """{"primary_key_arn": "arn:aws:kms:us-east-1:111111111111:key/mrk-1", "arn": "?"}""", "AWS_KMS", "null", "Enabled", "REPLICA")]
    public void Keys_of_each_kind_say_where_they_come_from(string type, string key, string origin, string rotates, string state, string? multi)
    {
        var rows = new WrittenPlan().Create(type + ".k", key).Rows().After;

        Assert.Equal(($"\"{origin}\"", rotates, $"\"{state}\""), (Column(rows, "aws_kms_key", "origin"), Column(rows, "aws_kms_key", "key_rotation_enabled"), Column(rows, "aws_kms_key", "key_state")));
        Assert.Equal(multi is null ? "null" : $"\"{multi}\"", Column(rows, "aws_kms_key", "multi_region_key_type"));
    }

    [Fact]
    public void Attachments_of_a_policy_are_counted_and_what_the_provider_counted_is_corrected()
    {
        const string Policy = """{"name": "p", "path": "/", "arn": "arn:aws:iam::111111111111:policy/p", "policy": "{}", "attachment_count": 3}""";
        const string Attachment = """{"role": "r", "policy_arn": "arn:aws:iam::111111111111:policy/p"}""";
        var created = new WrittenPlan()
            .Create("aws_iam_policy.p", """{"name": "p", "path": "/", "arn": "?", "policy": "{}", "attachment_count": "?"}""")
            .Create("aws_iam_role_policy_attachment.a", """{"role": "r", "policy_arn": "=aws_iam_policy.p.arn"}""")
            .Create("aws_iam_policy_attachment.b", """{"name": "b", "roles": ["r"], "users": ["u", "v"], "policy_arn": "=aws_iam_policy.p.arn"}""")
            .Rows();
        var changed = new WrittenPlan().Keep("aws_iam_policy.p", Policy).Delete("aws_iam_role_policy_attachment.a", Attachment).Rows();

        Assert.Equal("4", Column(created.After, "aws_iam_policy", "attachment_count"));
        Assert.Equal("\"arn:aws:iam::111111111111:policy/p\"", Column(created.After, "aws_iam_policy", "arn"));
        Assert.Equal(("3", "2"), (Column(changed.Before, "aws_iam_policy", "attachment_count"), Column(changed.After, "aws_iam_policy", "attachment_count")));
    }

    [Theory]
    [InlineData("create", "null", "true")]
    [InlineData("without", "null", "false")]
    [InlineData("stop", "true", "false")]
    [InlineData("destroy", "true", "false")]
    [InlineData("elsewhere", Unknown, Unknown)]
    public void A_recorder_records_where_its_status_says_so(string how, string before, string after)
    {
        const string Recorder = """{"name": "r", "id": "r", "role_arn": "arn:aws:iam::111111111111:role/c", "recording_group": []}""";
        const string New = """{"name": "r", "id": "?", "role_arn": "arn:aws:iam::111111111111:role/c", "recording_group": "?"}""";
        const string On = """{"name": "r", "is_enabled": true}""";
        var plan = how switch
        {
            "create" => new WrittenPlan().Create("aws_config_configuration_recorder.r", New).Create("aws_config_configuration_recorder_status.s", """{"name": "=aws_config_configuration_recorder.r.id", "is_enabled": true}"""),
            "without" => new WrittenPlan().Create("aws_config_configuration_recorder.r", New),
            "stop" => new WrittenPlan().Keep("aws_config_configuration_recorder.r", Recorder).Update("aws_config_configuration_recorder_status.s", On, """{"name": "r", "is_enabled": false}"""),
            "destroy" => new WrittenPlan().Keep("aws_config_configuration_recorder.r", Recorder).Delete("aws_config_configuration_recorder_status.s", On),
            _ => new WrittenPlan().Keep("aws_config_configuration_recorder.r", Recorder),
        };
        var rows = plan.Rows();

        Assert.Equal(before, rows.Before.Count == 0 ? "null" : Column(rows.Before, "aws_config_configuration_recorder_status", "recording"));
        Assert.Equal(after, Column(rows.After, "aws_config_configuration_recorder_status", "recording"));
        Assert.Equal("true", Column(rows.After, "aws_config_configuration_recorder", "all_supported"));
    }

    [Theory]
    [InlineData("""{"name": "c", "vpc_config": [{"endpoint_public_access": null}], "enabled_cluster_log_types": ["api", "audit"]}""", """{"clusterLogging":[{"types":["api","audit"],"enabled":true}]}""")]
    [InlineData("""{"name": "c", "vpc_config": [{"endpoint_public_access": null}], "enabled_cluster_log_types": null}""", """{"clusterLogging":[]}""")]
    [InlineData("""{"name": "c", "vpc_config": [{"endpoint_public_access": null}], "enabled_cluster_log_types": "=local.types"}""", Unknown)]
    public void An_EKS_cluster_without_log_types_logs_nothing(string cluster, string logging)
    {
        var rows = new WrittenPlan().Create("aws_eks_cluster.c", cluster).Rows().After;

        Assert.Equal((logging, "true"), (Column(rows, "aws_eks_cluster", "logging"), Column(rows, "aws_eks_cluster", "endpoint_public_access")));
    }

    [Theory]
    [InlineData("""{"name": "c", "setting": [{"name": "containerInsights", "value": "enabled"}]}""", """[{"name":"containerInsights","value":"enabled"}]""")]
    [InlineData("""{"name": "c", "setting": "?"}""", Unknown)]
    public void Container_Insights_that_are_not_set_are_the_accounts_default(string cluster, string settings) =>
        Assert.Equal(settings, Column(new WrittenPlan().Create("aws_ecs_cluster.c", cluster).Rows().After, "aws_ecs_cluster", "settings"));

    [Theory]
    [InlineData("""{"function_name": "f", "logging_config": "?"}""", "\"/aws/lambda/f\"")]
    [InlineData("""{"function_name": "f", "logging_config": [{"log_format": "JSON", "log_group": "/own"}]}""", "\"/own\"")]
    [InlineData("""{"function_name": "f", "logging_config": [{"log_format": "JSON", "log_group": "?"}]}""", "\"/aws/lambda/f\"")]
    public void A_function_logs_to_the_group_of_its_name_unless_it_says_another(string function, string group) =>
        Assert.Equal(group, Column(new WrittenPlan().Create("aws_lambda_function.f", function).Rows().After, "aws_lambda_function", "log_group"));

    [Fact]
    public void Log_types_of_a_search_domain_are_enabled_where_they_are_named()
    {
        var rows = new WrittenPlan()
            .Create("aws_opensearch_domain.d", """{"domain_name": "d", "advanced_security_options": "?", "log_publishing_options": [{"log_type": "AUDIT_LOGS", "cloudwatch_log_group_arn": "arn:aws:logs:eu-west-1:111111111111:log-group:a", "enabled": null}, {"log_type": "INDEX_SLOW_LOGS", "cloudwatch_log_group_arn": "x", "enabled": false}]}""")
            .Rows().After;

        Assert.Equal(("true", "\"arn:aws:logs:eu-west-1:111111111111:log-group:a\"", "false"),
            (Column(rows, "aws_opensearch_domain", "audit_logs_enabled"), Column(rows, "aws_opensearch_domain", "audit_logs_log_group_arn"), Column(rows, "aws_opensearch_domain", "advanced_security_enabled")));
    }

    [Fact]
    public void Method_settings_belong_to_the_stage_of_their_API()
    {
        var rows = new WrittenPlan()
            .Create("aws_api_gateway_rest_api.one", """{"name": "one", "id": "?"}""")
            .Create("aws_api_gateway_rest_api.two", """{"name": "two", "id": "?"}""")
            .Create("aws_api_gateway_stage.one", """{"rest_api_id": "=aws_api_gateway_rest_api.one.id", "stage_name": "prod", "deployment_id": "d", "access_log_settings": []}""")
            .Create("aws_api_gateway_stage.two", """{"rest_api_id": "=aws_api_gateway_rest_api.two.id", "stage_name": "prod", "deployment_id": "d", "access_log_settings": [{"destination_arn": "=aws_kinesis_firehose_delivery_stream.f.arn", "format": "$context"}]}""")
            .Create("aws_api_gateway_method_settings.s", """{"rest_api_id": "=aws_api_gateway_rest_api.one.id", "stage_name": "prod", "method_path": "*/*", "settings": [{"logging_level": "INFO", "data_trace_enabled": "?", "metrics_enabled": true}]}""")
            .Create("aws_kinesis_firehose_delivery_stream.f", """{"name": "f", "arn": "?"}""")
            .Rows().After;

        Assert.Equal(("\"INFO\"", "\"one\"", "null"), (Column(rows, "aws_api_gateway_stage", "default_logging_level", "aws_api_gateway_stage.one"),
            Column(rows, "aws_api_gateway_stage", "rest_api_name", "aws_api_gateway_stage.one"), Column(rows, "aws_api_gateway_stage", "access_log_destination_arn", "aws_api_gateway_stage.one")));
        Assert.Equal(("null", "{}", "\"aws_kinesis_firehose_delivery_stream.f#arn\""), (Column(rows, "aws_api_gateway_stage", "default_logging_level", "aws_api_gateway_stage.two"),
            Column(rows, "aws_api_gateway_stage", "method_settings", "aws_api_gateway_stage.two"), Column(rows, "aws_api_gateway_stage", "access_log_destination_arn", "aws_api_gateway_stage.two")));
    }

    [Theory]
    [InlineData("""{"enabled": true, "logging_config": [{"bucket": "=aws_s3_bucket.logs.bucket_domain_name"}], "default_cache_behavior": [{}]}""", "true", "\"acme-logs.s3.amazonaws.com\"")]
    [InlineData("""{"enabled": true, "logging_config": [], "default_cache_behavior": [{}]}""", "false", "null")]
    [InlineData("""{"enabled": true, "logging_config": "?", "default_cache_behavior": [{}]}""", Unknown, Unknown)]
    public void A_distribution_logs_where_it_has_a_bucket(string distribution, string enabled, string bucket)
    {
        var rows = new WrittenPlan().Create("aws_s3_bucket.logs", """{"bucket": "acme-logs", "bucket_domain_name": "?"}""").Create("aws_cloudfront_distribution.d", distribution).Rows().After;

        Assert.Equal((enabled, bucket), (Column(rows, "aws_cloudfront_distribution", "logging_enabled"), Column(rows, "aws_cloudfront_distribution", "logging_bucket")));
    }

    [Fact]
    public void Web_ACLs_are_told_apart_by_their_scope_and_find_their_log()
    {
        var rows = new WrittenPlan()
            .Create("aws_wafv2_web_acl.r", """{"name": "r", "scope": "REGIONAL", "arn": "?", "id": "?"}""")
            .Create("aws_wafv2_web_acl.c", """{"name": "c", "scope": "CLOUDFRONT", "arn": "?", "id": "?"}""")
            .Create("aws_wafv2_web_acl_logging_configuration.r", """{"resource_arn": "=aws_wafv2_web_acl.r.arn", "log_destination_configs": ["arn:aws:s3:::aws-waf-logs-x"], "logging_filter": []}""")
            .Rows().After;

        Assert.Equal("""["arn:aws:s3:::aws-waf-logs-x"]""", Column(rows, "aws_wafv2_web_acl", "log_destinations"));
        Assert.Equal("null", Column(rows, "aws_wafv2_cloudfront_web_acl", "log_destinations"));
        Assert.Equal(("eu-west-1", "global"), (rows.Single(row => row.Resource.Table == "aws_wafv2_web_acl").Resource.Region, rows.Single(row => row.Resource.Table == "aws_wafv2_cloudfront_web_acl").Resource.Region));
    }

    [Fact]
    public void A_query_log_names_its_zone_as_the_zone_names_itself()
    {
        var rows = new WrittenPlan()
            .Create("aws_route53_zone.new", """{"name": "example.org", "zone_id": "?", "id": "?", "vpc": []}""")
            .Create("aws_route53_query_log.q", """{"zone_id": "=aws_route53_zone.new.zone_id", "cloudwatch_log_group_arn": "=aws_cloudwatch_log_group.g.arn"}""")
            .Keep("aws_route53_zone.inner", """{"name": "inner", "zone_id": "Z1", "id": "Z1", "vpc": [{"vpc_id": "vpc-1"}]}""")
            .Rows().After;

        Assert.Equal("/hostedzone/" + Column(rows, "aws_route53_query_log", "hosted_zone_id").Trim('"'), Column(rows, "aws_route53_zone", "id", "aws_route53_zone.new").Trim('"'));
        Assert.Equal("\"/hostedzone/Z1\"", Column(rows, "aws_route53_zone", "id", "aws_route53_zone.inner"));
        Assert.Equal(("false", "true"), (Column(rows, "aws_route53_zone", "private_zone", "aws_route53_zone.new"), Column(rows, "aws_route53_zone", "private_zone", "aws_route53_zone.inner")));
    }

    [Fact]
    public void Only_the_security_contact_is_one_and_it_may_be_of_another_account()
    {
        var rows = new WrittenPlan()
            .Create("aws_account_alternate_contact.s", """{"alternate_contact_type": "SECURITY", "account_id": "222222222222", "name": "n", "title": "t", "email_address": "a@example.com", "phone_number": "1"}""")
            .Create("aws_account_alternate_contact.b", """{"alternate_contact_type": "BILLING", "account_id": null, "name": "n", "title": "t", "email_address": "b@example.com", "phone_number": "1"}""")
            .Create("aws_s3_account_public_access_block.b", """{"account_id": "?", "block_public_acls": true, "ignore_public_acls": true, "block_public_policy": true, "restrict_public_buckets": null}""")
            .Rows().After;

        var contact = Assert.Single(rows, row => row.Resource.Table == "aws_account_security_contact").Resource;
        Assert.Equal(("222222222222", "global", "222222222222"), (contact.Account, contact.Region, contact.Id));
        Assert.Equal("111111111111", Assert.Single(rows, row => row.Resource.Table == "aws_s3_account_settings").Resource.Account);
        Assert.Equal("false", Column(rows, "aws_s3_account_settings", "restrict_public_buckets"));
    }

    [Fact]
    public void Entries_of_a_network_ACL_have_numbers_for_protocols_and_no_ports_where_all_are_meant()
    {
        var rows = new WrittenPlan()
            .Create("aws_network_acl.a", """{"vpc_id": "vpc-1", "id": "?", "ingress": [{"rule_no": 100, "action": "allow", "protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_block": "0.0.0.0/0", "ipv6_cidr_block": ""}], "egress": "?", "subnet_ids": "?"}""")
            .Create("aws_network_acl_rule.r", """{"network_acl_id": "=aws_network_acl.a.id", "rule_number": 200, "rule_action": "deny", "egress": false, "protocol": "-1", "from_port": 0, "to_port": 0, "cidr_block": "10.0.0.0/8"}""")
            .Rows().After;

        Assert.Equal(
            """[{"RuleNumber":100,"RuleAction":"allow","Egress":false,"Protocol":"6","CidrBlock":"0.0.0.0/0","PortRange":{"From":22,"To":22}},"""
            + """{"RuleNumber":200,"RuleAction":"deny","Egress":false,"Protocol":"-1","CidrBlock":"10.0.0.0/8"}]""",
            Column(rows, "aws_vpc_network_acl", "entries"));
    }

    [Fact]
    public void Entries_of_a_prefix_list_are_in_it_or_beside_it_and_one_that_is_taken_away_is_gone()
    {
        var created = new WrittenPlan()
            .Create("aws_ec2_managed_prefix_list.l", """{"name": "l", "address_family": "IPv4", "id": "?", "arn": "?", "entry": "?"}""")
            .Create("aws_ec2_managed_prefix_list_entry.e", """{"prefix_list_id": "=aws_ec2_managed_prefix_list.l.id", "cidr": "0.0.0.0/0"}""")
            .Rows();
        var changed = new WrittenPlan()
            .Keep("aws_ec2_managed_prefix_list.l", """{"name": "l", "address_family": "IPv4", "id": "pl-1", "arn": "arn:aws:ec2:eu-west-1:111111111111:prefix-list/pl-1", "entry": [{"cidr": "0.0.0.0/0", "description": ""}, {"cidr": "10.0.0.0/8", "description": "own"}]}""")
            .Delete("aws_ec2_managed_prefix_list_entry.e", """{"prefix_list_id": "pl-1", "cidr": "0.0.0.0/0"}""")
            .Rows();

        Assert.Equal("""[{"Cidr":"0.0.0.0/0"}]""", Column(created.After, "aws_vpc_managed_prefix_list", "entries"));
        Assert.Equal("""[{"Cidr":"10.0.0.0/8"}]""", Column(changed.After, "aws_vpc_managed_prefix_list", "entries"));
    }

    [Fact]
    public void Who_has_AWS_own_policies_is_a_row_for_each_attachment()
    {
        var rows = new WrittenPlan()
            .Create("aws_iam_role_policy_attachment.s", """{"role": "support", "policy_arn": "arn:aws:iam::aws:policy/AWSSupportAccess"}""")
            .Create("aws_iam_policy_attachment.c", """{"name": "c", "users": ["u"], "roles": null, "groups": [], "policy_arn": "arn:aws:iam::aws:policy/AWSCloudShellFullAccess"}""")
            .Create("aws_iam_role_policy_attachment.o", """{"role": "r", "policy_arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}""")
            .Rows().After;

        Assert.Equal("""[{"RoleName":"support"}]""", Column(rows, "aws_iam_support_access", "policy_roles"));
        Assert.Equal(("""[{"UserName":"u"}]""", "[]"), (Column(rows, "aws_iam_cloudshell_access", "policy_users"), Column(rows, "aws_iam_cloudshell_access", "policy_roles")));
    }

    [Fact]
    public void Protection_plans_that_the_plan_does_not_name_may_be_on()
    {
        var rows = new WrittenPlan()
            .Create("aws_guardduty_detector.d", """{"enable": true, "id": "?", "finding_publishing_frequency": "?", "datasources": "?"}""")
            .Create("aws_guardduty_detector_feature.f", """{"detector_id": "=aws_guardduty_detector.d.id", "name": "S3_DATA_EVENTS", "status": "ENABLED"}""")
            .Create("aws_guardduty_publishing_destination.p", """{"detector_id": "=aws_guardduty_detector.d.id", "destination_arn": "arn:aws:s3:::x", "destination_type": null}""")
            .Rows().After;

        Assert.Equal(Unknown, Column(rows, "aws_guardduty_detector", "features"));
        Assert.Equal(("\"ENABLED\"", "\"SIX_HOURS\"", """[{"DestinationType":"S3","Status":"PUBLISHING"}]"""), (Column(rows, "aws_guardduty_detector", "status"),
            Column(rows, "aws_guardduty_detector", "finding_publishing_frequency"), Column(rows, "aws_guardduty_detector", "publishing_destinations")));
    }

    // The value as the store will find it; "?" where it is not known.
    private static string Column(IReadOnlyList<PlanRow> rows, string table, string column, string? address = null)
    {
        var row = Assert.Single(rows, row => row.Resource.Table == table && (address is null || row.Address == address));
        if (row.Resource.Failures.Any(failure => failure.Detail == column && failure.Outcome == CollectionOutcome.Planned))
            return Unknown;
        var definition = WrittenPlan.Shipped.Single(one => one.Name == table);
        return definition.Columns.Single(one => one.Name == column).Path.Find(JsonNode.Parse(row.Resource.Item))?.ToJsonString() ?? "null";
    }
}
