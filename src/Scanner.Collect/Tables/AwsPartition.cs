using System.Text.RegularExpressions;

namespace Scanner.Collect.Tables;

/// <summary>
/// An AWS partition: its home region, in which services that have no regions are asked, and its regions. The lists are
/// those of "Specify which AWS Regions your account can use" (AWS Account Management guide); the account's own
/// DescribeRegions goes before them wherever it can be read.
/// </summary>
public sealed partial class AwsPartition
{
    private static readonly AwsPartition[] All =
    [
        new("aws", "us-east-1",
            [
                "us-east-1", "us-east-2", "us-west-1", "us-west-2", "ap-south-1", "ap-northeast-3", "ap-northeast-2", "ap-southeast-1",
                "ap-southeast-2", "ap-northeast-1", "ca-central-1", "eu-central-1", "eu-west-1", "eu-west-2", "eu-west-3", "eu-north-1",
                "sa-east-1",
            ],
            [
                "af-south-1", "ap-east-1", "ap-east-2", "ap-south-2", "ap-southeast-3", "ap-southeast-4", "ap-southeast-5", "ap-southeast-6",
                "ap-southeast-7", "ca-west-1", "eu-central-2", "eu-south-1", "eu-south-2", "il-central-1", "me-central-1", "me-south-1",
                "mx-central-1",
            ]),
        new("aws-cn", "cn-north-1", ["cn-north-1", "cn-northwest-1"], []),
        new("aws-us-gov", "us-gov-west-1", ["us-gov-west-1", "us-gov-east-1"], []),
        new("aws-eusc", "eusc-de-east-1", ["eusc-de-east-1"], []),
        new("aws-iso", "us-iso-east-1", ["us-iso-east-1", "us-iso-west-1"], []),
        new("aws-iso-b", "us-isob-east-1", ["us-isob-east-1", "us-isob-west-1"], []),
        new("aws-iso-e", "eu-isoe-west-1", ["eu-isoe-west-1"], []),
        new("aws-iso-f", "us-isof-south-1", ["us-isof-south-1", "us-isof-east-1"], []),
    ];

    private AwsPartition(string name, string homeRegion, IReadOnlyList<string> defaultRegions, IReadOnlyList<string> optInRegions)
    {
        Name = name;
        HomeRegion = homeRegion;
        DefaultRegions = defaultRegions;
        Regions = [.. defaultRegions, .. optInRegions];
    }

    /// <summary><c>aws</c>, <c>aws-cn</c> ...: the second part of an ARN.</summary>
    public string Name { get; }

    /// <summary>Region in which IAM, CloudFront, Route 53 and the like are asked.</summary>
    public string HomeRegion { get; }

    /// <summary>Regions that are on in every account.</summary>
    public IReadOnlyList<string> DefaultRegions { get; }

    /// <summary>All regions known to this version, those that must be opted into included.</summary>
    public IReadOnlyList<string> Regions { get; }

    /// <summary>The partition of that name; the commercial one for a name that is not known.</summary>
    public static AwsPartition Named(string? name) =>
        Array.Find(All, partition => string.Equals(partition.Name, name, StringComparison.Ordinal)) ?? All[0];

    /// <summary>The partition that a region belongs to, by its prefix; the commercial one when nothing else fits.</summary>
    public static AwsPartition OfRegion(string? region)
    {
        if (region is null)
            return All[0];
        return Array.Find(All, partition => partition.Regions.Contains(region, StringComparer.Ordinal))
            ?? Array.Find(All.AsSpan(1).ToArray(), partition => region.StartsWith(Prefix(partition.HomeRegion), StringComparison.Ordinal))
            ?? All[0];
    }

    /// <summary>Whether a text can be a region code: what AWS or a file names as a region goes into host names and paths.</summary>
    public static bool IsRegionCode(string? text) => text is not null && RegionCode().IsMatch(text);

    // "us-gov-west-1" -> "us-gov-", "cn-north-1" -> "cn-".
    private static string Prefix(string region)
    {
        var parts = region.Split('-');
        return string.Join('-', parts.AsSpan(0, parts.Length - 2).ToArray()) + "-";
    }

    [GeneratedRegex(@"^[a-z]{2,6}(-[a-z]{2,12}){1,3}-[0-9]{1,2}\z", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex RegionCode();
}
