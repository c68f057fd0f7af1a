using System.Globalization;

namespace Scanner.Collect.Plans.Hcl;

/// <summary>Operators on known values, which choose keys and branches.</summary>
internal static class SourceOperators
{
    public static SourceValue Apply(string sign, SourceValue left, SourceValue right)
    {
        if (left is SourceValue.Failed || right is SourceValue.Failed)
            return new SourceValue.Failed();
        if (sign is "==" or "!=" && Equal(left, right) is { } equal)
            return new SourceValue.Known(PlanScalar.Of(equal == (sign == "==")));
        if (sign is "&&" or "||" && right.Scalar?.Text is "true" or "false")
        {
            // What the unknown side says does not matter where this side decides.
            if ((sign == "&&") == (right.Scalar!.Text == "false"))
                return right;
        }
        if (Number(left) is { } one && Number(right) is { } other && Calculate(sign, one, other) is { } result)
            return result;
        return left.IsSettled && right.IsSettled ? new SourceValue.Untold() : new SourceValue.Made([left, right]);
    }

    private static bool? Equal(SourceValue left, SourceValue right)
    {
        if (left.Scalar is { } one && right.Scalar is { } other)
            return one.Type == other.Type ? one.Text == other.Text : (bool?)false;
        var (leftNull, rightNull) = (IsNull(left), IsNull(right));
        if (leftNull && rightNull)
            return true;
        // What has an identity, members or elements is not null.
        if (leftNull || rightNull)
            return (leftNull ? right : left) is SourceValue.Map or SourceValue.List or SourceValue.Instance or SourceValue.Group or SourceValue.Json or SourceValue.Known ? false : null;
        return Empty(left) is { } l && Empty(right) is { } r && (l || r) ? l == r : null;
    }

    private static bool? Empty(SourceValue value) => value switch
    {
        SourceValue.Known { Value: PlanList list } => list.Items.Count == 0,
        SourceValue.Known { Value: PlanObject o } => o.Members.Count == 0,
        SourceValue.List { IsExact: true } list => list.Items.Count == 0,
        SourceValue.Map map => map.Members.Count == 0,
        _ => null,
    };

    private static bool IsNull(SourceValue value) => value is SourceValue.Known { Value: PlanUnset };

    private static double? Number(SourceValue value) =>
        value.Scalar is { Type: PlanScalarType.Number or PlanScalarType.Text } scalar
        && double.TryParse(scalar.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : null;

    private static SourceValue? Calculate(string sign, double one, double other) => sign switch
    {
        "+" => Of(one + other),
        "-" => Of(one - other),
        "*" => Of(one * other),
        "/" when other != 0 => Of(one / other),
        "%" when other != 0 => Of(one % other),
        "<" => Of(one < other),
        ">" => Of(one > other),
        "<=" => Of(one <= other),
        ">=" => Of(one >= other),
        _ => null,
    };

    private static SourceValue Of(double number) => new SourceValue.Known(PlanScalar.Number(number.ToString("R", CultureInfo.InvariantCulture)));

    private static SourceValue Of(bool value) => new SourceValue.Known(PlanScalar.Of(value));
}
