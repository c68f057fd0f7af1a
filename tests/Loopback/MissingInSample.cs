namespace Loopback;

/// <summary>Replies for what the sample account has none of, so that the operations which hang on it are asked too.</summary>
public static class MissingInSample
{
    /// <summary>A reply as JSON, by <c>service:Operation</c>.</summary>
    public static IReadOnlyDictionary<string, string> Replies { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["ec2:DescribeTransitGateways"] = """
            {"TransitGateways": [{"TransitGatewayId": "tgw-1", "TransitGatewayArn": "arn:aws:ec2:us-east-1:111122223333:transit-gateway/tgw-1", "OwnerId": "111122223333", "State": "available"}]}
            """,
        ["ec2:DescribeTransitGatewayAttachments"] = """
            {"TransitGatewayAttachments": [{"TransitGatewayAttachmentId": "tgw-attach-1", "TransitGatewayId": "tgw-1", "ResourceType": "vpc", "State": "available"}]}
            """,
        ["ec2:DescribeVerifiedAccessInstances"] = """{"VerifiedAccessInstances": [{"VerifiedAccessInstanceId": "vai-1"}]}""",
        ["ec2:DescribeVerifiedAccessInstanceLoggingConfigurations"] = """
            {"LoggingConfigurations": [{"VerifiedAccessInstanceId": "vai-1", "AccessLogs": {"S3": {"Enabled": false}, "CloudWatchLogs": {"Enabled": false}, "KinesisDataFirehose": {"Enabled": false}}}]}
            """,
        ["globalaccelerator:ListAccelerators"] = """
            {"Accelerators": [{"AcceleratorArn": "arn:aws:globalaccelerator::111122223333:accelerator/1", "Name": "edge", "Enabled": true, "Status": "DEPLOYED"}]}
            """,
        ["globalaccelerator:DescribeAcceleratorAttributes"] = """{"AcceleratorAttributes": {"FlowLogsEnabled": false}}""",
        ["s3tables:ListTableBuckets"] = """
            {"tableBuckets": [{"arn": "arn:aws:s3tables:us-east-1:111122223333:bucket/t", "name": "t", "ownerAccountId": "111122223333", "createdAt": "2026-01-01T00:00:00Z"}]}
            """,
        ["s3tables:GetTableBucketLogging"] = """{"tableBucketLoggingStatus": {}}""",
        ["securitylake:ListDataLakes"] = """
            {"dataLakes": [{"dataLakeArn": "arn:aws:securitylake:us-east-1:111122223333:data-lake/default", "region": "us-east-1", "createStatus": "COMPLETED"}]}
            """,
        ["securitylake:ListDataLakeExceptions"] = """{"exceptions": []}""",
    };
}
