namespace Scanner.Model;

/// <summary>What the findings of a control's checks make of it, worst first.</summary>
public enum ControlStatus
{
    /// <summary>A check of it fails somewhere.</summary>
    Fail,

    /// <summary>Nothing fails, and something could not be assessed, or its checks did not run.</summary>
    Unknown,

    /// <summary>A person has to look: no check answers it, or none answers all of it.</summary>
    Manual,

    /// <summary>All that fails is an accepted risk.</summary>
    Muted,

    /// <summary>Its checks pass.</summary>
    Pass,

    /// <summary>Nothing of what it is about exists.</summary>
    NotApplicable,
}
