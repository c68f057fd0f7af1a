using System.Text.Json;
using Scanner.Catalog;
using Scanner.Model;

namespace Scanner.Evaluate;

/// <summary>Says of findings whose they are, by the rules of <c>owners.yml</c> files: the first that matches decides.</summary>
public static class Ownership
{
    // How AWS's services call them: EC2 and most Tags, S3 TagSet, RDS TagList.
    private static readonly string[] Members = ["Tags", "tags", "TagSet", "TagList"];

    /// <summary>Findings with their owners.</summary>
    /// <param name="findings">Findings.</param>
    /// <param name="rules">Rules, in order.</param>
    /// <param name="resources">Everything collected; only read where a rule asks for a tag.</param>
    public static IReadOnlyList<Finding> Assign(IReadOnlyList<Finding> findings, IReadOnlyList<OwnerRule> rules, Func<IEnumerable<Resource>> resources)
    {
        ArgumentNullException.ThrowIfNull(findings);
        ArgumentNullException.ThrowIfNull(rules);
        ArgumentNullException.ThrowIfNull(resources);
        if (rules.Count == 0)
            return findings;
        var tags = rules.Any(rule => rule.Tag is not null) ? TagsOf(resources(), findings) : [];
        return new FindingList(findings.Select(finding => rules.FirstOrDefault(rule => Matches(rule, finding, tags)) is { } rule ? finding with { Owner = rule.Owner } : finding));
    }

    private static bool Matches(OwnerRule rule, Finding finding, Dictionary<(string Account, string Resource), List<KeyValuePair<string, string>>> tags) =>
        Glob.Matches(rule.Account, finding.Account) && Glob.Matches(rule.Check, finding.Check)
        && (Glob.Matches(rule.Resource, finding.Resource) || (rule.Resource != "*" && finding.Event is not null && EventFacts.Of(finding)?.Touched is { } touched && Glob.Matches(rule.Resource, touched)))
        && (rule.Tag is not { } wanted || (tags.TryGetValue((finding.Account, finding.Resource), out var there) && there.Exists(tag => tag.Key == wanted.Key && Glob.Matches(wanted.Value, tag.Value))));

    private static Dictionary<(string, string), List<KeyValuePair<string, string>>> TagsOf(IEnumerable<Resource> resources, IReadOnlyList<Finding> findings)
    {
        var asked = findings.Select(finding => (finding.Account, finding.Resource)).ToHashSet();
        var made = new Dictionary<(string, string), List<KeyValuePair<string, string>>>();
        foreach (var resource in resources)
        {
            using var item = JsonDocument.Parse(resource.Item, new JsonDocumentOptions { MaxDepth = 256 });
            if (item.RootElement.ValueKind != JsonValueKind.Object)
                continue;
            var tags = new List<KeyValuePair<string, string>>();
            Collect(item.RootElement, tags, deeper: true);
            if (tags.Count == 0)
                continue;
            // A finding may know the resource by its id in the table, or by the ARN or id that the item holds.
            foreach (var name in Ids(item.RootElement).Append(resource.Id).Distinct(StringComparer.Ordinal).Where(name => asked.Contains((resource.Account, name))))
            {
                if (!made.TryGetValue((resource.Account, name), out var there))
                    made[(resource.Account, name)] = there = [];
                there.AddRange(tags);
            }
        }
        return made;
    }

    // Only what tells a resource from all others of its account: ARNs, and ids such as vpc-0a1b2c3d.
    private static IEnumerable<string> Ids(JsonElement item)
    {
        foreach (var member in item.EnumerateObject())
        {
            if (member.Value.ValueKind == JsonValueKind.String && member.Value.GetString() is { } text && text.StartsWith("arn:", StringComparison.Ordinal)
                && (member.Name is "Arn" or "ARN" or "arn" || member.Name.EndsWith("Arn", StringComparison.Ordinal) || member.Name.EndsWith("ARN", StringComparison.Ordinal))
                // The role or key of a resource is not the resource.
                && !member.Name.Contains("Role", StringComparison.OrdinalIgnoreCase) && !member.Name.Contains("Key", StringComparison.OrdinalIgnoreCase))
                yield return text;
        }
    }

    private static void Collect(JsonElement item, List<KeyValuePair<string, string>> tags, bool deeper)
    {
        foreach (var member in item.EnumerateObject())
        {
            if (Members.Contains(member.Name, StringComparer.Ordinal))
                Add(member.Value, tags);
            else if (deeper && member.Value.ValueKind == JsonValueKind.Object)
                Collect(member.Value, tags, deeper: false);
        }
    }

    private static void Add(JsonElement value, List<KeyValuePair<string, string>> tags)
    {
        if (value.ValueKind == JsonValueKind.Object)
        {
            foreach (var pair in value.EnumerateObject().Where(pair => pair.Value.ValueKind == JsonValueKind.String))
                tags.Add(KeyValuePair.Create(pair.Name, pair.Value.GetString()!));
        }
        else if (value.ValueKind == JsonValueKind.Array)
        {
            foreach (var one in value.EnumerateArray().Where(one => one.ValueKind == JsonValueKind.Object))
            {
                if (Text(one, "Key", "key", "TagKey") is { } key)
                    tags.Add(KeyValuePair.Create(key, Text(one, "Value", "value", "TagValue") ?? ""));
            }
        }
    }

    private static string? Text(JsonElement item, params string[] names)
    {
        foreach (var name in names)
        {
            if (item.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String)
                return value.GetString();
        }
        return null;
    }
}
