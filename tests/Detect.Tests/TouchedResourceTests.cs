using System.Text;
using System.Text.Json;
using Loopback;
using Scanner.Detect;
using Scanner.Detect.Matching;
using Scanner.Detect.Rules;
using Scanner.Detect.Sql;
using Scanner.Model;

namespace Detect.Tests;

/// <summary>What a call was done to: from the log, of a correlation's events, and from the columns of an engine.</summary>
public sealed class TouchedResourceTests
{
    private const string Account = "111122223333";

    // Calls of rules' tests whose event names nothing: a setting of the account, or a list without a name.
    private static readonly HashSet<string> OfTheAccount = new(StringComparer.Ordinal)
    {
        "account:GetAlternateContact", "bedrock:DeleteModelInvocationLoggingConfiguration", "bedrock:PutModelInvocationLoggingConfiguration", "cloudshell:CreateEnvironment", "config:DeleteServiceLinkedConfigurationRecorder",
        "datasync:CreateLocationObjectStorage", "datasync:CreateTask", "ec2:DescribeInstances", "ec2:DisableEbsEncryptionByDefault", "ec2:DisableImageBlockPublicAccess", "ec2:DisableSnapshotBlockPublicAccess",
        "ec2:EnableSerialConsoleAccess", "ec2:RunInstances", "elasticloadbalancing:SetSecurityGroups", "iam:UpdateAccountPasswordPolicy", "macie2:UpdateMacieSession", "s3:DeleteAccountPublicAccessBlock",
        "s3:PutAccountPublicAccessBlock", "secretsmanager:BatchGetSecretValue", "securityhub:BatchUpdateFindings", "ses:PutAccountDetails", "sms-voice:SetTextMessageSpendLimitOverride", "sns:SetSMSAttributes",
        "sns:SetTopicAttributes", "sqs:SetQueueAttributes", "sqs:PurgeQueue", "sts:GetSessionToken",
    };

    private static readonly string[] Wrapped =
    [
        """{"DeleteFlowLogsRequest":{"FlowLogId":{"tag":1,"content":"fl-0a1b"}}}""",
        """{"DeleteFlowLogsRequest":"{\"FlowLogId\":{\"tag\":1,\"content\":\"fl-0a1b\"}}"}""",
        """{"DeleteFlowLogsRequest":"{FlowLogId={tag=1, content=fl-0a1b}}"}""",
    ];

    [Theory]
    // EC2: ids tell by how they begin what they are of.
    [InlineData("ec2", "CreateFlowLogs", """{"CreateFlowLogsRequest":{"ResourceType":"VPC","ResourceId":{"tag":1,"content":"vpc-0a1b"},"DeliverLogsPermissionArn":"arn:aws:iam::1:role/r"}}""", null, "vpc/vpc-0a1b")]
    [InlineData("ec2", "CreateFlowLogs", """{"CreateFlowLogsRequest":{"ResourceId":[{"tag":1,"content":"subnet-0a1b"},{"tag":2,"content":"subnet-0a1c"}]}}""", null, "subnet/subnet-0a1b")]
    [InlineData("ec2", "CreateFlowLogs", """{"CreateFlowLogsRequest":{"ResourceId":"eni-0a1b"}}""", null, "network-interface/eni-0a1b")]
    [InlineData("ec2", "CreateFlowLogs", """{"CreateFlowLogsRequest":{"ResourceId":"tgw-0a1b"}}""", null, "transit-gateway/tgw-0a1b")]
    [InlineData("ec2", "CreateFlowLogs", """{"CreateFlowLogsRequest":{"ResourceId":"tgw-attach-0a1b"}}""", null, "transit-gateway-attachment/tgw-attach-0a1b")]
    [InlineData("ec2", "CreateFlowLogs", """{"CreateFlowLogsRequest":{"ResourceType":"RegionalNatGateway","ResourceId":"nat-0a1b"}}""", null, "natgateway/nat-0a1b")]
    [InlineData("ec2", "CreateTags", """{"resourcesSet":{"items":[{"resourceId":"i-0a1b"},{"resourceId":"vol-0a1b"}]},"tagSet":{"items":[{"key":"vpc-a","value":"x"}]}}""", null, "instance/i-0a1b")]
    [InlineData("ec2", "DeleteTags", """{"resourcesSet":{"items":[{"resourceId":"vpce-svc-0a1b"}]}}""", null, "vpc-endpoint-service/vpce-svc-0a1b")]
    [InlineData("ec2", "CreateVpc", """{"cidrBlock":"10.0.0.0/16"}""", """{"vpc":{"vpcId":"vpc-0a1b"}}""", "vpc/vpc-0a1b")]
    [InlineData("ec2", "CreateNatGateway", """{"CreateNatGatewayRequest":{"SubnetId":"subnet-1"}}""", """{"CreateNatGatewayResponse":{"natGateway":{"natGatewayId":"nat-0a1b","subnetId":"subnet-1"}}}""", "natgateway/nat-0a1b")]
    [InlineData("ec2", "CreateNatGateway", """{"CreateNatGatewayRequest":{"SubnetId":"subnet-1"}}""", null, "subnet/subnet-1")]
    [InlineData("ec2", "RunInstances", """{"instancesSet":{"items":[{"imageId":"ami-0a1b"}]},"groupSet":{"items":[{"groupId":"sg-1"}]}}""", """{"instancesSet":{"items":[{"instanceId":"i-0a1b"}]}}""", "instance/i-0a1b")]
    [InlineData("ec2", "RunInstances", """{"instancesSet":{"items":[{"imageId":"ami-0a1b"}]},"groupSet":{"items":[{"groupId":"sg-1"}]}}""", null, "image/ami-0a1b")]
    [InlineData("ec2", "AttachInternetGateway", """{"vpcId":"vpc-1","internetGatewayId":"igw-0a1b"}""", null, "internet-gateway/igw-0a1b")]
    [InlineData("ec2", "AuthorizeSecurityGroupIngress", """{"groupId":"sg-1","ipPermissions":{"items":[{"groups":{"items":[{"groupId":"sg-2"}]}}]}}""", null, "security-group/sg-1")]
    [InlineData("ec2", "ModifySecurityGroupRules", """{"ModifySecurityGroupRulesRequest":{"GroupId":"sg-1","SecurityGroupRule":{"tag":1,"SecurityGroupRuleId":"sgr-1"}}}""", null, "security-group/sg-1")]
    public void An_id_of_EC2_tells_what_it_is_of(string service, string operation, string request, string? reply, string resource) =>
        Assert.Equal($"arn:aws:ec2:eu-west-1:{Account}:{resource}", Touched(service, operation, request, reply));

    [Theory]
    // A policy that is attached, a role or a destination that is passed along is not what the call is done to.
    [InlineData("iam", "AttachUserPolicy", """{"userName":"ben","policyArn":"arn:aws:iam::aws:policy/AdministratorAccess"}""", null, "arn:aws:iam::111122223333:user/ben")]
    [InlineData("iam", "CreateRole", """{"roleName":"r","permissionsBoundary":"arn:aws:iam::aws:policy/p"}""", """{"role":{"arn":"arn:aws:iam::111122223333:role/team/r"}}""", "arn:aws:iam::111122223333:role/team/r")]
    [InlineData("iam", "CreateAccessKey", null, null, "arn:aws:iam::111122223333:user/alice")]
    [InlineData("iam", "CreateAccessKey", """{"userName":"ben"}""", null, "arn:aws:iam::111122223333:user/ben")]
    [InlineData("iam", "CreateSAMLProvider", """{"name":"corp"}""", """{"sAMLProviderArn":"arn:aws:iam::111122223333:saml-provider/corp"}""", "arn:aws:iam::111122223333:saml-provider/corp")]
    [InlineData("cloudtrail", "UpdateTrail", """{"name":"t","cloudWatchLogsLogGroupArn":"arn:aws:logs:eu-west-1:1:log-group:g","cloudWatchLogsRoleArn":"arn:aws:iam::1:role/r"}""", null, "arn:aws:cloudtrail:eu-west-1:111122223333:trail/t")]
    [InlineData("cloudtrail", "UpdateTrail", """{"name":"arn:aws:cloudtrail:us-east-1:1:trail/t"}""", null, "arn:aws:cloudtrail:us-east-1:1:trail/t")]
    [InlineData("lambda", "CreateFunction20150331", """{"functionName":"f","role":"arn:aws:iam::1:role/r"}""", null, "arn:aws:lambda:eu-west-1:111122223333:function:f")]
    [InlineData("lambda", "UpdateFunctionCode20150331v2", """{"functionName":"f","dryRun":false}""", null, "arn:aws:lambda:eu-west-1:111122223333:function:f")]
    [InlineData("kms", "DisableKey", """{"keyId":"alias/a"}""", null, "arn:aws:kms:eu-west-1:111122223333:alias/a")]
    [InlineData("sqs", "PurgeQueue", """{"queueUrl":"https://sqs.eu-west-1.amazonaws.com/111122223333/orders"}""", null, "arn:aws:sqs:eu-west-1:111122223333:orders")]
    [InlineData("ssm", "GetParameter", """{"name":"/prod/db"}""", null, "arn:aws:ssm:eu-west-1:111122223333:parameter/prod/db")]
    [InlineData("ssm", "GetParameters", """{"names":["db","x"]}""", null, "arn:aws:ssm:eu-west-1:111122223333:parameter/db")]
    [InlineData("ssm", "SendCommand", """{"documentName":"AWS-RunShellScript","instanceIds":["i-0a1b"]}""", null, "arn:aws:ec2:eu-west-1:111122223333:instance/i-0a1b")]
    [InlineData("sts", "AssumeRoot", """{"targetPrincipal":"444455556666"}""", null, "arn:aws:iam::444455556666:root")]
    [InlineData("rolesanywhere", "CreateTrustAnchor", """{"name":"build"}""", """{"trustAnchor":{"trustAnchorArn":"arn:aws:rolesanywhere:eu-west-1:1:trust-anchor/u"}}""", "arn:aws:rolesanywhere:eu-west-1:1:trust-anchor/u")]
    [InlineData("securityhub", "BatchDisableStandards", """{"StandardsSubscriptionArns":["arn:aws:securityhub:eu-west-1:1:subscription/s"]}""", null, "arn:aws:securityhub:eu-west-1:1:subscription/s")]
    // A service that no table knows: the call's own name says what to look for.
    [InlineData("quantum", "DeleteGate", """{"force":true,"gateIdentifier":"g-7"}""", null, "g-7")]
    [InlineData("quantum", "UpdateGateAttributes", """{"gateName":"g","name":"n"}""", null, "g")]
    [InlineData("quantum", "PutGate", """{"name":"n","roleArn":"arn:aws:iam::1:role/r"}""", null, "n")]
    [InlineData("quantum", "PutGate", """{"roleArn":"arn:aws:iam::1:role/r"}""", null, "arn:aws:iam::1:role/r")]
    [InlineData("account", "PutAlternateContact", """{"name":"HIDDEN_DUE_TO_SECURITY_REASONS"}""", null, null)]
    [InlineData("quantum", "Put", """{"name":"n"}""", null, null)]
    [InlineData("quantum", "PutGate", "[1]", "7", null)]
    [InlineData("quantum", "", """{"name":{"a":[]}}""", null, null)]
    public void A_call_tells_what_it_was_done_to(string service, string operation, string? request, string? reply, string? resource) =>
        Assert.Equal(resource, Touched(service, operation, request, reply));

    [Fact]
    public void A_record_of_a_flow_log_is_about_its_interface()
    {
        Assert.Equal("arn:aws-cn:ec2:cn-north-1:111122223333:network-interface/eni-1", Of("""{"interface_id":"eni-1"}""", Account, "cn-north-1"));
        Assert.Equal("eni-1", Of("""{"interface_id":"eni-1"}""", Account, "global"));
        Assert.Equal("eni-1", Of("""{"interface_id":"eni-1"}""", "unknown", "eu-west-1"));

        static string? Of(string json, string account, string region)
        {
            using var document = JsonDocument.Parse(json);
            return TouchedResource.Of(document.RootElement, account, region);
        }
    }

    /// <summary>What each shipped rule finds says what it was done to, wherever the event does.</summary>
    [Fact]
    public void The_events_of_shipped_rules_name_what_they_were_done_to()
    {
        var rules = RuleSet.Load(RuleSet.FindFiles([Path.Combine(Tools.Repository, "checks", "detections")]));
        var silent = rules.All.Where(rule => rule.LogSource.Kind == LogSource.CloudTrail).SelectMany(rule => rule.Tests.Where(test => test.Matches is null or > 0).SelectMany(test => test.Events))
            .Where(e => e["requestParameters"] is System.Text.Json.Nodes.JsonObject { Count: > 0 } && e["eventSource"] is not null)
            .Where(e =>
            {
                using var document = JsonDocument.Parse(e.ToJsonString());
                return TouchedResource.Of(document.RootElement, Account, "eu-west-1") is null;
            })
            .Select(e => $"{e["eventSource"]!.ToString().Split('.')[0]}:{e["eventName"]}").Distinct().Except(OfTheAccount).Order(StringComparer.Ordinal);
        Assert.Empty(silent);
    }

    /// <summary>A call that is logged as its XML is: from a log file, from Athena, and from both ways in which CloudTrail Lake may hold it.</summary>
    [Fact]
    public void Every_engine_names_the_resource_that_a_log_file_names()
    {
        var rule = "title: t\nid: one\nname: one\nlogsource: {product: aws, service: cloudtrail}\ndetection: {s: {eventName: DeleteFlowLogs}, condition: s}\n";
        var count = "---\ntitle: c\nid: two\ncorrelation: {type: event_count, rules: [one], group-by: [eventName], timespan: 1m, condition: {gte: 1}}\n";
        const string Arn = "arn:aws:ec2:eu-west-1:111122223333:vpc-flow-log/fl-0a1b";
        using (var session = new Detector(RuleSet.Parse("r.yml", rule + count)).Begin())
        {
            session.Add(Encoding.UTF8.GetBytes(Event("ec2", "DeleteFlowLogs", Wrapped[0], null)), "log");
            Assert.Equal(Arn, Assert.Single(Assert.Single(session.Complete()).Events).Touched);
        }
        foreach (var (dialect, request) in new[] { (SqlDialect.Athena, Wrapped[0]), (SqlDialect.CloudTrailLake, Wrapped[1]), (SqlDialect.CloudTrailLake, Wrapped[2]) })
        {
            var options = new QueryPlanOptions(dialect, "t", null, 100_000, 100_000) { PartRows = 10 };
            var row = Row(request);
            var alone = Assert.Single(MatchRow.Read(Assert.Single(QueryPlan.Make(RuleSet.Parse("r.yml", rule).Rules, options).Statements), row, "engine", 1));
            var finding = RuleFindings.ToFinding(alone);
            Assert.Equal(Arn, EventFacts.Of(finding)!.Touched);
            var plan = QueryPlan.Make([.. RuleSet.Parse("r.yml", rule + count).Rules.Where(one => one.IsCorrelation)], options);
            var correlated = new QueriedCorrelations(plan, "engine");
            correlated.Add(Assert.Single(plan.Statements), row, 1);
            Assert.Equal(Arn, Assert.Single(Assert.Single(correlated.Complete()).Events).Touched);
        }
    }

    /// <summary>A message goes into issues that many read: what was handed over in confidence is not told again, however deep it stands.</summary>
    [Theory]
    [InlineData("ecs", "RegisterTaskDefinition", """{"family":"web","containerDefinitions":[{"image":"nginx","environment":[{"name":"DB","value":"hunter2"}]}]}""", "image=nginx")]
    [InlineData("lambda", "UpdateFunctionConfiguration20150331v2", """{"functionName":"f","timeout":3,"environment":{"variables":{"KEY":"hunter2"}}}""", "timeout=3")]
    [InlineData("ec2", "RunInstances", """{"instanceType":"t3.micro","userData":"hunter2"}""", "instanceType=t3.micro")]
    [InlineData("rds", "ModifyDBInstance", """{"dBInstanceIdentifier":"db","masterUserPassword":"hunter2","port":5432}""", "port=5432")]
    [InlineData("cloudformation", "CreateStack", """{"stackName":"s","parameters":[{"parameterKey":"size","parameterValue":"hunter2"}]}""", "parameterKey=size")]
    [InlineData("events", "CreateConnection", """{"name":"c","authParameters":{"apiKeyAuthParameters":{"apiKeyName":"x","headers":{"a":"hunter2"}},"clientSecret":"hunter2"}}""", "apiKeyName=x")]
    public void What_a_request_hands_over_in_confidence_is_not_told(string service, string operation, string request, string told)
    {
        using var session = new Detector(RuleSet.Parse("r.yml", $"title: t\nid: one\nlogsource: {{product: aws, service: cloudtrail}}\ndetection: {{s: {{eventName: {operation}}}, condition: s}}\n"), new DetectorOptions { IncludeEvents = true }).Begin();

        var message = RuleFindings.ToFinding(Assert.Single(session.Add(Encoding.UTF8.GetBytes(Event(service, operation, request, null)), "log"))).Message;

        Assert.Contains(told, message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", message, StringComparison.Ordinal);
    }

    private static Dictionary<string, string?> Row(string request) => new(StringComparer.Ordinal)
    {
        ["rule"] = "one",
        ["event_id"] = "e-1",
        ["event_time"] = "2026-11-24T10:15:00Z",
        ["account"] = Account,
        ["region"] = "eu-west-1",
        ["event_source"] = "ec2.amazonaws.com",
        ["event_name"] = "DeleteFlowLogs",
        ["request_parameters"] = request,
        ["kept_requestparameters"] = request,
        ["kept_responseelements"] = null,
        ["kept_resources_arn"] = null,
    };

    private static string? Touched(string service, string operation, string? request, string? reply)
    {
        using var document = JsonDocument.Parse(Event(service, operation, request, reply));
        return TouchedResource.Of(document.RootElement, Account, "us-east-1");
    }

    private static string Event(string service, string operation, string? request, string? reply) =>
        $$"""
        {"eventID":"e-1","eventTime":"2026-11-24T10:15:00Z","recipientAccountId":"{{Account}}","eventSource":"{{service}}.amazonaws.com","eventName":"{{operation}}","awsRegion":"eu-west-1",
        "userIdentity":{"arn":"arn:aws:iam::111122223333:user/alice"},"requestParameters":{{request ?? "null"}},"responseElements":{{reply ?? "null"}}}
        """;
}
