namespace Scanner.Model;

/// <summary>A finding of an earlier scan.</summary>
/// <param name="Key"><see cref="Finding.Key"/>.</param>
/// <param name="Check">Id of the rule.</param>
/// <param name="Kind">Posture check or detection.</param>
/// <param name="Status">What it said.</param>
/// <param name="Account">Account.</param>
/// <param name="Region">Region.</param>
public sealed record BaselineFinding(string Key, string Check, FindingKind Kind, FindingStatus Status, string Account, string Region)
{
    /// <summary>Its severity.</summary>
    public Severity Severity { get; init; }

    /// <summary>ARN or id of the resource.</summary>
    public string Resource { get; init; } = "";

    /// <summary><see cref="Finding.Began"/>.</summary>
    public IReadOnlyList<DateTimeOffset> Began { get; init; } = [];

    /// <summary>Of a finding.</summary>
    /// <param name="finding">Of an earlier scan.</param>
    public static BaselineFinding Of(Finding finding) => new(finding.Key, finding.Check, finding.Kind, finding.Status, finding.Account, finding.Region)
    {
        Severity = finding.Severity,
        Resource = finding.Resource,
        Began = finding.Began,
    };
}
