using Scanner.Catalog;
using Scanner.Evaluate.Gaps;
using Scanner.Store.Sql;

namespace Scanner.Evaluate;

/// <summary>A check whose query has been parsed, judged harmless and bound against its tables.</summary>
internal sealed class CompiledCheck
{
    private readonly Lazy<CompiledFacts> _facts;
    private readonly Lazy<HashSet<SourceColumn>?> _used;
    private readonly Lazy<QueryShape>? _shape;
    private readonly Lazy<KnownFunctions>? _functions;

    /// <summary>Makes a check that is judged here: nothing of its query is worked out before somebody asks.</summary>
    /// <param name="source">The check as its author wrote it.</param>
    /// <param name="definition">The same with what is joined to its query.</param>
    /// <param name="tables">See <see cref="Tables"/>.</param>
    /// <param name="shape">The query of <paramref name="definition"/>.</param>
    /// <param name="functions">DuckDB's functions.</param>
    /// <param name="takesAll">Whether columns count that no finding is made of.</param>
    public CompiledCheck(
        CheckDefinition source, CheckDefinition definition, IReadOnlyList<TableDefinition> tables, Lazy<QueryShape> shape, Lazy<KnownFunctions> functions, bool takesAll)
        : this(source, definition, tables, () => CompiledFacts.Once(source, tables, () => CompiledFacts.Of(tables, shape.Value, functions.Value, takesAll)))
    {
        _shape = shape;
        _functions = functions;
    }

    /// <summary>Makes the check of what compiling found out elsewhere.</summary>
    /// <param name="source">The check as its author wrote it.</param>
    /// <param name="definition">The same with what is joined to its query.</param>
    /// <param name="tables">See <see cref="Tables"/>.</param>
    /// <param name="facts">What was found out.</param>
    public CompiledCheck(CheckDefinition source, CheckDefinition definition, IReadOnlyList<TableDefinition> tables, CompiledFacts facts)
        : this(source, definition, tables, () => facts) => Failure = facts.Failure;

    private CompiledCheck(CheckDefinition source, CheckDefinition definition, IReadOnlyList<TableDefinition> tables, Func<CompiledFacts> facts)
    {
        Source = source;
        Definition = definition;
        Tables = tables;
        // Without locks: an evaluator is not for several threads.
        _facts = new(facts, isThreadSafe: false);
        // Null: columns are not followed through the query, and every one counts as used.
        _used = new(() => Facts.Used?.ToHashSet(), isThreadSafe: false);
    }

    /// <summary>The check as its author wrote it.</summary>
    public CheckDefinition Source { get; }

    public CheckDefinition Definition { get; }

    /// <summary>The declared tables, without repetition; the first is the one that resource ids come from.</summary>
    public IReadOnlyList<TableDefinition> Tables { get; }

    /// <summary>Whether it is judged region by region.</summary>
    public required bool IsRegional { get; init; }

    /// <summary>What compiling found out.</summary>
    public CompiledFacts Facts => _facts.Value;

    /// <summary>See <see cref="CompiledFacts.Failure"/>.</summary>
    public string? Failure { get; }

    /// <summary>See <see cref="QueryShape.Tree"/>; empty where the query runs in another process.</summary>
    public string Tree => _shape?.Value.Tree ?? "";

    /// <summary>DuckDB's functions.</summary>
    public KnownFunctions Functions => _functions?.Value ?? KnownFunctions.None;

    /// <summary>Whether the query is known to be one select: its text may stand within another.</summary>
    public bool IsProven { get; init; }

    public string FirstTable => Tables[0].Name;

    /// <summary>See <see cref="CheckDefinition.ForPlans"/>.</summary>
    public bool IsForPlans(TableDefinition table) => Definition.ForPlans.Contains(table.Name, StringComparer.Ordinal);

    /// <summary>Whether the query takes something from a column. One that the table does not have counts as used.</summary>
    public bool UsesColumn(TableDefinition table, string column) =>
        _used.Value is not { } used || used.Contains(new SourceColumn(table.Name, column)) || !DetailColumns.Of(table).Contains(column, StringComparer.Ordinal);

    /// <summary>Whether the query takes something from a column that a failure leaves unknown.</summary>
    /// <param name="table">The table.</param>
    /// <param name="lost">See <see cref="DetailColumns.Lost"/>.</param>
    public bool Uses(TableDefinition table, string lost) =>
        DetailColumns.Of(table).Any(column => UsesColumn(table, column) && DetailColumns.Feeds(table, lost, column));

    /// <summary>The detail calls that the query needs.</summary>
    public IReadOnlySet<string> Details(TableDefinition table) => DetailColumns.Needed(table, column => UsesColumn(table, column));
}
