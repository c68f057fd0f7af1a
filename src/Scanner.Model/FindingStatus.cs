namespace Scanner.Model;

/// <summary>What a check says of one resource or scope.</summary>
public enum FindingStatus
{
    /// <summary>Looked at, and right.</summary>
    Pass,

    /// <summary>Looked at, and wrong.</summary>
    Fail,

    /// <summary>Could not be looked at (denied, throttled, disabled, malformed ...): never a pass.</summary>
    Unknown,

    /// <summary>Everything was read, and there is nothing of the kind that the check is about.</summary>
    NotApplicable,

    /// <summary>Would fail, but somebody accepted the risk, with a reason.</summary>
    Muted,
}
