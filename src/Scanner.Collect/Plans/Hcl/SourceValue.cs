namespace Scanner.Collect.Plans.Hcl;

/// <summary>
/// What an expression of the source gives, as far as the plan knows the objects in it. Not Terraform's value: it only tells which
/// object something comes from, and what is known serves to choose keys and branches.
/// </summary>
internal abstract record SourceValue
{
    /// <summary>A truth value, number, text, list or object of which all is known; null is <see cref="PlanUnset.Null"/>.</summary>
    public sealed record Known(PlanValue Value) : SourceValue;

    /// <summary>An object of which the members are.</summary>
    public sealed record Map(IReadOnlyDictionary<string, SourceValue> Members) : SourceValue;

    /// <summary>A list; without <paramref name="IsExact"/> its order and length are not certain.</summary>
    public sealed record List(IReadOnlyList<SourceValue> Items, bool IsExact) : SourceValue;

    /// <summary>An instance of a resource or data source.</summary>
    public sealed record Instance(RawChange Entry) : SourceValue;

    /// <summary>An attribute of an instance that is known after apply, or what is in it.</summary>
    public sealed record Attribute(RawChange Entry, string Name, bool IsPart) : SourceValue
    {
        /// <summary>Of the text of a policy, what something else is put in the place of.</summary>
        public IReadOnlyList<string> Replaced { get; init; } = [];
    }

    /// <summary>All instances of a resource with <c>count</c> or <c>for_each</c>.</summary>
    public sealed record Group(IReadOnlyList<RawChange> All, bool IsCounted) : SourceValue;

    /// <summary>A module call; the key of the last step is empty where there are several instances.</summary>
    public sealed record Module(IReadOnlyList<PlanStep> Steps, bool IsKeyed) : SourceValue;

    /// <summary>One of several, and nothing tells which.</summary>
    public sealed record Choice(IReadOnlyList<SourceValue> Of) : SourceValue;

    /// <summary>Something made of others: a text composed of names, the result of a function.</summary>
    public sealed record Made(IReadOnlyList<SourceValue> Of) : SourceValue;

    /// <summary>A text that is the JSON of a value.</summary>
    public sealed record Json(SourceValue Value) : SourceValue;

    /// <summary>Known to Terraform when it planned, and not worked out here.</summary>
    public sealed record Untold : SourceValue;

    /// <summary>An error where it stands: an absent instance, an index past the end. What <c>try</c> passes over.</summary>
    public sealed record Failed : SourceValue;

    /// <summary>Nothing can be said; in words, what hides it.</summary>
    public sealed record Hidden(string Words) : SourceValue;

    public static readonly SourceValue Nothing = new Known(PlanUnset.Null);

    public static SourceValue Text(string text) => new Known(PlanScalar.Of(text));

    /// <summary>Whether nothing that is known after apply takes part.</summary>
    public bool IsSettled => this switch
    {
        Known or Untold or Failed => true,
        Map map => map.Members.Values.All(one => one.IsSettled),
        List list => list.Items.All(one => one.IsSettled),
        Choice choice => choice.Of.All(one => one.IsSettled),
        Made made => made.Of.All(one => one.IsSettled),
        Json json => json.Value.IsSettled,
        _ => false,
    };

    /// <summary>One of several; what fails is left out where something else remains.</summary>
    public static SourceValue OneOf(IEnumerable<SourceValue> values)
    {
        var flat = values.SelectMany(value => value is Choice inner ? inner.Of : [value]).Distinct().ToList();
        return flat.Count switch { 0 => new Failed(), 1 => flat[0], _ => new Choice(flat) };
    }

    /// <summary>The known scalar; null when it is none.</summary>
    public PlanScalar? Scalar => (this as Known)?.Value as PlanScalar;
}
