using System.Text.Json.Nodes;
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
/// run on what is left: what they say is what they say of the whole account, or unknown, and an unknown names the operation.
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
        (AwsFault.ExpiredToken, CollectionOutcome.Expired),
    ];

    // An operation fails in two of the ways that fit, the refusal and one by turns, and some checks of its table get one of these each,
    // by turns too; SCANNER_GAPS=all, as at night, has it fail in all of them, and gives each check all.
    private const int Turns = 1;
    private const int MostChecksOfAList = 6;
    private const int MostChecksOfADetail = 3;
    private static readonly bool All = Environment.GetEnvironmentVariable("SCANNER_GAPS") == "all";

    private static CheckCatalog Catalog { get; } = CatalogLoader.Load([Path.Combine(Tools.Repository, "checks")], BuiltInTables.All);

    public static TheoryData<string, string, string> OperationsThatChecksNeed
    {
        get
        {
            var data = new TheoryData<string, string, string>();
            var read = Catalog.Checks.Values.SelectMany(check => check.Tables.Except(check.ForPlans, StringComparer.Ordinal)).ToHashSet(StringComparer.Ordinal);
            var cases = from table in Catalog.Tables.Values
                        where read.Contains(table.Name) && table.Name is not (BuiltInTables.Region or BuiltInTables.Account)
                        from call in table.Operations.Distinct()
                        where !Uncalled.Contains($"{call.Service}:{call.Operation}")
                        select (table.Name, call.Service, call.Operation);
            // Half of them a run.
            foreach (var (table, service, operation) in Turn.Of(cases, 2))
                data.Add(table, service, operation);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(OperationsThatChecksNeed))]
    public async Task A_check_says_what_it_says_of_the_whole_account_or_is_unknown_for_what_could_not_be_read(string name, string service, string operation)
    {
        var table = Catalog.Tables[name];
        var lists = table.From is null && table.List.Service == service && (table.List.Operation == operation || table.List.Prepare?.Operation == operation)
            || table.ForEach.Any(call => call.Service == service && call.Operation == operation);
        var checks = Catalog.Checks.Values.Where(check => check.Tables.Contains(name, StringComparer.Ordinal)).ToList();
        if (!All)
            checks = Some(checks, name, operation, lists ? MostChecksOfAList : MostChecksOfADetail);
        var right = await shared.WholeAsync();

        // Where the first page is all that is wanted, the second is never asked for.
        var isOnePage = table.Each.Any(call => call.FirstPageOnly && call.Service == service && call.Operation == operation);
        var fit = Faults.Where(entry => AwsServer.CanHappen(service, operation, entry.Fault) && !(isOnePage && entry.Fault == AwsFault.FailedSecondPage)).ToList();
        Assert.True(fit.Count >= 5, $"only {fit.Count} faults fit");
        var cases = new Dictionary<string, (AwsFault Fault, IReadOnlyList<Resource> Rows, IReadOnlyList<CollectionStatus> Collected)>(StringComparer.Ordinal);
        foreach (var (fault, outcome) in All ? fit : Some(fit, name, operation))
        {
            shared.Server.ClearFaults();
            shared.Server.Fault(service, operation, fault);
            var (rows, collected) = await shared.CollectAsync(TablesThatCall(service, operation), $"{service}:{operation}", once: fault == AwsFault.ExpiredToken);

            // A test in which nothing failed would prove nothing.
            var told = Told(collected, name, $"{service}:{operation}");
            Assert.True(told.Exists(status => status.Outcome == outcome) || (fault == AwsFault.AccessDenied && IsValue(table, service, operation, "AccessDenied")), $"{fault}: {string.Join("; ", told)}");
            Assert.All(told, status => Assert.NotEqual(CollectionOutcome.Ok, status.Outcome));
            // Verdicts hang on rows and outcomes: what comes of the same ones is judged once.
            cases.TryAdd(Signature(rows, collected), (fault, rows, collected));
        }

        var doubted = 0;
        var turn = 0;
        foreach (var (fault, rows, collected) in cases.Values)
        {
            var turned = turn++;
            var asked = All ? checks : [.. checks.Where((_, i) => i % cases.Count == turned)];
            if (asked.Count == 0)
                continue;
            var told = Told(collected, name, $"{service}:{operation}");
            var findings = shared.Evaluate(asked, rows, collected);
            foreach (var check in asked)
            {
                var own = findings[check.Id].ToList();
                Assert.NotEmpty(own);
                NothingIsSaidAmiss(own, [.. right[check.Id]]);
                foreach (var status in told)
                {
                    var names = own.Any(finding => finding.Status == FindingStatus.Unknown && finding.Causes.Any(cause =>
                        cause.Operation == status.Operation && cause.Outcome == status.Outcome && !string.IsNullOrEmpty(cause.Reason)));
                    doubted += names ? 1 : 0;
                    // Of a list of what the check is about, there may always be more.
                    if (lists && check.Tables[0] == name && check.Tables.Count == 1 && check.Helps.Count == 0 && !check.OnePassIsEnough)
                        Assert.True(names, $"{fault}: {check.Id} does not say that {status.Operation} could not be read in {status.Account} {status.Region}");
                }
            }
        }
        // What nobody feels proves nothing: the account has something that hangs on each operation, but for what no check takes from it.
        if (lists && !Unfelt.Contains(name))
            Assert.NotEqual(0, doubted);
    }

    private static List<(AwsFault Fault, CollectionOutcome Outcome)> Some(List<(AwsFault Fault, CollectionOutcome Outcome)> fit, string table, string operation)
    {
        var others = fit.Where(entry => entry.Fault != AwsFault.AccessDenied).ToList();
        return [.. fit.Except(others), .. Enumerable.Range(0, Turns).Select(turn => others[(Place(table, operation) + turn) % others.Count])];
    }

    // Those that are about the table, from a place that the operation tells, and then those that look at it besides.
    private static List<CheckDefinition> Some(List<CheckDefinition> checks, string table, string operation, int most)
    {
        var place = Place(table, operation) % Math.Max(1, checks.Count);
        return [.. checks.Skip(place).Concat(checks.Take(place)).OrderBy(check => check.Tables[0] == table ? 0 : 1).Take(most)];
    }

    private static int Place(string table, string operation) => (table + operation).Sum(letter => letter);

    /// <summary>A pass or a fail is one of the whole account; where it fails in truth, nothing is called not applicable.</summary>
    private static void NothingIsSaidAmiss(List<Finding> findings, List<Finding> right)
    {
        var truth = right.ToDictionary(finding => (finding.Account, finding.Region, finding.Resource), finding => finding.Status);
        foreach (var finding in findings.Where(finding => finding.Status is FindingStatus.Pass or FindingStatus.Fail))
        {
            Assert.True(truth.TryGetValue((finding.Account, finding.Region, finding.Resource), out var status) && status == finding.Status,
                $"{finding.Check}: {finding.Region} {finding.Resource} is said to {Names.Of(finding.Status)}: {finding.Message}");
        }
        // What does not concern one resource in truth (a gateway load balancer) does not concern it here either, whatever fails beside it.
        Assert.DoesNotContain(findings, finding => finding.Status == FindingStatus.NotApplicable
            && truth.GetValueOrDefault((finding.Account, finding.Region, finding.Resource), FindingStatus.Unknown) != FindingStatus.NotApplicable
            && right.Exists(other => other.Account == finding.Account && other.Region == finding.Region && other.Status == FindingStatus.Fail));
        Assert.DoesNotContain(findings, finding => finding.Message.StartsWith("The query failed", StringComparison.Ordinal));
    }

    // A table may take a refusal for an answer, which its checks see in a column.
    private static bool IsValue(TableDefinition table, string service, string operation, string code) =>
        table.Each.Any(call => call.Service == service && call.Operation == operation && call.ErrorIsValue && call.EmptyOn.Contains(code, StringComparer.Ordinal));

    private static List<CollectionStatus> Told(IEnumerable<CollectionStatus> collected, string table, string operation) =>
        [.. collected.Where(status => status.Table == table && status.Operation == operation)];

    private static IEnumerable<TableDefinition> TablesThatCall(string service, string operation) =>
        Catalog.Tables.Values.Where(table => table.Operations.Contains((service, operation)));

    private static string Signature(IReadOnlyList<Resource> rows, IReadOnlyList<CollectionStatus> collected) => string.Join('\n', [
        .. collected.Select(status => $"{status.Table} {status.Account} {status.Region} {status.Outcome} {status.Operation} {string.Join(',', status.Resources ?? [])}")
            .Order(StringComparer.Ordinal),
        .. rows.Select(row => $"{row.Table} {row.Account} {row.Region} {row.Id} {row.Item} "
            + string.Join(',', row.Failures.Select(failure => $"{failure.Detail} {failure.Outcome} {failure.Operation}"))).Order(StringComparer.Ordinal),
    ]);

    public sealed class Shared : IAsyncLifetime
    {
        private readonly List<Resource> _rows = [];
        private readonly List<CollectionStatus> _statuses = [];
        private AwsSession _session = null!;
        private ILookup<string, Finding>? _whole;

        private RecordedScan Scan { get; } = RecordedScan.Open(Path.Combine(Tools.Repository, "samples", "acme"));

        private CheckEvaluator Evaluator { get; } = new(Catalog);

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
            _session = await OpenAsync();
        }

        private Task<AwsSession> OpenAsync() =>
            AwsSession.OpenAsync(
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

        /// <summary>What every check says of the whole account, by its id.</summary>
        public async Task<ILookup<string, Finding>> WholeAsync()
        {
            if (_whole is not null)
                return _whole;
            Server.ClearFaults();
            var (rows, statuses) = await CollectAsync(Catalog.Tables.Values, failing: null);
            _rows.AddRange(rows);
            _statuses.AddRange(statuses);
            return _whole = Evaluate([.. Catalog.Checks.Values], [], []);
        }

        /// <summary>Collects some tables, one operation over HTTP and the others from the recording.</summary>
        /// <param name="tables">The tables.</param>
        /// <param name="failing">The operation; none when null.</param>
        /// <param name="once">Whether with credentials of its own: nothing is asked with those that have expired.</param>
        public async Task<(IReadOnlyList<Resource> Rows, IReadOnlyList<CollectionStatus> Statuses)> CollectAsync(IEnumerable<TableDefinition> tables, string? failing, bool once = false)
        {
            using var own = once ? await OpenAsync() : null;
            var accounts = new List<CollectionAccount>();
            foreach (var account in Scan.Accounts)
                accounts.Add(account with { Api = new Through(account.Api, await (own ?? _session).ForAccountAsync(account.Api.Account, TestContext.Current.CancellationToken), failing) });
            var asked = tables.ToList();
            using var store = StoreFor(asked);
            var sink = new Sink(store);
            await new Collector(asked, new() { PrepareDelay = TimeSpan.Zero, Rows = table => Evaluator.RowsOf(store!, table, Scan.RecordedAt) })
                .CollectAsync(accounts, sink, TestContext.Current.CancellationToken);
            return (sink.Rows, sink.Statuses);
        }

        // What the rows of some tables are made of: the whole account as it was read first, but for what is read again. Null where none is.
        private ScanStore? StoreFor(List<TableDefinition> asked)
        {
            var sources = asked.SelectMany(table => table.From?.Tables ?? []).ToHashSet(StringComparer.Ordinal);
            if (sources.Count == 0)
                return null;
            var store = ScanStore.InMemory(sources.Select(name => Catalog.Tables[name]).Where(table => !BuiltInTables.IsBuiltIn(table.Name)));
            var again = asked.Select(table => table.Name).ToHashSet(StringComparer.Ordinal);
            store.Add(_rows.Where(row => sources.Contains(row.Table) && !again.Contains(row.Table)));
            store.Add(_statuses.Where(status => sources.Contains(status.Table) && !again.Contains(status.Table)));
            return store;
        }

        /// <summary>Judges the whole account, but for some tables that were collected again.</summary>
        public ILookup<string, Finding> Evaluate(IReadOnlyCollection<CheckDefinition> checks, IReadOnlyList<Resource> rows, IReadOnlyList<CollectionStatus> statuses)
        {
            var again = statuses.Select(status => status.Table).Except(BuiltInTables.All.Select(table => table.Name), StringComparer.Ordinal).ToHashSet(StringComparer.Ordinal);
            var tables = checks.SelectMany(check => check.Tables).Concat(BuiltInTables.All.Select(table => table.Name)).ToHashSet(StringComparer.Ordinal);
            using var store = ScanStore.InMemory(tables.Select(table => Catalog.Tables[table]));
            store.Add(_rows.Where(row => !again.Contains(row.Table)).Concat(rows.Where(row => again.Contains(row.Table))).Where(row => tables.Contains(row.Table)));
            store.Add(_statuses.Where(status => !again.Contains(status.Table)).Concat(statuses.Where(status => again.Contains(status.Table))).Where(status => tables.Contains(status.Table)));
            return Evaluator.Evaluate(store, checks, Scan.RecordedAt, cancellation: TestContext.Current.CancellationToken).ToLookup(finding => finding.Check, StringComparer.Ordinal);
        }

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

    private sealed class Sink(ScanStore? store) : ICollectionSink
    {
        public List<Resource> Rows { get; } = [];

        public List<CollectionStatus> Statuses { get; } = [];

        public void Add(Resource resource)
        {
            Rows.Add(resource);
            store?.Add(resource);
        }

        public void Add(CollectionStatus status)
        {
            Statuses.Add(status);
            store?.Add(status);
        }
    }

    // What the sample account has nothing for that hangs on it: no trail of it goes to a log group, whose filters alone are asked for,
    // and no delivery source in it is of a load balancer or bucket, which alone are joined to deliveries outside CloudFront.
    private static readonly HashSet<string> Unfelt = new(["aws_cloudwatch_metric_filter", "aws_cloudwatch_log_alarm", "aws_cloudwatch_log_delivery", "aws_cloudwatch_log_delivery_destination", "aws_cloudwatch_log_delivery_source", "aws_config_recorder_summary", "aws_securityhub_hub_v2"], StringComparer.Ordinal);

    // The sample's databases that export a log which hangs on a group hang on parameter groups of instances alone.
    private static readonly HashSet<string> Uncalled = new(["rds:DescribeDBClusterParameters", "rds:DescribeOptionGroups"], StringComparer.Ordinal);

    // What the sample account has none of, so that what hangs on it is asked too.
    private static readonly Dictionary<string, string> Further = new(MissingInSample.Replies, StringComparer.Ordinal)
    {
        ["opensearch:ListDomainNames"] = """{"DomainNames": [{"DomainName": "logs"}]}""",
        ["opensearch:DescribeDomains"] = """
            {"DomainStatusList": [{"DomainId": "1/logs", "DomainName": "logs", "ARN": "arn:aws:es:us-east-1:111122223333:domain/logs",
              "ClusterConfig": {}, "Created": true, "Deleted": false}]}
            """,
        ["logs:DescribeDeliverySources"] = """
            {"deliverySources": [{"name": "edge", "arn": "arn:aws:logs:us-east-1:111122223333:delivery-source:edge", "logType": "ACCESS_LOGS", "service": "cloudfront",
              "resourceArns": ["arn:aws:cloudfront::111122223333:distribution/E1ABCDEFGHIJKL", "arn:aws:cloudfront::111122223333:distribution/E2MNOPQRSTUVWX"]}]}
            """,
        ["logs:DescribeDeliveries"] = """
            {"deliveries": [{"id": "1", "arn": "arn:aws:logs:us-east-1:111122223333:delivery:1", "deliverySourceName": "edge",
              "deliveryDestinationArn": "arn:aws:logs:us-east-1:111122223333:delivery-destination:d", "deliveryDestinationType": "S3"}]}
            """,
        ["ec2:DescribeManagedPrefixLists"] = """{"PrefixLists": [{"PrefixListId": "pl-1", "PrefixListArn": "arn:aws:ec2:us-east-1:1:prefix-list/pl-1", "State": "create-complete"}]}""",
        ["ec2:GetManagedPrefixListEntries"] = """{"Entries": [{"Cidr": "0.0.0.0/0"}]}""",
    };

    /// <summary>The recorded account, but for one operation, which is asked over HTTP.</summary>
    private sealed class Through(IAwsApi recorded, IAwsApi live, string? operation) : IAwsApi
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
