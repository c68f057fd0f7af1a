using System.Globalization;
using System.Text.Json.Nodes;

namespace Scanner.Collect.Plans;

/// <summary>A known text, number or truth value.</summary>
public sealed class PlanScalar : PlanValue
{
    /// <summary>The known value true.</summary>
    public static readonly PlanScalar True = new(PlanScalarType.Bool, "true");

    /// <summary>The known value false.</summary>
    public static readonly PlanScalar False = new(PlanScalarType.Bool, "false");

    private PlanScalar(PlanScalarType type, string text)
    {
        Type = type;
        Text = text;
    }

    /// <summary>Text, number or truth value.</summary>
    public PlanScalarType Type { get; }

    /// <summary>A text as it is; a number in the plan's own spelling; <c>true</c> or <c>false</c>.</summary>
    public string Text { get; }

    /// <inheritdoc/>
    public override bool IsKnown => true;

    /// <summary>A known text.</summary>
    public static PlanScalar Of(string text) => new(PlanScalarType.Text, text);

    /// <summary>A known truth value.</summary>
    public static PlanScalar Of(bool value) => value ? True : False;

    /// <summary>A known number in JSON's spelling.</summary>
    public static PlanScalar Number(string spelling) => new(PlanScalarType.Number, spelling);

    /// <inheritdoc/>
    public override JsonNode? ToJson(Func<PlanSymbol, string?> symbol) => Type switch
    {
        PlanScalarType.Bool => JsonValue.Create(ReferenceEquals(this, True)),
        PlanScalarType.Number => Numeric(),
        _ => JsonValue.Create(Text),
    };

    /// <inheritdoc/>
    public override string ToString() => Text;

    // A number that fits neither (1e400) is kept as its text rather than lost.
    private JsonValue Numeric() =>
        long.TryParse(Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) ? JsonValue.Create(whole)
        : double.TryParse(Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var real) && double.IsFinite(real) ? JsonValue.Create(real)
        : JsonValue.Create(Text);
}
