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
    public void At_least_25_sources_are_joined_with_their_target_and_none_passes_when_it_is_taken_away()
    {
        var before = 0;
        var sources = new HashSet<string>(StringComparer.Ordinal);
        foreach (var check in Shipped.Value.Checks.Values.Where(check => check.Target is not null))
        {
            var compiled = Tester.Value.Compile(check);
            foreach (var test in check.Tests.Where(test => test.Collection.Count == 0 && check.Target!.Tables.Any(table => table != check.Tables[0] && test.Given.GetValueOrDefault(table, []).Count > 0)))
            {
                var with = Tester.Value.Judge(compiled, test, [], []);
                var taken = test with { Given = test.Given.ToDictionary(pair => pair.Key, pair => check.Target!.Tables.Contains(pair.Key, StringComparer.Ordinal) && pair.Key != check.Tables[0] ? [] : pair.Value) };
                var without = Tester.Value.Judge(compiled, taken, [], []).ToLookup(finding => finding.Identity);
                foreach (var finding in with.Where(finding => finding.Status == FindingStatus.Pass))
                {
                    // What names no target in the test has none to lose; one that AWS itself calls delivered fails only where it is proven missing.
                    var after = without[finding.Identity].Select(other => other.Status).ToList();
                    if (after is [FindingStatus.Fail or FindingStatus.Unknown])
                    {
                        before++;
                        sources.Add(check.Id);
                    }
                    Assert.True(after is not [FindingStatus.Pass] || !NamesTarget(test, check), $"{check.Id}: {test.Name}: still passes: {finding.Message}");
                }
            }
            if (check.Tests.SelectMany(test => test.Expect).Any(expected => expected.GetValueOrDefault("status") is "fail" or "unknown" && expected.GetValueOrDefault("message", "")!.Contains("exist", StringComparison.Ordinal)))
                sources.Add(check.Id);
        }

        Assert.True(sources.Count >= 25, $"{sources.Count} sources: {string.Join(", ", sources.Order(StringComparer.Ordinal))}");
        Assert.True(before >= 20, $"{before} passes were taken away");
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
