using System.Globalization;
using Scanner.Model;

namespace Scanner.Collect.Tables;

/// <summary>Gathers what failed in one unit, and says it as one status for each operation and outcome.</summary>
internal sealed class FailureLog(CollectionUnit unit)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(string Operation, CollectionOutcome Outcome), (string Reason, int Times)> _table = [];
    private readonly Dictionary<(string Operation, CollectionOutcome Outcome), (string Reason, SortedSet<string> Ids)> _rows = [];

    /// <summary>The table as a whole is not collected.</summary>
    public void Table(string operation, CollectionOutcome outcome, string reason)
    {
        lock (_lock)
        {
            _table[(operation, outcome)] = _table.TryGetValue((operation, outcome), out var known)
                ? (known.Reason, known.Times + 1)
                : (reason, 1);
        }
    }

    /// <summary>A detail of one resource is not known.</summary>
    public void Row(string id, ResourceFailure failure)
    {
        lock (_lock)
        {
            if (!_rows.TryGetValue((failure.Operation, failure.Outcome), out var known))
                _rows[(failure.Operation, failure.Outcome)] = known = (failure.Reason, new SortedSet<string>(StringComparer.Ordinal));
            known.Ids.Add(id);
        }
    }

    /// <summary>The unit's statuses: one that says ok, or one for each thing that failed.</summary>
    public IReadOnlyList<CollectionStatus> Statuses()
    {
        lock (_lock)
        {
            var table = unit.Table.Table.Name;
            var account = unit.Account.Api.Account;
            if (_table.Count + _rows.Count == 0)
                return [new(table, account, unit.StatusRegion, CollectionOutcome.Ok)];
            return
            [
                .. _table.OrderBy(pair => pair.Key.Operation, StringComparer.Ordinal).ThenBy(pair => pair.Key.Outcome)
                    .Select(pair => new CollectionStatus(table, account, unit.StatusRegion, pair.Key.Outcome, pair.Key.Operation,
                        CollectionStatus.IsOfOne(pair.Key.Outcome) ? Times(pair.Value.Reason, pair.Value.Times) : pair.Value.Reason)),
                .. _rows.OrderBy(pair => pair.Key.Operation, StringComparer.Ordinal).ThenBy(pair => pair.Key.Outcome)
                    .Select(pair => new CollectionStatus(table, account, unit.StatusRegion, pair.Key.Outcome, pair.Key.Operation, pair.Value.Reason, [.. pair.Value.Ids])),
            ];
        }
    }

    private static string Times(string reason, int times) =>
        times == 1 ? reason : $"{reason} (and {(times - 1).ToString(CultureInfo.InvariantCulture)} more)";
}
