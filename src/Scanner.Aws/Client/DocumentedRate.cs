namespace Scanner.Aws.Client;

/// <summary>
/// How many requests AWS says that it takes of one account in one region. Of what AWS says nothing there is no entry: there the client finds out
/// what is taken (<see cref="SendRate"/>).
/// </summary>
/// <param name="Group">Operations of a service that are counted together: the operation itself, or a word for several.</param>
/// <param name="PerSecond">Requests a second, over time.</param>
/// <param name="Burst">Requests that are taken at once after a rest.</param>
internal sealed record DocumentedRate(string Group, double PerSecond, double Burst)
{
    /// <summary>The share of the documented rate that is used: others ask in the account too, and a request does not travel as fast as the one before it.</summary>
    public const double Share = 0.9;

    // Instances, volumes and the like have a smaller bucket where neither a page size nor a filter is given, as the program asks.
    private static readonly HashSet<string> Unpaginated = new(StringComparer.Ordinal)
    {
        "DescribeInstances", "DescribeInstanceStatus", "DescribeNetworkInterfaces", "DescribeSecurityGroups", "DescribeSnapshots", "DescribeSpotInstanceRequests", "DescribeVolumes",
    };

    /// <summary>The rate of an operation; null where AWS documents none.</summary>
    /// <param name="service">Service id, as the AWS CLI spells it.</param>
    /// <param name="operation">Operation.</param>
    public static DocumentedRate? Of(string service, string operation) => (service, operation) switch
    {
        // Token buckets, one an operation: https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html (non-mutating 100, refilled by 20 a second).
        ("ec2", _) => Unpaginated.Contains(operation) ? new(operation, 10, 50) : new(operation, 20, 100),
        // https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html (API requests): fixed.
        ("lambda", "GetFunction") => Even(operation, 100),
        ("lambda", "GetPolicy") => Even(operation, 15),
        ("lambda", _) => Even("others", 15),
        // https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html: fixed.
        ("cloudtrail", _) when IsRead(operation) => Even("reads", 10),
        // https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html
        ("cloudwatch", "DescribeAlarms") => Even(operation, 9),
        ("cloudwatch", "ListMetrics") => Even(operation, 25),
        ("cloudwatch", "GetMetricData") => Even(operation, 50),
        // https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DNSLimitations.html: all requests together.
        ("route53" or "route53resolver", _) => Even("all", 5),
        // https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html: of all operations ten a second and forty at once, which
        // the two interfaces share; of GetResources five in two seconds.
        ("apigateway", "GetResources") => Even(operation, 2.5),
        ("apigateway" or "apigatewayv2", _) => new("all", 5, 20),
        _ => null,
    };

    // Where AWS says nothing of a burst it is what a second takes.
    private static DocumentedRate Even(string group, double perSecond) => new(group, perSecond, perSecond);

    private static bool IsRead(string operation) =>
        operation.StartsWith("Get", StringComparison.Ordinal) || operation.StartsWith("Describe", StringComparison.Ordinal) || operation.StartsWith("List", StringComparison.Ordinal);
}
