using System.Diagnostics;
using System.Text.Json;
using Loopback;
using Scanner.Model;

namespace Collect.Tests;

/// <summary>The one table of partitions, against AWS's own data: the endpoint table made from botocore, and botocore itself.</summary>
public sealed class AwsPartitionTests
{
    [Fact]
    public void The_partitions_of_the_endpoint_data_are_ours_region_by_region()
    {
        using var data = JsonDocument.Parse(File.ReadAllText(Path.Combine(Tools.Repository, "src", "Scanner.Aws", "ServiceModels", "endpoints.json")));
        var partitions = data.RootElement.GetProperty("partitions").EnumerateArray().ToList();
        Assert.Equal(["aws", "aws-cn", "aws-us-gov", "aws-eusc"], partitions.Select(json => json.GetProperty("id").GetString()));
        foreach (var json in partitions)
        {
            var ours = Assert.Single(AwsPartition.All, partition => partition.Name == json.GetProperty("id").GetString());
            Assert.Equal(json.GetProperty("suffix").GetString(), ours.Suffix);
            Assert.Equal(json.GetProperty("regions").EnumerateArray().Select(region => region.GetString()!).Order(), ours.Regions.Order());
            // Where IAM, the first global service, is signed for: other global services follow their own entry of the table.
            var home = json.GetProperty("hosts").TryGetProperty("iam", out var iam) ? iam.GetProperty("*")[1] : json.GetProperty("home");
            Assert.Equal(home.GetString(), ours.HomeRegion);
        }
    }

    [Fact]
    public void Every_partition_that_botocore_knows_is_ours_with_its_regions_and_suffix()
    {
        const string Print = """
            import botocore, json, os
            print(json.dumps(json.load(open(os.path.join(os.path.dirname(botocore.__file__), 'data', 'partitions.json')))['partitions']))
            """;
        var start = new ProcessStartInfo("python3") { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add(Print);
        string output;
        try
        {
            using var python = Process.Start(start)!;
            output = python.StandardOutput.ReadToEnd();
            python.WaitForExit();
            Assert.False(python.ExitCode != 0 && Tools.InContinuousIntegration, "python3 has no botocore (.ci/need-botocore)");
            Assert.SkipUnless(python.ExitCode == 0, "python3 has no botocore here");
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.False(Tools.InContinuousIntegration, "there is no python3");
            Assert.Skip("there is no python3 here");
            return;
        }

        using var data = JsonDocument.Parse(output);
        foreach (var json in data.RootElement.EnumerateArray())
        {
            var ours = Assert.Single(AwsPartition.All, partition => partition.Name == json.GetProperty("id").GetString());
            Assert.Equal(json.GetProperty("outputs").GetProperty("dnsSuffix").GetString(), ours.Suffix);
            var regions = json.GetProperty("regions").EnumerateObject().Select(region => region.Name).Where(name => !name.EndsWith("-global", StringComparison.Ordinal)).ToList();
            Assert.Equal([], regions.Except(ours.Regions));
            Assert.All(regions, region => Assert.Same(ours, AwsPartition.OfRegion(region)));
        }
    }

    [Theory]
    [InlineData("arn:aws-eusc:s3:::b", "aws-eusc")]
    [InlineData("arn:aws-iso-b:iam::111111111111:root", "aws-iso-b")]
    [InlineData("arn:aws:s3:::b", "aws")]
    [InlineData("arn:aws-moon:s3:::b", null)]
    [InlineData("arn:aws", null)]
    [InlineData("b", null)]
    [InlineData(null, null)]
    public void An_arn_tells_its_partition(string? arn, string? partition) => Assert.Equal(partition, AwsPartition.OfArn(arn)?.Name);

    [Theory]
    [InlineData("us-east-1", false)]
    [InlineData("ap-southeast-7", true)]
    [InlineData("eu-new-9", true)]
    [InlineData("cn-north-1", false)]
    [InlineData("us-gov-east-1", false)]
    [InlineData("eusc-de-east-1", false)]
    public void Only_newer_commercial_regions_have_to_be_enabled(string region, bool optIn) =>
        Assert.Equal(optIn, AwsPartition.OfRegion(region).IsOptIn(region));
}
