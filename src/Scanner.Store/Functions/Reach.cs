namespace Scanner.Store.Functions;

/// <summary>How much of what is asked for a part of a statement takes in.</summary>
internal enum Reach
{
    /// <summary>Nothing of it.</summary>
    None,

    /// <summary>It may be some of it: that hangs on a policy variable or on a condition of which nothing is known.</summary>
    Maybe,

    /// <summary>Some of it.</summary>
    Part,

    /// <summary>All of it.</summary>
    Full,
}
