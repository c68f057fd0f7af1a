using System.Text.Json.Nodes;
using Loopback;
using Scanner.Catalog;
using Scanner.Evaluate;
using Scanner.Model;

namespace Evaluate.Tests;

/// <summary>A logging source whose target is taken away: over every shipped check that names one, and the accounts of its own tests.</summary>
public sealed class TargetTests
{
    private static readonly Lazy<CheckCatalog> Shipped = new(() => CatalogLoader.Load([Path.Combine(Tools.Repository, "checks")], BuiltInTables.All));
    private static readonly Lazy<CheckTester> Tester = new(() => new CheckTester(Shipped.Value));

    [Fact]
    public void Targets_of_at_least_25_sources_that_are_taken_away_one_by_one_take_the_pass_away()
    {
        var sources = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var check in Shipped.Value.Checks.Values.Where(check => check.Target is not null))
        {
            var compiled = Tester.Value.Compile(check);
            foreach (var test in check.Tests.Where(test => test.Collection.Count == 0))
            {
                var with = Tester.Value.Judge(compiled, test, [], []).Where(finding => finding.Status == FindingStatus.Pass).ToList();
                var targets = check.Target!.Tables.Where(table => table != check.Tables[0]).SelectMany(table => test.Given.GetValueOrDefault(table, []).Select(row => (table, row)));
                foreach (var (table, row) in targets)
                {
                    var given = new Dictionary<string, IReadOnlyList<JsonObject>>(test.Given) { [table] = [.. test.Given[table].Where(other => other != row)] };
                    var without = Tester.Value.Judge(compiled, test with { Given = given }, [], []).ToLookup(finding => finding.Identity);
                    foreach (var finding in with)
                    {
                        // What names another target, or is called delivered by AWS itself, keeps its pass: a bucket's owner is not known by its name.
                        if (without[finding.Identity].ToList() is [{ Status: FindingStatus.Fail or FindingStatus.Unknown } after])
                            sources[$"{check.Id,-44} {table["aws_".Length..].Replace('_', ' '),-24}"] = $"pass -> {Names.Of(after.Status),-7} {after.Message}";
                    }
                }
                var none = test with { Given = test.Given.Where(pair => pair.Key == check.Tables[0] || !check.Target!.Tables.Contains(pair.Key, StringComparer.Ordinal)).ToDictionary() };
                if (NamesTarget(test, check))
                    Assert.All(Tester.Value.Judge(compiled, none, [], []), after => Assert.True(after.Status != FindingStatus.Pass, $"{check.Id}: {test.Name}: still passes: {after.Message}"));
            }
        }

        foreach (var (source, verdict) in sources)
            TestContext.Current.TestOutputHelper?.WriteLine($"{source} {verdict}");
        var count = sources.Keys.Select(source => source.Split(' ')[0]).Distinct(StringComparer.Ordinal).Count();
        Assert.True(count >= 25, $"{count} sources: {string.Join('\n', sources.Keys)}");
    }

    [Fact]
    public void Where_S3_says_that_nobody_has_the_bucket_every_source_that_logs_into_it_fails()
    {
        var sources = new HashSet<string>(StringComparer.Ordinal);
        foreach (var check in Shipped.Value.Checks.Values.Where(check => check.Target is { SameAccount: false } target && target.Tables.Contains("aws_s3_bucket", StringComparer.Ordinal) && check.Tables[0] != "aws_s3_bucket"))
        {
            var compiled = Tester.Value.Compile(check);
            foreach (var test in check.Tests.Where(test => test.Collection.Count == 0 && test.Given.GetValueOrDefault("aws_s3_bucket", []).Count > 0))
            {
                var names = test.Given["aws_s3_bucket"].Select(bucket => (string)bucket["name"]!).ToList();
                var gone = new Dictionary<string, IReadOnlyList<JsonObject>>(test.Given.Where(pair => pair.Key != "aws_s3_bucket"))
                {
                    ["aws_unlisted_bucket"] = [.. names.Select(name => new JsonObject { ["name"] = name, ["error_code"] = "NoSuchBucket" })],
                };
                var foreign = new Dictionary<string, IReadOnlyList<JsonObject>>(gone)
                {
                    ["aws_unlisted_bucket"] = [.. names.Select(name => new JsonObject { ["name"] = name, ["error_code"] = "AccessDenied" })],
                };
                var after = Tester.Value.Judge(compiled, test with { Given = gone }, [], []).ToLookup(finding => finding.Identity);
                var elsewhere = Tester.Value.Judge(compiled, test with { Given = foreign }, [], []).ToLookup(finding => finding.Identity);
                foreach (var finding in Tester.Value.Judge(compiled, test, [], []).Where(finding => finding.Status == FindingStatus.Pass && after[finding.Identity].Any(one => one.Status != FindingStatus.Pass)))
                {
                    var without = Assert.Single(after[finding.Identity]);
                    Assert.True(without.Status == FindingStatus.Fail && without.Message.Contains("does not exist, and nothing arrives", StringComparison.Ordinal), $"{check.Id}: {test.Name}: {without.Status} {without.Message}");
                    // One that is somebody else's may be there: as before, and never a failure.
                    var other = Assert.Single(elsewhere[finding.Identity]);
                    Assert.True(other.Status == (check.Target!.PassUnseen ? FindingStatus.Pass : FindingStatus.Unknown), $"{check.Id}: {test.Name}: {other.Status} {other.Message}");
                    TestContext.Current.TestOutputHelper?.WriteLine($"{check.Id}: pass -> fail ({without.Message}); where it is somebody else's: {Names.Of(other.Status)}");
                    sources.Add(check.Id);
                }
            }
        }

        Assert.True(sources.Count >= 18, $"{sources.Count} sources: {string.Join(", ", sources.Order(StringComparer.Ordinal))}");
    }

    [Fact]
    public void Rows_of_a_plan_are_judged_without_the_targets_of_other_stacks()
    {
        using var evaluator = new CheckEvaluator(Shipped.Value);
        var check = Shipped.Value.Checks["elbv2-access-logs"];

        Assert.Contains("aws_s3_bucket", evaluator.Compile(check).Tables.Select(table => table.Name));
        Assert.DoesNotContain("aws_s3_bucket", evaluator.CompileForPlan(check).Tables.Select(table => table.Name));
    }

    private static bool NamesTarget(CheckTest test, CheckDefinition check) =>
        !check.Target!.PassUnseen && check.Target.Tables.Any(table => table != check.Tables[0] && test.Given.GetValueOrDefault(table, []).Count > 0);
}
