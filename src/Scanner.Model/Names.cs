namespace Scanner.Model;

/// <summary>
/// The words that reports, check files and the command line use for the enumerations of this namespace.
/// They are part of the contract: lower case, <c>not applicable</c> with a space.
/// </summary>
public static class Names
{
    /// <summary>The word of a severity: informational, low, medium, high or critical.</summary>
    public static string Of(Severity severity) => severity switch
    {
        Severity.Informational => "informational",
        Severity.Low => "low",
        Severity.Medium => "medium",
        Severity.High => "high",
        Severity.Critical => "critical",
        _ => throw new ArgumentOutOfRangeException(nameof(severity)),
    };

    /// <summary>The word of a status: pass, fail, unknown, not applicable or muted.</summary>
    public static string Of(FindingStatus status) => status switch
    {
        FindingStatus.Pass => "pass",
        FindingStatus.Fail => "fail",
        FindingStatus.Unknown => "unknown",
        FindingStatus.NotApplicable => "not applicable",
        FindingStatus.Muted => "muted",
        _ => throw new ArgumentOutOfRangeException(nameof(status)),
    };

    /// <summary>The word of a control's status: fail, unknown, manual, muted, pass or not applicable.</summary>
    public static string Of(ControlStatus status) => status switch
    {
        ControlStatus.Fail => "fail",
        ControlStatus.Unknown => "unknown",
        ControlStatus.Manual => "manual",
        ControlStatus.Muted => "muted",
        ControlStatus.Pass => "pass",
        ControlStatus.NotApplicable => "not applicable",
        _ => throw new ArgumentOutOfRangeException(nameof(status)),
    };

    /// <summary>The word of what was seen of a source: quiet, delivering, unknown or silent.</summary>
    public static string Of(EvidenceState state) => state switch
    {
        EvidenceState.Quiet => "quiet",
        EvidenceState.Delivering => "delivering",
        EvidenceState.Unknown => "unknown",
        EvidenceState.Silent => "silent",
        _ => throw new ArgumentOutOfRangeException(nameof(state)),
    };

    /// <summary>The word of a kind: posture or detection.</summary>
    public static string Of(FindingKind kind) => kind switch
    {
        FindingKind.Posture => "posture",
        FindingKind.Detection => "detection",
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    /// <summary>The word of a change: introduced, existing, fixed, removed, unknown, new or still.</summary>
    public static string Of(FindingChange change) => change switch
    {
        FindingChange.Introduced => "introduced",
        FindingChange.Existing => "existing",
        FindingChange.Fixed => "fixed",
        FindingChange.Removed => "removed",
        FindingChange.Unknown => "unknown",
        FindingChange.New => "new",
        FindingChange.Still => "still",
        _ => throw new ArgumentOutOfRangeException(nameof(change)),
    };

    /// <summary>The word of a collection outcome: ok, denied, throttled, disabled, not offered, error, planned, expired, unanswered or stopped.</summary>
    public static string Of(CollectionOutcome outcome) => outcome switch
    {
        CollectionOutcome.Ok => "ok",
        CollectionOutcome.Denied => "denied",
        CollectionOutcome.Throttled => "throttled",
        CollectionOutcome.Disabled => "disabled",
        CollectionOutcome.NotOffered => "not offered",
        CollectionOutcome.Error => "error",
        CollectionOutcome.Planned => "planned",
        CollectionOutcome.Expired => "expired",
        CollectionOutcome.Unanswered => "unanswered",
        CollectionOutcome.Stopped => "stopped",
        _ => throw new ArgumentOutOfRangeException(nameof(outcome)),
    };

    /// <summary>Reads an outcome's word, as <see cref="Of(CollectionOutcome)"/> writes it.</summary>
    public static bool TryParse(string? word, out CollectionOutcome outcome)
    {
        switch (word)
        {
            case "ok": outcome = CollectionOutcome.Ok; return true;
            case "denied": outcome = CollectionOutcome.Denied; return true;
            case "throttled": outcome = CollectionOutcome.Throttled; return true;
            case "disabled": outcome = CollectionOutcome.Disabled; return true;
            case "not offered": outcome = CollectionOutcome.NotOffered; return true;
            case "error": outcome = CollectionOutcome.Error; return true;
            case "planned": outcome = CollectionOutcome.Planned; return true;
            case "expired": outcome = CollectionOutcome.Expired; return true;
            case "unanswered": outcome = CollectionOutcome.Unanswered; return true;
            case "stopped": outcome = CollectionOutcome.Stopped; return true;
            // What is not known is not "ok".
            default: outcome = CollectionOutcome.Error; return false;
        }
    }

    /// <summary>Reads a severity word. <c>info</c> is taken for informational, as many tools write it.</summary>
    public static bool TryParse(string? word, out Severity severity)
    {
        switch (word?.Trim().ToLowerInvariant())
        {
            case "informational" or "info": severity = Severity.Informational; return true;
            case "low": severity = Severity.Low; return true;
            case "medium": severity = Severity.Medium; return true;
            case "high": severity = Severity.High; return true;
            case "critical": severity = Severity.Critical; return true;
            default: severity = default; return false;
        }
    }

    /// <summary>Reads a status word, as <see cref="Of(FindingStatus)"/> writes it.</summary>
    public static bool TryParse(string? word, out FindingStatus status)
    {
        switch (word)
        {
            case "pass": status = FindingStatus.Pass; return true;
            case "fail": status = FindingStatus.Fail; return true;
            case "unknown": status = FindingStatus.Unknown; return true;
            case "not applicable": status = FindingStatus.NotApplicable; return true;
            case "muted": status = FindingStatus.Muted; return true;
            default: status = default; return false;
        }
    }
}
