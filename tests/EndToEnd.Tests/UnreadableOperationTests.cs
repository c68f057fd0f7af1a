using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Loopback;
using Loopback.Aws;
using Scanner.Aws;
using Scanner.Aws.Client;
using Scanner.Aws.Session;
using Scanner.Catalog;
using Scanner.Collect.Recording;
using Scanner.Collect.Tables;
using Scanner.Evaluate;
using Scanner.Model;
using Scanner.Store;

namespace EndToEnd.Tests;

/// <summary>
/// Every operation of every table fails over HTTP, one after another and in every way, on the sample account, and the checks
/// run on what is left: where a check needed the answer, its finding is unknown and names the operation.
/// </summary>
public sealed class UnreadableOperationTests(UnreadableOperationTests.Shared shared) : IClassFixture<UnreadableOperationTests.Shared>
{
    private static readonly (AwsFault Fault, CollectionOutcome Outcome)[] Faults =
    [
        (AwsFault.AccessDenied, CollectionOutcome.Denied),
        (AwsFault.Throttling, CollectionOutcome.Throttled),
        (AwsFault.InternalError, CollectionOutcome.Error),
        (AwsFault.ConnectionReset, CollectionOutcome.Error),
        (AwsFault.TruncatedBody, CollectionOutcome.Error),
        (AwsFault.WrongKind, CollectionOutcome.Error),
        (AwsFault.FailedSecondPage, CollectionOutcome.Denied),
        (AwsFault.NotEnabled, CollectionOutcome.Disabled),
        (AwsFault.ExpiredToken, CollectionOutcome.Denied),
    ];

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
    public async Task A_check_that_needs_what_could_not_be_read_is_unknown_and_never_pass(string name, string service, string operation)
    {
        var table = Catalog.Tables[name];
        var details = table.Each.Where(call => call.Service == service && call.Operation == operation).Select(call => call.As!).ToHashSet(StringComparer.Ordinal);
        var lists = table.List.Service == service && (table.List.Operation == operation || table.List.Prepare?.Operation == operation)
            || table.ForEach.Any(call => call.Service == service && call.Operation == operation);
        var checks = Catalog.Checks.Values.Where(check => check.Tables.Contains(name, StringComparer.Ordinal)).ToList();

        var tried = 0;
        foreach (var (fault, outcome) in Faults.Where(entry => AwsServer.CanHappen(service, operation, entry.Fault)))
        {
            tried++;
            shared.Server.ClearFaults();
            shared.Server.Fault(service, operation, fault);
            var (store, collected) = await CollectAsync(checks, $"{service}:{operation}");
            using var owned = store;
            var findings = shared.Evaluator.Evaluate(store, checks, shared.Scan.RecordedAt, cancellation: TestContext.Current.CancellationToken);

            // A test in which nothing failed would prove nothing.
            var told = collected.Where(status => status.Table == name && status.Operation == $"{service}:{operation}").ToList();
            Assert.True(told.Exists(status => status.Outcome == outcome), $"{fault}: {string.Join("; ", told)}");
            Assert.All(told, status => Assert.NotEqual(CollectionOutcome.Ok, status.Outcome));
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
        Assert.True(tried >= 5, $"only {tried} faults fit");
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
                && finding.Causes.Any(cause => cause.Operation == status.Operation && cause.Outcome == status.Outcome && !string.IsNullOrEmpty(cause.Reason)));
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

    private async Task<(ScanStore Store, IReadOnlyList<CollectionStatus> Collected)> CollectAsync(List<CheckDefinition> checks, string failing)
    {
        var tables = checks.SelectMany(check => check.Tables).Distinct(StringComparer.Ordinal).Select(table => Catalog.Tables[table]).ToList();
        var accounts = new List<CollectionAccount>();
        foreach (var account in shared.Scan.Accounts)
            accounts.Add(account with { Api = new Through(account.Api, await shared.LiveAsync(account.Api.Account), failing) });
        var store = ScanStore.InMemory(tables.Concat(BuiltInTables.All).DistinctBy(table => table.Name));
        var sink = new Sink(store);
        await new Collector(tables, new() { PrepareDelay = TimeSpan.Zero }).CollectAsync(accounts, sink, TestContext.Current.CancellationToken);
        store.Add(sink.Statuses);
        return (store, sink.Statuses);
    }

    public sealed class Shared : IAsyncLifetime
    {
        private AwsSession _session = null!;

        public RecordedScan Scan { get; } = RecordedScan.Open(Path.Combine(Tools.Repository, "samples", "acme"));

        public CheckEvaluator Evaluator { get; } = new(Catalog);

        internal AwsServer Server { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Server = await AwsServer.StartAsync();
            Server.Account = Scan.Accounts[0].Api.Account;
            Server.CheckSignatures = false;
            Server.KeepRequests = false;
            var recorded = Scan.Accounts.ToDictionary(account => account.Api.Account, account => account.Api, StringComparer.Ordinal);
            foreach (var (service, operation) in Catalog.Tables.Values.SelectMany(table => table.Operations).Distinct().Where(call => call.Service != "sts"))
                Server.Reply(service, operation, request => Replay(recorded[request.Account], request));
            _session = await AwsSession.OpenAsync(
                new AwsSessionOptions
                {
                    Endpoint = Server.Url,
                    Credentials = new Amazon.Runtime.BasicAWSCredentials(AwsServer.AccessKeyId, AwsServer.SecretAccessKey),
                    Region = "us-east-1",
                    MemberRoleName = "audit",
                    Limits = new LiveAwsOptions { MaxBackoff = TimeSpan.FromMilliseconds(1), MaxAttempts = 2, AdaptiveRate = false },
                    Environment = _ => null,
                },
                TestContext.Current.CancellationToken);
        }

        public Task<IAwsApi> LiveAsync(string account) => _session.ForAccountAsync(account, TestContext.Current.CancellationToken);

        public async ValueTask DisposeAsync()
        {
            Evaluator.Dispose();
            _session.Dispose();
            await Server.DisposeAsync();
        }

        private static JsonObject Replay(IAwsApi recorded, AwsRequest request)
        {
            if (Further.TryGetValue($"{request.Service}:{request.Operation}", out var reply))
                return (JsonObject)JsonNode.Parse(reply)!;
            try
            {
                return recorded.CallAsync(new AwsCall(request.Region, request.Service, request.Operation, request.Parameters), CancellationToken.None).GetAwaiter().GetResult();
            }
            catch (AwsApiException e)
            {
                throw new AwsError(e.Code, e.Outcome == CollectionOutcome.Denied ? 403 : 400, "recorded");
            }
        }
    }

    private sealed class Sink(ScanStore store) : ICollectionSink
    {
        public List<CollectionStatus> Statuses { get; } = [];

        public void Add(Resource resource) => store.Add(resource);

        public void Add(CollectionStatus status) => Statuses.Add(status);
    }

    // What the sample account has none of, so that what hangs on it is asked too.
    private static readonly Dictionary<string, string> Further = new(StringComparer.Ordinal)
    {
        ["opensearch:ListDomainNames"] = """{"DomainNames": [{"DomainName": "logs"}]}""",
        ["opensearch:DescribeDomains"] = """
            {"DomainStatusList": [{"DomainId": "1/logs", "DomainName": "logs", "ARN": "arn:aws:es:us-east-1:111122223333:domain/logs",
              "ClusterConfig": {}, "Created": true, "Deleted": false}]}
            """,
        ["ec2:DescribeManagedPrefixLists"] = """{"PrefixLists": [{"PrefixListId": "pl-1", "PrefixListArn": "arn:aws:ec2:us-east-1:1:prefix-list/pl-1", "State": "create-complete"}]}""",
        ["ec2:GetManagedPrefixListEntries"] = """{"Entries": [{"Cidr": "0.0.0.0/0"}]}""",
    };

    /// <summary>The recorded account, but for one operation, which is asked over HTTP.</summary>
    private sealed class Through(IAwsApi recorded, IAwsApi live, string operation) : IAwsApi
    {
        public string Account => recorded.Account;

        public long CallCount => recorded.CallCount;

        public Task<JsonObject> CallAsync(AwsCall call, CancellationToken cancellation)
        {
            var called = $"{call.Service}:{call.Operation}";
            if (called == operation)
                return live.CallAsync(call, cancellation);
            return Further.TryGetValue(called, out var reply) ? Task.FromResult((JsonObject)JsonNode.Parse(reply)!) : recorded.CallAsync(call, cancellation);
        }
    }
}
