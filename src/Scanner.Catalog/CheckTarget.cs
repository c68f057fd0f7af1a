namespace Scanner.Catalog;

/// <summary>
/// What is known of the places that a check's column <c>target</c> names (checks/README.md, "Where a log goes"): a source that is on and
/// whose target is gone delivers nothing.
/// </summary>
public sealed record CheckTarget
{
    /// <summary>Tables in which targets are looked for, of <see cref="Kinds"/>.</summary>
    public required IReadOnlyList<string> Tables { get; init; }

    /// <summary>Whether AWS delivers only into a bucket of the source's region.</summary>
    public bool SameRegion { get; init; }

    /// <summary>Whether AWS delivers only into a bucket of the source's account.</summary>
    public bool SameAccount { get; init; }

    /// <summary>Whether one target that is there is enough, where a row names several.</summary>
    public bool OneIsEnough { get; init; }

    /// <summary>Whether a pass stands of which the target cannot be seen, because AWS itself says that it is delivered.</summary>
    public bool PassUnseen { get; init; }

    /// <summary>Whether nobody is asked about buckets that no account of the scan lists (<c>--evidence off</c>): then it is not known whether they exist.</summary>
    public bool IsUnproven { get; init; }

    /// <summary>The tables whose rows can be targets.</summary>
    public static IReadOnlyList<string> Kinds { get; } = ["aws_s3_bucket", "aws_cloudwatch_log_group", "aws_firehose_delivery_stream"];
}
