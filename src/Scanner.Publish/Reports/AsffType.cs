namespace Scanner.Publish.Reports;

/// <summary>Security Hub's name for the kind of a resource ("Resources" of the AWS Security Finding Format), from its ARN or its id.</summary>
internal static class AsffType
{
    private static readonly Dictionary<string, string> Types = new(StringComparer.Ordinal)
    {
        ["s3:"] = "AwsS3Bucket",
        ["iam:user"] = "AwsIamUser",
        ["iam:role"] = "AwsIamRole",
        ["iam:group"] = "AwsIamGroup",
        ["iam:policy"] = "AwsIamPolicy",
        ["iam:root"] = "AwsAccount",
        ["sts:assumed-role"] = "AwsIamRole",
        ["ec2:security-group"] = "AwsEc2SecurityGroup",
        ["ec2:instance"] = "AwsEc2Instance",
        ["ec2:vpc"] = "AwsEc2Vpc",
        ["ec2:subnet"] = "AwsEc2Subnet",
        ["ec2:volume"] = "AwsEc2Volume",
        ["ec2:network-acl"] = "AwsEc2NetworkAcl",
        ["ec2:route-table"] = "AwsEc2RouteTable",
        ["ec2:vpn-connection"] = "AwsEc2VpnConnection",
        ["ec2:client-vpn-endpoint"] = "AwsEc2ClientVpnEndpoint",
        ["ec2:transit-gateway"] = "AwsEc2TransitGateway",
        ["cloudtrail:trail"] = "AwsCloudTrailTrail",
        ["cloudwatch:alarm"] = "AwsCloudWatchAlarm",
        ["kms:key"] = "AwsKmsKey",
        ["lambda:function"] = "AwsLambdaFunction",
        ["rds:db"] = "AwsRdsDbInstance",
        ["rds:cluster"] = "AwsRdsDbCluster",
        ["rds:snapshot"] = "AwsRdsDbSnapshot",
        ["rds:cluster-snapshot"] = "AwsRdsDbClusterSnapshot",
        ["rds:es"] = "AwsRdsEventSubscription",
        ["elasticloadbalancing:loadbalancer"] = "AwsElbLoadBalancer",
        ["elasticloadbalancing:loadbalancer/"] = "AwsElbv2LoadBalancer",
        ["cloudfront:distribution"] = "AwsCloudFrontDistribution",
        ["sns:"] = "AwsSnsTopic",
        ["sqs:"] = "AwsSqsQueue",
        ["secretsmanager:secret"] = "AwsSecretsManagerSecret",
        ["ecr:repository"] = "AwsEcrRepository",
        ["ecs:cluster"] = "AwsEcsCluster",
        ["ecs:task-definition"] = "AwsEcsTaskDefinition",
        ["eks:cluster"] = "AwsEksCluster",
        ["redshift:cluster"] = "AwsRedshiftCluster",
        ["es:domain"] = "AwsOpenSearchServiceDomain",
        ["wafv2:regional"] = "AwsWafv2WebAcl",
        ["wafv2:global"] = "AwsWafv2WebAcl",
        ["waf:webacl"] = "AwsWafWebAcl",
        ["waf-regional:webacl"] = "AwsWafRegionalWebAcl",
        ["codebuild:project"] = "AwsCodeBuildProject",
        ["states:stateMachine"] = "AwsStepFunctionStateMachine",
        ["network-firewall:firewall"] = "AwsNetworkFirewallFirewall",
        ["dms:task"] = "AwsDmsReplicationTask",
        ["mq:broker"] = "AwsAmazonMqBroker",
        ["kafka:cluster"] = "AwsMskCluster",
        ["appsync:apis"] = "AwsAppSyncGraphQlApi",
        ["athena:workgroup"] = "AwsAthenaWorkGroup",
        ["dynamodb:table"] = "AwsDynamoDbTable",
        ["guardduty:detector"] = "AwsGuardDutyDetector",
        ["events:event-bus"] = "AwsEventsEventbus",
        ["acm:certificate"] = "AwsCertificateManagerCertificate",
    };

    private static readonly Dictionary<string, (string Type, string Form)> Ids = new(StringComparer.Ordinal)
    {
        ["sg"] = ("AwsEc2SecurityGroup", "security-group"),
        ["vpc"] = ("AwsEc2Vpc", "vpc"),
        ["i"] = ("AwsEc2Instance", "instance"),
        ["vol"] = ("AwsEc2Volume", "volume"),
        ["acl"] = ("AwsEc2NetworkAcl", "network-acl"),
        ["rtb"] = ("AwsEc2RouteTable", "route-table"),
        ["subnet"] = ("AwsEc2Subnet", "subnet"),
        ["vpn"] = ("AwsEc2VpnConnection", "vpn-connection"),
        ["cvpn-endpoint"] = ("AwsEc2ClientVpnEndpoint", "client-vpn-endpoint"),
    };

    /// <summary>Type and id: <c>AwsAccount</c> for the account as a whole, <c>Other</c> where Security Hub has no name.</summary>
    /// <param name="resource">ARN or id.</param>
    /// <param name="account">Account of the finding.</param>
    /// <param name="region">Region of the finding.</param>
    /// <param name="partition">Partition.</param>
    public static (string Type, string Id) Of(string resource, string account, string region, string partition)
    {
        if (resource == account)
            return ("AwsAccount", $"AWS::::Account:{account}");
        if (resource.StartsWith("arn:", StringComparison.Ordinal) && resource.Split(':', 6) is [_, _, var service, _, _, { Length: > 0 } rest])
        {
            var kind = rest[..(rest.IndexOfAny(['/', ':']) is >= 0 and var end ? end : rest.Length)];
            if (service == "s3" && rest.Contains('/', StringComparison.Ordinal))
                return ("AwsS3Object", resource);
            // Application and network load balancers have their kind in the name: loadbalancer/app/NAME/ID.
            if (service == "elasticloadbalancing" && rest.Count(c => c == '/') >= 2)
                kind += "/";
            return (Types.GetValueOrDefault($"{service}:{kind}") ?? (service is "s3" or "sns" or "sqs" ? Types[service + ":"] : "Other"), resource);
        }
        var dash = resource.LastIndexOf('-');
        return dash > 0 && Ids.TryGetValue(resource[..dash], out var known) && resource.AsSpan(dash + 1).ContainsAnyExceptInRange('\0', ' ')
            ? (known.Type, $"arn:{partition}:ec2:{region}:{account}:{known.Form}/{resource}")
            : ("Other", resource);
    }
}
