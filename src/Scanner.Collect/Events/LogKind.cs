namespace Scanner.Collect.Events;

/// <summary>What the log files of a bucket hold; it says how their keys are built.</summary>
public enum LogKind
{
    /// <summary>CloudTrail: <c>AWSLogs/[o-.../]account/CloudTrail/region/yyyy/MM/dd/</c>.</summary>
    CloudTrail,

    /// <summary>VPC flow logs: <c>AWSLogs/account/vpcflowlogs/region/yyyy/MM/dd/</c>.</summary>
    VpcFlow,

    /// <summary>S3 server access logs: any prefix, keys without extension.</summary>
    S3Access,
}
