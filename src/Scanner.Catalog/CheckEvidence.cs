using Scanner.Model;

namespace Scanner.Catalog;

/// <summary>
/// What proves that the logs arrive which a check's query names (checks/README.md, "Proof that a log arrives"). Its query says which sources
/// there are, and where they log to; the verdict is one for all.
/// </summary>
public sealed record CheckEvidence
{
    /// <summary>Tables with the proof, of <see cref="Kinds"/>.</summary>
    public required IReadOnlyList<string> Tables { get; init; }

    /// <summary>What passes through the source, in words: requests, invocations.</summary>
    public required string Traffic { get; init; }

    /// <summary>Whether the source is never quiet, so that silence is a fault without any proof of traffic.</summary>
    public bool IsNeverQuiet { get; init; }

    /// <summary>Whether a log group may be silent for hours with traffic: only two weeks of silence count.</summary>
    public bool IsPatient { get; init; }

    /// <summary>Whether the source logs only when somebody uses it, so that silence is neither a fault nor a doubt unless more is known.</summary>
    public bool IsSeldom { get; init; }

    /// <summary>
    /// Who writes into buckets, which decides what in a bucket's settings keeps it out: <c>elb</c>, <c>s3</c> (server access logs), <c>cloudfront</c> (standard logs),
    /// <c>vended</c> (delivery.logs.amazonaws.com), <c>cloudtrail</c>, <c>config</c>, <c>redshift</c> (the service of that name); null where the source writes into none.
    /// </summary>
    public string? Writer { get; init; }

    /// <summary>
    /// Service that must be let into a log group by a resource policy, such as <c>route53.amazonaws.com</c>; then <c>aws_log_group</c> tells whether it is. Null where
    /// a role writes, or AWS itself.
    /// </summary>
    public string? Service { get; init; }

    /// <summary>Event log that detections read, which is silent where this source is; null where none reads it.</summary>
    public LogSource? Feeds { get; init; }

    /// <summary>
    /// Hours within which something must have arrived after a source began to log; a source that is younger (<c>made</c>) is not judged by its silence. 0 where
    /// the file names none.
    /// </summary>
    public int DelayHours { get; init; }

    /// <summary>AWS's page on the delivery of the log; null where the file names no delay.</summary>
    public string? DelayDocumentation { get; init; }

    /// <summary>Columns of <see cref="Optional"/> that the query returns besides the usual ones.</summary>
    public IReadOnlyList<string> Returns { get; init; } = [];

    /// <summary>
    /// Columns that a query may return: <c>busy</c> (this source is known never to be quiet, by what else the account has), <c>role_arn</c> (the role with
    /// which it writes), <c>made</c> (since when it logs, or is there) and <c>streams</c> (names or ARNs of the Firehose streams that it logs into, with
    /// <c>aws_firehose_delivery</c> among the tables).
    /// </summary>
    public static IReadOnlyList<string> Optional { get; } = ["busy", "role_arn", "made", "streams"];

    /// <summary>What <see cref="Writer"/> may be.</summary>
    public static IReadOnlyList<string> Writers { get; } = ["elb", "s3", "cloudfront", "vended", "cloudtrail", "config", "redshift"];

    /// <summary>The tables that hold proof.</summary>
    public static IReadOnlyList<string> Kinds { get; } = ["aws_log_object", "aws_log_bucket", "aws_log_group", "aws_log_traffic", "aws_cloudwatch_active_log_group", "aws_cloudwatch_logged_log_group", "aws_firehose_delivery"];
}
