namespace Scanner.Catalog;

/// <summary>What one finding of a check is about, and so what must have been collected for it to be known.</summary>
public enum CheckScope
{
    /// <summary>A resource of the check's first table.</summary>
    Resource,

    /// <summary>An account in one region.</summary>
    Region,

    /// <summary>An account in all its scanned regions.</summary>
    Account,
}
