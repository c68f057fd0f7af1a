namespace Scanner.Store.Functions;

/// <summary>How a condition treats a key with several values in the request.</summary>
internal enum ConditionQuantifier
{
    /// <summary>The key has one value.</summary>
    One,

    /// <summary><c>ForAnyValue</c>: one of the values does; none is not enough.</summary>
    Any,

    /// <summary><c>ForAllValues</c>: every value does; a missing key does too.</summary>
    All,
}
