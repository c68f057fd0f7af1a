using Scanner.Catalog;
using Scanner.Detect.Matching;
using Scanner.Detect.Rules;
using Scanner.Model;

namespace Detect.Tests.Rules;

/// <summary>The public rules, where a checkout of them is at hand (environment SIGMAHQ_RULES names its folder).</summary>
public class SigmaHqTests
{
    private static string Root()
    {
        var root = Environment.GetEnvironmentVariable("SIGMAHQ_RULES");
        Assert.SkipUnless(root is not null && Directory.Exists(root), "set SIGMAHQ_RULES to a checkout of SigmaHQ/sigma to run this");
        return root!;
    }

    private static IReadOnlyList<RuleFile> AwsRules(string root) =>
    [
        .. RuleSet.FindFiles([Path.Combine(root, "rules", "cloud", "aws")]),
        .. RuleSet.FindFiles([Path.Combine(root, "unsupported", "cloud")]).Where(file => Path.GetFileName(file.Path).StartsWith("aws_", StringComparison.Ordinal)),
    ];

    [Fact]
    public void Every_public_aws_rule_loads_and_runs()
    {
        var files = AwsRules(Root());
        var rules = RuleSet.Load(files);
        Assert.Empty(rules.Errors);
        Assert.Equal(files.Count, rules.Rules.Count);
        Assert.All(rules.Rules, rule => Assert.Equal(LogSource.CloudTrail, rule.LogSource.Kind));
        using var session = new Detector(rules).Begin();
        var matches = session.Add("""{"eventSource":"cloudtrail.amazonaws.com","eventName":"StopLogging","eventTime":"2026-01-01T00:00:00Z"}"""u8, "test");
        Assert.Contains(matches, match => match.Rule.Title == "AWS CloudTrail Important Change");
        TestContext.Current.TestOutputHelper?.WriteLine($"{rules.Rules.Count} of {files.Count} rules loaded");
    }

    [Fact]
    public void A_placeholder_rule_is_one_error_without_values_and_runs_with_them()
    {
        var files = RuleSet.FindFiles([Path.Combine(Root(), "rules-placeholder", "cloud", "aws")]);
        var bare = RuleSet.Load(files);
        Assert.Equal(files.Count, bare.Errors.Count);
        Assert.All(bare.Errors, error => Assert.Contains("%Legitimate_", error.Message, StringComparison.Ordinal));
        var given = RuleSet.Load(files, new RuleSetOptions
        {
            Placeholders = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal)
            {
                ["Legitimate_IP_Ranges"] = ["192.0.2.0/24"],
                ["Legitimate_Countries"] = ["DE"],
            },
        });
        Assert.Empty(given.Errors);
        Assert.Equal(files.Count, given.Rules.Count);
    }

    [Fact]
    public void The_whole_public_collection_is_read()
    {
        var root = Root();
        var output = TestContext.Current.TestOutputHelper;
        foreach (var folder in Directory.GetDirectories(root).Where(folder => Path.GetFileName(folder).StartsWith("rules", StringComparison.Ordinal) || Path.GetFileName(folder) is "unsupported" or "deprecated").Order(StringComparer.Ordinal))
        {
            var files = RuleSet.FindFiles([folder]);
            var rules = RuleSet.Load(files);
            output?.WriteLine($"{Path.GetFileName(folder)}: {files.Count} files, {rules.Rules.Count} rules, {rules.Errors.Count} errors");
            foreach (var error in rules.Errors)
                output?.WriteLine("  " + error.Message.Replace(root, "", StringComparison.Ordinal));
            if (Path.GetFileName(folder) == "rules")
                Assert.Empty(rules.Errors);
        }
    }
}
