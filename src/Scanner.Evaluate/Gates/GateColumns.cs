using Scanner.Catalog;
using Scanner.Model;

namespace Scanner.Evaluate.Gates;

/// <summary>Leaves out of a table what no check reads: of a large plan most values are tags and the like, and rows of them would not fit into memory.</summary>
public static class GateColumns
{
    /// <summary>The table with the columns that its rows' ids and the checks need.</summary>
    /// <param name="table">A table.</param>
    /// <param name="evaluator">Evaluator of the catalog.</param>
    /// <param name="checks">The checks that will be asked.</param>
    /// <exception cref="InputException">A check file is broken.</exception>
    public static TableDefinition Needed(TableDefinition table, CheckEvaluator evaluator, IEnumerable<CheckDefinition> checks)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(evaluator);
        ArgumentNullException.ThrowIfNull(checks);
        var asked = checks.Select(evaluator.CompileForPlan).Where(check => check.Tables.Any(own => own.Name == table.Name)).ToList();
        if (asked.Exists(check => check.UsesColumn(table, "item")))
            return table;
        var read = table.Columns.Where(column => asked.Exists(check => check.UsesColumn(table, column.Name))).ToList();
        return table with
        {
            Columns =
            [
                .. table.Columns.Where(column => read.Contains(column)
                    || table.Id.Contains(column.Path.Segments[0].Name, StringComparison.Ordinal)
                    // A column that lies within one that is read is a part of it.
                    || read.Exists(outer => outer.Path.Segments.Count < column.Path.Segments.Count && outer.Path.Segments.SequenceEqual(column.Path.Segments.Take(outer.Path.Segments.Count)))),
            ],
        };
    }
}
