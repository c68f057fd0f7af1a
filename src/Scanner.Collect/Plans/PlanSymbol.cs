using System.Text.Json.Nodes;

namespace Scanner.Collect.Plans;

/// <summary>
/// A text that is not known yet, but is known to be an identity (id, ARN, name) of one instance of this plan: either the
/// instance's own identity attribute, or another's argument that refers to it. Only attributes that the table files call
/// <c>names:</c> of the type become symbols (gate.md 3.1, rule 9), so symbols of one address all mean one object, whatever the attribute.
/// </summary>
/// <param name="address">Address of the instance, with its key: <c>module.net["a"].aws_vpc.this[0]</c>.</param>
/// <param name="type">Its resource type, such as <c>aws_vpc</c>.</param>
/// <param name="attribute">The attribute of it that was named: <c>id</c>, <c>arn</c>, <c>bucket</c> ...</param>
/// <param name="byIndex">Whether it was told from equal <c>count.index</c> only (rule 5): messages say so.</param>
public sealed class PlanSymbol(string address, string type, string attribute, bool byIndex = false) : PlanValue
{
    /// <summary>Address of the instance that is meant.</summary>
    public string Address { get; } = address;

    /// <summary>Its resource type, such as <c>aws_vpc</c>.</summary>
    public string Type { get; } = type;

    /// <summary>The attribute of it that was named.</summary>
    public string Attribute { get; } = attribute;

    /// <summary>Whether it was told from equal <c>count.index</c> only.</summary>
    public bool ByIndex { get; } = byIndex;

    /// <inheritdoc/>
    public override bool IsKnown => false;

    /// <inheritdoc/>
    public override JsonNode? ToJson(Func<PlanSymbol, string?> symbol)
    {
        ArgumentNullException.ThrowIfNull(symbol);
        return symbol(this) is { } text ? JsonValue.Create(text) : null;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Address}#{Attribute}";
}
