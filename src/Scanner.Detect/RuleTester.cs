using System.Text;
using System.Text.Json;
using Scanner.Catalog;
using Scanner.Detect.Matching;
using Scanner.Detect.Rules;
using Scanner.Model;

namespace Scanner.Detect;

/// <summary>Runs the unit tests that rules carry, and checks that our own rules have what a reader of a finding needs.</summary>
public static class RuleTester
{
    /// <summary>Runs all tests of all rules. Filters and placeholders of the set apply, as they do in a scan.</summary>
    public static IReadOnlyList<RuleTestResult> Run(RuleSet rules)
    {
        var results = new List<RuleTestResult>();
        var detector = new Detector(rules);
        foreach (var rule in rules.Rules)
        {
            foreach (var test in rule.Tests)
                results.Add(Run(detector, rule, test));
        }

        return results;
    }

    /// <summary>
    /// What our own rules lack: an id, a level, MITRE ATT&amp;CK tactic and technique tags, notes on false positives, response
    /// steps, a test that matches and one that does not. Parts of a correlation that do not report need none of it.
    /// </summary>
    /// <returns>One error a defect, with file and line.</returns>
    public static IReadOnlyList<InputException> Lint(RuleSet rules)
    {
        var errors = new List<InputException>();
        foreach (var rule in rules.Rules.Where(rule => rule.Reports))
        {
            Require(Guid.TryParse(rule.Id, out _), "has no id that is a UUID");
            Require(rule.HasLevel, "has no level");
            Require(rule.Description.Length > 0, "has no description");
            RequireAttack(AttackTags.Of(rule.Tags), Require);
            Require(rule.FalsePositives.Count > 0, "has no falsepositives");
            Require(rule.Response.Count > 0, "has no response steps");
            Require(rule.Tests.Any(test => test.Matches is null or > 0), "has no test whose events match");
            Require(rule.Tests.Any(test => test.Matches == 0), "has no test whose events do not match");

            void Require(bool holds, string message)
            {
                if (!holds)
                    errors.Add(new InputException(rule.File, rule.Line, $"the rule '{rule.Title}' {message}"));
            }
        }

        return errors;
    }

    /// <summary>A technique and a tactic of today's ATT&amp;CK, none revoked or invented, each technique with a tactic that it serves.</summary>
    private static void RequireAttack(IReadOnlyList<string> names, Action<bool, string> require)
    {
        var techniques = names.Where(name => AttackMatrix.IsTechniqueId(name)).ToList();
        var tactics = names.Except(techniques).ToHashSet(StringComparer.Ordinal);
        require(techniques.Count > 0, "has no MITRE ATT&CK technique tag such as attack.t1685.002");
        require(tactics.Count > 0, "has no MITRE ATT&CK tactic tag such as attack.defense-impairment");
        require(!tactics.Contains(AttackMatrix.DefenseEvasion),
            "has the tag attack.defense-evasion, which ATT&CK 19 divided into attack.stealth and attack.defense-impairment");
        foreach (var id in techniques)
        {
            if (AttackMatrix.Find(id) is not { } technique)
            {
                var near = Spelling.Suggest(id, AttackMatrix.Techniques.Select(known => known.Id));
                require(false, $"has the tag attack.{id.ToLowerInvariant()}, which ATT&CK {AttackMatrix.Version} does not have; {near}");
                continue;
            }
            require(technique.Id == id, $"has the tag attack.{id.ToLowerInvariant()}, which ATT&CK revoked; attack.{technique.Id.ToLowerInvariant()} stands for it now");
            string[] serves = [.. technique.Tactics.Select(tactic => tactic.ShortName)];
            require(tactics.Overlaps(serves), $"has the tag attack.{technique.Id.ToLowerInvariant()} and no tag of a tactic that it serves: {string.Join(", ", serves)}");
        }
    }

    private static RuleTestResult Run(Detector detector, DetectionRule rule, DetectionTest test)
    {
        if (rule.LogSource.Kind is not { } source)
            return Failed($"its log source {rule.LogSource} is not one that is read here");
        using var session = detector.Begin();
        var matches = new List<DetectionMatch>();
        foreach (var json in test.Events)
            matches.AddRange(session.Add(JsonSerializer.SerializeToUtf8Bytes(json), "test", source));
        matches.AddRange(session.Complete());
        if (session.RuleErrors is [var error, ..])
            return Failed(error);
        // A rule that only a correlation reports can have tests of its own all the same.
        var count = rule.Reports ? matches.Count(match => ReferenceEquals(match.Rule, rule)) : Count(rule, test, source);
        if (test.Matches is { } expected ? count == expected : count > 0)
            return new RuleTestResult(rule, test, null);
        return Failed(test.Matches switch
        {
            null => "expected a match, and there is none",
            0 => $"expected no match, and there {(count == 1 ? "is one" : $"are {count}")}",
            _ => $"expected {test.Matches} matches, and there are {count}",
        });

        RuleTestResult Failed(string reason) =>
            new(rule, test, new InputException(rule.File, test.Line, $"{rule.Title}: {test.Name}: {reason}").Message);
    }

    private static int Count(DetectionRule rule, DetectionTest test, LogSource source)
    {
        if (rule.Expression is null)
            return 0;
        var compiled = new CompiledRules(source, [rule], []);
        var matcher = new RuleMatcher(compiled, (_, _) => { });
        var matched = new List<int>();
        var count = 0;
        foreach (var json in test.Events)
        {
            var bytes = Encoding.UTF8.GetBytes(json.ToJsonString());
            matcher.Context.Capture.Scan(bytes, 0, bytes.Length, wrappers: false);
            matcher.Match(matched);
            count += matched.Count;
        }

        return count;
    }
}

/// <summary>How a rule's unit test ended.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Test">The test.</param>
/// <param name="Failure">What was wrong, with file and line; null: it passed.</param>
public sealed record RuleTestResult(DetectionRule Rule, DetectionTest Test, string? Failure)
{
    /// <summary>Whether it passed.</summary>
    public bool Passed => Failure is null;
}
