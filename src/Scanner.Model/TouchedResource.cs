using System.Globalization;
using System.Text.Json;

namespace Scanner.Model;

/// <summary>
/// What an event was done to: the ARN that the event gives, else one made of what the call names (<see cref="ResourceTable"/>), else the name or id
/// that the call's own name asks for: <c>DeleteGuardrail</c> is about <c>guardrailIdentifier</c>. All texts are hostile.
/// </summary>
public static class TouchedResource
{
    private const int MostDepth = 8;
    private const int MostText = 2048;

    private static readonly CallNames.MemberName[] OfAnything = [new("name"), new("id"), new("identifier")];

    /// <summary>The ARN, name or id; null where the event names nothing.</summary>
    /// <param name="e">An event of CloudTrail, or a record of an S3 access log or a flow log.</param>
    /// <param name="account">Account of the event.</param>
    /// <param name="region">Region where the event names none.</param>
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
            return OfBucket(bucket);
        if (EventFacts.Text(e, "interface_id") is { } face)
            return OfInterface(face, account, region);
        return Of(
            EventFacts.Text(e, "eventSource") ?? "", EventFacts.Text(e, "eventName") ?? "", EventFacts.Text(e, "userIdentity", "arn"),
            e.TryGetProperty("requestParameters", out var request) ? request : default, e.TryGetProperty("responseElements", out var reply) ? reply : default,
            account, EventFacts.Text(e, "awsRegion") ?? region);
    }

    /// <summary>The bucket of an S3 access log's record.</summary>
    /// <param name="name">Its name.</param>
    public static string OfBucket(string name) => "arn:aws:s3:::" + name;

    /// <summary>The network interface of a flow log's record: its ARN where account and region are known, else its id.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="account">Account of the record.</param>
    /// <param name="region">Region of the record.</param>
    public static string OfInterface(string id, string account, string region) =>
        account.Length == 12 && AwsPartition.IsRegionName(region) ? $"arn:{AwsPartition.OfRegion(region).Name}:ec2:{region}:{account}:network-interface/{id}" : id;

    /// <summary>The same of the parts of a CloudTrail event that names no ARN of its own.</summary>
    /// <param name="source">Event source, such as <c>iam.amazonaws.com</c>.</param>
    /// <param name="operation">Name of the event.</param>
    /// <param name="actor">ARN of who acted; null where there is none.</param>
    /// <param name="request">Parameters of the request; undefined where there are none.</param>
    /// <param name="reply">What was answered; undefined where there is nothing, or where <see cref="AsksReply"/> says no.</param>
    /// <param name="account">Account of the event.</param>
    /// <param name="region">Region of the event.</param>
    public static string? Of(string source, string operation, string? actor, JsonElement request, JsonElement reply, string account, string region)
    {
        var names = CallNames.Of(source, operation);
        var isXml = false;
        if (names.IsEc2)
        {
            isXml = Unwrap(ref request, "Request");
            Unwrap(ref reply, "Response");
        }
        var call = new Call(names, actor, request, reply, isXml, new Place(PartitionOf(actor, region), region, account));
        return call.FirstOf(names.Own)
            ?? (names.IsMaking ? call.Made() : null)
            ?? (names.IsEc2 ? call.Named(ofKnownKind: true) : null)
            ?? call.FirstOf(names.OfAll)
            ?? (names.IsEc2 ? call.AnyId(request, 0) : null)
            ?? Arn(request, isOfRole: false)
            ?? call.Named(ofKnownKind: false)
            ?? (names.IsMaking ? call.MadeId() : null)
            ?? Arn(request, isOfRole: true);
    }

    /// <summary>Whether the reply of a call may name what the call was done to.</summary>
    /// <param name="source">Event source.</param>
    /// <param name="operation">Name of the event.</param>
    public static bool AsksReply(string source, string operation) => CallNames.Of(source, operation).AsksReply;

    private static string PartitionOf(string? actor, string region) =>
        actor?.Split(':', 3) is [_, { Length: > 0 } named, _] ? named : AwsPartition.OfRegion(region).Name;

    // EC2's later calls are logged as their XML is: {"DeleteFlowLogsRequest": {"FlowLogId": {"tag": 1, "content": "fl-1"}}}.
    private static bool Unwrap(ref JsonElement part, string ending)
    {
        if (part.ValueKind != JsonValueKind.Object)
            return false;
        foreach (var member in part.EnumerateObject())
        {
            if (member.Value.ValueKind == JsonValueKind.Object && member.Name.EndsWith(ending, StringComparison.Ordinal))
            {
                part = member.Value;
                return true;
            }
        }
        return false;
    }

    // Roles are what a call is done with, unless it names nothing else.
    private static string? Arn(JsonElement request, bool isOfRole)
    {
        if (request.ValueKind != JsonValueKind.Object)
            return null;
        foreach (var member in request.EnumerateObject())
        {
            if ((member.NameEquals("role") || member.Name.EndsWith("roleArn", StringComparison.OrdinalIgnoreCase)) == isOfRole
                && Leaf(member.Value) is { } value && value.StartsWith("arn:", StringComparison.Ordinal))
                return value;
        }
        return null;
    }

    /// <summary>The text of a member: of a list that of its first element, of XML's <c>{"tag": 1, "content": "x"}</c> its content.</summary>
    private static string? Leaf(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.TryGetProperty("content", out var content) && content.ValueKind == JsonValueKind.String ? Leaf(content) : null,
        JsonValueKind.Array => element.EnumerateArray().Select(Leaf).FirstOrDefault(text => text is not null),
        JsonValueKind.String => element.GetString() is { Length: > 0 and <= MostText } text && !IsHidden(text) ? text : null,
        _ => EventFacts.Text(element),
    };

    // "CloudTrail record contents": what is left out of the record stands as this, or as asterisks.
    private static bool IsHidden(string text) => text == "HIDDEN_DUE_TO_SECURITY_REASONS" || text.AsSpan().IndexOfAnyExcept('*') < 0;

    private sealed record Place(string Partition, string Region, string Account);

    private sealed record Call(CallNames Names, string? Actor, JsonElement Request, JsonElement Reply, bool IsXml, Place Place)
    {
        /// <summary>What the first line that fits names.</summary>
        internal string? FirstOf(IReadOnlyList<ResourceTable.Line> lines)
        {
            foreach (var line in lines)
            {
                var value = line.Part switch
                {
                    ResourceTable.EventPart.Reply => At(Reply, line.Path),
                    ResourceTable.EventPart.Actor => Actor,
                    _ => At(Request, line.Path),
                };
                if (value is not null && value.StartsWith(line.Begin, StringComparison.Ordinal))
                    return Filled(line.Form, value);
            }
            return null;
        }

        /// <summary>What the reply says was made: <c>CreateTrustAnchor</c> answers with <c>trustAnchor.trustAnchorArn</c>, <c>CreateVpc</c> with <c>vpc.vpcId</c>.</summary>
        internal string? Made()
        {
            if (Reply.ValueKind != JsonValueKind.Object || Names.Noun is not { Name: var own })
                return null;
            var inner = Reply.TryGetProperty(own, out var made) && made.ValueKind == JsonValueKind.Object ? made : Reply;
            if (Names.IsEc2)
                return (Member(inner, own + "Id") ?? Member(Reply, own + "Id")) is { } id ? OfId(id) : null;
            string[] names = [own + "Arn", own + "ARN", "arn", "aRN"];
            return names.Select(name => Member(inner, name) ?? Member(Reply, name)).FirstOrDefault(arn => arn?.StartsWith("arn:", StringComparison.Ordinal) == true);
        }

        /// <summary>The id that the reply gives what was made: <c>CreateEnvironment</c> answers with <c>environmentId</c>.</summary>
        internal string? MadeId() => Names.Noun is { } noun ? Member(Reply, noun.Name + "Id") : null;

        /// <summary>What the call's own name asks for: of <c>ModifyInstanceAttribute</c> the <c>instanceId</c>.</summary>
        /// <param name="ofKnownKind">Only an id of EC2 that tells of what it is.</param>
        internal string? Named(bool ofKnownKind)
        {
            if (Request.ValueKind != JsonValueKind.Object || Names.Noun is null)
                return null;
            foreach (var name in Names.Asked)
            {
                if (Asked(name) is { } value && (!ofKnownKind || ResourceTable.KindOf(value) is not null))
                    return OfId(value);
            }
            return ofKnownKind ? null : OfAnything.Select(Asked).FirstOrDefault(value => value is not null);
        }

        /// <summary>The first id of EC2 that stands anywhere in a request: that of <c>CreateTags</c> is in <c>resourcesSet.items.resourceId</c>.</summary>
        internal string? AnyId(JsonElement element, int depth) => depth > MostDepth ? null : element.ValueKind switch
        {
            JsonValueKind.Object => element.EnumerateObject().Select(member => AnyId(member.Value, depth + 1)).FirstOrDefault(id => id is not null),
            JsonValueKind.Array => element.EnumerateArray().Select(item => AnyId(item, depth + 1)).FirstOrDefault(id => id is not null),
            JsonValueKind.String => element.GetString() is { } text && ResourceTable.KindOf(text) is not null ? OfId(text) : null,
            _ => null,
        };

        private string OfId(string id) => ResourceTable.KindOf(id) is { } kind && !id.StartsWith("arn:", StringComparison.Ordinal)
            ? string.Create(CultureInfo.InvariantCulture, $"arn:{Place.Partition}:ec2:{Place.Region}:{Place.Account}:{kind}/{id}") : id;

        private string Filled(string form, string value) => value.StartsWith("arn:", StringComparison.Ordinal) ? value
            : form.Replace("{p}", Place.Partition, StringComparison.Ordinal).Replace("{r}", Place.Region, StringComparison.Ordinal)
                .Replace("{a}", Place.Account, StringComparison.Ordinal).Replace("{l}", value[(value.LastIndexOf('/') + 1)..], StringComparison.Ordinal)
                .Replace("{v}", value, StringComparison.Ordinal);

        private string? Asked(CallNames.MemberName name) =>
            Request.TryGetProperty(name.Name, out var value) || (IsXml && Request.TryGetProperty(name.Capital, out value)) ? Leaf(value) : null;

        private static string? Member(JsonElement element, string name) =>
            element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var member) ? Leaf(member) : null;

        /// <summary>The text at a path: of lists the first that has one.</summary>
        private string? At(JsonElement element, IReadOnlyList<CallNames.MemberName> path, int from = 0)
        {
            if (from == path.Count)
                return Leaf(element);
            switch (element.ValueKind)
            {
                case JsonValueKind.Object:
                    return element.TryGetProperty(path[from].Name, out var next) || (IsXml && element.TryGetProperty(path[from].Capital, out next)) ? At(next, path, from + 1) : null;
                case JsonValueKind.Array:
                    foreach (var item in element.EnumerateArray())
                    {
                        if (At(item, path, from) is { } text)
                            return text;
                    }
                    return null;
                default:
                    return null;
            }
        }
    }
}
