namespace Scanner.Store.Functions;

/// <summary>Kinds of knowledge of a condition key.</summary>
internal enum KeyKnowledge
{
    /// <summary>Nothing is known, or the caller chooses.</summary>
    Unknown,

    /// <summary>The request does not have the key.</summary>
    Absent,

    /// <summary>The request has these values.</summary>
    Values,

    /// <summary>The request has a value that a stranger has: none that a policy names.</summary>
    Foreign,

    /// <summary>An address anywhere on the internet, but in no range that is one owner's.</summary>
    AnyAddress,
}
