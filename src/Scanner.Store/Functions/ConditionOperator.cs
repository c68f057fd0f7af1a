namespace Scanner.Store.Functions;

/// <summary>What a condition compares, without <c>Not</c>, <c>IfExists</c> and set operators.</summary>
internal enum ConditionOperator
{
    /// <summary>Texts, to the letter.</summary>
    StringEquals,

    /// <summary>Texts, whatever their case.</summary>
    StringEqualsIgnoreCase,

    /// <summary>Texts with wildcards.</summary>
    StringLike,

    /// <summary>Equal numbers.</summary>
    NumericEquals,

    /// <summary>A smaller number.</summary>
    NumericLessThan,

    /// <summary>A smaller or equal number.</summary>
    NumericLessThanEquals,

    /// <summary>A greater number.</summary>
    NumericGreaterThan,

    /// <summary>A greater or equal number.</summary>
    NumericGreaterThanEquals,

    /// <summary>The same time.</summary>
    DateEquals,

    /// <summary>An earlier time.</summary>
    DateLessThan,

    /// <summary>An earlier time or the same.</summary>
    DateLessThanEquals,

    /// <summary>A later time.</summary>
    DateGreaterThan,

    /// <summary>A later time or the same.</summary>
    DateGreaterThanEquals,

    /// <summary>True or false.</summary>
    Bool,

    /// <summary>The same bytes, in base64.</summary>
    BinaryEquals,

    /// <summary>An address within a range.</summary>
    IpAddress,

    /// <summary>ARNs, part by part, with wildcards (<c>ArnEquals</c> and <c>ArnLike</c> do the same).</summary>
    ArnLike,

    /// <summary>Whether the key is missing.</summary>
    Null,
}
