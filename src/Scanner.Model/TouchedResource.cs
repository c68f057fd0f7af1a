using System.Text.Json;

namespace Scanner.Model;

/// <summary>
/// What a CloudTrail event was done to: the ARN that the event gives, else one made of the request's parameters where the form of the
/// ARN is known (AWS service authorization reference, "Resource types defined by"), else the id that the request names.
/// </summary>
public static class TouchedResource
{
    // Service, parameter of the request, form of the ARN; {p} partition, {r} region, {a} account, {v} the value. The first that fits wins.
    private static readonly (string Service, string Parameter, string Form)[] Forms =
    [
        ("iam", "userName", "arn:{p}:iam::{a}:user/{v}"),
        ("iam", "roleName", "arn:{p}:iam::{a}:role/{v}"),
        ("iam", "groupName", "arn:{p}:iam::{a}:group/{v}"),
        ("iam", "instanceProfileName", "arn:{p}:iam::{a}:instance-profile/{v}"),
        ("s3", "bucketName", "arn:{p}:s3:::{v}"),
        ("cloudtrail", "name", "arn:{p}:cloudtrail:{r}:{a}:trail/{v}"),
        ("cloudtrail", "trailName", "arn:{p}:cloudtrail:{r}:{a}:trail/{v}"),
        ("ec2", "snapshotId", "arn:{p}:ec2:{r}:{a}:snapshot/{v}"),
        ("ec2", "imageId", "arn:{p}:ec2:{r}:{a}:image/{v}"),
        ("ec2", "groupId", "arn:{p}:ec2:{r}:{a}:security-group/{v}"),
        ("ec2", "instanceId", "arn:{p}:ec2:{r}:{a}:instance/{v}"),
        ("ec2", "volumeId", "arn:{p}:ec2:{r}:{a}:volume/{v}"),
        ("ec2", "networkAclId", "arn:{p}:ec2:{r}:{a}:network-acl/{v}"),
        ("ec2", "routeTableId", "arn:{p}:ec2:{r}:{a}:route-table/{v}"),
        ("ec2", "vpcId", "arn:{p}:ec2:{r}:{a}:vpc/{v}"),
        ("lambda", "functionName", "arn:{p}:lambda:{r}:{a}:function:{v}"),
        ("kms", "keyId", "arn:{p}:kms:{r}:{a}:key/{v}"),
        ("rds", "dBInstanceIdentifier", "arn:{p}:rds:{r}:{a}:db:{v}"),
        ("rds", "dBClusterIdentifier", "arn:{p}:rds:{r}:{a}:cluster:{v}"),
        ("rds", "dBSnapshotIdentifier", "arn:{p}:rds:{r}:{a}:snapshot:{v}"),
        ("guardduty", "detectorId", "arn:{p}:guardduty:{r}:{a}:detector/{v}"),
        ("logs", "logGroupName", "arn:{p}:logs:{r}:{a}:log-group:{v}"),
        ("dynamodb", "tableName", "arn:{p}:dynamodb:{r}:{a}:table/{v}"),
        ("ecr", "repositoryName", "arn:{p}:ecr:{r}:{a}:repository/{v}"),
        ("events", "name", "arn:{p}:events:{r}:{a}:rule/{v}"),
        ("secretsmanager", "secretId", "arn:{p}:secretsmanager:{r}:{a}:secret:{v}"),
        ("ssm", "documentName", "arn:{p}:ssm:{r}:{a}:document/{v}"),
        ("config", "configurationRecorderName", "arn:{p}:config:{r}:{a}:config-recorder/{v}"),
        ("eks", "name", "arn:{p}:eks:{r}:{a}:cluster/{v}"),
        ("organizations", "accountId", "arn:{p}:organizations::{a}:account/{v}"),
    ];

    // Lists of one thing: EC2's instancesSet and their like.
    private static readonly string[] Sets = ["instancesSet", "volumesSet", "snapshotsSet", "groupSet"];

    // EC2's later operations are logged as their XML is, with the request in a member of the operation's name.
    private static readonly (string Member, string Kind)[] Wrapped =
    [
        ("FlowLogId", "vpc-flow-log"), ("VpcEndpointId", "vpc-endpoint"), ("ServiceId", "vpc-endpoint-service"), ("LaunchTemplateId", "launch-template"),
        ("TransitGatewayAttachmentId", "transit-gateway-attachment"), ("TransitGatewayId", "transit-gateway"), ("ClientVpnEndpointId", "client-vpn-endpoint"),
        ("NatGatewayId", "natgateway"), ("InstanceId", "instance"), ("VpcId", "vpc"), ("SubnetId", "subnet"),
    ];

    /// <summary>Names of the parameters of requests that a resource can be told by.</summary>
    public static IReadOnlyList<string> Parameters { get; } = [.. Forms.Select(form => form.Parameter).Distinct(StringComparer.Ordinal)];

    /// <summary>The ARN of what one parameter of a request names; null where its service has none of that name, and it is no ARN.</summary>
    /// <param name="service">Event source, such as <c>iam.amazonaws.com</c>.</param>
    /// <param name="parameter">Name of the parameter.</param>
    /// <param name="value">Its text.</param>
    /// <param name="account">Account of the event.</param>
    /// <param name="region">Region of the event.</param>
    /// <param name="partition">Partition.</param>
    public static string? Of(string service, string parameter, string value, string account, string region, string partition)
    {
        if (value.StartsWith("arn:", StringComparison.Ordinal))
            return value;
        var name = service.Split('.')[0];
        foreach (var (of, known, form) in Forms)
        {
            if (of == name && known == parameter)
                return Fill(form, value, account, region, partition);
        }
        return null;
    }

    /// <summary>The ARN or id; null where the event names nothing.</summary>
    public static string? Of(JsonElement e, string account, string region)
    {
        if (e.TryGetProperty("resources", out var resources) && resources.ValueKind == JsonValueKind.Array)
        {
            foreach (var resource in resources.EnumerateArray())
            {
                if ((EventFacts.Text(resource, "ARN") ?? EventFacts.Text(resource, "arn")) is { } arn)
                    return arn;
            }
        }
        if (EventFacts.Text(e, "bucket") is { } bucket && EventFacts.Text(e, "operation") is not null)
            return "arn:aws:s3:::" + bucket;
        if (!e.TryGetProperty("requestParameters", out var request) || request.ValueKind != JsonValueKind.Object)
            return null;
        foreach (var parameter in request.EnumerateObject())
        {
            if (parameter.Value.ValueKind == JsonValueKind.String && parameter.Value.GetString() is { } value && value.StartsWith("arn:", StringComparison.Ordinal)
                && !parameter.NameEquals("roleArn"))
                return value;
        }
        var service = EventFacts.Text(e, "eventSource")?.Split('.')[0] ?? "";
        var partition = EventFacts.Text(e, "userIdentity", "arn")?.Split(':') is [_, { Length: > 0 } named, ..] ? named : "aws";
        var where = EventFacts.Text(e, "awsRegion") ?? region;
        foreach (var (of, name, form) in Forms)
        {
            if (of == service && EventFacts.Text(request, name) is { } value)
                return Fill(form, value, account, where, partition);
        }
        return EventFacts.Text(request, "roleArn") ?? FirstOfSet(request, account, where, partition)
            ?? (service == "ec2" ? OfWrapped(request, account, where, partition) : null);
    }

    // {"DeleteFlowLogsRequest": {"FlowLogId": {"tag": 1, "content": "fl-1"}}}: one or a list of them, or the text itself.
    private static string? OfWrapped(JsonElement request, string account, string region, string partition)
    {
        foreach (var wrapper in request.EnumerateObject().Where(one => one.Name.EndsWith("Request", StringComparison.Ordinal) && one.Value.ValueKind == JsonValueKind.Object))
        {
            foreach (var (member, kind) in Wrapped)
            {
                if (wrapper.Value.TryGetProperty(member, out var named) && Content(named) is { } id)
                    return $"arn:{partition}:ec2:{region}:{account}:{kind}/{id}";
            }
        }
        return null;
    }

    private static string? Content(JsonElement named) => named.ValueKind switch
    {
        JsonValueKind.String => named.GetString() is { Length: > 0 } text ? text : null,
        JsonValueKind.Object => EventFacts.Text(named, "content"),
        JsonValueKind.Array => named.EnumerateArray().Select(Content).FirstOrDefault(id => id is not null),
        _ => null,
    };

    private static string Fill(string form, string value, string account, string region, string partition) =>
        form.Replace("{p}", partition, StringComparison.Ordinal).Replace("{r}", region, StringComparison.Ordinal)
            .Replace("{a}", account, StringComparison.Ordinal).Replace("{v}", value, StringComparison.Ordinal);

    private static string? FirstOfSet(JsonElement request, string account, string region, string partition)
    {
        foreach (var set in Sets)
        {
            if (!request.TryGetProperty(set, out var list) || list.ValueKind != JsonValueKind.Object
                || !list.TryGetProperty("items", out var items) || items.ValueKind != JsonValueKind.Array)
                continue;
            foreach (var item in items.EnumerateArray())
            {
                if (EventFacts.Text(item, "instanceId") is { } instance)
                    return $"arn:{partition}:ec2:{region}:{account}:instance/{instance}";
                if (EventFacts.Text(item, "snapshotId") is { } snapshot)
                    return $"arn:{partition}:ec2:{region}:{account}:snapshot/{snapshot}";
                if (EventFacts.Text(item, "volumeId") is { } volume)
                    return $"arn:{partition}:ec2:{region}:{account}:volume/{volume}";
                if (EventFacts.Text(item, "groupId") is { } group)
                    return $"arn:{partition}:ec2:{region}:{account}:security-group/{group}";
            }
        }
        return null;
    }
}
