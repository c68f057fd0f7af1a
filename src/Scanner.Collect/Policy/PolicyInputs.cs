namespace Scanner.Collect.Policy;

/// <summary>What a role should be able to read besides the tables.</summary>
[Flags]
public enum PolicyInputs
{
    /// <summary>The tables only.</summary>
    None = 0,

    /// <summary>CloudTrail's event history (<c>--events lookup</c>).</summary>
    LookupEvents = 1,

    /// <summary>Active findings of GuardDuty and Security Hub.</summary>
    Findings = 2,

    /// <summary>Log files in buckets (<c>--events s3://...</c>); name the buckets, or every bucket is meant.</summary>
    LogBuckets = 4,

    /// <summary>
    /// Athena queries over logs (<c>--events athena:...</c>): the calls, and what Athena reads of Glue and S3 for the caller.
    /// Without s3:PutObject: use a workgroup whose results Athena manages, or grant the write to the results' bucket yourself.
    /// </summary>
    Athena = 8,

    /// <summary>CloudTrail Lake queries (<c>--events lake:...</c>).</summary>
    CloudTrailLake = 16,

    /// <summary>The organization's list of accounts (<c>--organization</c>), and for <c>scanner shard</c> its units and the tags of accounts.</summary>
    Organization = 32,

    /// <summary>A log group of CloudWatch Logs (<c>--events logs:...</c>), fetched or asked by Logs Insights; name it, or every one is meant.</summary>
    LogGroups = 64,
}
