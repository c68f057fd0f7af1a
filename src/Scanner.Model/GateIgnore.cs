namespace Scanner.Model;

/// <summary>A failing finding that is not counted, and who said so.</summary>
/// <param name="Check">Check id.</param>
/// <param name="Address">Address of the resource.</param>
/// <param name="By">Whose words: <c>scanner:ignore</c>, <c>checkov:skip CKV_AWS_18</c>, <c>trivy:ignore AVD-AWS-0089</c>, <c>mute</c> or <c>baseline</c>.</param>
/// <param name="Reason">The reason given; hostile text.</param>
/// <param name="Until">Last day on which it holds; null for tools that know none.</param>
/// <param name="Location">Where it is written; null for the baseline.</param>
public sealed record GateIgnore(string Check, string Address, string By, string Reason, DateOnly? Until, SourceLocation? Location)
{
    /// <summary>What it would have been called otherwise; null where that is not known. What the change itself introduces is told first.</summary>
    public FindingChange? Change { get; init; }
}
