using Scanner.Aws;

namespace Scanner.Collect.Tables;

/// <summary>One account to collect from.</summary>
/// <param name="Api">Answers for the account.</param>
public sealed record CollectionAccount(IAwsApi Api)
{
    /// <summary>Name in the organization, or the alias; null where neither is known.</summary>
    public string? Name { get; init; }

    /// <summary>Whether it is the organization's management account; null where it is not known.</summary>
    public bool? IsManagement { get; init; }

    /// <summary>Partition: <c>aws</c>, <c>aws-cn</c>, <c>aws-us-gov</c> ...</summary>
    public string Partition { get; init; } = "aws";

    /// <summary>
    /// For a recorded account: the regions that the recording covers, so that a replay asks where the scan asked.
    /// Null for a live account.
    /// </summary>
    public IReadOnlyList<string>? RecordedRegions { get; init; }
}
