namespace Scanner.Model;

/// <summary>What became of a finding: between the two sides of a plan, or since an earlier scan.</summary>
public enum FindingChange
{
    /// <summary>Gate: fails afterwards, and did not before. The only one that <c>--fail-on</c> counts.</summary>
    Introduced,

    /// <summary>Gate: fails before and afterwards: not this change's business.</summary>
    Existing,

    /// <summary>Failed before, and no longer does.</summary>
    Fixed,

    /// <summary>Gate: failed before, and what failed is gone.</summary>
    Removed,

    /// <summary>Gate: what it will be afterwards cannot be told before apply.</summary>
    Unknown,

    /// <summary>Scan with a baseline: fails now, and did not then.</summary>
    New,

    /// <summary>Scan with a baseline: failed then, and still does.</summary>
    Still,
}
