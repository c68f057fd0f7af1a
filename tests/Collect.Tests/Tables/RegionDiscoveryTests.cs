using Scanner.Aws;
using Scanner.Model;

namespace Collect.Tests.Tables;

public sealed class RegionDiscoveryTests
{
    private const string Vpcs = """
        table: t
        title: t
        service: ec2
        scope: region
        list: {operation: DescribeVpcs, items: Vpcs}
        id: VpcId
        columns: {id: VpcId}
        """;

    private static ScriptedAws Aws() => new ScriptedAws().On("ec2:DescribeVpcs", """{"Vpcs": []}""");

    [Fact]
    public async Task Only_named_regions_are_asked()
    {
        var aws = Aws().Regions("us-east-1", "eu-west-1");

        var collected = await Collected.FromAsync(aws, Vpcs, new() { Regions = ["eu-west-1"] });

        Assert.Equal("eu-west-1", Assert.Single(aws.Calls, call => call.Operation == "DescribeVpcs").Region);
        Assert.Equal("eu-west-1", collected.Status("aws_region").Region);
    }

    [Fact]
    public async Task A_named_region_that_is_not_enabled_is_disabled_for_every_region_table_and_not_asked()
    {
        var aws = Aws().Regions("us-east-1", "af-south-1-");

        var collected = await Collected.FromAsync(aws, Vpcs, new() { Regions = ["af-south-1", "us-east-1"] });

        var disabled = collected.Statuses.Where(status => status.Region == "af-south-1").ToList();
        Assert.Equal(["aws_region", "t"], disabled.Select(status => status.Table).Order());
        Assert.All(disabled, status => Assert.Equal(CollectionOutcome.Disabled, status.Outcome));
        Assert.All(disabled, status => Assert.Contains("not-opted-in", status.Reason, StringComparison.Ordinal));
        Assert.DoesNotContain(aws.Calls, call => call.Region == "af-south-1");
        Assert.Equal(["us-east-1"], collected.Result.Regions["111111111111"]);
    }

    [Fact]
    public async Task A_region_that_does_not_exist_is_the_users_mistake_with_a_near_name()
    {
        var e = await Assert.ThrowsAsync<InputException>(() => Collected.FromAsync(Aws().Regions("us-east-1", "eu-west-1"), Vpcs, new() { Regions = ["eu-wst-1"] }));

        Assert.Contains("eu-west-1", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_the_list_of_regions_the_default_ones_are_asked_and_the_scan_says_so()
    {
        var aws = Aws().Fails("ec2:DescribeRegions", "UnauthorizedOperation");

        var collected = await Collected.FromAsync(aws, Vpcs, new() { DefaultRegion = "eu-south-2" });

        Assert.Equal(18, collected.Statuses.Count(status => status.Table == "t" && status.Outcome == CollectionOutcome.Ok));
        var guess = Assert.Single(collected.Statuses, status => status.Table == "aws_region" && status.Outcome != CollectionOutcome.Ok);
        Assert.Equal((CollectionOutcome.Denied, "global", "ec2:DescribeRegions"), (guess.Outcome, guess.Region, guess.Operation));
        Assert.Equal(["eu-south-2", "us-east-1"], aws.Calls.Where(call => call.Operation == "DescribeRegions").Select(call => call.Region).Order());
    }

    [Fact]
    public async Task The_users_own_region_answers_where_the_home_region_refuses()
    {
        var listed = Aws().Regions("eu-west-1", "eu-west-2");
        var aws = Aws().On("ec2:DescribeRegions", call => call.Region == "eu-west-1"
            ? listed.CallAsync(call, TestContext.Current.CancellationToken).GetAwaiter().GetResult()
            : throw new AwsApiException(call, CollectionOutcome.Denied, "UnauthorizedOperation", "by a service control policy"));

        var collected = await Collected.FromAsync(aws, Vpcs, new() { DefaultRegion = "eu-west-1" });

        Assert.Equal(["eu-west-1", "eu-west-2"], collected.Result.Regions["111111111111"]);
        Assert.DoesNotContain(collected.Statuses, status => status.Outcome != CollectionOutcome.Ok);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"Regions": []}""")]
    [InlineData("""{"Regions": [{"OptInStatus": "opted-in"}]}""")]
    [InlineData("""{"Regions": [{"RegionName": "evil.example/x"}]}""")]
    public async Task A_malformed_list_of_regions_is_no_list(string reply)
    {
        var collected = await Collected.FromAsync(Aws().On("ec2:DescribeRegions", reply), Vpcs);

        var guess = Assert.Single(collected.Statuses, status => status.Table == "aws_region" && status.Outcome != CollectionOutcome.Ok);
        Assert.StartsWith("MalformedReply", guess.Reason, StringComparison.Ordinal);
        Assert.Equal(17, collected.Result.Regions["111111111111"].Count);
    }

    [Theory]
    [InlineData("us-east-1", "aws")]
    [InlineData("eu-new-9", "aws")]
    [InlineData("cn-northwest-1", "aws-cn")]
    [InlineData("us-gov-east-1", "aws-us-gov")]
    [InlineData("us-gov-north-3", "aws-us-gov")]
    [InlineData("us-iso-east-1", "aws-iso")]
    [InlineData("us-isob-east-1", "aws-iso-b")]
    [InlineData("eusc-de-east-1", "aws-eusc")]
    [InlineData(null, "aws")]
    public void A_region_tells_its_partition(string? region, string partition) => Assert.Equal(partition, AwsPartition.OfRegion(region).Name);

    [Theory]
    [InlineData("us-east-1", true)]
    [InlineData("ap-southeast-7", true)]
    [InlineData("us-gov-west-1", true)]
    [InlineData("us-east-1\n", false)]
    [InlineData("us-east-1.evil.example", false)]
    [InlineData("../x-1", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void A_region_code_is_nothing_else(string? text, bool expected) => Assert.Equal(expected, AwsPartition.IsRegionCode(text));
}
