using System.Text.Json.Nodes;

namespace Scanner.Collect.Plans;

/// <summary>
/// A value of an argument or attribute, as far as a plan knows it. Exactly one of
/// <see cref="PlanScalar"/> (known text, number or truth value), <see cref="PlanObject"/>, <see cref="PlanList"/> (their
/// parts may be of any kind again), <see cref="PlanSymbol"/> (not known yet, but known to be the identity of one object),
/// <see cref="PlanUnknown"/> (known after apply, and nothing tells) and <see cref="PlanUnset"/> (the argument was not set:
/// what AWS does then, <c>unset:</c> of the table file, applies). A value is never made up.
/// </summary>
public abstract class PlanValue
{
    private protected PlanValue()
    {
    }

    /// <summary>Whether this value and everything in it is known: no <see cref="PlanUnknown"/>, and no <see cref="PlanSymbol"/>.</summary>
    public abstract bool IsKnown { get; }

    /// <summary>
    /// The value at a path. Steps are names with dots between, <c>[0]</c> for an element, <c>[]</c> for all elements (what
    /// follows is looked up in each; the result is a list): <c>access_logs[0].enabled</c>, <c>ingress[]</c>,
    /// <c>rule[].apply[].algorithm</c>, <c>tags.Name</c>.
    /// <list type="bullet">
    /// <item>What is not there (a missing member, an element past the end, a null on the way) is <see cref="PlanUnset"/>.</item>
    /// <item>A path that leads through something unknown gives that <see cref="PlanUnknown"/>: the whole may or may not have the part.</item>
    /// <item>One through a computed <see cref="PlanUnset"/> gives it too, marked <see cref="PlanUnset.IsPart"/>.</item>
    /// <item><c>[]</c> of something that is not set gives that <see cref="PlanUnset"/>, and not an empty list: only then does
    /// <c>unset:</c> apply. An empty list stays an empty list.</item>
    /// <item>A name on a scalar, or an index on an object, finds nothing. <c>[0]</c> and <c>[]</c> take an object for a list of
    /// one: providers moved blocks to objects between majors.</item>
    /// </list>
    /// </summary>
    /// <param name="path">The path; empty gives this value.</param>
    public PlanValue Find(string path) => PlanPath.Parse(path).In(this);

    /// <summary>All unknown leaves below this value, depth first, this value itself included.</summary>
    public virtual IEnumerable<PlanUnknown> Unknowns => [];

    /// <summary>The value as JSON. A part that is a symbol becomes <paramref name="symbol"/>'s text, a part that is unknown or not set becomes null.</summary>
    /// <param name="symbol">Text of a symbol; null stands for JSON null.</param>
    public abstract JsonNode? ToJson(Func<PlanSymbol, string?> symbol);
}
