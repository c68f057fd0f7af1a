namespace Scanner.Store.Functions;

/// <summary>What a comparison of a filter pattern asks of a field.</summary>
internal enum LogPatternOperator
{
    /// <summary><c>=</c>: the value, in which <c>*</c> stands for any text.</summary>
    Equal,

    /// <summary><c>!=</c>: another value. A field that is missing has none.</summary>
    NotEqual,

    /// <summary>A smaller number.</summary>
    Less,

    /// <summary>A smaller or the same number.</summary>
    LessOrEqual,

    /// <summary>A greater number.</summary>
    Greater,

    /// <summary>A greater or the same number.</summary>
    GreaterOrEqual,

    /// <summary><c>NOT EXISTS</c>: the field is missing.</summary>
    Missing,

    /// <summary><c>IS NULL</c>.</summary>
    IsNull,

    /// <summary><c>IS TRUE</c>.</summary>
    IsTrue,

    /// <summary><c>IS FALSE</c>.</summary>
    IsFalse,
}
