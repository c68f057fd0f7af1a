using System.Text.RegularExpressions;

namespace Scanner.Model;

/// <summary>
/// An AWS partition: its home region, in which services that have no regions are asked, its regions and host suffix. The
/// facts are those of botocore's partitions.json and endpoint rules (a test compares them); which regions are on in every
/// account is from "Specify which AWS Regions your account can use" (AWS Account Management guide). The account's own
/// DescribeRegions goes before the lists wherever it can be read.
/// </summary>
public sealed partial class AwsPartition
{
    private static readonly AwsPartition[] Known =
    [
        new("aws", "us-east-1", "amazonaws.com", "(us|eu|ap|sa|ca|me|af|il|mx)-[a-z]+",
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
        new("aws-cn", "cn-north-1", "amazonaws.com.cn", "cn-[a-z]+", ["cn-north-1", "cn-northwest-1"], []),
        new("aws-us-gov", "us-gov-west-1", "amazonaws.com", "us-gov-[a-z]+", ["us-gov-west-1", "us-gov-east-1"], []),
        new("aws-eusc", "eusc-de-east-1", "amazonaws.eu", "eusc-de-[a-z]+", ["eusc-de-east-1"], []),
        new("aws-iso", "us-iso-east-1", "c2s.ic.gov", "us-iso-[a-z]+", ["us-iso-east-1", "us-iso-west-1"], []),
        new("aws-iso-b", "us-isob-east-1", "sc2s.sgov.gov", "us-isob-[a-z]+", ["us-isob-east-1", "us-isob-west-1"], []),
        new("aws-iso-e", "eu-isoe-west-1", "cloud.adc-e.uk", "eu-isoe-[a-z]+", ["eu-isoe-west-1"], []),
        new("aws-iso-f", "us-isof-south-1", "csp.hci.ic.gov", "us-isof-[a-z]+", ["us-isof-south-1", "us-isof-east-1"], []),
    ];

    private readonly Regex _pattern;

    private AwsPartition(string name, string homeRegion, string suffix, string pattern, IReadOnlyList<string> defaultRegions, IReadOnlyList<string> optInRegions)
    {
        Name = name;
        HomeRegion = homeRegion;
        Suffix = suffix;
        DefaultRegions = defaultRegions;
        Regions = [.. defaultRegions, .. optInRegions];
        _pattern = new Regex($"^{pattern}-[0-9]+\\z", RegexOptions.NonBacktracking);
    }

    /// <summary>Every partition that is known; the commercial one first.</summary>
    public static IReadOnlyList<AwsPartition> All => Known;

    /// <summary><c>aws</c>, <c>aws-cn</c> ...: the second part of an ARN.</summary>
    public string Name { get; }

    /// <summary>Region in which IAM, CloudFront, Route 53 and the like are asked.</summary>
    public string HomeRegion { get; }

    /// <summary>Regions that are on in every account.</summary>
    public IReadOnlyList<string> DefaultRegions { get; }

    /// <summary>All regions known to this version, those that must be opted into included.</summary>
    public IReadOnlyList<string> Regions { get; }

    /// <summary>What the host names of its services end in, such as <c>amazonaws.com</c>.</summary>
    public string Suffix { get; }

    /// <summary>The partition of that name; the commercial one for a name that is not known.</summary>
    public static AwsPartition Named(string? name) =>
        Array.Find(Known, partition => string.Equals(partition.Name, name, StringComparison.Ordinal)) ?? Known[0];

    /// <summary>The partition that a region belongs to; one newer than this version follows its partition's pattern. The commercial
    /// one when nothing fits.</summary>
    public static AwsPartition OfRegion(string? region)
    {
        if (region is null)
            return Known[0];
        return Array.Find(Known, partition => partition.Regions.Contains(region, StringComparer.Ordinal))
            ?? Array.Find(Known, partition => partition._pattern.IsMatch(region))
            ?? Known[0];
    }

    /// <summary>The partition that an ARN names; null where the text is no ARN, or of a partition that is not known.</summary>
    public static AwsPartition? OfArn(string? arn)
    {
        if (arn is null || !arn.StartsWith("arn:", StringComparison.Ordinal))
            return null;
        var end = arn.IndexOf(':', 4);
        return end < 0 ? null : Array.Find(Known, partition => arn.AsSpan(4, end - 4).SequenceEqual(partition.Name));
    }

    /// <summary>Whether an account has to enable the region before it answers.</summary>
    public bool IsOptIn(string region) => !DefaultRegions.Contains(region, StringComparer.Ordinal) && this == Known[0];

    /// <summary>Whether a text can be a region code: what AWS or a file names as a region goes into host names and paths.</summary>
    public static bool IsRegionCode(string? text) => text is not null && RegionCode().IsMatch(text);

    /// <summary>Whether a text reads as a region's name, with a point of the compass in it; also one that is newer than this version.</summary>
    public static bool IsRegionName(string? text) => text is not null && RegionName().IsMatch(text);

    [GeneratedRegex(@"^[a-z]{2,4}(-[a-z]{2,4})?-(north|south|east|west|central|northeast|northwest|southeast|southwest)-[1-9][0-9]?\z", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: -1)]
    private static partial Regex RegionName();

    [GeneratedRegex(@"^[a-z]{2,6}(-[a-z]{2,12}){1,3}-[0-9]{1,2}\z", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: -1)]
    private static partial Regex RegionCode();
}
