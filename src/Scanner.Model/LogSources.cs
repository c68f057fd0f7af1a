namespace Scanner.Model;

/// <summary>The words for <see cref="LogSource"/>: Sigma's <c>logsource: service</c>, and the prefixes of <c>--events</c>.</summary>
public static class LogSources
{
    /// <summary>The service names that this program reads, with the other spellings in use for them.</summary>
    private static readonly Dictionary<string, LogSource> Services = new(StringComparer.OrdinalIgnoreCase)
    {
        ["cloudtrail"] = LogSource.CloudTrail,
        ["aws.cloudtrail"] = LogSource.CloudTrail,
        ["vpcflow"] = LogSource.VpcFlow,
        ["vpc_flow"] = LogSource.VpcFlow,
        ["vpc-flow"] = LogSource.VpcFlow,
        ["vpcflowlogs"] = LogSource.VpcFlow,
        ["vpc_flow_logs"] = LogSource.VpcFlow,
        ["flowlogs"] = LogSource.VpcFlow,
        ["flow_logs"] = LogSource.VpcFlow,
        ["s3_access"] = LogSource.S3Access,
        ["s3access"] = LogSource.S3Access,
        ["s3-access"] = LogSource.S3Access,
        ["s3_access_logs"] = LogSource.S3Access,
        ["s3_server_access"] = LogSource.S3Access,
    };

    /// <summary>Reads a word such as <c>cloudtrail</c>, <c>vpcflow</c> or <c>s3_access</c>, or another spelling in use for it.</summary>
    public static bool TryParse(string word, out LogSource source) => Services.TryGetValue(word, out source);
}
