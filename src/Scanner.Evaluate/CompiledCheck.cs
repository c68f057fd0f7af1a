using Scanner.Catalog;
using Scanner.Evaluate.Gaps;
using Scanner.Store.Sql;

namespace Scanner.Evaluate;

/// <summary>A check whose query has been parsed, judged harmless and bound against its tables.</summary>
internal sealed class CompiledCheck
{
    // Null: columns are not followed through the query, and every one counts as used.
    private readonly HashSet<SourceColumn>? _used;

    public CompiledCheck(CheckDefinition definition, IReadOnlyList<TableDefinition> tables, QueryShape shape, KnownFunctions functions, bool takesAll = false)
    {
        Definition = definition;
        Tables = tables;
        Unordered = shape.Unordered;
        Tree = shape.Tree;
        Functions = functions;
        try
        {
            var whole = tables.ToDictionary(
                table => table.Name,
                table => new GapTable(table.Name, table.Name, [.. DetailColumns.Of(table).Select(column => (column, (IReadOnlyList<string>)[]))], null),
                StringComparer.OrdinalIgnoreCase);
            var result = new Rewriter(whole, functions).Rewrite(Tree, out _);
            // What the query returns besides is for nobody.
            var returned = result.Columns.Where(column => takesAll || CheckRunner.Columns.Contains(column.Name, StringComparer.OrdinalIgnoreCase));
            _used = [.. result.Rows, .. returned.SelectMany(column => column.Uses)];
            _used = _used.Contains(Rewriter.EveryColumn) ? null : _used;
        }
        catch (NotFollowedException error)
        {
            NotFollowed = error.Message;
        }
    }

    public CheckDefinition Definition { get; }

    /// <summary>The declared tables, without repetition; the first is the one that resource ids come from.</summary>
    public IReadOnlyList<TableDefinition> Tables { get; }

    /// <summary>Whether it is judged region by region.</summary>
    public required bool IsRegional { get; init; }

    /// <summary>See <see cref="QueryShape.Unordered"/>.</summary>
    public IReadOnlyList<(string Name, int Line)> Unordered { get; }

    /// <summary>See <see cref="QueryShape.Tree"/>.</summary>
    public string Tree { get; }

    /// <summary>DuckDB's functions.</summary>
    public KnownFunctions Functions { get; }

    /// <summary>What the query uses through which columns are not followed; null where they are.</summary>
    public string? NotFollowed { get; }

    public string FirstTable => Tables[0].Name;

    /// <summary>See <see cref="CheckDefinition.ForPlans"/>.</summary>
    public bool IsForPlans(TableDefinition table) => Definition.ForPlans.Contains(table.Name, StringComparer.Ordinal);

    /// <summary>Whether the query takes something from a column. One that the table does not have counts as used.</summary>
    public bool UsesColumn(TableDefinition table, string column) =>
        _used is null || _used.Contains(new SourceColumn(table.Name, column)) || !DetailColumns.Of(table).Contains(column, StringComparer.Ordinal);

    /// <summary>Whether the query takes something from a column that a failure leaves unknown.</summary>
    /// <param name="table">The table.</param>
    /// <param name="lost">See <see cref="DetailColumns.Lost"/>.</param>
    public bool Uses(TableDefinition table, string lost) =>
        DetailColumns.Of(table).Any(column => UsesColumn(table, column) && DetailColumns.Feeds(table, lost, column));

    /// <summary>The detail calls that the query needs.</summary>
    public IReadOnlySet<string> Details(TableDefinition table) => DetailColumns.Needed(table, column => UsesColumn(table, column));
}
