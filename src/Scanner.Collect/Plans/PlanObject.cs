using System.Text.Json.Nodes;

namespace Scanner.Collect.Plans;

/// <summary>An object, a map, or the body of a block.</summary>
public sealed class PlanObject : PlanValue
{
    /// <summary>An object without members.</summary>
    public static readonly PlanObject Empty = new([]);

    private readonly KeyValuePair<string, PlanValue>[] _members;

    /// <summary>Makes an object.</summary>
    /// <param name="members">Members in the plan's order; of two with one name the later is meant.</param>
    public PlanObject(IEnumerable<KeyValuePair<string, PlanValue>> members) => _members = [.. members];

    /// <summary>Members in the plan's order.</summary>
    public IReadOnlyList<KeyValuePair<string, PlanValue>> Members => _members;

    /// <summary>The member of a name; <see cref="PlanUnset.Null"/> when there is none.</summary>
    public PlanValue this[string name]
    {
        get
        {
            for (var i = _members.Length - 1; i >= 0; i--)
            {
                if (string.Equals(_members[i].Key, name, StringComparison.Ordinal))
                    return _members[i].Value;
            }
            return PlanUnset.Null;
        }
    }

    /// <inheritdoc/>
    public override bool IsKnown => Array.TrueForAll(_members, member => member.Value.IsKnown);

    /// <inheritdoc/>
    public override IEnumerable<PlanUnknown> Unknowns => _members.SelectMany(member => member.Value.Unknowns);

    /// <inheritdoc/>
    public override JsonNode? ToJson(Func<PlanSymbol, string?> symbol)
    {
        var json = new JsonObject();
        foreach (var (name, value) in _members)
            json[name] = value.ToJson(symbol);
        return json;
    }
}
