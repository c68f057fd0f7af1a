namespace Scanner.Model;

/// <summary>What a finding is a sign of. The greater is the more urgent, whatever the severity says of how much it matters.</summary>
public enum Urgency
{
    /// <summary>A setting that is not as it should be.</summary>
    None,

    /// <summary>A logging source is off or does not deliver: what happens now will not be known.</summary>
    Logging,

    /// <summary>A stranger can get in without breaking anything.</summary>
    Exposure,

    /// <summary>Somebody has been seen at it.</summary>
    Attack,
}
