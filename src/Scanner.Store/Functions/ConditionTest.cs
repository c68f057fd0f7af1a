using System.Globalization;
using System.Net;

namespace Scanner.Store.Functions;

/// <summary>
/// Whether a condition holds: true, false, or null where that cannot be told. The rules for missing keys, <c>IfExists</c>,
/// <c>ForAnyValue</c> and <c>ForAllValues</c> are those of the IAM user guide ("Condition operators", "Multivalued context keys").
/// </summary>
internal static class ConditionTest
{
    /// <summary>Whether it holds for a request.</summary>
    /// <param name="condition">The condition.</param>
    /// <param name="state">What is known of its key.</param>
    public static bool? Holds(PolicyCondition condition, KeyState state)
    {
        if (condition.Operator == ConditionOperator.Null)
            return NullHolds(condition, state);
        switch (state.Kind)
        {
            case KeyKnowledge.Unknown:
                return null;
            case KeyKnowledge.Absent:
                // "If the key is not present ... the values do not match": false, and true where they must not match.
                return condition.IfExists || condition.Quantifier switch
                {
                    ConditionQuantifier.All => true,
                    ConditionQuantifier.Any => false,
                    _ => condition.Negated,
                };
            default:
                // A stranger's one value has no text.
                IReadOnlyList<string> values = state.Kind == KeyKnowledge.Values ? state.Values : [""];
                var each = values.Select(value => Not(Any(condition, state.Kind, value), condition.Negated)).ToList();
                return condition.Quantifier switch
                {
                    ConditionQuantifier.All => And(each),
                    ConditionQuantifier.Any => Or(each),
                    // IAM wants a set operator for a key with several values; without one it is told only where all agree.
                    _ => each.TrueForAll(one => one == each[0]) ? each[0] : null,
                };
        }
    }

    /// <summary>All of them: false beats not known.</summary>
    public static bool? And(IEnumerable<bool?> all)
    {
        bool? result = true;
        foreach (var one in all)
        {
            if (one == false)
                return false;
            result = one is null ? null : result;
        }
        return result;
    }

    private static bool? Or(IEnumerable<bool?> all) => Not(And(all.Select(one => Not(one, true))), true);

    private static bool? Not(bool? value, bool negate) => negate ? !value : value;

    private static bool? NullHolds(PolicyCondition condition, KeyState state)
    {
        var wantsAbsent = condition.Values.Any(value => value.Equals("true", StringComparison.OrdinalIgnoreCase));
        var wantsPresent = condition.Values.Any(value => value.Equals("false", StringComparison.OrdinalIgnoreCase));
        return state.Kind switch
        {
            KeyKnowledge.Unknown => wantsAbsent && wantsPresent ? true : null,
            KeyKnowledge.Absent => wantsAbsent,
            _ => wantsPresent,
        };
    }

    private static bool? Any(PolicyCondition condition, KeyKnowledge kind, string value) => Or(condition.Values.Select(wanted => kind switch
    {
        KeyKnowledge.Foreign => Pins.ForeignMatches(condition, wanted),
        KeyKnowledge.AnyAddress => Pins.AnyAddressMatches(condition, wanted),
        _ => Matches(condition.Operator, wanted, value),
    }));

    private static bool? Matches(ConditionOperator op, string wanted, string value)
    {
        switch (op)
        {
            case ConditionOperator.StringEquals:
                return Pattern(WildcardPattern.ParseFixed(wanted), value);
            case ConditionOperator.StringEqualsIgnoreCase:
                return Pattern(WildcardPattern.ParseFixed(wanted, ignoreCase: true), value.ToLowerInvariant());
            case ConditionOperator.StringLike:
                return Pattern(WildcardPattern.Parse(wanted), value);
            case ConditionOperator.ArnLike:
                return Arn(wanted, value);
            case ConditionOperator.Bool:
                return HasVariable(wanted) ? null : wanted.Equals(value, StringComparison.OrdinalIgnoreCase);
            case ConditionOperator.BinaryEquals:
                return HasVariable(wanted) ? null : wanted == value;
            case ConditionOperator.IpAddress:
                return HasVariable(wanted) ? null : AddressRange.TryParse(wanted, out var range) && IPAddress.TryParse(value, out var address) && range.Includes(address);
            case ConditionOperator.DateEquals or ConditionOperator.DateLessThan or ConditionOperator.DateLessThanEquals
                or ConditionOperator.DateGreaterThan or ConditionOperator.DateGreaterThanEquals:
                return HasVariable(wanted) ? null : Time(value) is { } time && Time(wanted) is { } limit && Compared(op, time.CompareTo(limit));
            default:
                return HasVariable(wanted) ? null : Number(value) is { } number && Number(wanted) is { } bound && Compared(op, number.CompareTo(bound));
        }
    }

    private static bool Compared(ConditionOperator op, int sign) => op switch
    {
        ConditionOperator.NumericEquals or ConditionOperator.DateEquals => sign == 0,
        ConditionOperator.NumericLessThan or ConditionOperator.DateLessThan => sign < 0,
        ConditionOperator.NumericLessThanEquals or ConditionOperator.DateLessThanEquals => sign <= 0,
        ConditionOperator.NumericGreaterThan or ConditionOperator.DateGreaterThan => sign > 0,
        _ => sign >= 0,
    };

    // A variable is read as "*": what does not match then, does not match at all.
    private static bool? Pattern(WildcardPattern pattern, string value) =>
        pattern.HasVariable ? pattern.Overlaps(WildcardPattern.ParseFixed(value)) ? null : false : pattern.Matches(value);

    // "Each of the six colon-delimited components of the ARN is checked separately" (IAM user guide).
    private static bool? Arn(string wanted, string value)
    {
        var patterns = wanted.Split(':', 6);
        var parts = value.Split(':', 6);
        if (wanted == "*")
            return true;
        return patterns.Length == parts.Length ? And(patterns.Zip(parts, (pattern, part) => Pattern(WildcardPattern.Parse(pattern), part))) : false;
    }

    private static bool HasVariable(string wanted) => WildcardPattern.ParseFixed(wanted).HasVariable;

    private static decimal? Number(string text) =>
        decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;

    // ISO 8601, or seconds since 1970.
    private static DateTimeOffset? Time(string text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds) && Math.Abs(seconds) < 100_000_000_000 ? DateTimeOffset.FromUnixTimeSeconds(seconds)
        : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time
        : null;
}
