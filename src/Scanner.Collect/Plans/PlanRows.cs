namespace Scanner.Collect.Plans;

/// <summary>The rows of both sides of a plan.</summary>
/// <param name="Before">Of the instances as they are; their ids are those that a scan of the account has.</param>
/// <param name="After">Of the instances as they will be.</param>
public sealed record PlanRows(IReadOnlyList<PlanRow> Before, IReadOnlyList<PlanRow> After)
{
    /// <summary>What was left out, a sentence each.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];
}
