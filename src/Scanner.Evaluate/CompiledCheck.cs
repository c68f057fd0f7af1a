using Scanner.Catalog;
using Scanner.Store.Sql;

namespace Scanner.Evaluate;

/// <summary>A check whose query has been parsed, judged harmless and bound against its tables.</summary>
internal sealed class CompiledCheck
{
    private readonly Dictionary<string, HashSet<string>> _details = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<string>> _columns = new(StringComparer.Ordinal);

    public CompiledCheck(CheckDefinition definition, IReadOnlyList<TableDefinition> tables, QueryShape shape)
    {
        Definition = definition;
        Tables = tables;
        Unordered = shape.Unordered;
        foreach (var table in tables)
        {
            _details[table.Name] = UsedDetails(table, shape);
            _columns[table.Name] = [.. table.Columns.Select(column => column.Name).Where(name => shape.ReadsWholeRows || shape.Mentions("item") || shape.Mentions(name))];
        }
    }

    public CheckDefinition Definition { get; }

    /// <summary>The declared tables, without repetition; the first is the one that resource ids come from.</summary>
    public IReadOnlyList<TableDefinition> Tables { get; }

    /// <summary>See <see cref="QueryShape.Unordered"/>.</summary>
    public IReadOnlyList<(string Name, int Line)> Unordered { get; }

    public string FirstTable => Tables[0].Name;

    /// <summary>Whether the query may use a column that a detail call feeds. A detail that the table file does not name counts as used.</summary>
    public bool Uses(TableDefinition table, string detail) =>
        !table.Each.Any(call => call.As == detail) || _details[table.Name].Contains(detail);

    /// <summary>Whether the query may use a column. One that the table file does not name counts as used.</summary>
    public bool UsesColumn(TableDefinition table, string column) =>
        !table.Columns.Any(one => one.Name == column) || _columns[table.Name].Contains(column);

    private static HashSet<string> UsedDetails(TableDefinition table, QueryShape shape)
    {
        var used = new HashSet<string>(StringComparer.Ordinal);
        // The region of a row always stands in the select list; named once more, it takes part in the judgment.
        var region = table.RowRegion is not null && shape.CountOf("region") > 1 ? table.RowRegion : "";
        foreach (var detail in table.Each.Select(call => call.As).OfType<string>())
        {
            if (shape.ReadsWholeRows
                || shape.Mentions("item")
                || table.Columns.Any(column => column.Path.Segments[0].Name == detail && shape.Mentions(column.Name))
                || Refers(table.Id, detail) || Refers(region, detail))
            {
                used.Add(detail);
            }
        }
        // A detail call whose parameters, region or condition come from another detail fails, or is left out, with it.
        bool grown;
        do
        {
            grown = false;
            foreach (var call in table.Each.Where(call => call.As is not null && used.Contains(call.As)))
            {
                var text = call.Parameters.ToJsonString() + call.Region;
                foreach (var other in table.Each.Select(each => each.As).OfType<string>())
                {
                    if (text.Contains("{" + other, StringComparison.Ordinal) || call.When.Any(when => when.Key.Segments[0].Name == other))
                        grown |= used.Add(other);
                }
            }
        }
        while (grown);
        return used;
    }

    // Either a text with {paths}, or a bare path.
    private static bool Refers(string template, string detail) =>
        template.Contains("{" + detail, StringComparison.Ordinal) || template == detail || template.StartsWith(detail + ".", StringComparison.Ordinal);
}
