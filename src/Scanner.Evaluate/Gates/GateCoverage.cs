using System.Text.Json;
using Scanner.Catalog;
using Scanner.Model;

namespace Scanner.Evaluate.Gates;

/// <summary>What is known of the account by a plan, and by an earlier scan: rows, and for each table whether they are all.</summary>
internal sealed class GateCoverage
{
    /// <summary>In the place of an operation, where rows may be missing that no instance of the plan stands for.</summary>
    public const string RestOfAccount = "terraform";

    private readonly CheckCatalog _catalog;
    private readonly GateRequest _request;
    private readonly HashSet<(string Table, string Account, string Region)> _places;
    private readonly HashSet<(string Table, string Account, string Id)> _managed;
    private readonly HashSet<(string Table, string Account, string Region, string Id)> _seen;
    private readonly ILookup<(string Table, string Account, string Region), CollectionStatus>? _scanned;

    public GateCoverage(CheckCatalog catalog, GateRequest request)
    {
        _catalog = catalog;
        _request = request;
        Before = new GateSide(request.Before);
        After = new GateSide(request.After);
        var all = request.Before.Concat(request.After).Select(row => row.Resource).ToList();
        _places = all.Select(row => (row.Table, row.Account, row.Region)).ToHashSet();
        _seen = request.Scan?.Resources.Select(row => (row.Table, row.Account, row.Region, row.Id)).ToHashSet() ?? [];
        _managed = request.Before.Where(row => row.Implied is null).Select(row => (row.Resource.Table, row.Resource.Account, row.Resource.Id)).ToHashSet();
        _scanned = request.Scan?.Collection.ToLookup(status => (status.Table, status.Account, status.Region));
        Scope = new ScanScope(all.Select(row => (row.Account, row.Region))
            .Concat(request.Scan?.Collection.Select(status => (status.Account, status.Region)) ?? [])
            .Distinct()
            .GroupBy(place => place.Account, StringComparer.Ordinal)
            .Select(group => KeyValuePair.Create(group.Key, (IReadOnlyCollection<string>)[.. group.Select(place => place.Region)])));
    }

    public ScanScope Scope { get; }

    public GateSide Before { get; }

    public GateSide After { get; }

    /// <summary>The tables that say where a check is judged: its first, or for one about an account or region the facts that it reads.</summary>
    public static IReadOnlyList<TableDefinition> Subjects(CompiledCheck check) =>
        BuiltInTables.IsBuiltIn(check.FirstTable) ? [.. check.Tables.Where(table => table.AccountFact && table.Terraform.Count > 0)] : [check.Tables[0]];

    /// <summary>Whether the plan has a row, on either side, that a check is about.</summary>
    public bool Touches(CompiledCheck check) =>
        // With the rest of the account known, whatever a check reads may change what it says of it.
        (_request.Scan is null ? Subjects(check) : check.Tables).Any(table => Before.OfTable(table.Name).Any() || After.OfTable(table.Name).Any());

    /// <summary>Whether a check is judged in an account and region: <c>global</c> for all of them.</summary>
    public bool IsJudged(CompiledCheck check, string account, string region)
    {
        var subjects = Subjects(check);
        return Before.In(subjects, account, region).Any() || After.In(subjects, account, region).Any();
    }

    /// <summary>The rows of one side, with those of the account that the plan does not manage, and those of the scope itself.</summary>
    public IEnumerable<Resource> Rows(IReadOnlyList<GateRow> rows)
    {
        var own = new HashSet<(string Table, string Account, string Region, string Id)>();
        foreach (var row in rows)
        {
            // Of what AWS makes along with a resource a scan tells more than the plan.
            if (row.Implied is not null && _seen.Contains((row.Resource.Table, row.Resource.Account, row.Resource.Region, row.Resource.Id)))
                continue;
            own.Add((row.Resource.Table, row.Resource.Account, row.Resource.Region, row.Resource.Id));
            yield return row.Resource;
        }
        foreach (var resource in _request.Scan?.Resources ?? [])
        {
            // What the plan makes may be there already: settings of an account are, whoever manages them.
            if (!_managed.Contains((resource.Table, resource.Account, resource.Id)) && !own.Contains((resource.Table, resource.Account, resource.Region, resource.Id)) && !BuiltInTables.IsBuiltIn(resource.Table))
                yield return resource;
        }
        foreach (var account in Scope.Accounts)
        {
            yield return new Resource(BuiltInTables.Account, account, CollectionStatus.Global, account, Json(("Account", account)), []);
            foreach (var region in Scope.RegionsOf(account))
                yield return new Resource(BuiltInTables.Region, account, region, region, Json(("RegionName", region)), []);
        }
    }

    /// <summary>For each table, whether its rows are all that there are.</summary>
    public IEnumerable<CollectionStatus> Statuses(IReadOnlySet<string> tables)
    {
        foreach (var table in _catalog.Tables.Values.Where(table => tables.Contains(table.Name)))
        {
            foreach (var account in Scope.Accounts)
            {
                IEnumerable<string> regions = table.Scope == TableScope.Account ? [CollectionStatus.Global] : Scope.RegionsOf(account);
                foreach (var region in regions)
                {
                    foreach (var status in StatusesOf(table, account, region))
                        yield return status;
                }
            }
        }
    }

    private IEnumerable<CollectionStatus> StatusesOf(TableDefinition table, string account, string region)
    {
        if (_scanned is not null && _scanned[(table.Name, account, region)] is var told && told.Any())
            return told;
        if (BuiltInTables.IsBuiltIn(table.Name))
            return [new CollectionStatus(table.Name, account, region, CollectionOutcome.Ok)];
        if (table.Terraform.Count == 0)
            return [Gap(table, account, region, $"no plan tells of {table.Title.ToLowerInvariant()}")];
        // Of what speaks for the whole account another stack may have the row.
        if (table.AccountFact && !HasRow(table, account, region))
            return [Gap(table, account, region, $"{Noun(table)} of the account may be managed elsewhere; --scan would tell")];
        if (table.MadeByAws)
            return [Gap(table, account, region, $"AWS may have made the {Noun(table)} itself; --scan would tell")];
        return [new CollectionStatus(table.Name, account, region, CollectionOutcome.Ok)];
    }

    private bool HasRow(TableDefinition table, string account, string region) =>
        _places.Contains((table.Name, account, region))
        // A trail speaks for other regions than its own.
        || ((table.Scope == TableScope.Account || table.Columns.Any(column => column.Name == "home_region")) && _places.Any(place => place.Table == table.Name && place.Account == account));

    private static CollectionStatus Gap(TableDefinition table, string account, string region, string reason) =>
        new(table.Name, account, region, CollectionOutcome.Planned, RestOfAccount, reason);

    private static string Noun(TableDefinition table) =>
        table.Name.StartsWith("aws_", StringComparison.Ordinal) ? table.Name[4..].Replace('_', ' ') : table.Name;

    private static string Json(params (string Name, string Value)[] members) =>
        JsonSerializer.Serialize(members.ToDictionary(member => member.Name, member => member.Value, StringComparer.Ordinal));
}
