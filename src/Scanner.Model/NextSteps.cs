using System.Runtime.CompilerServices;
using System.Text;
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
    private static readonly HashSet<string> Named = new(StringComparer.Ordinal)
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

    // What steps are made of is found out once for a rule, not once for a match.
    private static readonly ConditionalWeakTable<IReadOnlyList<string>, IReadOnlyList<Step>> Known = [];

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
            return Of(steps, document.RootElement, facts);
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            return steps;
        }
    }

    /// <summary>The same of an event that is read already.</summary>
    /// <param name="steps">Of the rule.</param>
    /// <param name="e">The event.</param>
    /// <param name="facts">What it says.</param>
    public static IReadOnlyList<string> Of(IReadOnlyList<string> steps, JsonElement e, EventFacts facts)
    {
        var known = Known.GetValue(steps, all => [.. all.Select(Step.Of)]);
        return e.ValueKind != JsonValueKind.Object || known.All(step => step.Commands.Count == 0) ? steps : [.. known.Select(step => step.Filled(e, facts))];
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

    /// <summary>A step: its commands in which there is a name to fill in, and the text between them.</summary>
    private sealed record Step(string Text, IReadOnlyList<Asking> Commands)
    {
        public static Step Of(string text) => new(text, [.. Command().Matches(text).Select(command => Asking.Of(command.Index, command.Value)).Where(command => command.Words.Count > 0)]);

        public string Filled(JsonElement e, EventFacts facts)
        {
            if (Commands.Count == 0)
                return Text;
            var (made, done) = (new StringBuilder(Text.Length + 64), 0);
            foreach (var command in Commands)
            {
                made.Append(Text, done, command.Start - done).Append(command.Filled(e, facts));
                done = command.Start + command.Text.Length;
            }
            return made.Append(Text, done, Text.Length - done).ToString();
        }
    }

    /// <summary>A command in a step, and the words in it that stand for names, each with the option before it.</summary>
    private sealed record Asking(int Start, string Text, IReadOnlyList<(int Start, string Word, string Option)> Words)
    {
        // A key and its user together are those who acted; a user alone is whom it was done to.
        private readonly bool _isActor = Text.Contains(" KEY", StringComparison.Ordinal);

        public static Asking Of(int start, string text) => new(start, text,
        [
            // --resource-type VPC is a value.
            .. Name().Matches(text).Select(name => (Word: name.Groups["word"], Option: name.Groups["option"].Value))
                .Where(name => Named.Contains(name.Word.Value) && !name.Option.EndsWith("type", StringComparison.Ordinal))
                .Select(name => (name.Word.Index, name.Word.Value, name.Option)),
        ]);

        public string Filled(JsonElement e, EventFacts facts)
        {
            if (_isActor && Text.StartsWith("`aws iam update-access-key --user-name USER", StringComparison.Ordinal) && RoleOf(facts.PrincipalArn) is { } role)
            {
                // Keys of a session cannot be switched off, and roles of IAM Identity Center cannot be changed.
                return role.StartsWith("AWSReservedSSO_", StringComparison.Ordinal) ? "IAM Identity Center > Users > the user > Active sessions > Delete"
                    : Plain().IsMatch(role) ? $"`{Containment.RevokeSessions(role, Now)}`" : Text;
            }
            var (made, done) = (new StringBuilder(Text.Length + 64), 0);
            foreach (var (start, word, option) in Words)
            {
                if (ValueOf(word, option, _isActor, e, facts) is not { } value)
                    continue;
                made.Append(Text, done, start - done).Append(value);
                done = start + word.Length;
            }
            return made.Append(Text, done, Text.Length - done).ToString();
        }
    }

    [GeneratedRegex("`[^`]+`", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Command();

    [GeneratedRegex(@"(?:--(?<option>[a-z0-9-]+)[ =])?\b(?<word>[A-Z]{2,12})\b", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Name();

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9+=,.@_:/-]{0,200}\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Plain();
}
