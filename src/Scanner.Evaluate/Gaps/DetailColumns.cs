using Scanner.Catalog;
using Scanner.Model;

namespace Scanner.Evaluate.Gaps;

/// <summary>Which columns of a table come from which of its detail calls.</summary>
internal static class DetailColumns
{
    /// <summary>All columns in order, as checks see them.</summary>
    public static IEnumerable<string> Of(TableDefinition table)
    {
        var own = table.Columns.Select(column => column.Name).ToList();
        return ["account_id", "region", "resource_id", .. own, .. own.Contains("item", StringComparer.OrdinalIgnoreCase) ? [] : new[] { "item" }];
    }

    // A plan's value that is known after apply is one column; a name of AWS's cannot begin like that.
    private const char OneColumn = '=';

    /// <summary>What a failure leaves unknown, as <see cref="Feeds"/> takes it.</summary>
    public static string Lost(ResourceFailure failure) => failure.Outcome == CollectionOutcome.Planned ? OneColumn + failure.Detail : failure.Detail;

    /// <summary>
    /// Whether a column is not known where a detail could not be read. A failure names a detail call, or the one column that a plan does
    /// not know, or something that the table does not have: then nothing of the row is known.
    /// </summary>
    /// <param name="table">The table.</param>
    /// <param name="lost">See <see cref="Lost"/>.</param>
    /// <param name="column">One of its columns.</param>
    public static bool Feeds(TableDefinition table, string lost, string column)
    {
        if (column == "account_id")
            return false;
        if (column == "item" && !table.Columns.Any(own => own.Name == "item"))
            return true;
        var detail = lost.StartsWith(OneColumn) ? "" : lost;
        if (!table.Each.Any(call => call.As == detail))
        {
            if (lost.StartsWith(OneColumn) && table.Columns.Any(own => own.Name == lost[1..]))
                return column == lost[1..];
            // The id and the region are how the failure was told of the row at all.
            return column is not ("region" or "resource_id") && !IsId(table, column);
        }
        var all = Dependent(table, detail);
        return column switch
        {
            "region" => table.RowRegion is { } region && all.Any(name => Refers(region, name)),
            "resource_id" => all.Any(name => Refers(table.Id, name)),
            _ => table.Columns.Any(own => own.Name == column && all.Contains(own.Path.Segments[0].Name)),
        };
    }

    /// <summary>Whether a column is the id of the table's rows.</summary>
    public static bool IsId(TableDefinition table, string column) =>
        table.Columns.Any(own => own.Name == column && (own.Path.Text == table.Id || "{" + own.Path.Text + "}" == table.Id));

    /// <summary>The detail calls that must be made for some columns: those that the columns come from, and those whose answers these need.</summary>
    public static IReadOnlySet<string> Needed(TableDefinition table, Func<string, bool> used)
    {
        var all = table.Each.Select(call => call.As).OfType<string>().ToList();
        var needed = all.Where(detail => used("item")
                || table.Columns.Any(column => column.Path.Segments[0].Name == detail && used(column.Name))
                || Refers(table.Id, detail) || (table.RowRegion is { } region && Refers(region, detail)))
            .ToHashSet(StringComparer.Ordinal);
        bool grown;
        do
        {
            grown = false;
            foreach (var detail in all.Where(detail => needed.Any(other => Hangs(table, other, detail))).ToList())
                grown |= needed.Add(detail);
        }
        while (grown);
        return needed;
    }

    // A detail and those that cannot be asked without it.
    private static HashSet<string> Dependent(TableDefinition table, string detail)
    {
        var lost = new HashSet<string>([detail], StringComparer.Ordinal);
        bool grown;
        do
        {
            grown = false;
            foreach (var call in table.Each.Where(call => call.As is not null && lost.Any(other => Hangs(table, call.As, other))))
                grown |= lost.Add(call.As!);
        }
        while (grown);
        return lost;
    }

    // Whether the call of a detail has something of another in its parameters, region or condition.
    private static bool Hangs(TableDefinition table, string detail, string other)
    {
        var call = table.Each.First(one => one.As == detail);
        return detail != other
            && ((call.Parameters.ToJsonString() + call.Region).Contains("{" + other, StringComparison.Ordinal)
                || call.When.Any(when => when.Key.Segments[0].Name == other));
    }

    // Either a text with {paths}, or a bare path.
    private static bool Refers(string template, string detail) =>
        template.Contains("{" + detail, StringComparison.Ordinal) || template == detail || template.StartsWith(detail + ".", StringComparison.Ordinal);
}
