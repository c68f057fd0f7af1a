using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

using Loopback;

using Scanner.Catalog;
using Scanner.Collect;
using Scanner.Evaluate;
using Scanner.Model;

namespace EndToEnd.Tests;

/// <summary>
/// Every operation of every table is refused, one after another, on the sample account, and the checks run on what is
/// left: where a check needed the answer, its finding is unknown and names the operation. (How HTTP faults become these
/// refusals is Collect.Tests' matter.)
/// </summary>
public sealed class UnreadableOperationTests(UnreadableOperationTests.Shared shared) : IClassFixture<UnreadableOperationTests.Shared>
{
    private static CheckCatalog Catalog { get; } = CatalogLoader.Load([Path.Combine(Tools.Repository, "checks")], BuiltInTables.All);

    public static TheoryData<string, string, string> OperationsThatChecksNeed
    {
        get
        {
            var data = new TheoryData<string, string, string>();
            var read = Catalog.Checks.Values.SelectMany(check => check.Tables).ToHashSet(StringComparer.Ordinal);
            foreach (var table in Catalog.Tables.Values.Where(table => read.Contains(table.Name) && table.Name is not (BuiltInTables.Region or BuiltInTables.Account)))
            {
                foreach (var (service, operation) in table.Operations.Distinct())
                    data.Add(table.Name, service, operation);
            }
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(OperationsThatChecksNeed))]
    public async Task A_check_that_needs_what_was_refused_is_unknown_and_never_pass(string name, string service, string operation)
    {
        var table = Catalog.Tables[name];
        var details = table.Each.Where(call => call.Service == service && call.Operation == operation).Select(call => call.As!).ToHashSet(StringComparer.Ordinal);
        var lists = table.List.Service == service && (table.List.Operation == operation || table.List.Prepare?.Operation == operation)
            || table.ForEach.Any(call => call.Service == service && call.Operation == operation);
        var checks = Catalog.Checks.Values.Where(check => check.Tables.Contains(name, StringComparer.Ordinal)).ToList();

        var (store, collected) = await CollectAsync(checks, $"{service}:{operation}");
        using var owned = store;
        var findings = shared.Evaluator.Evaluate(store, checks, shared.Scan.RecordedAt, cancellation: TestContext.Current.CancellationToken);

        // A test in which nothing was refused would prove nothing.
        var told = collected.Where(status => status.Table == name && status.Operation == $"{service}:{operation}").ToList();
        Assert.NotEmpty(told);
        Assert.All(told, status => Assert.Equal(CollectionOutcome.Denied, status.Outcome));
        foreach (var check in checks)
        {
            var own = findings.Where(finding => finding.Check == check.Id).ToList();
            Assert.NotEmpty(own);
            if (lists)
                NothingIsProven(check, own, told);
            else if (details.Any(detail => Uses(check, table, detail)))
                NoPassRestsOnFailedRows(check, own, told);
        }
    }

    /// <summary>Where the table is not collected nothing passes, nothing is called not applicable, and the reason is told.</summary>
    private static void NothingIsProven(CheckDefinition check, List<Finding> findings, List<CollectionStatus> told)
    {
        // One pass may come from another table of such a check.
        var passCounts = !check.OnePassIsEnough || check.Tables.Count(table => table is not (BuiltInTables.Region or BuiltInTables.Account)) == 1;
        foreach (var status in told)
        {
            var concerned = findings.Where(finding => finding.Account == status.Account
                && (check.Scope == CheckScope.Account || status.Region == CollectionStatus.Global || finding.Region == CollectionStatus.Global || finding.Region == status.Region)).ToList();
            if (passCounts)
                Assert.DoesNotContain(concerned, finding => finding.Status is FindingStatus.Pass or FindingStatus.NotApplicable);
            Assert.Contains(concerned, finding => finding.Status == FindingStatus.Unknown
                && finding.Causes.Any(cause => cause.Operation == status.Operation && cause.Outcome == CollectionOutcome.Denied && !string.IsNullOrEmpty(cause.Reason)));
        }
    }

    private static void NoPassRestsOnFailedRows(CheckDefinition check, List<Finding> findings, List<CollectionStatus> told)
    {
        if (check.OnePassIsEnough)
            return;
        foreach (var status in told)
        {
            Assert.NotNull(status.Resources);
            foreach (var finding in findings.Where(finding => finding.Account == status.Account && finding.Status is FindingStatus.Pass))
            {
                if (check.Scope == CheckScope.Resource)
                    Assert.False(check.Tables[0] == status.Table && status.Resources.Contains(finding.Resource, StringComparer.Ordinal), finding.ToString());
                else
                    Assert.False(status.Region == finding.Region || status.Region == CollectionStatus.Global, finding.ToString());
            }
        }
    }

    private static bool Uses(CheckDefinition check, TableDefinition table, string detail) =>
        table.Columns.Where(column => column.Path.Segments[0].Name == detail)
            .Any(column => Regex.IsMatch(check.Query, $@"\b{Regex.Escape(column.Name)}\b", RegexOptions.None, TimeSpan.FromSeconds(1)));

    private async Task<(Store Store, IReadOnlyList<CollectionStatus> Collected)> CollectAsync(List<CheckDefinition> checks, string refused)
    {
        var tables = checks.SelectMany(check => check.Tables).Distinct(StringComparer.Ordinal).Select(table => Catalog.Tables[table]).ToList();
        var accounts = shared.Scan.Accounts.Select(account => account with { Api = new Refusing(account.Api, refused) }).ToList();
        var store = Store.InMemory(tables.Concat(BuiltInTables.All).DistinctBy(table => table.Name));
        var sink = new Sink(store);
        await new Collector(tables, new() { PrepareDelay = TimeSpan.Zero }).CollectAsync(accounts, sink, TestContext.Current.CancellationToken);
        store.Add(sink.Statuses);
        return (store, sink.Statuses);
    }

    public sealed class Shared : IDisposable
    {
        public RecordedScan Scan { get; } = RecordedScan.Open(Path.Combine(Tools.Repository, "samples", "acme"));

        public CheckEvaluator Evaluator { get; } = new(Catalog);

        public void Dispose() => Evaluator.Dispose();
    }

    private sealed class Sink(Store store) : ICollectionSink
    {
        public List<CollectionStatus> Statuses { get; } = [];

        public void Add(Resource resource) => store.Add(resource);

        public void Add(CollectionStatus status) => Statuses.Add(status);
    }

    /// <summary>An account in which one operation is not allowed.</summary>
    private sealed class Refusing(IAwsApi inner, string refused) : IAwsApi
    {
        private static readonly Dictionary<string, string> s_further = new(StringComparer.Ordinal)
        {
            ["opensearch:ListDomainNames"] = """{"DomainNames": [{"DomainName": "logs"}]}""",
            ["opensearch:DescribeDomains"] = """{"DomainStatusList": [{"DomainName": "logs", "ARN": "arn:aws:es:us-east-1:111122223333:domain/logs"}]}""",
            ["ec2:DescribeManagedPrefixLists"] = """{"PrefixLists": [{"PrefixListId": "pl-1", "PrefixListArn": "arn:aws:ec2:us-east-1:1:prefix-list/pl-1", "State": "create-complete"}]}""",
            ["ec2:GetManagedPrefixListEntries"] = """{"Entries": [{"Cidr": "0.0.0.0/0"}]}""",
        };

        public string Account => inner.Account;

        public IReadOnlyDictionary<string, long> CallsByRegion => inner.CallsByRegion;

        public Task<JsonObject> CallAsync(AwsCall call, CancellationToken cancellation)
        {
            var operation = $"{call.Service}:{call.Operation}";
            if (operation == refused)
                throw new AwsApiException(call, CollectionOutcome.Denied, "AccessDenied", "not allowed");
            // What the sample account has none of, so that what hangs on it is asked too.
            return s_further.TryGetValue(operation, out var reply) ? Task.FromResult((JsonObject)JsonNode.Parse(reply)!) : inner.CallAsync(call, cancellation);
        }
    }
}
