namespace Scanner.Model;

/// <summary>The event logs that detections run on.</summary>
public enum LogSource
{
    /// <summary>CloudTrail records (logsource <c>product: aws, service: cloudtrail</c>).</summary>
    CloudTrail,

    /// <summary>VPC flow log records, one JSON object each, named as the fields of flow log versions 2 to 5
    /// (logsource <c>product: aws, service: vpcflow</c>).</summary>
    VpcFlow,

    /// <summary>S3 server access log records, one JSON object each (logsource <c>product: aws, service: s3_access</c>).</summary>
    S3Access,
}
