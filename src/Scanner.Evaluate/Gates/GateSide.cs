using Scanner.Catalog;
using Scanner.Model;

namespace Scanner.Evaluate.Gates;

/// <summary>The rows of one side, found by id and by address.</summary>
internal sealed class GateSide
{
    private readonly Dictionary<(string Table, string Account, string Resource), List<GateRow>> _byId = [];
    private readonly ILookup<(string Table, string Address), GateRow> _byAddress;
    private readonly ILookup<string, GateRow> _byTable;

    public GateSide(IReadOnlyList<GateRow> rows)
    {
        _byTable = rows.ToLookup(row => row.Resource.Table, StringComparer.Ordinal);
        _byAddress = rows.ToLookup(row => (row.Resource.Table, row.Address));
        foreach (var row in rows)
        {
            var key = (row.Resource.Table, row.Resource.Account, row.Resource.Id);
            if (!_byId.TryGetValue(key, out var list))
                _byId[key] = list = [];
            list.Add(row);
        }
    }

    /// <summary>Rows of a table.</summary>
    public IEnumerable<GateRow> OfTable(string table) => _byTable[table];

    /// <summary>Rows of a check's tables that are about an address.</summary>
    public IEnumerable<GateRow> At(CompiledCheck check, string address) => check.Tables.SelectMany(table => _byAddress[(table.Name, address)]);

    /// <summary>The row that a finding names; null when it names none of the plan.</summary>
    public GateRow? Of(CompiledCheck check, Finding finding)
    {
        foreach (var table in check.Tables)
        {
            if (!_byId.TryGetValue((table.Name, finding.Account, finding.Resource), out var rows))
                continue;
            // The region of a row of an account's table is the resource's own.
            if ((rows.Find(row => row.Resource.Region == finding.Region) ?? (table.Scope == TableScope.Account ? rows[0] : null)) is { } found)
                return found;
        }
        return null;
    }

    /// <summary>Rows of tables in an account, and where the table is regional, in a region.</summary>
    public IEnumerable<GateRow> In(IEnumerable<TableDefinition> tables, string account, string region) =>
        tables.SelectMany(table => _byTable[table.Name].Where(row => row.Resource.Account == account
            && (table.Scope == TableScope.Account || region == CollectionStatus.Global || row.Resource.Region == region)));
}
