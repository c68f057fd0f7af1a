namespace Scanner.Model;

/// <summary>Where a finding comes from.</summary>
public enum FindingKind
{
    /// <summary>A posture check: the state of a resource. It ends when the state is corrected.</summary>
    Posture,

    /// <summary>A detection: something that happened in the event logs. It does not end by itself.</summary>
    Detection,
}
