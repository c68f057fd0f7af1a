namespace Scanner.Model;

/// <summary>
/// What is known of the collection of one table in one account and region. A table that was collected whole has
/// one row with <see cref="CollectionOutcome.Ok"/>; otherwise there is one row for each operation that failed.
/// </summary>
/// <param name="Table">Table name, such as <c>aws_cloudtrail_trail</c>.</param>
/// <param name="Account">Twelve-digit account id.</param>
/// <param name="Region">Region code, or <c>global</c> for a table that is collected once per account.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="Operation">The operation that failed as <c>service:Operation</c>, such as
/// <c>cloudtrail:DescribeTrails</c>; null when it went well.</param>
/// <param name="Reason">Error code and message as AWS gave them (hostile text), or our own words; null when it
/// went well.</param>
/// <param name="Resources">Null when the whole table is concerned. Otherwise the ids of the only resources whose
/// details could not be read: their rows are in the store, the rest of the table is complete.</param>
public sealed record CollectionStatus(
    string Table,
    string Account,
    string Region,
    CollectionOutcome Outcome,
    string? Operation = null,
    string? Reason = null,
    IReadOnlyList<string>? Resources = null)
{
    /// <summary>When an earlier scan read it, whose rows these are since CloudTrail tells of no change; null where this scan read it.</summary>
    public DateTimeOffset? ReadAt { get; init; }

    /// <summary>Whether something may be there that nobody has seen.</summary>
    public bool IsIncomplete => Outcome is not (CollectionOutcome.Ok or CollectionOutcome.NotOffered);

    /// <summary>Whether the operation is part of the cause. Credentials that expired, an endpoint that does not answer and a scan that ended say the same of all operations.</summary>
    public bool IsOfOneOperation => IsOfOne(Outcome);

    /// <summary>Whether an outcome is one operation's own; see <see cref="IsOfOneOperation"/>.</summary>
    /// <param name="outcome">How it ended.</param>
    public static bool IsOfOne(CollectionOutcome outcome) => outcome is not (CollectionOutcome.Expired or CollectionOutcome.Unanswered or CollectionOutcome.Stopped);

    /// <summary>The region word of tables that are collected once per account.</summary>
    public const string Global = "global";
}
