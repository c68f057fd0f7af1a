using System.Collections.Immutable;

namespace Scanner.Collect.Plans.Hcl;

/// <summary>The names that an expression refers to, in the plan's spelling, to see whether a source fits a plan.</summary>
internal static class SourceNames
{
    /// <summary>Adds the beginnings of all traversals: <c>var.x</c>, <c>local.y</c>, <c>aws_vpc.main</c>, <c>data.t.n</c>, <c>each.value</c>.</summary>
    /// <param name="expression">Where to look.</param>
    /// <param name="bound">Variables of loops.</param>
    /// <param name="names">Gets them.</param>
    public static void Of(HclExpression expression, ImmutableHashSet<string> bound, HashSet<string> names)
    {
        switch (expression)
        {
            case HclMember { Of: HclMember { Of: HclName { Name: "data" }, Name: var type }, Name: var name } when !bound.Contains("data"):
                names.Add($"data.{type}.{name}");
                break;
            case HclMember { Of: HclName head, Name: var name }:
                if (!bound.Contains(head.Name))
                    names.Add($"{head.Name}.{name}");
                break;
            case HclMember member:
                Of(member.Of, bound, names);
                break;
            case HclIndex index:
                Of(index.Of, bound, names);
                Of(index.Key, bound, names);
                break;
            case HclSplat splat:
                Of(splat.Of, bound, names);
                Of(splat.Each, bound, names);
                break;
            case HclFor loop:
                Of(loop.Collection, bound, names);
                bound = bound.Add(loop.ValueName).Add(loop.KeyName ?? loop.ValueName);
                foreach (var part in new[] { loop.Key, loop.Value, loop.If }.OfType<HclExpression>())
                    Of(part, bound, names);
                break;
            default:
                foreach (var part in Parts(expression))
                    Of(part, bound, names);
                break;
        }
    }

    /// <summary>The beginning of a reference of the plan.</summary>
    public static string Head(string reference)
    {
        var at = reference.StartsWith("data.", StringComparison.Ordinal) ? "data.".Length : 0;
        _ = PlanAddress.ReadName(reference, ref at);
        _ = PlanAddress.ReadKey(reference, ref at);
        if (at < reference.Length && reference[at] == '.')
        {
            at++;
            _ = PlanAddress.ReadName(reference, ref at);
        }
        return reference[..at];
    }

    /// <summary>Whether a name takes part: what is a constant of the run does not.</summary>
    public static bool Counts(string name) =>
        !name.StartsWith("path.", StringComparison.Ordinal) && !name.StartsWith("terraform.", StringComparison.Ordinal) && !name.StartsWith("self.", StringComparison.Ordinal);

    private static IEnumerable<HclExpression> Parts(HclExpression expression) => expression switch
    {
        HclTemplate template => template.Parts,
        HclCall call => call.Arguments,
        HclConditional conditional => [conditional.If, conditional.Then, conditional.Else],
        HclBinary binary => [binary.Left, binary.Right],
        HclUnary unary => [unary.Operand],
        HclTuple tuple => tuple.Items,
        HclObject o => o.Members.SelectMany(member => new[] { member.Key, member.Value }),
        _ => [],
    };
}
