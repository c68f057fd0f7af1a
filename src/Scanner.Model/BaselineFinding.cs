namespace Scanner.Model;

/// <summary>A finding of an earlier scan.</summary>
/// <param name="Key"><see cref="Finding.Key"/>.</param>
/// <param name="Check">Id of the rule.</param>
/// <param name="Kind">Posture check or detection.</param>
/// <param name="Status">What it said.</param>
/// <param name="Account">Account.</param>
/// <param name="Region">Region.</param>
public sealed record BaselineFinding(string Key, string Check, FindingKind Kind, FindingStatus Status, string Account, string Region);
