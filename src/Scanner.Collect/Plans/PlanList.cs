using System.Text.Json.Nodes;

namespace Scanner.Collect.Plans;

/// <summary>A list, a set, or the blocks of one name. How many elements it has is known; each may be unknown itself.</summary>
public sealed class PlanList : PlanValue
{
    /// <summary>A list without elements.</summary>
    public static readonly PlanList Empty = new([]);

    private readonly PlanValue[] _items;

    /// <summary>Makes a list.</summary>
    /// <param name="items">Its elements.</param>
    public PlanList(IEnumerable<PlanValue> items) => _items = [.. items];

    /// <summary>Its elements.</summary>
    public IReadOnlyList<PlanValue> Items => _items;

    /// <inheritdoc/>
    public override bool IsKnown => Array.TrueForAll(_items, item => item.IsKnown);

    /// <inheritdoc/>
    public override IEnumerable<PlanUnknown> Unknowns => _items.SelectMany(item => item.Unknowns);

    /// <inheritdoc/>
    public override JsonNode? ToJson(Func<PlanSymbol, string?> symbol) => new JsonArray([.. _items.Select(item => item.ToJson(symbol))]);
}
