using System.Runtime.CompilerServices;
using Scanner.Catalog;
using Scanner.Evaluate.Gaps;
using Scanner.Store.Sql;

namespace Scanner.Evaluate;

/// <summary>What compiling found out of a query: all of a <see cref="CompiledCheck"/> that is not in its definition.</summary>
/// <param name="Used">Columns that the query takes something from; null where they are not followed, and every one counts as used.</param>
/// <param name="NotFollowed">What the query uses through which columns are not followed; null where they are.</param>
/// <param name="Unordered">Aggregates whose answer depends on the order of rows, with their lines.</param>
/// <param name="Failure">Why the query cannot even be tried: compiling it took too much time or memory, or ended the engine; null where it can.</param>
internal sealed record CompiledFacts(
    IReadOnlyList<SourceColumn>? Used, string? NotFollowed, IReadOnlyList<UnorderedCall> Unordered, string? Failure = null)
{
    /// <summary>Follows the columns through a query.</summary>
    /// <param name="tables">Its tables.</param>
    /// <param name="shape">The query.</param>
    /// <param name="functions">DuckDB's functions.</param>
    /// <param name="takesAll">Whether columns count that no finding is made of.</param>
    public static CompiledFacts Of(IReadOnlyList<TableDefinition> tables, QueryShape shape, KnownFunctions functions, bool takesAll)
    {
        List<UnorderedCall> unordered = [.. shape.Unordered.Select(call => new UnorderedCall(call.Name, call.Line))];
        try
        {
            var whole = tables.ToDictionary(
                table => table.Name,
                table => new GapTable(table.Name, table.Name, [.. DetailColumns.Of(table).Select(column => (column, (IReadOnlyList<string>)[]))], null),
                StringComparer.OrdinalIgnoreCase);
            var result = new Rewriter(whole, functions).Rewrite(shape.Tree, out _);
            // What the query returns besides is for nobody.
            var returned = result.Columns.Where(column => takesAll || CheckRunner.Columns.Contains(column.Name, StringComparer.OrdinalIgnoreCase));
            HashSet<SourceColumn> used = [.. result.Rows, .. returned.SelectMany(column => column.Uses)];
            return new CompiledFacts(used.Contains(Rewriter.EveryColumn) ? null : [.. used], null, unordered);
        }
        catch (NotFollowedException error)
        {
            return new CompiledFacts(null, error.Message, unordered);
        }
    }

    /// <summary>As <see cref="Of"/>, followed once in the life of a check: a process may run more than one command.</summary>
    /// <param name="check">The check as its author wrote it.</param>
    /// <param name="tables">Its tables.</param>
    /// <param name="find">Follows the columns.</param>
    public static CompiledFacts Once(CheckDefinition check, IReadOnlyList<TableDefinition> tables, Func<CompiledFacts> find)
    {
        // The same check may stand beside other tables, which an overlay replaces.
        if (Found.TryGetValue(check, out var known) && known.Tables.SequenceEqual(tables, ReferenceEqualityComparer.Instance))
            return known.Facts;
        var facts = find();
        Found.AddOrUpdate(check, new Known(tables, facts));
        return facts;
    }

    private static readonly ConditionalWeakTable<CheckDefinition, Known> Found = [];

    private sealed record Known(IReadOnlyList<TableDefinition> Tables, CompiledFacts Facts);

    /// <summary>Of a query that cannot be tried.</summary>
    /// <param name="reason">Why, as the reason of a query that gave no answer.</param>
    public static CompiledFacts NotTried(string reason) => new(null, "a query that could not be compiled", [], reason);
}

/// <summary>An aggregate without <c>order by</c> inside.</summary>
/// <param name="Name">Function.</param>
/// <param name="Line">Line in the query.</param>
internal sealed record UnorderedCall(string Name, int Line);
