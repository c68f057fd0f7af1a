using System.Text;
using System.Text.Json.Nodes;
using Loopback;
using Scanner.Catalog;
using Scanner.Detect;
using Scanner.Detect.Matching;
using Scanner.Detect.Rules;
using Scanner.Model;
using YamlDotNet.RepresentationModel;

namespace Detect.Tests;

/// <summary>The rules in <c>checks/detections</c>: what each of them must carry, their own tests, and the allow lists.</summary>
public sealed class ShippedDetections
{
    private static readonly string Folder = Path.Combine(Tools.Repository, "checks", "detections");
    private static readonly string ListFile = Path.Combine(Tools.Repository, "checks", "lists", "placeholders.yml");
    private static readonly RuleSet Rules = Load();

    private static IEnumerable<DetectionRule> Reported => Rules.Rules.Where(rule => rule.Reports);

    public static TheoryData<string> Files => [.. RuleFiles().Select(file => Path.GetFileName(file.Path))];

    private static IReadOnlyList<RuleFile> RuleFiles() =>
        [.. RuleSet.FindFiles([Folder]).Where(file => !string.Equals(file.Path, ListFile, StringComparison.Ordinal))];

    private static Dictionary<string, IReadOnlyList<string>> Lists()
    {
        var stream = new YamlStream();
        using var reader = File.OpenText(ListFile);
        stream.Load(reader);
        var lists = (YamlMappingNode)((YamlMappingNode)stream.Documents[0].RootNode).Children["placeholders"];
        return lists.Children.ToDictionary(
            list => ((YamlScalarNode)list.Key).Value!,
            IReadOnlyList<string> (list) => [.. ((YamlSequenceNode)list.Value).Children.Select(value => ((YamlScalarNode)value).Value!)],
            StringComparer.Ordinal);
    }

    private static RuleSet Load(params (string Name, string Value)[] lists)
    {
        var placeholders = Lists();
        foreach (var (name, value) in lists)
            placeholders[name] = [value];
        return RuleSet.Load(RuleFiles(), new RuleSetOptions { Placeholders = placeholders });
    }

    private static List<string> Matching(RuleSet rules, string json, LogSource source = LogSource.CloudTrail)
    {
        using var session = new Detector(rules).Begin();
        return [.. session.Add(Encoding.UTF8.GetBytes(json), "event", source).Select(match => Path.GetFileNameWithoutExtension(match.Rule.File))];
    }

    [Fact]
    public void No_title_is_given_twice_and_nothing_but_rules_lies_among_them()
    {
        Assert.Empty(Rules.Rules.GroupBy(rule => rule.Title, StringComparer.OrdinalIgnoreCase).Where(group => group.Count() > 1).Select(group => string.Join(", ", group.Select(rule => rule.File))));
        Assert.All(RuleFiles(), file => Assert.Contains("title:", File.ReadAllText(file.Path), StringComparison.Ordinal));
        Assert.Equal(RuleFiles().Select(file => file.Path).Order(StringComparer.Ordinal), Directory.GetFiles(Folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal));
    }

    /// <summary>pySigma 1.5 reads them all: it refuses <c>expand</c> beside <c>cidr</c>, and leaves lists to a pipeline elsewhere.</summary>
    [Fact]
    public void What_is_exported_needs_no_list_and_means_the_same()
    {
        var exported = RuleFiles().Select(file => RuleExporter.Resolve(file.File, File.ReadAllText(file.Path), Lists())).ToList();
        Assert.All(exported, text => Assert.DoesNotContain("|expand", text, StringComparison.Ordinal));
        var rules = RuleSet.Parse("exported.yml", string.Join("\n---\n", exported));
        Assert.Empty(rules.Errors);
        Assert.Equal(Rules.Rules.Select(rule => rule.Id).Order(StringComparer.Ordinal), rules.Rules.Select(rule => rule.Id).Order(StringComparer.Ordinal));
        Assert.Empty(RuleTester.Run(rules).Where(result => !result.Passed).Select(result => $"{result.Rule.Title}: {result.Failure}"));
    }

    [Fact]
    public void All_rules_load_and_say_what_a_reader_of_a_finding_needs()
    {
        Assert.Empty(Rules.Errors);
        Assert.Empty(Rules.Notes);
        Assert.Empty(RuleTester.Lint(Rules).Select(error => error.Message));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void The_tests_in_the_file_pass(string file)
    {
        var results = Results.Value.Where(result => Path.GetFileName(result.Rule.File) == file).ToList();
        Assert.NotEmpty(results);
        Assert.Empty(results.Where(result => !result.Passed).Select(result => result.Failure));
    }

    /// <summary>What a rule leaves alone says as much as what it finds: the nearest event that is harmless is among its tests.</summary>
    [Fact]
    public void Each_rule_has_two_tests_that_match_and_two_that_do_not_one_of_them_of_nearly_the_same_events()
    {
        foreach (var rule in Reported)
        {
            var matching = rule.Tests.Where(test => test.Matches is null or > 0).ToList();
            var others = rule.Tests.Where(test => test.Matches == 0).ToList();
            Assert.True(matching.Count >= 2 && others.Count >= 2, $"{rule.File}: {matching.Count} tests match, {others.Count} do not; each rule has two of both");
            var nearest = matching.SelectMany(one => others.Select(other => Differences(one.Events, other.Events))).Min();
            Assert.True(nearest <= 3, $"{rule.File}: the test without a match that is nearest to one with a match differs from it in {nearest} fields; add the nearest harmless event");
        }

        // Fields of the event that differ in any pair of events; that there are more events is one difference.
        static int Differences(IReadOnlyList<JsonObject> one, IReadOnlyList<JsonObject> other) =>
            one.Zip(other).SelectMany(pair => pair.First.Select(field => field.Key).Union(pair.Second.Select(field => field.Key)).Where(name => !JsonNode.DeepEquals(pair.First[name], pair.Second[name])))
                .Distinct(StringComparer.Ordinal).Count() + (one.Count == other.Count ? 0 : 1);
    }

    [Fact]
    public void A_file_whose_tests_are_left_aside_says_all_else_at_the_same_lines()
    {
        foreach (var file in RuleFiles())
        {
            var text = File.ReadAllText(file.Path);
            var rest = TestSection.CutFrom(text);
            Assert.True(rest.Length < text.Length, file.Path);
            var (whole, left) = (Documents(text), Documents(rest));
            Assert.Equal(whole.Select(map => Said(RuleYaml.Without(map, "tests"))), left.Select(Said));
        }

        static IEnumerable<YamlMappingNode> Documents(string text)
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(text));
            return stream.Documents.Select(document => (YamlMappingNode)document.RootNode);
        }

        static string Said(YamlMappingNode map) => string.Join('\n', map.Children.Select(pair => $"{pair.Key.Start.Line}: {pair.Key} {pair.Value}"));
    }

    private static readonly Lazy<IReadOnlyList<RuleTestResult>> Results = new(() => RuleTester.Run(Rules));

    [Fact]
    public void There_are_enough_of_them_for_each_kind_of_log()
    {
        Assert.True(Reported.Count(rule => rule.LogSource.Kind == LogSource.CloudTrail) >= 70);
        Assert.True(Reported.Count(rule => rule.LogSource.Kind == LogSource.VpcFlow) >= 6);
        Assert.True(Reported.Count(rule => rule.LogSource.Kind == LogSource.S3Access) >= 6);
    }

    [Fact]
    public void A_file_holds_one_rule_that_reports_and_is_named_in_kebab_case()
    {
        foreach (var file in Reported.GroupBy(rule => rule.File, StringComparer.Ordinal))
        {
            Assert.Single(file);
            Assert.Matches("^[a-z0-9]+(-[a-z0-9]+)*$", Path.GetFileNameWithoutExtension(file.Key));
        }

        Assert.Equal(RuleFiles().Count, Reported.Count());
    }

    [Fact]
    public void Titles_are_unique_so_that_issues_can_be_told_apart() =>
        Assert.Equal(Reported.Count(), Reported.Select(rule => rule.Title).Distinct(StringComparer.OrdinalIgnoreCase).Count());

    [Fact]
    public void Every_list_is_used_and_none_is_empty()
    {
        var text = string.Concat(RuleFiles().Select(file => File.ReadAllText(file.Path)));
        foreach (var (name, values) in Lists())
        {
            Assert.NotEmpty(values);
            Assert.Contains($"%{name}%", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_rule_that_needs_a_list_is_one_error_without_it_and_the_others_run_on()
    {
        var bare = RuleSet.Load(RuleFiles());
        Assert.NotEmpty(bare.Errors);
        Assert.All(bare.Errors, error => Assert.Contains(".yml:", error.Message, StringComparison.Ordinal));
        Assert.Contains("cloudtrail-stopped-or-deleted", Matching(bare, """{"eventSource":"cloudtrail.amazonaws.com","eventName":"StopLogging"}"""));
    }

    [Theory]
    [InlineData("203.0.113.9", false)]
    [InlineData("198.51.100.23", true)]
    public void A_list_of_known_networks_makes_the_sign_in_rule_speak(string address, bool speaks)
    {
        var rules = Load(("known_networks", "203.0.113.0/24"));
        var matches = Matching(rules, $$$"""{"eventSource":"signin.amazonaws.com","eventName":"ConsoleLogin","sourceIPAddress":"{{{address}}}","responseElements":{"ConsoleLogin":"Success"}}""");
        Assert.Equal(speaks, matches.Contains("console-login-from-unknown-network"));
    }

    [Theory]
    [InlineData("arn:aws:iam::111122223333:user/alice", false)]
    [InlineData("arn:aws:sts::444455556666:assumed-role/reader/x", true)]
    public void A_list_of_own_accounts_makes_the_access_log_rule_speak(string requester, bool speaks)
    {
        var rules = Load(("own_accounts", "111122223333"));
        var matches = Matching(rules, $$"""{"bucket_owner":"79a5","bucket":"b","requester":"{{requester}}","operation":"REST.GET.OBJECT","key":"k","http_status":200}""", LogSource.S3Access);
        Assert.Equal(speaks, matches.Contains("s3-access-from-other-account"));
    }

    [Fact]
    public void A_trusted_account_may_be_replicated_to()
    {
        const string Event = """{"eventSource":"s3.amazonaws.com","eventName":"PutBucketReplication","recipientAccountId":"111122223333","requestParameters":{"bucketName":"b","ReplicationConfiguration":{"Rule":{"Destination":{"Account":"444455556666"}}}}}""";
        Assert.Contains("s3-replication-to-other-account", Matching(Rules, Event));
        Assert.DoesNotContain("s3-replication-to-other-account", Matching(Load(("trusted_accounts", "444455556666")), Event));
    }

    // Numbers of access and flow logs may come as text (JSON lines of other tools) or as numbers.
    [Theory]
    [InlineData("22", "6")]
    [InlineData("\"22\"", "\"6\"")]
    public void Flow_log_numbers_may_be_text(string port, string protocol) =>
        Assert.Contains("flow-ssh-or-rdp-from-internet", Matching(Rules, $$"""{"srcaddr":"203.0.113.77","dstaddr":"10.0.0.4","dstport":{{port}},"protocol":{{protocol}},"action":"ACCEPT"}""", LogSource.VpcFlow));
}
