using System.Globalization;
using System.Text;
using System.Text.Json;
using Scanner.Detect.Rules;
using Scanner.Model;

namespace Scanner.Detect;

/// <summary>
/// Proposes Sigma filters from matches: principals that set a rule off again and again in the logs given. Nothing is applied: somebody who
/// knows them must say that they are expected. Safe for several threads.
/// </summary>
public sealed class FilterProposals
{
    private const int Least = 3;
    private const int Most = 50;

    private readonly Lock _lock = new();
    private readonly Dictionary<(DetectionRule Rule, string Field, string Principal), (long Matches, bool IsCode)> _counts = [];
    private readonly Dictionary<DetectionRule, long> _all = new(ReferenceEqualityComparer.Instance);

    /// <summary>Adds a match.</summary>
    /// <param name="rule">Its rule.</param>
    /// <param name="finding">The match as a finding, with its event.</param>
    public void Add(DetectionRule rule, Finding finding)
    {
        var facts = EventFacts.Of(finding);
        var (field, principal) = facts?.PrincipalArn is { } arn && arn != facts.ActorArn
            ? ("userIdentity.sessionContext.sessionIssuer.arn", arn)
            : ("userIdentity.arn", facts?.ActorArn);
        lock (_lock)
        {
            _all[rule] = _all.GetValueOrDefault(rule) + 1;
            // A filter by nobody would be a filter of everybody; the root user is never expected.
            if (principal is null || principal.EndsWith(":root", StringComparison.Ordinal) || principal.Any(char.IsControl))
                return;
            var isCode = facts!.UserAgent is { } agent && (agent.Contains("Terraform", StringComparison.OrdinalIgnoreCase) || agent.Contains("cloudformation", StringComparison.OrdinalIgnoreCase) || agent.Contains("pulumi", StringComparison.OrdinalIgnoreCase));
            var (matches, code) = _counts.GetValueOrDefault((rule, field, principal));
            _counts[(rule, field, principal)] = (matches + 1, code || isCode);
        }
    }

    /// <summary>The file: Sigma filters, the one that saves most first, and above them principals for the list of pipelines.</summary>
    public string ToYaml()
    {
        lock (_lock)
        {
            var proposals = _counts.Where(pair => pair.Value.Matches >= Least).OrderByDescending(pair => pair.Value.Matches).ThenBy(pair => pair.Key.Principal, StringComparer.Ordinal).ThenBy(pair => pair.Key.Rule.Id, StringComparer.Ordinal).Take(Most).ToList();
            var text = new StringBuilder("# Proposed by 'scanner detect --tune' from the logs that were given. Nothing here is applied: keep what you know to be expected,\n# delete the rest, and give the file with --rules (detect) or --checks (scan).\n");
            var pipelines = _counts.Where(pair => pair.Value.IsCode).GroupBy(pair => pair.Key.Principal, StringComparer.Ordinal).OrderByDescending(group => group.Sum(pair => pair.Value.Matches)).ToList();
            if (pipelines.Count > 0)
            {
                text.Append("#\n# Principals that change things by code. If they are your pipelines, put them into the list pipeline_roles (placeholders.yml):\n");
                foreach (var pipeline in pipelines.Take(Most))
                    text.Append(CultureInfo.InvariantCulture, $"#   - {Quoted(pipeline.Key)}   # would save {pipeline.Sum(pair => pair.Value.Matches)} matches of {pipeline.Select(pair => pair.Key.Rule.Id).Distinct(StringComparer.Ordinal).Count()} rules that have the list\n");
            }

            if (proposals.Count == 0)
                text.Append("#\n# No principal set off a rule three times or more: there is nothing to propose.\n");
            var first = true;
            foreach (var ((rule, field, principal), (matches, _)) in proposals)
            {
                text.Append(first ? "" : "---\n");
                first = false;
                text.Append(CultureInfo.InvariantCulture, $"# {SafeText.Line(rule.Title)} [{Names.Of(rule.Level)}]: would save {matches} of {_all[rule]} matches.\n");
                if (rule.Level >= Severity.High)
                    text.Append("# This rule is about something grave: filter it only if you are sure.\n");
                text.Append(CultureInfo.InvariantCulture, $"title: {Quoted("Expected: " + principal)}\nlogsource: {{product: aws, service: cloudtrail}}\nfilter:\n  rules: [{Quoted(rule.Id)}]\n  expected:\n    {field}|cased: {Quoted(Escaped(principal))}\n  condition: not expected\n");
            }

            return text.ToString();
        }
    }

    private static string Escaped(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("*", "\\*", StringComparison.Ordinal).Replace("?", "\\?", StringComparison.Ordinal);

    /// <summary>Text of JSON is text of YAML.</summary>
    private static string Quoted(string text) => JsonSerializer.Serialize(text);
}
