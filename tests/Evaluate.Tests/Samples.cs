using System.Text.Json.Nodes;
using Scanner.Catalog;
using Scanner.Evaluate;
using Scanner.Model;
using Scanner.Store;

namespace Evaluate.Tests;

/// <summary>A small catalog, built as the loader builds it, and ways to fill a store.</summary>
internal static class Samples
{
    public const string A = "111111111111";
    public const string B = "222222222222";

    public static readonly DateTimeOffset Now = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    public static TableDefinition Trail { get; } = Table("aws_trail", TableScope.Region, "TrailARN",
        [
            Column("arn", "TrailARN"), Column("name", "Name"), Column("is_logging", "Status.IsLogging", ColumnType.Bool),
            Column("last", "Status.Latest", ColumnType.Timestamp), Column("tag_list", "Tags[].Key", ColumnType.TextList),
            Column("selectors", "Selectors", ColumnType.Json),
        ], ["Status", "Selectors"]);

    public static TableDefinition Vpc { get; } = Table("aws_vpc", TableScope.Region, "VpcId", [Column("vpc_id", "VpcId")], []);

    public static TableDefinition FlowLog { get; } = Table("aws_flow_log", TableScope.Region, "FlowLogId",
        [Column("flow_vpc", "ResourceId"), Column("delivery", "Delivery.Status")], ["Delivery"]);

    public static TableDefinition Bucket { get; } = Table("aws_bucket", TableScope.Account, "Name",
        [Column("name", "Name"), Column("logs_to", "Logging.TargetBucket"), Column("is_public", "PolicyStatus.IsPublic", ColumnType.Bool)],
        ["Logging", "PolicyStatus"]) with
    { RowRegion = "{BucketRegion}" };

    public static TableDefinition Region { get; } = Table("aws_region", TableScope.Region, "RegionName", [Column("name", "RegionName")], []);

    public static TableDefinition Account { get; } = Table("aws_account", TableScope.Account, "Account", [Column("id", "Account")], []);

    public static IReadOnlyList<TableDefinition> Tables { get; } = [Trail, Vpc, FlowLog, Bucket, Region, Account];

    public static CheckCatalog CatalogOf(params CheckDefinition[] checks) => new()
    {
        Tables = Tables.ToDictionary(table => table.Name),
        Checks = checks.ToDictionary(check => check.Id),
        Frameworks = new Dictionary<string, FrameworkDefinition>(),
        Detections = [],
    };

    public static TableColumn Column(string name, string path, ColumnType type = ColumnType.Text) =>
        ItemPath.TryParse(path, out var parsed) ? new(name, parsed, type, "") : throw new ArgumentException("no path", nameof(path));

    public static TableDefinition Table(string name, TableScope scope, string id, IReadOnlyList<TableColumn> columns, IReadOnlyList<string> details) => new()
    {
        Name = name,
        Title = name,
        File = $"tables/{name}.yml",
        Service = "svc",
        Scope = scope,
        Id = id,
        Columns = columns,
        List = new TableCall { Service = "svc", Operation = "List" },
        Each = [.. details.Select(detail => new TableCall { Service = "svc", Operation = "Get" + detail, As = detail })],
    };

    public static CheckDefinition Check(
        string query, IReadOnlyList<string> tables, CheckScope scope = CheckScope.Resource, bool onePass = false,
        string id = "sample", Severity severity = Severity.High, params CheckTest[] tests) => new()
        {
            Info = new RuleInfo
            {
                Id = id,
                Title = "A sample",
                Severity = severity,
                File = $"checks/{id}.yml",
                Controls = [new Control("cis", "1.1", "")],
                Mitre = ["T1685.002"],
            },
            Scope = scope,
            Tables = tables,
            OnePassIsEnough = onePass,
            Query = query,
            QueryLine = 5,
            Tests = tests,
        };

    public static CheckDefinition TrailCheck { get; } = Check(
        """
        select account_id, region, arn as resource_id,
               case when is_logging then 'pass' else 'fail' end as status,
               'Trail ' || name as message
        from aws_trail
        """, ["aws_trail"]);

    public static Resource Item(TableDefinition table, string region, string id, string item, params ResourceFailure[] failures) =>
        new(table.Name, A, region, id, item, failures);

    public static Resource TrailItem(string region, string arn, bool logging) =>
        Item(Trail, region, arn, new JsonObject
        {
            ["TrailARN"] = arn,
            ["Name"] = arn,
            ["Status"] = new JsonObject { ["IsLogging"] = logging },
        }.ToJsonString());

    public static CollectionStatus Ok(TableDefinition table, string region, string account = A) => new(table.Name, account, region, CollectionOutcome.Ok);

    public static CollectionStatus Denied(TableDefinition table, string region, string account = A) =>
        new(table.Name, account, region, CollectionOutcome.Denied, "svc:List", "AccessDenied: no");

    public static ScanStore Filled(IEnumerable<CollectionStatus> statuses, params Resource[] resources)
    {
        var store = ScanStore.InMemory(Tables);
        store.Add(statuses);
        store.Add(resources);
        return store;
    }

    public static IReadOnlyList<Finding> Judge(CheckDefinition check, IEnumerable<CollectionStatus> statuses, params Resource[] resources)
    {
        using var store = Filled(statuses, resources);
        using var evaluator = new CheckEvaluator(CatalogOf(check));
        return evaluator.Evaluate(store, [check], Now);
    }

    /// <summary>Findings as short text: <c>region resource status</c>.</summary>
    public static IEnumerable<string> Short(IEnumerable<Finding> findings) =>
        findings.Select(finding => $"{finding.Region} {finding.Resource} {Names.Of(finding.Status)}");
}
