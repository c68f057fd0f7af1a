using Scanner.Catalog;
using Scanner.Evaluate.Gaps;
using Scanner.Model;

namespace Scanner.Evaluate;

/// <summary>What checks are judged against, besides the rows themselves.</summary>
internal sealed class EvaluationInput
{
    private readonly ILookup<(string Table, string Account, string Region), CollectionStatus> _statuses;
    private readonly ILookup<string, FailedRow> _failed;
    private readonly ILookup<string, FailedRow> _named;
    private readonly Dictionary<string, IReadOnlyList<(string, string?, CollectionStatus)>> _missing = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IReadOnlyList<string>> _lost = new(StringComparer.Ordinal);
    private readonly Func<string, HashSet<(string Account, string Region, string Resource)>> _read;
    private readonly Dictionary<string, Dictionary<(string Account, string? Region), int>> _counts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ILookup<string, FailedRow>> _failedIn = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ILookup<string, (string Account, string? Region, CollectionStatus Cause)>> _missingIn = new(StringComparer.Ordinal);

    /// <summary>Makes the input.</summary>
    /// <param name="scope">What was scanned.</param>
    /// <param name="collection">How each collection ended.</param>
    /// <param name="failed">Rows with failed details.</param>
    /// <param name="read">Reads the ids of a table's rows; called when they are needed, which is seldom.</param>
    public EvaluationInput(
        ScanScope scope, IReadOnlyList<CollectionStatus> collection, IReadOnlyList<FailedRow> failed,
        Func<string, HashSet<(string Account, string Region, string Resource)>> read)
    {
        Scope = scope;
        _statuses = collection.ToLookup(status => (status.Table, status.Account, status.Region));
        _read = read;
        // A status may name resources whose own row says nothing of a failure. Then nothing of that row is to be trusted.
        var known = failed.Select(row => (row.Table, row.Account, row.Resource)).ToHashSet();
        var named = (from status in collection
                     where status.IsIncomplete
                     from resource in status.Resources ?? []
                     where !known.Contains((status.Table, status.Account, resource))
                     select new FailedRow(status.Table, status.Account, status.Region, resource,
                         [new ResourceFailure("", status.Outcome, status.Operation ?? "", status.Reason ?? "")])).ToList();
        _named = named.ToLookup(row => row.Table, StringComparer.Ordinal);
        _failed = failed.Concat(named).ToLookup(row => row.Table, StringComparer.Ordinal);
    }

    public ScanScope Scope { get; }

    /// <summary>Whether the rows are of a plan: what is withheld is unknown row by row, and not once for a region.</summary>
    public bool IsPlan { get; init; }

    public IEnumerable<FailedRow> FailedRows(string table) => _failed[table];

    /// <summary>Those of one account.</summary>
    public IEnumerable<FailedRow> FailedRows(string table, string account)
    {
        if (!_failedIn.TryGetValue(table, out var rows))
            _failedIn[table] = rows = _failed[table].ToLookup(row => row.Account, StringComparer.Ordinal);
        return rows[account];
    }

    /// <summary>
    /// What says that AWS does not have a table's service in a place; null where it has, or where nobody can say. Of a regional table all
    /// scanned regions count where the place is the account.
    /// </summary>
    /// <param name="table">The table.</param>
    /// <param name="account">The account.</param>
    /// <param name="region">The region, or <c>global</c>.</param>
    public CollectionStatus? NotOffered(TableDefinition table, string account, string region)
    {
        IEnumerable<string> places = table.Scope == TableScope.Account ? [CollectionStatus.Global]
            : region == CollectionStatus.Global ? Scope.RegionsOf(account) : [region];
        CollectionStatus? found = null;
        foreach (var place in places)
        {
            var statuses = _statuses[(table.Name, account, place)].ToList();
            if (statuses.Count == 0 || statuses.Exists(status => status.Outcome != CollectionOutcome.NotOffered))
                return null;
            found ??= statuses[0];
        }
        return found;
    }

    /// <summary>Whether something is missing that a check may hang on.</summary>
    public bool IsMissingFor(CompiledCheck check) =>
        check.Tables.Any(table => (!check.IsForPlans(table) && MissingPlaces(table).Count > 0) || LostDetails(table.Name).Any(lost => check.Uses(table, lost)));

    private IReadOnlyList<string> LostDetails(string table)
    {
        if (!_lost.TryGetValue(table, out var lost))
            _lost[table] = lost = [.. _failed[table].SelectMany(row => row.Failures).Select(DetailColumns.Lost).Distinct(StringComparer.Ordinal)];
        return lost;
    }

    /// <summary>How many rows of a table there are in a place.</summary>
    /// <param name="table">The table.</param>
    /// <param name="account">The account.</param>
    /// <param name="region">The region; null for the whole account.</param>
    public int CountRows(string table, string account, string? region)
    {
        if (!_counts.TryGetValue(table, out var counts))
        {
            _counts[table] = counts = [];
            foreach (var row in _read(table))
            {
                counts[(row.Account, row.Region)] = counts.GetValueOrDefault((row.Account, row.Region)) + 1;
                counts[(row.Account, null)] = counts.GetValueOrDefault((row.Account, null)) + 1;
            }
        }
        return counts.GetValueOrDefault((account, region));
    }

    /// <summary>Where rows of a table may be missing, and why. A null region is one that is not known.</summary>
    public IReadOnlyList<(string Account, string? Region, CollectionStatus Cause)> MissingPlaces(TableDefinition table)
    {
        if (_missing.TryGetValue(table.Name, out var known))
            return known;
        var places = new List<(string, string?, CollectionStatus)>();
        foreach (var account in Scope.Accounts)
        {
            var regions = Scope.RegionsOf(account);
            if (table.Scope == TableScope.Account)
            {
                // Rows of an account may be of any region, where the table says so or its select does.
                var region = table.RowRegion is null && table.From is null ? CollectionStatus.Global : null;
                places.AddRange(Problems(table, account, CollectionStatus.Global).Select(cause => (account, region, cause)));
            }
            else if (regions.Count == 0)
            {
                places.Add((account, null, NotEntered(account) is { } refused ? refused with { Table = table.Name }
                    : new CollectionStatus(table.Name, account, CollectionStatus.Global, CollectionOutcome.Error, null, "no region of the account was scanned")));
            }
            else
            {
                foreach (var region in regions)
                {
                    places.AddRange(Problems(table, account, region)
                        .Select(cause => (account, cause.Region == CollectionStatus.Global ? null : region, cause)));
                }
            }
        }
        // Named by a status, and not there: a row that is missing.
        var there = _named[table.Name].Any() ? _read(table.Name).Select(own => (own.Account, own.Resource)).ToHashSet() : [];
        foreach (var row in _named[table.Name].Where(row => !there.Contains((row.Account, row.Resource))))
        {
            places.AddRange(row.Failures.Select(failure => (row.Account, table.Scope == TableScope.Account && (table.RowRegion is not null || table.From is not null) ? null : row.Region,
                new CollectionStatus(table.Name, row.Account, row.Region, failure.Outcome, failure.Operation, failure.Reason, [row.Resource]))));
        }
        return _missing[table.Name] = [.. places.Distinct()];
    }

    /// <summary>Those of one account.</summary>
    public IEnumerable<(string Account, string? Region, CollectionStatus Cause)> MissingPlaces(TableDefinition table, string account)
    {
        if (!_missingIn.TryGetValue(table.Name, out var places))
            _missingIn[table.Name] = places = MissingPlaces(table).ToLookup(place => place.Account, StringComparer.Ordinal);
        return places[account];
    }

    /// <summary>Why rows of a table that is made of what could be read of others may be missing; empty for any other table, and where all was read.</summary>
    /// <param name="table">The table.</param>
    /// <param name="account">The account.</param>
    public IReadOnlyList<CollectionStatus> LeftOut(TableDefinition table, string account) => table.From is not { IsPartial: true } from ? []
        : [.. from.Tables.SelectMany(source => Scope.RegionsOf(account).Append(CollectionStatus.Global).SelectMany(region => _statuses[(source, account, region)]))
            .Where(status => status.IsIncomplete && status.Resources is null)];

    // Of an account that could not be entered, or whose job is missing, nothing was asked: that is the reason of all.
    private CollectionStatus? NotEntered(string account) =>
        _statuses[(BuiltInTables.Account, account, CollectionStatus.Global)].FirstOrDefault(status => status.IsIncomplete);

    /// <summary>What keeps a table from being known whole in a region; empty when it is.</summary>
    public IEnumerable<CollectionStatus> Problems(TableDefinition table, string account, string region)
    {
        var found = false;
        IEnumerable<CollectionStatus> statuses = table.Scope == TableScope.Account
            ? _statuses[(table.Name, account, CollectionStatus.Global)]
            : _statuses[(table.Name, account, region)];
        // The list of regions is read once an account, though its rows belong to regions.
        if (table.Name == BuiltInTables.Region)
            statuses = _statuses[(table.Name, account, region)].Concat(_statuses[(table.Name, account, CollectionStatus.Global)]).Distinct();
        foreach (var status in statuses)
        {
            found = true;
            if (status.IsIncomplete && status.Resources is null)
                yield return status;
        }
        if (!found)
        {
            yield return NotEntered(account) is { } refused ? refused with { Table = table.Name } : new CollectionStatus(table.Name, account, table.Scope == TableScope.Account ? CollectionStatus.Global : region,
                CollectionOutcome.Error, null, "was not collected");
        }
    }
}
