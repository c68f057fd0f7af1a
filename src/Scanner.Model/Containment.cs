using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Scanner.Model;

/// <summary>
/// What to do now about an incident, as commands of the AWS CLI with their undo: those who acted are cut off, and what they did is taken back.
/// Which call is taken back how lies in <c>Response/commands.tsv</c>: name of the event, command, undo; <c>{a.b.0}</c> stands for a value of the
/// event. A command that would need a value that the event does not have, or that is no plain word, is left out: names in events are hostile.
/// </summary>
public static partial class Containment
{
    // As the IAM console writes it under "Revoke sessions".
    private const string RevokeBegin = "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Deny\",\"Action\":\"*\",\"Resource\":\"*\",\"Condition\":{\"DateLessThan\":{\"aws:TokenIssueTime\":\"";
    private const string RevokeEnd = "\"}}}]}";

    private static readonly FrozenDictionary<string, List<(string Command, string Undo)>> ByAction = Lines()
        .GroupBy(cells => cells[0], cells => (cells[1], cells[2]), StringComparer.Ordinal)
        .ToFrozenDictionary(group => group.Key, group => group.ToList(), StringComparer.Ordinal);

    /// <summary>Names of the events that a command takes back.</summary>
    public static IEnumerable<string> Actions => ByAction.Keys;

    /// <summary>The steps: first those that cut somebody off, then those that take back what was done, in the order of time; each once.</summary>
    /// <param name="incident">An incident.</param>
    public static IReadOnlyList<ContainmentStep> Of(Incident incident)
    {
        var cut = new List<ContainmentStep>();
        var back = new List<ContainmentStep>();
        for (var i = 0; i < incident.Findings.Count; i++)
        {
            var (finding, facts) = (incident.Findings[i], incident.Facts[i]);
            // Where all it did was refused, there is somebody to cut off all the same, but nothing to take back.
            if (finding.Severity >= Severity.High)
                cut.AddRange(CutOff(finding.Account, facts, incident.Last));
            if (facts.Error is null && facts.Action is { } action && ByAction.TryGetValue(action, out var pairs) && finding.Event is { } text)
                back.AddRange(TakeBack(finding.Account, text, facts, pairs));
        }
        return [.. cut.Concat(back).DistinctBy(step => (step.Account, step.Command))];
    }

    /// <summary>The command that ends a role's sessions of before a time.</summary>
    /// <param name="role">Name of the role, a plain word.</param>
    /// <param name="until">The time, as it stands within single quotes of a shell.</param>
    internal static string RevokeSessions(string role, string until) =>
        $"aws iam put-role-policy --role-name {role} --policy-name AWSRevokeOlderSessions --policy-document '{RevokeBegin}{until}{RevokeEnd}'";

    private static IEnumerable<ContainmentStep> CutOff(string account, EventFacts facts, DateTimeOffset? last)
    {
        var arn = facts.PrincipalArn ?? facts.ActorArn ?? facts.Actors.FirstOrDefault(actor => actor.StartsWith("arn:", StringComparison.Ordinal));
        if (arn?.Split(':', 6) is not [_, var partition, "iam", _, var own, var rest] || !IsPlain(arn))
            yield break;
        var name = rest[(rest.LastIndexOf('/') + 1)..];
        if (rest.StartsWith("user/", StringComparison.Ordinal))
        {
            if (facts.AccessKeyId is { } key && key.StartsWith("AKIA", StringComparison.Ordinal) && IsPlain(key))
                yield return new(own, $"aws iam update-access-key --user-name {name} --access-key-id {key} --status Inactive", $"aws iam update-access-key --user-name {name} --access-key-id {key} --status Active");
            // Unlike a password that is deleted, this can be taken back, and it holds for every key and session.
            yield return new(own, $"aws iam attach-user-policy --user-name {name} --policy-arn arn:{partition}:iam::aws:policy/AWSDenyAll", $"aws iam detach-user-policy --user-name {name} --policy-arn arn:{partition}:iam::aws:policy/AWSDenyAll");
        }
        // Roles of IAM Identity Center and of AWS's services cannot be changed there.
        else if (rest.StartsWith("role/", StringComparison.Ordinal) && !rest.StartsWith("role/aws-", StringComparison.Ordinal) && last is { } time)
        {
            var until = time.AddMinutes(1).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
            yield return new(own,
                RevokeSessions(name, until),
                $"aws iam delete-role-policy --role-name {name} --policy-name AWSRevokeOlderSessions");
        }
    }

    private static IEnumerable<ContainmentStep> TakeBack(string account, string text, EventFacts facts, List<(string Command, string Undo)> pairs)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(JsonText.ReplaceLoneSurrogates(text), new JsonDocumentOptions { MaxDepth = 256 });
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            yield break;
        }
        using (document)
        {
            var partition = facts.ActorArn?.Split(':', 3) is [_, { Length: > 0 } named, _] ? named : "aws";
            foreach (var (command, undo) in pairs)
            {
                if (Fill(command, document.RootElement, partition) is { } filled && Fill(undo, document.RootElement, partition) is { } taken)
                {
                    yield return new(account, filled, taken);
                    yield break;
                }
            }
        }
    }

    private static string? Fill(string template, JsonElement e, string partition)
    {
        var whole = true;
        var filled = Place().Replace(template, place =>
        {
            var value = place.Groups["path"].Value == "partition" ? partition : ValueOf(e, place.Groups["path"].Value);
            if (value is not null && IsPlain(value))
                return value;
            whole = false;
            return "";
        });
        return whole ? filled : null;
    }

    private static string? ValueOf(JsonElement e, string path)
    {
        foreach (var step in path.Split('.'))
        {
            if (int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out var index))
            {
                // CloudTrail writes a list of one value as the value itself.
                if (e.ValueKind != JsonValueKind.Array)
                    continue;
                if (index >= e.GetArrayLength())
                    return null;
                e = e[index];
            }
            else if (e.ValueKind != JsonValueKind.Object || !e.TryGetProperty(step, out e))
            {
                return null;
            }
        }
        return EventFacts.Text(e);
    }

    private static bool IsPlain(string value) => Plain().IsMatch(value);

    private static IEnumerable<string[]> Lines()
    {
        using var stream = typeof(Containment).Assembly.GetManifestResourceStream("Response/commands.tsv")!;
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            if (line.Length > 0)
                yield return line.Split('\t');
        }
    }

    [GeneratedRegex(@"\{(?<path>[A-Za-z0-9.]+)\}", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Place();

    // Begins with no minus: a name must not become an option.
    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9+=,.@_:/-]{0,511}\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Plain();
}
