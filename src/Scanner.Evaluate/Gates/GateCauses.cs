using System.Text.Json;
using Scanner.Model;

namespace Scanner.Evaluate.Gates;

/// <summary>
/// Finds the changes that a finding comes from: those in what the columns that the check reads were made of, and rows of its other
/// tables that name the same object (a destroyed flow log behind an unchanged VPC).
/// </summary>
internal sealed class GateCauses(GateRequest request, GateCoverage coverage, CompiledCheck check)
{
    // More would be a list that nobody reads.
    private const int Most = 3;

    // Rows of other tables whose instance changes, on either side, and which of them name an object; made once a check.
    private List<GateRow>? _others;
    private Dictionary<string, List<int>>? _named;

    /// <summary>Whether anything changes that the row is made of.</summary>
    public bool IsTouched(GateComparison.Subject? was, GateComparison.Subject? becomes) => Changed(was, becomes).Any();

    /// <summary>The addresses, the likeliest first.</summary>
    public IReadOnlyList<string> Of(FindingChange change, GateComparison.Subject? was, GateComparison.Subject? becomes)
    {
        var own = (becomes ?? was)!.Address;
        if (change == FindingChange.Existing)
            return [];
        if (change == FindingChange.Unknown)
        {
            var hidden = becomes!.Reasons.Select(reason => reason.Operation).OfType<string>()
                .Where(operation => operation.StartsWith("terraform:", StringComparison.Ordinal)).Select(operation => operation["terraform:".Length..]);
            return [.. hidden.Distinct(StringComparer.Ordinal).OrderBy(address => address == own).Take(Most)];
        }
        var changed = Changed(was, becomes).Distinct(StringComparer.Ordinal).ToList();
        // Nothing names the object: then it is what the plan does to the account's facts that the check reads.
        if (changed.Count == 0)
            changed = [.. (_others ??= Others()).Where(other => other.Resource.Account == (becomes ?? was)!.Finding.Account).Select(other => other.Address).Distinct(StringComparer.Ordinal)];
        // A new object explains itself; what else it was made of matters where it was there before.
        if (own is not null && changed.Contains(own, StringComparer.Ordinal) && (IsCreated(own) || changed.Count > Most))
            return [own];
        return [.. changed.OrderBy(address => address == own).Take(Most)];
    }

    private IEnumerable<string> Changed(GateComparison.Subject? was, GateComparison.Subject? becomes)
    {
        var rows = (was?.Rows ?? []).Concat(becomes?.Rows ?? []).ToList();
        foreach (var row in rows)
        {
            if (IsChanged(row.Address))
                yield return row.Address;
            var table = check.Tables.FirstOrDefault(one => one.Name == row.Resource.Table);
            foreach (var (column, addresses) in row.Sources)
            {
                if (table is null || !check.UsesColumn(table, column))
                    continue;
                foreach (var address in addresses.Where(IsChanged))
                    yield return address;
            }
        }
        foreach (var address in Related(rows))
            yield return address;
    }

    // Rows of the other tables name the object by its id, or by the text that stands for it until apply.
    private IEnumerable<string> Related(List<GateRow> rows)
    {
        _others ??= Others();
        _named ??= Named(_others);
        var own = rows.Select(row => row.Resource.Table).ToHashSet(StringComparer.Ordinal);
        return rows.SelectMany(NamesOf).Distinct(StringComparer.Ordinal).SelectMany(name => _named.GetValueOrDefault(name) ?? []).Distinct().Order()
            .Select(i => _others[i]).Where(row => !own.Contains(row.Resource.Table)).Select(row => row.Address);
    }

    private List<GateRow> Others() =>
    [
        .. check.Tables.Skip(1).SelectMany(table => coverage.Before.OfTable(table.Name).Concat(coverage.After.OfTable(table.Name))).Where(row => IsChanged(row.Address)),
    ];

    // Every text of their items, and the address in a text that stands for an object ("aws_vpc.main#id").
    private static Dictionary<string, List<int>> Named(List<GateRow> rows)
    {
        var named = new Dictionary<string, List<int>>(StringComparer.Ordinal);
        for (var i = 0; i < rows.Count; i++)
        {
            var json = new Utf8JsonReader(System.Text.Encoding.UTF8.GetBytes(rows[i].Resource.Item));
            while (json.Read())
            {
                if (json.TokenType != JsonTokenType.String || json.GetString() is not { Length: > 0 } text)
                    continue;
                Add(text, i);
                if (text.LastIndexOf('#') is > 0 and var end)
                    Add(text[..(end + 1)], i);
            }
        }
        return named;

        void Add(string text, int row)
        {
            if (!named.TryGetValue(text, out var list))
                named[text] = list = [];
            if (list.Count == 0 || list[^1] != row)
                list.Add(row);
        }
    }

    private static IEnumerable<string> NamesOf(GateRow row)
    {
        var id = row.Resource.Id;
        yield return id;
        // The last part of an ARN is the id that other resources name.
        var last = id.AsSpan(id.LastIndexOfAny(['/', ':']) + 1).ToString();
        if (last.Length > 3 && last.Length < id.Length)
            yield return last;
        yield return row.Address + "#";
    }

    private bool IsChanged(string address) => request.Instances.TryGetValue(address, out var instance) && instance.IsChanged;

    private bool IsCreated(string address) => request.Instances.TryGetValue(address, out var instance) && instance.IsCreated;
}
