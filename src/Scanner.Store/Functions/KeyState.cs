namespace Scanner.Store.Functions;

/// <summary>What is known of one condition key of a request.</summary>
/// <param name="Kind">What kind of knowledge.</param>
/// <param name="Values">The values, for <see cref="KeyKnowledge.Values"/>.</param>
internal readonly record struct KeyState(KeyKnowledge Kind, IReadOnlyList<string> Values)
{
    public static readonly KeyState Unknown = new(KeyKnowledge.Unknown, []);
    public static readonly KeyState Absent = new(KeyKnowledge.Absent, []);
    public static readonly KeyState Foreign = new(KeyKnowledge.Foreign, []);
    public static readonly KeyState AnyAddress = new(KeyKnowledge.AnyAddress, []);

    public static KeyState Of(IReadOnlyList<string> values) => values.Count == 0 ? Absent : new(KeyKnowledge.Values, values);
}
