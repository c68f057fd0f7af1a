using Loopback;
using Scanner.Aws;
using Scanner.Catalog;
using Scanner.Collect.Policy;
using Scanner.Collect.Recording;
using Scanner.Collect.Tables;
using Scanner.Evaluate;
using Scanner.Model;
using Scanner.Store;

namespace EndToEnd.Tests;

/// <summary>A scan asks for no more than the chosen checks take something from, and they say what they say of all there is.</summary>
public sealed class DetailsInUseTests
{
    private static readonly CheckCatalog Catalog = CatalogLoader.Load([Path.Combine(Tools.Repository, "checks")], BuiltInTables.All);
    private static readonly RecordedScan Recorded = RecordedScan.Open(Path.Combine(Tools.Repository, "samples", "acme"));

    [Fact]
    public async Task Each_check_says_the_same_of_the_details_that_it_needs_as_of_all()
    {
        using var evaluator = new CheckEvaluator(Catalog);
        using var whole = await CollectAsync(Catalog.Tables.Values, []);
        var right = Said(evaluator.Evaluate(whole, [.. Catalog.Checks.Values], Recorded.RecordedAt, cancellation: TestContext.Current.CancellationToken));
        var lessened = 0;
        // Checks of the same needs are asked of one collection.
        var needs = Catalog.Checks.Values.Select(check => (Check: check, Tables: evaluator.TablesOf([check])))
            .Where(pair => pair.Tables.Any(table => table.NotAsked.Count > 0))
            .GroupBy(pair => string.Join(' ', pair.Tables.Select(table => $"{table.Name}({string.Join(' ', table.Each.Select(call => call.As))})").Order(StringComparer.Ordinal)), StringComparer.Ordinal);
        // A fifth of them a run.
        foreach (var group in Turn.Of(needs, 5))
        {
            lessened++;
            using var store = await CollectAsync(group.First().Tables, []);
            var findings = evaluator.Evaluate(store, [.. group.Select(pair => pair.Check)], Recorded.RecordedAt, ScopeOf(whole), cancellation: TestContext.Current.CancellationToken);
            foreach (var (check, _) in group)
                Assert.Equal(right[check.Id], Said([.. findings.Where(finding => finding.Check == check.Id)])[check.Id]);
        }
        Assert.True(lessened > 5, $"only {lessened} needs leave something out");
    }

    [Fact]
    public async Task What_a_scan_left_out_is_unknown_to_a_later_question_and_no_fault_of_the_scan()
    {
        using var evaluator = new CheckEvaluator(Catalog);
        var (chosen, other) = (Catalog.Checks["s3-bucket-mfa-delete"], Catalog.Checks["s3-bucket-deny-http"]);
        var tables = evaluator.TablesOf([chosen]);
        Assert.Contains(Assert.Single(tables).NotAsked, call => call.Operation == "GetBucketPolicy");

        using var store = await CollectAsync(tables, []);
        var findings = evaluator.Evaluate(store, [chosen, other], Recorded.RecordedAt, cancellation: TestContext.Current.CancellationToken);

        Assert.DoesNotContain(store.ReadCollection(), status => status.Operation == "s3:GetBucketPolicy");
        Assert.Contains(findings, finding => finding.Check == chosen.Id && finding.Status == FindingStatus.Fail);
        var later = findings.Where(finding => finding.Check == other.Id).ToList();
        Assert.DoesNotContain(later, finding => finding.Status is FindingStatus.Pass or FindingStatus.Fail);
        Assert.Contains(later, finding => finding.Message.Contains("s3:GetBucketPolicy", StringComparison.Ordinal) && finding.Message.Contains("not asked", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("s3-bucket-mfa-delete", "ec2:DescribeRegions iam:ListAccountAliases s3:GetBucketVersioning s3:ListAllMyBuckets")]
    [InlineData("kms-key-rotation", "ec2:DescribeRegions iam:ListAccountAliases kms:DescribeKey kms:GetKeyRotationStatus kms:ListKeys")]
    public async Task The_policy_of_a_check_has_what_it_calls_and_nothing_else(string id, string actions)
    {
        using var evaluator = new CheckEvaluator(Catalog);
        var tables = evaluator.TablesOf([Catalog.Checks[id]]);
        var calls = new HashSet<string>(StringComparer.Ordinal);
        using var store = await CollectAsync(tables, calls);

        Assert.Equal(actions, string.Join(' ', PolicyGenerator.Generate(tables).Statements.SelectMany(statement => statement.Actions).Order(StringComparer.Ordinal)));
        Assert.Equal(calls.Order(StringComparer.Ordinal), tables.SelectMany(table => table.Operations).Select(call => $"{call.Service}:{call.Operation}").Append("ec2:DescribeRegions").Distinct().Order(StringComparer.Ordinal));
    }

    private static Dictionary<string, List<string>> Said(IReadOnlyList<Finding> findings) =>
        findings.GroupBy(finding => finding.Check, StringComparer.Ordinal).ToDictionary(
            group => group.Key,
            group => group.Select(finding => $"{finding.Account} {finding.Region} {finding.Resource} {Names.Of(finding.Status)} {finding.Message}").ToList(),
            StringComparer.Ordinal);

    private static ScanScope ScopeOf(ScanStore store) => new(
        store.ReadCollection().GroupBy(status => status.Account, StringComparer.Ordinal)
            .Select(group => KeyValuePair.Create(group.Key, (IReadOnlyCollection<string>)[.. group.Select(status => status.Region)])));

    private static async Task<ScanStore> CollectAsync(IEnumerable<TableDefinition> tables, HashSet<string> calls)
    {
        var all = tables.ToList();
        var store = ScanStore.InMemory(all.Concat(BuiltInTables.All).DistinctBy(table => table.Name));
        var accounts = Recorded.Accounts.Select(account => account with { Api = new Counted(account.Api, calls) }).ToList();
        await new Collector(all, new() { PrepareDelay = TimeSpan.Zero }).CollectAsync(accounts, store, TestContext.Current.CancellationToken);
        return store;
    }

    private sealed class Counted(IAwsApi api, HashSet<string> calls) : IAwsApi
    {
        public string Account => api.Account;

        public long CallCount => api.CallCount;

        public Task<System.Text.Json.Nodes.JsonObject> CallAsync(AwsCall call, CancellationToken cancellation)
        {
            lock (calls)
                calls.Add($"{call.Service}:{call.Operation}");
            return api.CallAsync(call, cancellation);
        }
    }
}
