using System.Text.Json;
using System.Text.RegularExpressions;

namespace Scanner.Model;

/// <summary>
/// The steps that a detection's rule names, with the names of the event filled in: <c>--user-name USER</c> becomes <c>--user-name alice</c>.
/// Only what can stand in a shell as it is is filled in: names in events are hostile.
/// </summary>
public static partial class NextSteps
{
    // The moment in which the command is run: ends the single quotes, and begins them again.
    private const string Now = """'"$(date -u +%FT%TZ)"'""";

    // More names than these in one command are nobody's paste.
    private const int MostValues = 20;

    // Words in capitals that are values of the AWS CLI (PRIVATE, ENABLED) are none of these, and stay.
    private static readonly HashSet<string> Words = new(StringComparer.Ordinal)
    {
        "ACCOUNT", "ACL", "AMI", "ARN", "BUCKET", "CLUSTER", "DB", "DETECTOR", "DIGEST", "DOC", "ENI", "FUNCTION", "GROUP", "ID", "IDS", "IMAGE", "INSTANCE", "KEY", "NAME",
        "POLICY", "REGION", "ROLE", "RULE", "RULES", "SECRET", "SG", "SNAP", "SNAPSHOT", "TABLE", "TARGET", "TASK", "TRAIL", "USER", "VPC",
    };

    // Members of requests, replies and log lines that words in capitals stand for, where the command's option does not say it.
    private static readonly Dictionary<string, string[]> Members = new(StringComparer.Ordinal)
    {
        ["SG"] = ["groupId", "securityGroups"],
        ["ENI"] = ["networkInterfaceId", "interface_id"],
        ["BUCKET"] = ["bucketName", "bucket"],
        ["VPC"] = ["vpcId"],
        ["INSTANCE"] = ["instanceId"],
        ["SNAP"] = ["snapshotId", "dBSnapshotIdentifier", "dBClusterSnapshotIdentifier"],
        ["AMI"] = ["imageId"],
        ["DB"] = ["dBInstanceIdentifier"],
        ["USER"] = ["userName"],
        ["ROLE"] = ["roleName"],
        ["TRAIL"] = ["name", "trailName"],
        ["ACCOUNT"] = ["accountId", "userId", "valuesToAdd"],
        ["TASK"] = ["taskArn"],
        ["RULES"] = ["securityGroupRuleId"],
    };

    /// <summary>Fills in what the event of a finding names; a word whose name it does not tell stays as it is.</summary>
    /// <param name="steps">Of the rule: text with commands in backticks, in which words in capitals stand for names.</param>
    /// <param name="finding">A finding of the rule.</param>
    public static IReadOnlyList<string> Of(IReadOnlyList<string> steps, Finding finding)
    {
        if (steps.Count == 0 || EventFacts.Of(finding) is not { } facts)
            return steps;
        try
        {
            using var document = finding.Event is { Length: > 0 } text
                ? JsonDocument.Parse(JsonText.ReplaceLoneSurrogates(text), new JsonDocumentOptions { MaxDepth = 256 }) : JsonDocument.Parse("{}");
            return document.RootElement.ValueKind != JsonValueKind.Object ? steps
                : [.. steps.Select(step => Command().Replace(step, command => Fill(command.Value, document.RootElement, facts)))];
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            return steps;
        }
    }

    private static string Fill(string command, JsonElement e, EventFacts facts)
    {
        // A key and its user together are those who acted; a user alone is whom it was done to.
        var isActor = command.Contains(" KEY", StringComparison.Ordinal);
        if (isActor && command.StartsWith("`aws iam update-access-key --user-name USER", StringComparison.Ordinal) && RoleOf(facts.PrincipalArn) is { } role)
        {
            // Keys of a session cannot be switched off, and roles of IAM Identity Center cannot be changed.
            return role.StartsWith("AWSReservedSSO_", StringComparison.Ordinal) ? "IAM Identity Center > Users > the user > Active sessions > Delete"
                : Plain().IsMatch(role) ? $"`{Containment.RevokeSessions(role, Now)}`" : command;
        }
        return Name().Replace(command, name =>
        {
            var option = name.Groups["option"].Value;
            // --resource-type VPC is a value.
            var value = Words.Contains(name.Groups["word"].Value) && !option.EndsWith("type", StringComparison.Ordinal) ? ValueOf(name.Groups["word"].Value, option, isActor, e, facts) : null;
            return value is not null ? name.Value[..(name.Groups["word"].Index - name.Index)] + value : name.Value;
        });
    }

    private static string? ValueOf(string name, string option, bool isActor, JsonElement e, EventFacts facts)
    {
        // Options of the AWS CLI are named after the members of requests: --snapshot-id is snapshotId. So are those of replies that make something.
        return Written([.. Known()], plural: option.EndsWith('s'));

        IEnumerable<string?> Known()
        {
            if (name == "KEY")
                return [option == "--key-id" ? LastOf(facts.Touched) : facts.AccessKeyId];
            if (name == "USER" && isActor)
                return [EventFacts.Text(e, "userIdentity", "userName") ?? UserOf(facts.ActorArn)];
            var named = option.Length > 0 ? Find(e, option.Replace("-", "", StringComparison.Ordinal)) : [];
            if (named.Count == 0 && option.EndsWith('s'))
                named = Find(e, option[..^1].Replace("-", "", StringComparison.Ordinal));
            if (named.Count > 0)
                return named.Select(value => name == "ARN" || option.EndsWith("arn", StringComparison.Ordinal) ? value : LastOf(value));
            foreach (var member in Members.GetValueOrDefault(name, []))
            {
                if (Find(e, member) is { Count: > 0 } values)
                    return values.Select(LastOf);
            }
            return [name switch
            {
                "USER" => EventFacts.Text(e, "userIdentity", "userName") ?? UserOf(facts.ActorArn),
                "ROLE" => RoleOf(facts.PrincipalArn),
                "REGION" => EventFacts.Text(e, "awsRegion"),
                // Sessions of an instance's role have its id for a name.
                "INSTANCE" when facts.ActorArn is { } arn && LastOf(arn) is { } session && session.StartsWith("i-", StringComparison.Ordinal) => session,
                "ARN" when facts.Touched is { } arn && arn.StartsWith("arn:", StringComparison.Ordinal) && IsOf(option, arn) => arn,
                "ARN" or "ACCOUNT" or "ENI" or "IDS" or "RULES" or "VPC" => null,
                _ => facts.Touched is { } touched && IsOf(option, touched) ? LastOf(touched) : null,
            }];
        }
    }

    /// <summary>As a shell takes it; null where it is none that a shell takes as it is, or where it is not certain which of several is meant.</summary>
    private static string? Written(IReadOnlyList<string?> values, bool plural)
    {
        var distinct = values.OfType<string>().Distinct(StringComparer.Ordinal).ToList();
        return distinct.Count == 0 || distinct.Count > (plural ? MostValues : 1) || !distinct.TrueForAll(value => Plain().IsMatch(value)) ? null : string.Join(' ', distinct);
    }

    /// <summary>Values of the members of a name in the request, else in the reply, else in the event itself (log lines have no request).</summary>
    private static List<string> Find(JsonElement e, string member)
    {
        var found = new List<string>();
        foreach (var part in new[] { "requestParameters", "responseElements" })
        {
            if (found.Count == 0 && e.TryGetProperty(part, out var element))
                Collect(element, 0);
        }
        if (found.Count == 0 && !e.TryGetProperty("requestParameters", out _))
            Take(e);
        return found;

        void Collect(JsonElement element, int depth)
        {
            if (depth > 6 || found.Count > MostValues)
                return;
            if (element.ValueKind == JsonValueKind.Array)
            {
                foreach (var item in element.EnumerateArray())
                    Collect(item, depth + 1);
            }
            else if (element.ValueKind == JsonValueKind.Object)
            {
                Take(element);
                foreach (var item in element.EnumerateObject())
                    Collect(item.Value, depth + 1);
            }
        }

        void Take(JsonElement element)
        {
            foreach (var item in element.EnumerateObject().Where(item => item.Name.Equals(member, StringComparison.OrdinalIgnoreCase)))
            {
                if (item.Value.ValueKind == JsonValueKind.String)
                    found.Add(item.Value.GetString()!);
                else if (item.Value.ValueKind == JsonValueKind.Array)
                    found.AddRange(item.Value.EnumerateArray().Where(value => value.ValueKind == JsonValueKind.String).Select(value => value.GetString()!));
            }
        }
    }

    private static string? UserOf(string? arn) => arn is not null && arn.Contains(":user/", StringComparison.Ordinal) ? LastOf(arn) : null;

    private static string? RoleOf(string? arn) =>
        arn is null ? null
        : arn.Contains(":role/", StringComparison.Ordinal) ? LastOf(arn)
        : arn.Contains(":assumed-role/", StringComparison.Ordinal) ? arn.Split('/')[1]
        : null;

    /// <summary>Whether an option asks for what was touched: <c>--function-name</c> does where it is a function, <c>--name</c> always.</summary>
    private static bool IsOf(string option, string touched)
    {
        if (option is "" or "name" or "id" or "arn" or "resource-arn")
            return true;
        // A name alone does not tell of what it is.
        if (!touched.StartsWith("arn:", StringComparison.Ordinal))
            return false;
        var resource = touched.Split(':', 6)[^1];
        var end = resource.IndexOfAny(['/', ':']);
        return end < 0 || option.StartsWith(resource[..end], StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>The name within an ARN.</summary>
    private static string? LastOf(string? arn) =>
        arn is null ? null : !arn.StartsWith("arn:", StringComparison.Ordinal) ? arn : arn[(arn.LastIndexOfAny(['/', ':']) + 1)..];

    [GeneratedRegex("`[^`]+`", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Command();

    [GeneratedRegex(@"(?:--(?<option>[a-z0-9-]+)[ =])?\b(?<word>[A-Z]{2,12})\b", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Name();

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9+=,.@_:/-]{0,200}\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Plain();
}
