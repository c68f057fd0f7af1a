using System.Text.Json.Nodes;
using Loopback;
using Loopback.Aws;
using Scanner.Aws;
using Scanner.Aws.Session;
using Scanner.Catalog;
using Scanner.Collect.Recording;
using Scanner.Collect.Tables;
using Scanner.Model;

namespace Collect.Tests.Recording;

/// <summary>
/// Every operation of every shipped table through every way in which AWS and the network fail, over HTTP with the live
/// client, on the sample account: what could not be read is never Ok.
/// </summary>
public sealed class OperationFaultTests(OperationFaultTests.SampleServer sample) : IClassFixture<OperationFaultTests.SampleServer>
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
    ];

    private static readonly string[] Regions = ["us-east-1", "eu-west-1", "ap-southeast-2"];

    private static IReadOnlyDictionary<string, TableDefinition> Shipped { get; } =
        CatalogLoader.Load([Path.Combine(Tools.Repository, "checks")], BuiltInTables.All).Tables;

    public static TheoryData<string, string, string> OperationsOfTables
    {
        get
        {
            var data = new TheoryData<string, string, string>();
            foreach (var table in Shipped.Values.Where(table => !BuiltInTables.IsBuiltIn(table.Name) && table.From is null))
            {
                // Rows of SQL need a store; what fails for them is told in GivenRowsTests.
                foreach (var (service, operation) in table.Operations.Distinct())
                    data.Add(table.Name, service, operation);
            }
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(OperationsOfTables))]
    public async Task Every_operation_of_every_table_that_fails_is_told_with_its_reason_and_never_ok(string table, string service, string operation)
    {
        sample.Server.ClearFaults();
        var region = await RegionThatAsksAsync(table, service, operation);
        var tried = 0;
        // Where the first page is all that is wanted, the second is never asked for.
        var isOnePage = Shipped[table].Each.Any(call => call.FirstPageOnly && call.Service == service && call.Operation == operation);
        foreach (var (fault, outcome) in Faults.Where(f => AwsServer.CanHappen(service, operation, f.Fault) && !(isOnePage && f.Fault == AwsFault.FailedSecondPage)))
        {
            tried++;
            sample.Server.ClearFaults();
            sample.Server.Fault(service, operation, fault);

            var collected = await CollectAsync(table, region);

            var statuses = collected.Statuses.Where(status => status.Table == table).ToList();
            var what = $"{service}:{operation} {fault} in {region}: " + string.Join("; ", statuses);
            Assert.False(statuses.Exists(status => status.Outcome == CollectionOutcome.Ok), what);
            var told = statuses.Find(status => status.Operation == $"{service}:{operation}" && status.Outcome == outcome);
            Assert.True(told is not null, what);
            Assert.False(string.IsNullOrWhiteSpace(told.Reason), what);
            // A detail's failure stands in the rows too, so that only their columns are unknown.
            foreach (var resource in told.Resources ?? [])
            {
                var row = Assert.Single(collected.Of(table), row => row.Id == resource);
                Assert.Contains(row.Failures, failure => failure.Operation == told.Operation && failure.Outcome == outcome && failure.Reason.Length > 0);
            }
        }
        Assert.True(tried >= 4, $"only {tried} faults fit");
    }

    [Fact]
    public async Task Every_fault_of_the_list_of_regions_is_told()
    {
        foreach (var (fault, outcome) in Faults.Where(f => AwsServer.CanHappen("ec2", "DescribeRegions", f.Fault)))
        {
            sample.Server.ClearFaults();
            sample.Server.Fault("ec2", "DescribeRegions", fault);

            var collected = await Collected.FromAsync([sample.Account], []);

            var told = Assert.Single(collected.Statuses, status => status.Outcome != CollectionOutcome.Ok);
            Assert.Equal((BuiltInTables.Region, outcome, "ec2:DescribeRegions"), (told.Table, told.Outcome, told.Operation));
            Assert.NotEmpty(told.Reason!);
        }
    }

    [Fact]
    public async Task Without_faults_the_sample_account_comes_over_the_wire_as_it_is_recorded()
    {
        sample.Server.ClearFaults();
        var recorded = RecordedScan.Open(SampleServer.Folder).Accounts.Single(account => account.Api.Account == SampleServer.AccountId);

        var wire = await Collected.FromAsync([sample.Account], Shipped.Values, new() { Regions = Regions });
        var file = await Collected.FromAsync([recorded], Shipped.Values, new() { Regions = Regions });

        Assert.Equal(Ids(file), Ids(wire));

        static List<string> Ids(Collected collected) =>
        [
            .. collected.Rows.Where(row => !Shipped[row.Table].Operations.Any(op => SampleServer.Further.ContainsKey($"{op.Service}:{op.Operation}")))
                .Select(row => $"{row.Table} {row.Region} {row.Id} {ParameterText.Of(JsonNode.Parse(row.Item))}").Order(StringComparer.Ordinal),
        ];
    }

    private Task<Collected> CollectAsync(string table, string region) =>
        Collected.FromAsync([sample.Account], [Shipped[table]], new() { Regions = [region] });

    /// <summary>A region of the sample account in which the table gets as far as to ask the operation; a test that never asks would prove nothing.</summary>
    private async Task<string> RegionThatAsksAsync(string table, string service, string operation)
    {
        foreach (var region in Regions)
        {
            sample.Server.ClearRequests();
            await CollectAsync(table, region);
            if (sample.Server.Requests.Any(request => request.Service == service && request.Operation == operation))
                return region;
        }
        throw new InvalidOperationException($"{table} asks {service}:{operation} nowhere in the sample account; give it a resource that needs it");
    }

    public sealed class SampleServer : IAsyncLifetime
    {
        public const string AccountId = "111122223333";

        // What the account of the sample has none of, so that these operations are tried too.
        internal static readonly Dictionary<string, string> Further = new(MissingInSample.Replies, StringComparer.Ordinal)
        {
            ["opensearch:ListDomainNames"] = """{"DomainNames": [{"DomainName": "logs", "EngineType": "OpenSearch"}]}""",
            ["opensearch:DescribeDomains"] = """
                {"DomainStatusList": [{"DomainId": "111122223333/logs", "DomainName": "logs", "ARN": "arn:aws:es:us-east-1:111122223333:domain/logs",
                  "ClusterConfig": {}, "Created": true, "Deleted": false}]}
                """,
            ["elb:DescribeLoadBalancers"] = """{"LoadBalancerDescriptions": [{"LoadBalancerName": "old-intranet"}]}""",
            ["elb:DescribeLoadBalancerAttributes"] = """{"LoadBalancerAttributes": {"AccessLog": {"Enabled": false}}}""",
            ["ec2:DescribeManagedPrefixLists"] = """
                {"PrefixLists": [{"PrefixListId": "pl-1", "PrefixListArn": "arn:aws:ec2:us-east-1:111122223333:prefix-list/pl-1", "State": "create-complete"}]}
                """,
            ["ec2:GetManagedPrefixListEntries"] = """{"Entries": [{"Cidr": "0.0.0.0/0"}]}""",
        };

        private AwsSession _session = null!;

        public static string Folder { get; } = Path.Combine(Tools.Repository, "samples", "acme");

        internal AwsServer Server { get; private set; } = null!;

        internal CollectionAccount Account => new(_session.Api) { Name = "acme-prod" };

        public async ValueTask InitializeAsync()
        {
            Server = await AwsServer.StartAsync();
            Server.Account = AccountId;
            Server.CheckSignatures = false;
            _session = await AwsSession.OpenAsync(Server.SessionOptions, TestContext.Current.CancellationToken);
            var recorded = RecordedScan.Open(Folder).Accounts.Single(account => account.Api.Account == AccountId).Api;
            foreach (var (service, operation) in Shipped.Values.SelectMany(table => table.Operations).Distinct().Where(op => op.Service != "sts"))
                Server.Reply(service, operation, request => Replay(recorded, request));
            foreach (var (operation, reply) in Further)
            {
                var separator = operation.IndexOf(':', StringComparison.Ordinal);
                Server.Reply(operation[..separator], operation[(separator + 1)..], reply);
            }
        }

        public async ValueTask DisposeAsync()
        {
            _session.Dispose();
            await Server.DisposeAsync();
        }

        private static JsonObject Replay(IAwsApi recorded, AwsRequest request)
        {
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
}
