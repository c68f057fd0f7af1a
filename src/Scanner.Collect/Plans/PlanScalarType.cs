namespace Scanner.Collect.Plans;

/// <summary>What a <see cref="PlanScalar"/> is.</summary>
public enum PlanScalarType
{
    /// <summary>A text.</summary>
    Text,

    /// <summary>A number.</summary>
    Number,

    /// <summary>A truth value.</summary>
    Bool,
}
