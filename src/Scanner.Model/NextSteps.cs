using System.Text.Json;
using System.Text.RegularExpressions;

namespace Scanner.Model;

/// <summary>
/// The steps that a detection's rule names, with the names of the event filled in: <c>--user-name USER</c> becomes <c>--user-name alice</c>.
/// Only what can stand in a shell as it is is filled in: names in events are hostile.
/// </summary>
public static partial class NextSteps
{
    /// <summary>Fills in what the event of a finding names; a step whose names it does not tell stays as it is.</summary>
    /// <param name="steps">Of the rule: text with commands in backticks, in which words in capitals stand for names.</param>
    /// <param name="finding">A finding of the rule.</param>
    public static IReadOnlyList<string> Of(IReadOnlyList<string> steps, Finding finding)
    {
        if (steps.Count == 0 || finding.Event is not { Length: > 0 } text)
            return steps;
        try
        {
            using var document = JsonDocument.Parse(JsonText.ReplaceLoneSurrogates(text), new JsonDocumentOptions { MaxDepth = 256 });
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                return steps;
            var facts = EventFacts.Of(document.RootElement, finding.Account, finding.Region);
            return [.. steps.Select(step => Command().Replace(step, command => Fill(command.Value, document.RootElement, facts)))];
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
        return Name().Replace(command, name =>
        {
            var value = ValueOf(name.Value, isActor, e, facts);
            return value is not null && Plain().IsMatch(value) ? value : name.Value;
        });
    }

    private static string? ValueOf(string name, bool isActor, JsonElement e, EventFacts facts)
    {
        switch (name)
        {
            case "USER" when isActor:
                return EventFacts.Text(e, "userIdentity", "userName");
            case "KEY":
                return facts.AccessKeyId;
            case "USER":
                return Parameter(e, "userName") ?? EventFacts.Text(e, "userIdentity", "userName");
            case "ROLE":
                return Parameter(e, "roleName") ?? EventFacts.Text(e, "userIdentity", "sessionContext", "sessionIssuer", "userName");
            case "ARN":
                return facts.Touched is { } arn && arn.StartsWith("arn:", StringComparison.Ordinal) ? arn : null;
            case "TRAIL":
                return Parameter(e, "name", "trailName") ?? LastOf(facts.Touched);
            case "BUCKET":
                return Parameter(e, "bucketName");
            case "REGION":
                return EventFacts.Text(e, "awsRegion");
            case "NAME" or "ID" or "GROUP" or "INSTANCE" or "DETECTOR" or "SNAPSHOT" or "FUNCTION" or "SECRET" or "IMAGE" or "TABLE" or "CLUSTER" or "POLICY":
                return LastOf(facts.Touched);
            default:
                return null;
        }
    }

    private static string? Parameter(JsonElement e, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (EventFacts.Text(e, "requestParameters", name) is { } value)
                return LastOf(value);
        }

        return null;
    }

    /// <summary>The name within an ARN.</summary>
    private static string? LastOf(string? arn) =>
        arn is null ? null : !arn.StartsWith("arn:", StringComparison.Ordinal) ? arn : arn[(arn.LastIndexOfAny(['/', ':']) + 1)..];

    [GeneratedRegex("`[^`]+`", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Command();

    [GeneratedRegex(@"\b[A-Z]{2,12}\b", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Name();

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9+=,.@_:/-]{0,200}\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Plain();
}
