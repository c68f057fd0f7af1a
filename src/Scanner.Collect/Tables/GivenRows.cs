using System.Text.Json.Nodes;
using Scanner.Aws;
using Scanner.Catalog;
using Scanner.Model;

namespace Scanner.Collect.Tables;

/// <summary>The rows that the <c>from</c> of tables gives, by account and region, and the accounts that they may be asked in.</summary>
internal sealed class GivenRows
{
    private readonly Dictionary<string, IAwsApi> _accounts;
    private readonly Dictionary<string, (ILookup<(string Account, string Region), JsonObject>? Rows, string? Reason)> _rows = new(StringComparer.Ordinal);
    private readonly ILookup<(string Table, string Account), CollectionStatus> _failed;

    /// <summary>Asks for the rows of all tables that are about to be collected.</summary>
    public GivenRows(IEnumerable<CollectionUnit> units, IReadOnlyList<CollectionAccount> accounts, IReadOnlyList<CollectionStatus> failed, CollectorOptions options)
    {
        _accounts = accounts.ToDictionary(account => account.Api.Account, account => account.Api, StringComparer.Ordinal);
        _failed = failed.ToLookup(status => (status.Table, status.Account));
        foreach (var table in units.Select(unit => unit.Table.Table).Where(table => table.From is not null).Distinct())
        {
            try
            {
                var rows = options.Rows?.Invoke(table) ?? throw new InputException("nobody gives rows to 'from'");
                _rows[table.Name] = (rows.ToLookup(row => (TextOf(row, "account_id"), TextOf(row, "region"))), null);
            }
            catch (InputException e)
            {
                _rows[table.Name] = (null, e.Message);
            }
        }
    }

    /// <summary>An account of the scan; null for any other.</summary>
    public IAwsApi? Account(string id) => _accounts.GetValueOrDefault(id);

    /// <summary>The rows of one unit, or why there are none.</summary>
    /// <param name="unit">A unit of a table with <c>from</c>.</param>
    /// <param name="missing">What was not collected that the rows are made of, or why the select failed; then there are no rows.</param>
    public IReadOnlyList<JsonObject> Of(CollectionUnit unit, out IReadOnlyList<(CollectionOutcome Outcome, string Operation, string Reason)> missing)
    {
        var table = unit.Table.Table;
        var account = unit.Account.Api.Account;
        var (rows, failure) = _rows[table.Name];
        missing = failure is not null ? [(CollectionOutcome.Error, "from", failure)]
            : table.From!.IsPartial ? []
            : [.. table.From!.Tables.SelectMany(name => _failed[(name, account)])
                .Where(status => table.Scope == TableScope.Account || status.Region == unit.Region || status.Region == CollectionStatus.Global)
                .Select(status => (status.Outcome, status.Operation ?? status.Table, status.IsOfOneOperation ? $"{status.Table} was not read: {status.Reason}" : status.Reason ?? ""))];
        if (missing.Count > 0)
            return [];
        return table.Scope == TableScope.Account
            ? [.. rows!.Where(group => group.Key.Account == account).SelectMany(group => group)]
            : [.. rows![(account, unit.Region)]];
    }

    private static string TextOf(JsonObject row, string name) => TextTemplate.ScalarText(row[name]) ?? "";
}
