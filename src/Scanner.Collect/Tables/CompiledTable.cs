using Scanner.Catalog;
using Scanner.Model;

namespace Scanner.Collect.Tables;

/// <summary>A table definition with its texts parsed, once for all accounts and regions.</summary>
internal sealed class CompiledTable
{
    /// <exception cref="InputException">A text of the table has a brace that holds no path.</exception>
    public CompiledTable(TableDefinition table)
    {
        Table = table;
        Parents = [.. table.ForEach.Select(call => new CompiledCall(call, table.File))];
        List = new CompiledCall(table.List, table.File);
        Each = [.. table.Each.Select(call => new CompiledCall(call, table.File))];
        Waves = WavesOf(Each);
        NotAsked = [.. table.NotAsked.Select(call => new ResourceFailure(call.As!, CollectionOutcome.Error, $"{call.Service}:{call.Operation}",
            "not asked: no check that was chosen for the scan takes anything from it"))];
        Id = TextTemplate.ParseIdOrRegion(table.Id, table.File, 1);
        RowRegion = table.RowRegion is null ? null : TextTemplate.ParseIdOrRegion(table.RowRegion, table.File, 1);
        BatchFrom = table.List.Batch is null ? null : TextTemplate.Parse(table.List.Batch.From, table.File, table.List.Line);
    }

    public TableDefinition Table { get; }

    public IReadOnlyList<CompiledCall> Parents { get; }

    public CompiledCall List { get; }

    public IReadOnlyList<CompiledCall> Each { get; }

    /// <summary><see cref="Each"/> in groups, one after the other: those of a group take nothing from each other, and are asked at the same time.</summary>
    public IReadOnlyList<IReadOnlyList<CompiledCall>> Waves { get; }

    /// <summary>The place of a detail in <see cref="Each"/>; -1 where it is none.</summary>
    public int OrderOf(string detail)
    {
        for (var i = 0; i < Each.Count; i++)
        {
            if (Each[i].Call.As == detail)
                return i;
        }
        return -1;
    }

    /// <summary>What every row says of details that the scan leaves out.</summary>
    public IReadOnlyList<ResourceFailure> NotAsked { get; }

    public TextTemplate Id { get; }

    public TextTemplate? RowRegion { get; }

    public TextTemplate? BatchFrom { get; }

    /// <summary>Every operation with whether it may be asked in another region than the table's.</summary>
    public IEnumerable<(string Service, string Operation, bool Roams)> Operations =>
        Table.Operations.Select(op => (op.Service, op.Operation, Roams: false))
            .Concat(Each.Where(call => call.Region is not null).Select(call => (call.Call.Service, call.Call.Operation, Roams: true)));

    private static List<IReadOnlyList<CompiledCall>> WavesOf(IReadOnlyList<CompiledCall> calls)
    {
        var waves = new List<List<CompiledCall>>();
        foreach (var call in calls)
        {
            // What an earlier one takes from the item must not be this one's value yet.
            var after = waves.FindLastIndex(wave => wave.Exists(other => other.Call.As == call.Call.As
                || call.DependsOn.Contains(other.Call.As!, StringComparer.Ordinal) || other.DependsOn.Contains(call.Call.As!, StringComparer.Ordinal)));
            if (after + 1 == waves.Count)
                waves.Add([]);
            waves[after + 1].Add(call);
        }
        return [.. waves];
    }
}
