using Scanner.Model;

namespace Scanner.Publish.Reports;

/// <summary>Where AWS would say that a finding is: partition and a region that exists.</summary>
internal static class AwsPlace
{
    /// <summary>The partition of a finding: from its resource's ARN, else from its region, else from the scan's regions: accounts of
    /// one organization are in one partition.</summary>
    public static string Partition(Finding finding, ScanSummary scan) => Of(finding, scan).Name;

    /// <summary>The region; for what is global, the partition's home region.</summary>
    public static string Region(Finding finding, ScanSummary scan) =>
        finding.Region != CollectionStatus.Global ? finding.Region : Of(finding, scan).HomeRegion;

    private static AwsPartition Of(Finding finding, ScanSummary scan) =>
        AwsPartition.OfArn(finding.Resource)
        ?? AwsPartition.OfRegion(finding.Region != CollectionStatus.Global ? finding.Region : scan.Regions.FirstOrDefault());
}
