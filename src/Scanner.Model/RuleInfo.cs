namespace Scanner.Model;

/// <summary>
/// What a reader of a finding is told of the check or detection behind it: everything that Publish needs, and no SQL.
/// </summary>
public sealed record RuleInfo
{
    /// <summary>Stable id: a check's <c>id</c>, or a Sigma rule's <c>id</c>.</summary>
    public required string Id { get; init; }

    /// <summary>One line.</summary>
    public required string Title { get; init; }

    /// <summary>For a check: the fault in one line, as a heading says it where the check fails (<c>Root user has no MFA</c>); empty where the check's author wrote none.</summary>
    public string Fails { get; init; } = "";

    /// <summary>Posture check or detection.</summary>
    public FindingKind Kind { get; init; }

    /// <summary>What is wrong where the rule gives a finding, in one line. Never the sentence of what must hold as it stands, which reads as good news.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public string Fault => Kind == FindingKind.Detection ? Title : Fails.Length > 0 ? Fails : $"Failing: {Title}";

    /// <summary>The line that stands over a finding: the fault where there is one, else what must hold.</summary>
    /// <param name="status">Status of the finding.</param>
    public string TitleOf(FindingStatus status) => status is FindingStatus.Fail or FindingStatus.Muted ? Fault : Title;

    /// <summary>How much a failure matters.</summary>
    public required Severity Severity { get; init; }

    /// <summary>What a failure is a sign of, and so how far up it stands among what to do first.</summary>
    public Urgency Urgency { get; init; }

    /// <summary>AWS service that the rule is about, such as <c>cloudtrail</c>; used as a label and for grouping.</summary>
    public string Service { get; init; } = "aws";

    /// <summary>What an attacker gains; one or two sentences of markdown.</summary>
    public string Why { get; init; } = "";

    /// <summary>How to fix it; for a detection, the response steps are in <see cref="Response"/>.</summary>
    public Remediation Fix { get; init; } = new(null, null, null);

    /// <summary>For logging sources: default state, cost and use.</summary>
    public LoggingSource? Source { get; init; }

    /// <summary>Whether it tells that logs arrive, and not only that they are on.</summary>
    public bool IsEvidence { get; init; }

    /// <summary>Of which logging sources it tells that they are on, or that their log arrives.</summary>
    public IReadOnlyList<CoverageRole> Coverage { get; init; } = [];

    /// <summary>Controls of all loaded frameworks that map to this rule.</summary>
    public IReadOnlyList<Control> Controls { get; init; } = [];

    /// <summary>MITRE ATT&amp;CK technique ids (<c>T1685.002</c>) and tactic names (<c>defense-impairment</c>), of <see cref="AttackMatrix"/>.</summary>
    public IReadOnlyList<string> Mitre { get; init; } = [];

    /// <summary>For a detection: what can set it off legitimately.</summary>
    public IReadOnlyList<string> FalsePositives { get; init; } = [];

    /// <summary>For a detection: what to do when it fires, in order.</summary>
    public IReadOnlyList<string> Response { get; init; } = [];

    /// <summary>Links for further reading.</summary>
    public IReadOnlyList<string> References { get; init; } = [];

    /// <summary>File that declares the rule, relative to the catalog's root, with forward slashes.</summary>
    public string File { get; init; } = "";

    /// <summary>Full path of that file on this machine; never published.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public string Path { get; init; } = "";
}

/// <summary>How to fix a failing check, in the three places where people work. Each is markdown text or null.</summary>
/// <param name="Console">Steps in the AWS console.</param>
/// <param name="Cli">AWS CLI commands.</param>
/// <param name="Terraform">Terraform configuration.</param>
public sealed record Remediation(string? Console, string? Cli, string? Terraform)
{
    /// <summary>Where the names that the commands need stand in the resource of a finding (<see cref="ResourcePattern"/>); REGION and ACCOUNT_ID are the finding's.</summary>
    public IReadOnlyList<string> Resource { get; init; } = [];
}

/// <summary>What a reader should know of a logging source before switching it on.</summary>
/// <param name="Default">State in a new account (<c>off</c>, <c>on</c> ...).</param>
/// <param name="Cost">Character of the cost: what it is charged by.</param>
/// <param name="Use">What an investigator does with it.</param>
public sealed record LoggingSource(string Default, string Cost, string Use);
