using Scanner.Model;
using Scanner.Scan;

namespace EndToEnd.Tests;

/// <summary>
/// What the gate says of the state after a plan is what it says once it is applied. The plans are ours: the ways in which a reference to something that is
/// not known yet was once taken for something else, and the ways in which a plan is not as simple as its resources.
/// </summary>
public sealed class GateMetamorphicTests
{
    private const string Log = "\"traffic_type\": \"ALL\", \"log_destination_type\": \"s3\", \"log_destination\": \"arn:aws:s3:::acme-logs\", \"arn\": \"?arn:aws:ec2:eu-west-1:111122223333:vpc-flow-log/fl-1\"";

    // Every night all checks are asked, and not only those that a plan here is about.
    private static readonly bool All = Environment.GetEnvironmentVariable("SCANNER_GATE_PAIRS") == "all";

    private static readonly string[] Only =
    [
        "vpc-flow-logs-active", "vpc-flow-logs-traffic-type", "s3-bucket-mfa-delete", "s3-access-logging", "ec2-security-group-admin-ports", "ec2-security-group-cifs",
        "rds-multi-az", "iam-admin-policy", "cloudwatch-alarm-actions", "ec2-default-security-group", "vpc-nacl-admin-ports", "cloudwatch-log-group-retention", "lambda-log-group",
    ];

    private static Dictionary<string, PlanPair> Pairs { get; } = new(StringComparer.Ordinal)
    {
        // aws_flow_log.pair["x"] is of the VPC y: for_each = {x = "y"}, vpc_id = aws_vpc.pair[each.value].id
        ["each value crossed"] = Vpcs("aws_vpc.pair[\"x\"]", "aws_vpc.pair[\"y\"]")
            .Create("aws_flow_log.pair[\"x\"]", $$"""{{{Log}}, "id": "?fl-1", "vpc_id": "=aws_vpc.pair,each.value|vpc-2"}""", """{"constant_value":{"x":"y"}}"""),
        // One log for two VPCs, of the second: vpc_id = aws_vpc.many[count.index + 1].id
        ["index arithmetic"] = Vpcs("aws_vpc.many[0]", "aws_vpc.many[1]")
            .Create("aws_flow_log.many[0]", $$"""{{{Log}}, "id": "?fl-1", "vpc_id": "=aws_vpc.many,count.index|vpc-2"}"""),
        // A splat beside count = 1 is all subnets.
        ["splat under count"] = Vpcs("aws_vpc.main")
            .Create("aws_subnet.s[0]", """{"id": "?subnet-1", "vpc_id": "=aws_vpc.main.id,aws_vpc.main|vpc-1", "cidr_block": "10.0.1.0/24"}""")
            .Create("aws_subnet.s[1]", """{"id": "?subnet-2", "vpc_id": "=aws_vpc.main.id,aws_vpc.main|vpc-1", "cidr_block": "10.0.2.0/24"}""")
            .Create("aws_network_acl.n[0]", """{"id": "?acl-1", "vpc_id": "=aws_vpc.main.id,aws_vpc.main|vpc-1", "subnet_ids": "=aws_subnet.s|[\"subnet-1\",\"subnet-2\"]", "ingress": "?[]", "egress": "?[]"}""")
            .Create("aws_flow_log.s[0]", $$"""{{{Log}}, "id": "?fl-1", "subnet_id": "=aws_subnet.s[0].id,aws_subnet.s[0],aws_subnet.s|subnet-1"}"""),
        // lookup(each.value, "vpc", var.vpc): the variable for one, something else for two.
        ["each value or a variable"] = Vpcs("aws_vpc.main", "aws_vpc.second")
            .Call("logs", """{"vpc":{"references":["aws_vpc.main.id","aws_vpc.main"]},"logs":{"references":["aws_vpc.second.id","aws_vpc.second"]}}""")
            .Create("module.logs.aws_flow_log.this[\"one\"]", $$"""{{{Log}}, "id": "?fl-1", "vpc_id": "=each.value,var.vpc|vpc-2"}""", """{"references":["var.logs"]}"""),
        // Two buckets whose names hold one made-up text are two.
        ["two buckets and one made-up name"] = new PlanPair()
            .Create("random_pet.p", """{"id": "?happy-cat", "length": 2}""")
            .Create("aws_s3_bucket.one", """{"id": "?one-happy-cat", "arn": "?arn:aws:s3:::one-happy-cat", "bucket": "=random_pet.p.id,random_pet.p|one-happy-cat"}""")
            .Create("aws_s3_bucket.two", """{"id": "?two-happy-cat", "arn": "?arn:aws:s3:::two-happy-cat", "bucket": "=random_pet.p.id,random_pet.p|two-happy-cat"}""")
            .Create("aws_s3_bucket_versioning.one", """{"id": "?one-happy-cat", "bucket": "=random_pet.p.id,random_pet.p|one-happy-cat", "mfa": "1", "versioning_configuration": [{"status": "Enabled", "mfa_delete": "Enabled"}]}"""),
        // var.multi_az is null by default: what is not known is what AWS does by itself.
        ["variable that is null"] = new PlanPair().Call("db", "{}")
            .Create("module.db.aws_db_instance.this", """{"id": "?db-1", "arn": "?arn:aws:rds:eu-west-1:111122223333:db:orders", "identifier": "orders", "engine": "postgres", "instance_class": "db.t4g.medium", "storage_encrypted": true, "multi_az": "=var.multi_az|false", "publicly_accessible": false}"""),
        // A document that names a bucket is not the bucket's ARN.
        ["document is not the ARN in it"] = new PlanPair()
            .Create("aws_s3_bucket.b", """{"id": "?acme-1", "arn": "?arn:aws:s3:::acme-1", "bucket": "?acme-1", "bucket_prefix": "acme-"}""")
            .Create("aws_iam_policy.p", """{"id": "?arn:aws:iam::111122223333:policy/p", "arn": "?arn:aws:iam::111122223333:policy/p", "name": "p", "path": "/", "policy": "=aws_s3_bucket.b.arn,aws_s3_bucket.b|{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":[\"*\",\"arn:aws:s3:::acme-1\"]}]}"}""")
            .Create("aws_iam_user_policy_attachment.a", """{"id": "?ci-1", "user": "ci", "policy_arn": "=aws_iam_policy.p.arn,aws_iam_policy.p|arn:aws:iam::111122223333:policy/p"}"""),
        // The call puts an object together; which part of it is meant, the plan does not tell.
        ["part of an object"] = Vpcs("aws_vpc.main", "aws_vpc.second")
            .Call("logs", """{"logs":{"references":["aws_vpc.main.id","aws_vpc.main","aws_vpc.second.id","aws_vpc.second"]}}""")
            .Create("module.logs.aws_flow_log.this", $$"""{{{Log}}, "id": "?fl-1", "vpc_id": "=var.logs.two.vpc,var.logs.two,var.logs|vpc-2"}"""),
        // The module can name one group only, and its rule opens it.
        ["local of a module with one group"] = new PlanPair().Call("web", "{}")
            .Create("aws_security_group.other", """{"id": "?sg-0", "name": "other", "ingress": "?[]", "egress": "?[]"}""")
            .Create("module.web.aws_security_group.this[0]", """{"id": "?sg-1", "name": "web", "ingress": "?[]", "egress": "?[]"}""")
            .Create("module.web.aws_security_group_rule.ssh", """{"id": "?sgr-1", "security_group_id": "=local.group|sg-1", "type": "ingress", "protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_blocks": ["0.0.0.0/0"], "ipv6_cidr_blocks": null, "prefix_list_ids": null, "self": false, "source_security_group_id": "?null"}"""),
        // It may be either of two: neither is said to be open, and none to be closed.
        ["local of a module with two groups"] = new PlanPair().Call("web", """{"group":{"references":["aws_security_group.other.id","aws_security_group.other"]}}""")
            .Create("aws_security_group.other", """{"id": "?sg-0", "name": "other", "ingress": "?[]", "egress": "?[]"}""")
            .Create("module.web.aws_security_group.this[0]", """{"id": "?sg-1", "name": "web", "ingress": "?[]", "egress": "?[]"}""")
            .Create("module.web.aws_security_group_rule.ssh", """{"id": "?sgr-1", "security_group_id": "=local.group|sg-0", "type": "ingress", "protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_blocks": ["0.0.0.0/0"], "ipv6_cidr_blocks": null, "prefix_list_ids": null, "self": false, "source_security_group_id": "?null"}"""),
        // Which VPC it is hides in the root; that all of its traffic is recorded does not.
        ["local in the root"] = Vpcs("aws_vpc.main", "aws_vpc.second")
            .Create("aws_flow_log.one", $$"""{{{Log}}, "id": "?fl-1", "vpc_id": "=local.vpc|vpc-2"}"""),
        // Where the log goes hides; that it goes somewhere does not.
        ["target that hides"] = new PlanPair()
            .Create("aws_s3_bucket.a", """{"id": "?a", "arn": "?arn:aws:s3:::a", "bucket": "a"}""")
            .Create("aws_s3_bucket.logs", """{"id": "?logs", "arn": "?arn:aws:s3:::logs", "bucket": "logs"}""")
            .Create("aws_s3_bucket_logging.a", """{"id": "?a", "bucket": "=aws_s3_bucket.a.id,aws_s3_bucket.a|a", "target_bucket": "=local.logs|logs", "target_prefix": "a/"}"""),
        ["action that is each value"] = new PlanPair()
            .Create("aws_sns_topic.t", """{"id": "?arn:aws:sns:eu-west-1:111122223333:t", "arn": "?arn:aws:sns:eu-west-1:111122223333:t", "name": "t"}""")
            .Create("aws_cloudwatch_metric_alarm.a[\"x\"]", """{"id": "?a", "arn": "?arn:aws:cloudwatch:eu-west-1:111122223333:alarm:a", "alarm_name": "a", "alarm_actions": ["=each.value|arn:aws:sns:eu-west-1:111122223333:t"], "actions_enabled": true}"""),
        // What AWS creates along with them: rules of a default group, an open network ACL, a log group that keeps everything.
        ["what aws creates"] = new PlanPair()
            .Create("aws_vpc.bare", """{"id": "?vpc-1", "cidr_block": "10.1.0.0/16", "default_security_group_id": "?sg-1", "default_network_acl_id": "?acl-1"}""")
            .Create("aws_vpc.tidy", """{"id": "?vpc-2", "cidr_block": "10.1.0.0/16", "default_security_group_id": "?sg-2", "default_network_acl_id": "?acl-2"}""")
            .Create("aws_default_security_group.tidy", """{"id": "?sg-2", "vpc_id": "=aws_vpc.tidy.id,aws_vpc.tidy|vpc-2", "ingress": [], "egress": []}""")
            .Create("aws_default_network_acl.tidy", """{"id": "?acl-2", "default_network_acl_id": "=aws_vpc.tidy.default_network_acl_id,aws_vpc.tidy|acl-2", "vpc_id": "?vpc-2", "ingress": [], "egress": []}""")
            .Create("aws_lambda_function.bare", """{"id": "?bare", "arn": "?arn:aws:lambda:eu-west-1:111122223333:function:bare", "function_name": "bare"}""")
            .Create("aws_lambda_function.tidy", """{"id": "?tidy", "arn": "?arn:aws:lambda:eu-west-1:111122223333:function:tidy", "function_name": "tidy"}""")
            .Create("aws_cloudwatch_log_group.tidy", """{"id": "?/aws/lambda/tidy", "arn": "?arn:aws:logs:eu-west-1:111122223333:log-group:/aws/lambda/tidy", "name": "/aws/lambda/tidy", "retention_in_days": 365}"""),
        // Many providers, their regions constants and variables: each log is of its own region.
        ["aliases and regions"] = new PlanPair().Variable("second", "us-east-1")
            .Alias("us", """{"references":["var.second"]}""").Alias("ap", """{"constant_value":"ap-southeast-2"}""")
            .Create("aws_vpc.eu", """{"id": "?vpc-1", "cidr_block": "10.1.0.0/16"}""")
            .Create("aws_vpc.us", """{"id": "?vpc-2", "cidr_block": "10.2.0.0/16"}""", provider: "aws.us")
            .Create("aws_vpc.ap", """{"id": "?vpc-3", "cidr_block": "10.3.0.0/16"}""", provider: "aws.ap")
            .Create("aws_flow_log.us", $$"""{{{Log}}, "id": "?fl-1", "vpc_id": "=aws_vpc.us.id,aws_vpc.us|vpc-2"}""", provider: "aws.us")
            .Create("aws_kms_key.ap", """{"id": "?k", "arn": "?arn:aws:kms:ap-southeast-2:111122223333:key/k", "enable_key_rotation": false}""", provider: "aws.ap"),
    };

    [Fact]
    public void What_the_gate_says_of_the_state_after_is_what_it_says_once_it_is_applied()
    {
        var (before, after) = WithoutSource.Value;
        var different = new List<string>();
        foreach (var name in Pairs.Keys)
        {
            var (then, now) = (Said(before, name), Said(after, name));
            foreach (var key in then.Keys.Union(now.Keys))
            {
                var (x, y) = (then.GetValueOrDefault(key), now.GetValueOrDefault(key));
                if (x is not FindingStatus.Unknown && y is not FindingStatus.Unknown && x == FindingStatus.Fail != (y == FindingStatus.Fail))
                    different.Add($"{name}: {key} {x?.ToString() ?? "pass"} and then {y?.ToString() ?? "pass"}");
            }
        }
        Assert.Empty(different);
        // A plan with nothing to do introduces, mends and removes nothing.
        Assert.DoesNotContain(after.Findings, finding => finding.Change is FindingChange.Introduced or FindingChange.Fixed or FindingChange.Removed);
        // Of what is not told, most is: a gate that called everything unknown would differ in nothing.
        Assert.InRange(before.Findings.Count(finding => finding.Change == FindingChange.Unknown), 1, before.Gate!.Judgements / 2);
    }

    [Theory]
    [InlineData("each value crossed", "vpc-flow-logs-active", "aws_vpc.pair[\"x\"]", FindingChange.Unknown)]
    [InlineData("each value crossed", "vpc-flow-logs-active", "aws_vpc.pair[\"y\"]", FindingChange.Unknown)]
    [InlineData("index arithmetic", "vpc-flow-logs-active", "aws_vpc.many[0]", FindingChange.Unknown)]
    [InlineData("index arithmetic", "vpc-flow-logs-active", "aws_vpc.many[1]", FindingChange.Unknown)]
    [InlineData("splat under count", "vpc-flow-logs-active", "aws_vpc.main", FindingChange.Introduced)]
    [InlineData("each value or a variable", "vpc-flow-logs-active", "aws_vpc.main", FindingChange.Unknown)]
    [InlineData("each value or a variable", "vpc-flow-logs-active", "aws_vpc.second", FindingChange.Unknown)]
    [InlineData("two buckets and one made-up name", "s3-bucket-mfa-delete", "aws_s3_bucket.two", FindingChange.Unknown)]
    [InlineData("variable that is null", "rds-multi-az", "module.db.aws_db_instance.this", FindingChange.Introduced)]
    [InlineData("document is not the ARN in it", "iam-admin-policy", "aws_iam_policy.p", FindingChange.Unknown)]
    [InlineData("part of an object", "vpc-flow-logs-active", "aws_vpc.main", FindingChange.Unknown)]
    [InlineData("part of an object", "vpc-flow-logs-active", "aws_vpc.second", FindingChange.Unknown)]
    [InlineData("local of a module with one group", "ec2-security-group-admin-ports", "module.web.aws_security_group.this[0]", FindingChange.Introduced)]
    [InlineData("local of a module with one group", "ec2-security-group-admin-ports", "aws_security_group.other", null)]
    [InlineData("local of a module with two groups", "ec2-security-group-admin-ports", "module.web.aws_security_group.this[0]", FindingChange.Unknown)]
    [InlineData("local of a module with two groups", "ec2-security-group-admin-ports", "aws_security_group.other", FindingChange.Unknown)]
    [InlineData("local of a module with two groups", "ec2-security-group-cifs", "aws_security_group.other", null)]
    [InlineData("local in the root", "vpc-flow-logs-active", "aws_vpc.main", FindingChange.Unknown)]
    [InlineData("local in the root", "vpc-flow-logs-traffic-type", "aws_vpc.main", null)]
    [InlineData("action that is each value", "cloudwatch-alarm-actions", "aws_cloudwatch_metric_alarm.a[\"x\"]", null)]
    [InlineData("what aws creates", "ec2-default-security-group", "aws_vpc.bare", FindingChange.Introduced)]
    [InlineData("what aws creates", "ec2-default-security-group", "aws_vpc.tidy", null)]
    [InlineData("what aws creates", "ec2-default-security-group", "aws_default_security_group.tidy", null)]
    [InlineData("what aws creates", "vpc-nacl-admin-ports", "aws_vpc.bare", FindingChange.Introduced)]
    [InlineData("what aws creates", "vpc-nacl-admin-ports", "aws_vpc.tidy", null)]
    [InlineData("what aws creates", "cloudwatch-log-group-retention", "aws_lambda_function.bare", FindingChange.Introduced)]
    [InlineData("what aws creates", "cloudwatch-log-group-retention", "aws_lambda_function.tidy", null)]
    [InlineData("what aws creates", "lambda-log-group", "aws_lambda_function.tidy", null)]
    [InlineData("aliases and regions", "vpc-flow-logs-active", "aws_vpc.eu", FindingChange.Introduced)]
    [InlineData("aliases and regions", "vpc-flow-logs-active", "aws_vpc.us", null)]
    [InlineData("aliases and regions", "vpc-flow-logs-active", "aws_vpc.ap", FindingChange.Introduced)]
    public void Before_apply_nothing_is_claimed_that_is_not_so(string name, string check, string address, FindingChange? change) =>
        Assert.Equal(change, WithoutSource.Value.Before.Findings.SingleOrDefault(finding => finding.Plan == name + ".json" && finding.Check == check && finding.Address == address)?.Change);

    [Theory]
    [InlineData("each value crossed", "aws_vpc.pair[\"x\"]", FindingChange.Introduced)]
    [InlineData("each value crossed", "aws_vpc.pair[\"y\"]", null)]
    [InlineData("index arithmetic", "aws_vpc.many[0]", FindingChange.Introduced)]
    [InlineData("index arithmetic", "aws_vpc.many[1]", null)]
    [InlineData("each value or a variable", "aws_vpc.main", FindingChange.Introduced)]
    [InlineData("each value or a variable", "aws_vpc.second", null)]
    public void With_the_source_it_is_told(string name, string address, FindingChange? change) =>
        Assert.Equal(change, WithSource.Value.Before.Findings.SingleOrDefault(finding => finding.Plan == name + ".json" && finding.Check == "vpc-flow-logs-active" && finding.Address == address)?.Change);

    // One source for all of them: each plan has a part of it.
    private const string Source = """
        resource "aws_vpc" "pair" {
          for_each   = toset(["x", "y"])
          cidr_block = "10.1.0.0/16"
        }
        resource "aws_flow_log" "pair" {
          for_each = { x = "y" }
          vpc_id   = aws_vpc.pair[each.value].id
        }
        resource "aws_vpc" "many" {
          count      = 2
          cidr_block = "10.1.0.0/16"
        }
        resource "aws_flow_log" "many" {
          count  = 1
          vpc_id = aws_vpc.many[count.index + 1].id
        }
        resource "aws_vpc" "main" {
          cidr_block = "10.1.0.0/16"
        }
        resource "aws_vpc" "second" {
          cidr_block = "10.1.0.0/16"
        }
        module "logs" {
          source = "./logs"
          vpc    = aws_vpc.main.id
          logs   = { one = { vpc = aws_vpc.second.id } }
        }
        """;

    private const string Logs = """
        variable "vpc" {}
        variable "logs" {}
        resource "aws_flow_log" "this" {
          for_each = var.logs
          vpc_id   = lookup(each.value, "vpc", var.vpc)
        }
        """;

    // All plans are judged once for all tests: a second each.
    private static readonly Lazy<(ScanReport Before, ScanReport After)> WithoutSource = new(() => Judge(null));
    private static readonly Lazy<(ScanReport Before, ScanReport After)> WithSource = new(() => Judge(Source));

    private static PlanPair Vpcs(params string[] addresses)
    {
        var pair = new PlanPair();
        foreach (var (i, address) in addresses.Index())
            pair.Create(address, $$"""{"id": "?vpc-{{i + 1}}", "arn": "?arn:aws:ec2:eu-west-1:111122223333:vpc/vpc-{{i + 1}}", "cidr_block": "10.1.0.0/16", "default_security_group_id": "?sg-d{{i + 1}}"}""");
        return pair;
    }

    private static (ScanReport Before, ScanReport After) Judge(string? source)
    {
        var folder = Directory.CreateTempSubdirectory("pairs");
        try
        {
            var (before, after) = (folder.CreateSubdirectory("before"), folder.CreateSubdirectory("after"));
            foreach (var (name, pair) in Pairs.Where(pair => source is null || OfSource.Contains(pair.Key, StringComparer.Ordinal)))
            {
                var (plan, then) = pair.Write();
                File.WriteAllText(Path.Combine(before.FullName, name + ".json"), plan);
                File.WriteAllText(Path.Combine(after.FullName, name + ".json"), then);
            }
            if (source is null)
                return (Run(before, null), Run(after, null));
            var sources = folder.CreateSubdirectory("source");
            File.WriteAllText(Path.Combine(sources.FullName, "main.tf"), source);
            File.WriteAllText(Path.Combine(sources.CreateSubdirectory("logs").FullName, "main.tf"), Logs);
            var report = Run(before, sources.FullName);
            return (report, report);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    // The source is of these plans.
    private static readonly string[] OfSource = ["each value crossed", "index arithmetic", "each value or a variable"];

    private static ScanReport Run(DirectoryInfo plans, string? source)
    {
        using var run = new GateRun(new GateOptions { Plan = plans.FullName, Only = All ? [] : Only, Source = source, Account = "111122223333" });
        return run.Run(new Silent(), TestContext.Current.CancellationToken);
    }

    // The worst that is said of a check and an address.
    private static Dictionary<string, FindingStatus?> Said(ScanReport report, string name) =>
        report.Findings.Where(finding => finding.Plan == name + ".json" && finding.Change is FindingChange.Introduced or FindingChange.Existing or FindingChange.Unknown)
            .GroupBy(finding => $"{finding.Check} {finding.Address}", StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => (FindingStatus?)(group.Any(finding => finding.Change != FindingChange.Unknown) ? FindingStatus.Fail : FindingStatus.Unknown), StringComparer.Ordinal);

    private sealed class Silent : IProgressSink
    {
        public void Note(string message)
        {
        }

        public void Report(string task, long done, long total)
        {
        }
    }
}
