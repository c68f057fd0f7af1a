using System.Buffers;
using System.Collections.ObjectModel;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Scanner.Detect.Matching;
using Scanner.Detect.Rules;
using Scanner.Model;

namespace Scanner.Detect;

/// <summary>Rules and matches as what reports are made of.</summary>
public static class RuleFindings
{
    private const int MostParameters = 5;
    private const int MostOfParameter = 120;
    private const int MostDepth = 8;
    private const int MostLooked = 200;
    private const int MostNamed = 3;
    private const int MostOfAgent = 80;

    // Numbers of XML's elements, and what every policy has.
    private static readonly HashSet<string> Unsaid = new(StringComparer.Ordinal) { "tag", "Version", "Sid" };

    // What a request hands over in confidence; CloudTrail hides what AWS calls a secret, and not what is put into an environment.
    private static readonly SearchValues<string> Confidential = SearchValues.Create(
        ["token", "password", "passphrase", "secret", "credential", "privateKey", "userData", "environment", "variables", "headers", "parameterValue", "connectionString"], StringComparison.OrdinalIgnoreCase);

    // A rule's techniques are looked up once, not once a match.
    private static readonly ConditionalWeakTable<DetectionRule, IReadOnlyList<string>> Techniques = [];

    /// <summary>What a reader is told of a rule.</summary>
    public static RuleInfo ToRuleInfo(DetectionRule rule) => new()
    {
        Id = rule.Id,
        Title = rule.Title,
        Kind = FindingKind.Detection,
        Severity = rule.Level,
        Urgency = Urgency.Attack,
        Service = ServiceOf(rule),
        Why = rule.Description,
        Mitre = TechniquesOf(rule),
        FalsePositives = rule.FalsePositives,
        Response = rule.Response,
        References = rule.References,
        File = rule.File,
    };

    /// <summary>
    /// A match as a finding. The resource is the event's id; where it has none, the file and the event's number in it. Make
    /// matches with <see cref="DetectorOptions.IncludeEvents"/>, or the message names no one.
    /// </summary>
    /// <param name="match">The match.</param>
    /// <param name="account">Account where the event names none.</param>
    /// <param name="region">Region where the event names none.</param>
    public static Finding ToFinding(DetectionMatch match, string account = "unknown", string region = CollectionStatus.Global) =>
        Told(match, account, region, withNext: false).Finding;

    /// <summary>A match as a finding (<see cref="ToFinding"/>), with what its event says, and what to do next (<see cref="NextSteps"/>): an event is read once for all.</summary>
    /// <param name="match">The match.</param>
    /// <param name="account">Account where the event names none.</param>
    /// <param name="region">Region where the event names none.</param>
    /// <param name="withNext">Whether anybody asks what to do next; else there is nothing.</param>
    public static (Finding Finding, EventFacts? Facts, IReadOnlyList<string> Next) Told(DetectionMatch match, string account = "unknown", string region = CollectionStatus.Global, bool withNext = true)
    {
        var steps = withNext ? match.Rule.Response : [];
        // Half a surrogate pair is no text: what reads the event here and in reports would stop at it.
        // Ids of keys stay: they tell who acted. What has the form of a secret goes, though CloudTrail leaves most of it out itself.
        var json = match.Event is null ? null : JsonText.ReplaceLoneSurrogates(match.Event);
        using var original = json is null ? null : JsonDocument.Parse(json);
        var isFree = original is null || SecretText.IsFree(json!, original.RootElement, keyIds: false);
        if (!isFree)
            json = SecretText.OfJson(json!, keyIds: false);
        using var redacted = isFree ? null : JsonDocument.Parse(json!);
        var e = (redacted ?? original)?.RootElement;
        var inAccount = match.Account ?? Text(e, "userIdentity", "accountId") ?? Text(e, "account_id") ?? account;
        var inRegion = match.Region ?? Text(e, "region") ?? region;
        var isOne = !match.Rule.IsCorrelation && e is { ValueKind: JsonValueKind.Object };
        var facts = isOne ? EventFacts.Of(e!.Value, inAccount, inRegion) : null;
        var finding = new Finding
        {
            Check = match.Rule.Id,
            Kind = FindingKind.Detection,
            Status = FindingStatus.Fail,
            Severity = match.Rule.Level,
            Account = inAccount,
            Region = inRegion,
            Resource = match.EventId ?? string.Create(CultureInfo.InvariantCulture, $"{match.File}#{match.Record}"),
            Mitre = TechniquesOf(match.Rule),
            Event = json,
            Seen = match.Rule.IsCorrelation ? SeenTogether(match) : SeenOnce(match, facts, e),
            Message = isOne ? Happened(match, facts, e) : "",
        };
        if (isOne)
            return (finding, facts, NextSteps.Of(steps, e!.Value, facts!));
        if (match.Rule.IsCorrelation)
        {
            finding = finding with { Message = Correlated(match, finding.Seen) };
            return (finding, EventFacts.Of(finding), NextSteps.Of(steps, finding));
        }
        // Without its event, an event is told of by what the match says.
        facts = EventFacts.Of(finding);
        return (finding with { Seen = SeenOnce(match, facts, e), Message = Happened(match, facts, e) }, facts, NextSteps.Of(steps, finding));
    }

    private static IReadOnlyList<string> TechniquesOf(DetectionRule rule) =>
        Techniques.GetValue(rule, static one => AttackMatrix.Today(AttackTags.Of(one.Tags)));

    private static Sighting SeenOnce(DetectionMatch match, EventFacts? facts, JsonElement? e)
    {
        var time = TimeOf(match.EventTime) ?? TimeOf(Text(e, "eventTime") ?? Text(e, "time"));
        return new Sighting(time, time, match.EventCount, One(match.EventId), ReadOnlyDictionary<string, string>.Empty)
        {
            Actors = One(facts?.ActorArn ?? facts?.Actor),
            Sources = One(facts?.Source),
            Actions = One(facts?.Action),
            Touched = One(facts?.Touched),
            AccessKeys = One(facts?.AccessKeyId),
            Refused = facts?.Error is null ? 0 : 1,
        };

        static IReadOnlyList<string> One(string? text) => string.IsNullOrEmpty(text) ? [] : [text];
    }

    private static Sighting SeenTogether(DetectionMatch match) => new(
        match.Events.Min(one => one.EventTime),
        match.Events.Max(one => one.EventTime),
        match.EventCount,
        [.. match.Events.Select(one => one.EventId).OfType<string>()],
        match.Group.Where(pair => pair.Value is not null).DistinctBy(pair => pair.Key).ToDictionary(pair => pair.Key, pair => pair.Value!, StringComparer.Ordinal))
    {
        Actors = Sighting.DistinctActors(match.Events.Select(one => one.Actor)),
        Sources = Sighting.Distinct(match.Events.Select(one => one.Source)),
        Actions = Sighting.Distinct(match.Events.Select(one => one.Action)),
        Touched = Sighting.Distinct(match.Events.Select(one => one.Touched)),
        AccessKeys = Sighting.Distinct(match.Events.Select(one => one.AccessKeyId)),
        Refused = match.Events.Count(one => one.Error is not null),
    };

    private static DateTimeOffset? TimeOf(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time) ? time : null;

    /// <summary>The service whose events the rule names, where it is one; otherwise that whose log it reads.</summary>
    private static string ServiceOf(DetectionRule rule)
    {
        var sources = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        Collect(rule);
        if (sources.Count == 1)
            return sources.First();

        return rule.LogSource.Kind switch
        {
            LogSource.VpcFlow => "ec2",
            LogSource.S3Access => "s3",
            LogSource.CloudTrail => "cloudtrail",
            _ => "aws",
        };

        void Collect(DetectionRule one)
        {
            foreach (var part in one.Correlation?.Rules ?? [])
                Collect(part);
            foreach (var match in one.Expression?.Matches() ?? [])
            {
                if (match is { Field: "eventSource", Test: ValueTest.Text { Pattern.Literal: { Length: > 0 } source } })
                    sources.Add((source.IndexOf('.', StringComparison.Ordinal) is > 0 and var dot ? source[..dot] : source).ToLowerInvariant());
            }
        }
    }

    /// <summary>Who did what to what, from where, when, and whether it was let through.</summary>
    private static string Happened(DetectionMatch match, EventFacts? facts, JsonElement? e)
    {
        if (facts?.Action is not { } action)
            return match.Rule.Title + (facts?.Source is { } source ? $" from {source}{Network(facts)}" : "") + (match.EventTime is null ? "" : $" at {match.EventTime}");
        var who = Text(e, "userIdentity", "arn") ?? Text(e, "userIdentity", "userName") ?? Text(e, "userIdentity", "invokedBy")
            ?? Text(e, "requester") ?? Text(e, "userIdentity", "principalId") ?? Text(e, "userIdentity", "type") ?? "Someone";
        var sentence = new StringBuilder(256).Append(who).Append(" called ").Append(action);
        Add(" of ", facts.Service);
        Add(" on ", facts.Touched);
        if (facts.Source is { } from)
            sentence.Append(" from ").Append(from).Append(Network(facts));
        Add(" at ", match.EventTime);
        if (facts.UserAgent is { } agent)
            sentence.Append(" with ").Append(agent.AsSpan(0, Math.Min(agent.Length, MostOfAgent))).Append(agent.Length > MostOfAgent ? "..." : "");
        if (facts.Mfa is { } mfa)
            sentence.Append(mfa ? ", with MFA" : ", without MFA");
        Add(", which failed with ", facts.Error);
        var parameters = Parameters(e, facts.Touched);
        if (parameters.Length > 0)
            sentence.Append("; ").Append(parameters);
        return sentence.ToString();

        void Add(string before, string? text)
        {
            if (text is not null)
                sentence.Append(before).Append(text);
        }
    }

    /// <summary>The kind of network behind an address; the name of a service says itself what it is.</summary>
    private static string Network(EventFacts facts) => facts.Network is { } network && network != SourceNetwork.Service ? $" ({network})" : "";

    /// <summary>Plain parameters of the request that are not what was touched, a few of them, those that stand within others last.</summary>
    private static string Parameters(JsonElement? e, string? touched)
    {
        if (e is not { ValueKind: JsonValueKind.Object } || !e.Value.TryGetProperty("requestParameters", out var request))
            return "";
        var plain = new List<string>(MostParameters);
        // EC2's later calls are logged as their XML is, with the request in one member.
        var (level, within) = (new List<(string Name, JsonElement Value)>(), new List<(string Name, JsonElement Value)>());
        Look(request, "", touched, plain, level);
        for (var depth = 1; depth < MostDepth && level.Count > 0 && plain.Count < MostParameters; depth++)
        {
            within.Clear();
            foreach (var (name, value) in level)
                Within(name, value, touched, plain, within);
            (level, within) = (within, level);
        }
        return string.Join(", ", plain);
    }

    /// <summary>What stands within a parameter; elements of a list, and XML's content, under the name of what they are in.</summary>
    private static void Within(string name, JsonElement value, string? touched, List<string> plain, List<(string Name, JsonElement Value)> within)
    {
        if (value.ValueKind == JsonValueKind.Array)
        {
            foreach (var one in value.EnumerateArray())
                Look(one, name, touched, plain, within);
            return;
        }
        foreach (var one in value.EnumerateObject())
        {
            var own = one.Name;
            if (!Unsaid.Contains(own) && !IsConfidential(own))
                Look(one.Value, name.Length > 0 && own is "items" or "content" ? name : own, touched, plain, within);
        }
    }

    // Plain values are told in their order, what stands within others after all of its level.
    private static void Look(JsonElement value, string name, string? touched, List<string> plain, List<(string Name, JsonElement Value)> within)
    {
        if (plain.Count == MostParameters || within.Count == MostLooked)
            return;
        var text = value.ValueKind switch
        {
            JsonValueKind.String => value.GetString(),
            JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => value.GetRawText(),
            _ => null,
        };
        if (value.ValueKind is JsonValueKind.Object or JsonValueKind.Array)
            within.Add((name, value));
        else if (value.ValueKind == JsonValueKind.String && text is ['{' or '[', .., '}' or ']'] && Read(text) is { } said)
            within.Add((name, said));
        else if (name.Length > 0 && text is { Length: > 0 and <= MostOfParameter } && !IsIn(touched, text) && $"{name}={text}" is var told && !plain.Contains(told))
            plain.Add(told);
    }

    /// <summary>What a text that is JSON itself, as policies are, says; null where it is none.</summary>
    private static JsonElement? Read(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(JsonText.ReplaceLoneSurrogates(text));
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // The name of a secret is none.
    private static bool IsConfidential(string name) =>
        name.AsSpan().ContainsAny(Confidential)
        && !name.EndsWith("Id", StringComparison.Ordinal) && !name.EndsWith("Name", StringComparison.Ordinal) && !name.EndsWith("Arn", StringComparison.Ordinal);

    /// <summary>Whether a text is the resource, or the last part of its ARN.</summary>
    private static bool IsIn(string? touched, string text) =>
        touched is not null && touched.EndsWith(text, StringComparison.Ordinal) && (touched.Length == text.Length || touched[^(text.Length + 1)] is '/' or ':');

    private static string Correlated(DetectionMatch match, Sighting seen)
    {
        var group = match.Group.Count == 0 ? "" : " with " + string.Join(", ", match.Group.Select(pair => $"{pair.Key} {pair.Value ?? "(none)"}"));
        var span = match.Events is [{ EventTime: { } first }, .., { EventTime: { } last }]
            ? string.Create(CultureInfo.InvariantCulture, $" between {first:yyyy-MM-ddTHH:mm:ssZ} and {last:yyyy-MM-ddTHH:mm:ssZ}") : "";
        var told = match.Group.Select(pair => pair.Value).ToHashSet(StringComparer.Ordinal);
        var more = string.Concat(More("called", seen.Actions), More("by", seen.Actors), More("from", seen.Sources), More("on", seen.Touched));
        if (seen.Refused > 0)
            more += seen.Refused == match.EventCount ? ", refused" : string.Create(CultureInfo.InvariantCulture, $", {seen.Refused} of them refused");
        return string.Create(CultureInfo.InvariantCulture, $"{match.EventCount} event{(match.EventCount == 1 ? "" : "s")}{group}{span}: {match.Rule.Title}{(more.Length > 0 ? ";" : "")}{more}");

        // What the group names is not said twice.
        string More(string word, IReadOnlyList<string> all) => all.Where(one => !told.Contains(one)).ToList() switch
        {
            [] => "",
            { Count: <= MostNamed } few => $" {word} {string.Join(", ", few)}",
            var many => string.Create(CultureInfo.InvariantCulture, $" {word} {string.Join(", ", many.Take(MostNamed))} and {many.Count - MostNamed} more"),
        };
    }

    private static string? Text(JsonElement? element, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
        {
            if (element is not { ValueKind: JsonValueKind.Object } || !element.Value.TryGetProperty(name, out var child))
                return null;
            element = child;
        }

        return element?.ValueKind switch
        {
            JsonValueKind.String => element.Value.GetString() is { Length: > 0 } text ? text : null,
            JsonValueKind.Number => element.Value.GetRawText(),
            _ => null,
        };
    }
}
