using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace Scanner.Evaluate.Gaps;

/// <summary>What names mean in one SELECT, and what is known of the rows that it makes.</summary>
/// <param name="parent">The SELECT around it, whose columns it may use; null for none.</param>
internal sealed class Scope(Scope? parent)
{
    /// <summary>The SELECT around it.</summary>
    public Scope? Parent { get; } = parent;

    /// <summary>What stands in FROM, in order.</summary>
    public List<Source> Sources { get; } = [];

    /// <summary>Masks of the conditions of joins, of WHERE and the like.</summary>
    public List<JsonNode> Conditions { get; } = [];

    /// <summary>Columns that conditions and the rows of sources hang on.</summary>
    public ImmutableHashSet<SourceColumn> Rows { get; set; } = [];

    /// <summary>Expressions of the select list by their alias, as they came.</summary>
    public Dictionary<string, JsonNode> Aliases { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Parameters of the lambdas around the place that is rewritten.</summary>
    public List<string> Parameters { get; } = [];

    /// <summary>What the SELECT names its columns by; null where it takes all of them. Others need not be carried along.</summary>
    public IReadOnlySet<string>? Named { get; init; }

    /// <summary>Whether something in it named a column of a SELECT around it.</summary>
    public bool IsCorrelated { get; set; }

    /// <summary>How aggregates and keys are rewritten; null outside of a grouped select list.</summary>
    public Grouping? Group { get; set; }

    /// <summary>Where subqueries of the select list are asked once a row; null where they stay where they are.</summary>
    public Computed? Lifted { get; set; }

    /// <summary>Mask of each row before it is grouped: there may be more of these, or none.</summary>
    public JsonNode? Loose => Tree.Bits(Sources.Select(source => source.Loose).Concat(Conditions));

    /// <summary>Mask of each row: there may be no such row.</summary>
    public JsonNode? Gone => Tree.Bits(Sources.Select(source => source.Gone).Concat(Conditions));

    /// <summary>Whether nothing in it hangs on a gap.</summary>
    public bool IsClosed => Conditions.Count == 0 && Sources.TrueForAll(source => source.IsClosed);

    /// <summary>Whether a mask is an expression that is better written once.</summary>
    public bool HasLongMasks => Sources.SelectMany(source => source.Columns).Select(column => column.Term.Mask).Append(Loose)
        .Any(mask => mask is not null && Tree.Text(mask, "class") != "COLUMN_REF" && mask.ToJsonString().Length > 400);

    /// <summary>Takes in a condition.</summary>
    public void Add(Term condition)
    {
        if (condition.Mask is not null)
            Conditions.Add(condition.Mask);
        Rows = Rows.Union(condition.Uses);
    }

    /// <summary>Takes in a source.</summary>
    public void Add(Source source)
    {
        Sources.Add(source);
        Rows = Rows.Union(source.Rows);
    }
}
