using System.Globalization;
using System.Net;
using System.Text.Json;

namespace Scanner.Model;

/// <summary>
/// Who did what to what, from where and when: what an event of CloudTrail says of itself (record contents of the CloudTrail user guide), and
/// of S3 access logs and VPC flow logs as far as they say it. All texts are hostile.
/// </summary>
public sealed record EventFacts
{
    /// <summary>Time of the event; null where it has none that can be read.</summary>
    public DateTimeOffset? Time { get; init; }

    /// <summary>ARN of who acted (of the session for an assumed role); null where the event has none.</summary>
    public string? ActorArn { get; init; }

    /// <summary>ARN of the user or role behind the session; null where the event has none.</summary>
    public string? PrincipalArn { get; init; }

    /// <summary>Who acted, in the shortest form that people know: a user's name, <c>root</c>, <c>role/session</c>.</summary>
    public string? Actor { get; init; }

    /// <summary>Type of who acted, such as <c>IAMUser</c>, <c>AssumedRole</c>, <c>Root</c>, <c>AWSService</c>.</summary>
    public string? ActorType { get; init; }

    /// <summary>Access key that signed the call.</summary>
    public string? AccessKeyId { get; init; }

    /// <summary>Whether <see cref="AccessKeyId"/> or the sign-in was with MFA; null where the event does not say.</summary>
    public bool? Mfa { get; init; }

    /// <summary>Address that the call came from, or the AWS service that made it.</summary>
    public string? Source { get; init; }

    /// <summary>Kind of network that <see cref="Source"/> lies in (<see cref="SourceNetwork"/>); null where it is not told.</summary>
    public string? Network => SourceNetwork.Of(Source);

    /// <summary>User agent as the caller gave it.</summary>
    public string? UserAgent { get; init; }

    /// <summary>API action or event name.</summary>
    public string? Action { get; init; }

    /// <summary>Service, such as <c>iam.amazonaws.com</c>.</summary>
    public string? Service { get; init; }

    /// <summary>Error code; null where the call succeeded.</summary>
    public string? Error { get; init; }

    /// <summary>Id of the event.</summary>
    public string? EventId { get; init; }

    /// <summary>ARN (or id where no ARN can be told) of what was touched; null where the event names nothing.</summary>
    public string? Touched { get; init; }

    /// <summary>Whether <see cref="Source"/> is an address outside of private networks and of AWS services: one that tells attackers apart.</summary>
    public bool HasOutsideAddress =>
        IPAddress.TryParse(Source, out var address) && !IPAddress.IsLoopback(address) && !SourceNetwork.IsPrivate(address);

    /// <summary>Everybody who acted, of several events; as <see cref="ActorArn"/>, else <see cref="Actor"/>.</summary>
    public IReadOnlyList<string> Actors { get; init; } = [];

    /// <summary>Every <see cref="Source"/>, of several events.</summary>
    public IReadOnlyList<string> Sources { get; init; } = [];

    /// <summary>Every <see cref="Action"/>, of several events.</summary>
    public IReadOnlyList<string> Actions { get; init; } = [];

    /// <summary>All that was <see cref="Touched"/>, of several events.</summary>
    public IReadOnlyList<string> AllTouched { get; init; } = [];

    /// <summary>What a finding is about: the resource; for a detection what was touched, else who acted, else the account. The event's id is none.</summary>
    /// <param name="finding">A finding.</param>
    public static string ThingOf(Finding finding) =>
        finding.Kind != FindingKind.Detection ? finding.Resource : Of(finding)?.Thing ?? finding.Account;

    /// <summary>What was touched (of several the first), else who acted; null where the event tells neither.</summary>
    public string? Thing => Touched ?? AllTouched.FirstOrDefault() ?? PrincipalArn ?? ActorArn ?? Actors.FirstOrDefault();

    /// <summary>Reads the event of a detection, or the fields that the events of a correlation share; null for a check's finding.</summary>
    /// <param name="finding">A finding.</param>
    public static EventFacts? Of(Finding finding)
    {
        if (finding.Kind != FindingKind.Detection)
            return null;
        if (finding.Event is not { Length: > 0 } text)
            return Shared(finding.Seen);
        try
        {
            using var document = JsonDocument.Parse(JsonText.ReplaceLoneSurrogates(text), new JsonDocumentOptions { MaxDepth = 256 });
            return document.RootElement.ValueKind == JsonValueKind.Object ? Several(Of(document.RootElement, finding.Account, finding.Region), finding.Seen) : Shared(finding.Seen);
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            return Shared(finding.Seen);
        }
    }

    /// <summary>What all events agree in is told as of one event; the rest as lists alone.</summary>
    private static EventFacts Shared(Sighting? seen)
    {
        if (seen is null)
            return new EventFacts();
        var arn = seen.Group.GetValueOrDefault("userIdentity.arn") ?? Only(seen.Actors);
        return Several(
            new EventFacts
            {
                Time = seen.Last,
                ActorArn = arn,
                PrincipalArn = seen.Group.GetValueOrDefault("userIdentity.sessionContext.sessionIssuer.arn") ?? arn,
                Actor = Short(arn) ?? seen.Group.GetValueOrDefault("userIdentity.userName"),
                ActorType = seen.Group.GetValueOrDefault("userIdentity.type"),
                AccessKeyId = seen.Group.GetValueOrDefault("userIdentity.accessKeyId") ?? Only(seen.AccessKeys),
                Source = seen.Group.GetValueOrDefault("sourceIPAddress") ?? seen.Group.GetValueOrDefault("srcaddr") ?? seen.Group.GetValueOrDefault("remote_ip") ?? Only(seen.Sources),
                Action = seen.Group.GetValueOrDefault("eventName") ?? Only(seen.Actions),
                Service = seen.Group.GetValueOrDefault("eventSource"),
                EventId = seen.EventIds.LastOrDefault(),
                Touched = Only(seen.Touched),
            },
            seen);
    }

    private static string? Only(IReadOnlyList<string> texts) => texts is [var one] ? one : null;

    private static EventFacts Several(EventFacts facts, Sighting? seen) => facts with
    {
        Actors = Sighting.DistinctActors([facts.ActorArn ?? facts.Actor, .. seen?.Actors ?? []]),
        Sources = Sighting.Distinct([facts.Source, .. seen?.Sources ?? []]),
        Actions = Sighting.Distinct([facts.Action, .. seen?.Actions ?? []]),
        AllTouched = Sighting.Distinct([facts.Touched, .. seen?.Touched ?? []]),
    };

    /// <summary>Reads an event.</summary>
    /// <param name="e">The event, a JSON object.</param>
    /// <param name="account">Account where the event names none.</param>
    /// <param name="region">Region where the event names none.</param>
    public static EventFacts Of(JsonElement e, string account, string region)
    {
        var actor = Text(e, "userIdentity", "arn") ?? Text(e, "requester");
        var principal = Text(e, "userIdentity", "sessionContext", "sessionIssuer", "arn") ?? actor;
        var type = Text(e, "userIdentity", "type");
        var mfa = Text(e, "additionalEventData", "MFAUsed") ?? Text(e, "userIdentity", "sessionContext", "attributes", "mfaAuthenticated");
        return new EventFacts
        {
            Time = TimeOf(Text(e, "eventTime") ?? Text(e, "time")),
            ActorArn = actor,
            PrincipalArn = principal,
            Actor = type == "Root" ? "root" : Short(actor) ?? Text(e, "userIdentity", "userName") ?? Text(e, "userIdentity", "invokedBy") ?? Text(e, "userIdentity", "principalId"),
            ActorType = type,
            AccessKeyId = Text(e, "userIdentity", "accessKeyId"),
            Mfa = mfa is null ? null : mfa.Equals("yes", StringComparison.OrdinalIgnoreCase) || mfa.Equals("true", StringComparison.OrdinalIgnoreCase),
            Source = Text(e, "sourceIPAddress") ?? Text(e, "remote_ip") ?? Text(e, "srcaddr"),
            UserAgent = Text(e, "userAgent") ?? Text(e, "user_agent"),
            Action = Text(e, "eventName") ?? Text(e, "operation") ?? Text(e, "action"),
            Service = Text(e, "eventSource"),
            Error = Text(e, "errorCode") is { Length: > 0 } error ? error : Text(e, "responseElements", "ConsoleLogin") == "Failure" ? "Failure" : null,
            EventId = Text(e, "eventID"),
            Touched = TouchedResource.Of(e, account, region),
        };
    }

    /// <summary>Who acted, in the form of <see cref="Actor"/>.</summary>
    /// <param name="arn">An ARN, or a name.</param>
    public static string NameOf(string arn) => Short(arn) is { Length: > 0 } name ? name : arn;

    /// <summary><c>arn:aws:iam::1:user/team/ben</c> is <c>ben</c>; <c>arn:aws:sts::1:assumed-role/R/s</c> is <c>R/s</c>.</summary>
    private static string? Short(string? arn)
    {
        if (arn?.Split(':', 6) is not [_, _, var service, _, _, var rest])
            return arn;
        if (rest == "root")
            return "root";
        return service == "sts" && rest.IndexOf('/', StringComparison.Ordinal) is > 0 and var slash ? rest[(slash + 1)..] : rest[(rest.LastIndexOf('/') + 1)..];
    }

    private static DateTimeOffset? TimeOf(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time) ? time : null;

    internal static string? Text(JsonElement element, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
        {
            if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out element))
                return null;
        }
        return element.ValueKind switch
        {
            JsonValueKind.String => element.GetString() is { Length: > 0 } text ? text : null,
            JsonValueKind.Number => element.GetRawText(),
            JsonValueKind.True => "true",
            JsonValueKind.False => "false",
            _ => null,
        };
    }
}
