namespace Scanner.Model;

/// <summary>How much a failing check matters. Ordered: a later value is worse.</summary>
public enum Severity
{
    /// <summary>Worth knowing, nothing to do.</summary>
    Informational,

    /// <summary>Good hygiene.</summary>
    Low,

    /// <summary>Fix in the normal course of work.</summary>
    Medium,

    /// <summary>Fix soon: an attacker gains from it.</summary>
    High,

    /// <summary>Fix now.</summary>
    Critical,
}
