using Loopback;
using Scanner.Catalog;
using Scanner.Evaluate;
using Scanner.Model;

namespace Evaluate.Tests;

/// <summary>The checks of the <c>checks/</c> folder, as <c>scanner checks test</c> runs them.</summary>
public sealed class ShippedChecksTests
{
    private static readonly Lazy<CheckCatalog> Shipped = new(() => CatalogLoader.Load([Path.Combine(Tools.Repository, "checks")], BuiltInTables.All));

    // Tests of one class take turns, and a tester is made to be used again.
    private static readonly Lazy<CheckTester> Tester = new(() => new CheckTester(Shipped.Value));

    public static TheoryData<string> Ids => [.. Shipped.Value.Checks.Keys];

    [Theory]
    [MemberData(nameof(Ids))]
    public void Its_tests_pass_and_show_a_fail_and_a_pass(string id)
    {
        var check = Shipped.Value.Checks[id];

        Assert.Empty(Tester.Value.Lint(check));
        Assert.All(Tester.Value.Run(check), result => Assert.True(result.Passed, $"{result.File}:{result.Line}: {result.Name}\n{string.Join('\n', result.Difference ?? [])}"));
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void It_never_passes_where_one_of_its_tables_could_not_be_read(string id)
    {
        var check = Shipped.Value.Checks[id];
        foreach (var table in check.Tables)
        {
            var tests = check.Tests.Select(test => test with
            {
                Collection = new Dictionary<string, CollectionOutcome>(test.Collection) { [table] = CollectionOutcome.Denied },
            });

            Assert.All(Tester.Value.Run(check with { Tests = [.. tests] }), result =>
            {
                Assert.DoesNotContain(result.Findings, finding => finding.Status == FindingStatus.NotApplicable);
                if (check.OnePassIsEnough && result.Findings.Any(finding => finding.Status == FindingStatus.Pass))
                    return;
                Assert.DoesNotContain(result.Findings, finding => finding.Status == FindingStatus.Pass);
                Assert.Contains(result.Findings, finding => finding.Status == FindingStatus.Unknown);
            });
        }
    }
}
