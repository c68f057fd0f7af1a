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

    /// <summary>What every row says of details that the scan leaves out.</summary>
    public IReadOnlyList<ResourceFailure> NotAsked { get; }

    public TextTemplate Id { get; }

    public TextTemplate? RowRegion { get; }

    public TextTemplate? BatchFrom { get; }

    /// <summary>Every operation with whether it may be asked in another region than the table's.</summary>
    public IEnumerable<(string Service, string Operation, bool Roams)> Operations =>
        Table.Operations.Select(op => (op.Service, op.Operation, Roams: false))
            .Concat(Each.Where(call => call.Region is not null).Select(call => (call.Call.Service, call.Call.Operation, Roams: true)));
}
