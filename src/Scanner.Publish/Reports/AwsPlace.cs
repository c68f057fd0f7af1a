using Scanner.Model;

namespace Scanner.Publish.Reports;

/// <summary>Where AWS would say that a finding is: partition and a region that exists.</summary>
internal static class AwsPlace
{
    /// <summary>The partition of a finding: from its resource's ARN, else from its region.</summary>
    public static string Partition(Finding finding)
    {
        foreach (var partition in (ReadOnlySpan<string>)["aws-cn", "aws-us-gov", "aws"])
        {
            if (finding.Resource.StartsWith($"arn:{partition}:", StringComparison.Ordinal))
                return partition;
        }
        return finding.Region.StartsWith("cn-", StringComparison.Ordinal) ? "aws-cn"
            : finding.Region.StartsWith("us-gov-", StringComparison.Ordinal) ? "aws-us-gov" : "aws";
    }

    /// <summary>The region; for what is global, the partition's home region.</summary>
    public static string Region(Finding finding) =>
        finding.Region != CollectionStatus.Global ? finding.Region : Partition(finding) switch
        {
            "aws-cn" => "cn-north-1",
            "aws-us-gov" => "us-gov-west-1",
            _ => "us-east-1",
        };
}
