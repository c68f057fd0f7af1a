#pragma warning disable MA0048 // One family of records of few lines, read together.

namespace Scanner.Collect.Plans.Hcl;

/// <summary>An expression of Terraform's language, as far as it must be understood to follow what it names.</summary>
internal abstract record HclExpression;

/// <summary>A number, a truth value or null; a text without interpolation.</summary>
internal sealed record HclLiteral(PlanValue Value) : HclExpression;

/// <summary>A text with <c>${...}</c> in it, or a heredoc: its parts in order, texts as literals.</summary>
internal sealed record HclTemplate(IReadOnlyList<HclExpression> Parts) : HclExpression;

/// <summary>A name at the beginning of a traversal: <c>var</c>, <c>local</c>, <c>aws_vpc</c>, the variable of a loop.</summary>
internal sealed record HclName(string Name) : HclExpression;

/// <summary><c>x.name</c>.</summary>
internal sealed record HclMember(HclExpression Of, string Name) : HclExpression;

/// <summary><c>x[key]</c>.</summary>
internal sealed record HclIndex(HclExpression Of, HclExpression Key) : HclExpression;

/// <summary><c>x[*]</c> or <c>x.*</c> with what follows: each element, then the rest of the traversal in each.</summary>
/// <param name="Of">What is spread out.</param>
/// <param name="Each">The rest, with <see cref="HclSplatItem"/> where the element stands.</param>
internal sealed record HclSplat(HclExpression Of, HclExpression Each) : HclExpression;

/// <summary>The element that a splat is at.</summary>
internal sealed record HclSplatItem : HclExpression;

/// <summary>A call; with <paramref name="Spread"/>, the last argument is a list of arguments (<c>...</c>).</summary>
internal sealed record HclCall(string Name, IReadOnlyList<HclExpression> Arguments, bool Spread) : HclExpression;

/// <summary><c>if ? then : else</c>.</summary>
internal sealed record HclConditional(HclExpression If, HclExpression Then, HclExpression Else) : HclExpression;

/// <summary>Two operands.</summary>
internal sealed record HclBinary(string Operator, HclExpression Left, HclExpression Right) : HclExpression;

/// <summary><c>!x</c> or <c>-x</c>.</summary>
internal sealed record HclUnary(string Operator, HclExpression Operand) : HclExpression;

/// <summary><c>[a, b]</c>.</summary>
internal sealed record HclTuple(IReadOnlyList<HclExpression> Items) : HclExpression;

/// <summary><c>{ k = v }</c>. A key that is a bare name is that text.</summary>
internal sealed record HclObject(IReadOnlyList<(HclExpression Key, HclExpression Value)> Members) : HclExpression;

/// <summary><c>[for k, v in c : e if p]</c> or <c>{for k, v in c : key => e... if p}</c>.</summary>
internal sealed record HclFor(
    string? KeyName, string ValueName, HclExpression Collection, HclExpression? Key, HclExpression Value, HclExpression? If, bool Grouped) : HclExpression;

/// <summary>Something that was not understood; what it names may be anything.</summary>
internal sealed record HclOpaque : HclExpression;
