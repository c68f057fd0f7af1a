namespace Scanner.Store.Functions;

/// <summary>What a statement does.</summary>
internal enum PolicyEffect
{
    /// <summary>It allows.</summary>
    Allow,

    /// <summary>It denies, whatever others allow.</summary>
    Deny,
}
