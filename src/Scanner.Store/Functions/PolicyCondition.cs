namespace Scanner.Store.Functions;

/// <summary>One key of a condition block with its operator (IAM user guide, "Condition operators").</summary>
/// <param name="Operator">What is compared how.</param>
/// <param name="Negated">Whether it holds where no value matches (<c>StringNotEquals</c> ...).</param>
/// <param name="IfExists">Whether it holds where the key is missing.</param>
/// <param name="Quantifier">How several values in the request count.</param>
/// <param name="Key">The key as written; case does not count.</param>
/// <param name="Values">Any of these, as texts.</param>
internal sealed record PolicyCondition(
    ConditionOperator Operator, bool Negated, bool IfExists, ConditionQuantifier Quantifier, string Key, IReadOnlyList<string> Values);
