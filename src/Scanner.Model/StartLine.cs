namespace Scanner.Model;

/// <summary>One thing to do first.</summary>
/// <param name="Urgency">What it is a sign of.</param>
/// <param name="Severity">The worst of its findings.</param>
/// <param name="What">What is wrong, as a heading; text of our own rules.</param>
/// <param name="Where">Where: names, account and time, as the rest of a sentence. Hostile text.</param>
/// <param name="Findings">What it is about; never empty.</param>
/// <param name="Incident">The story that it is; null for a setting.</param>
public sealed record StartLine(Urgency Urgency, Severity Severity, string What, string Where, IReadOnlyList<Finding> Findings, Incident? Incident)
{
    /// <summary>Check that the line is about, or that of the worst match.</summary>
    public string Check => Incident is null ? Findings[0].Check : Incident.Findings.MaxBy(finding => finding.Severity)!.Check;
}
