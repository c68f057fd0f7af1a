using Scanner.Catalog;
using Scanner.Evaluate;
using Scanner.Model;
using static Evaluate.Tests.Samples;

namespace Evaluate.Tests;

public sealed class OwnershipTests
{
    private const string Bucket = "arn:aws:s3:::acme-logs";

    private static Finding Finding(string resource = Bucket, string account = A) => new()
    {
        Check = "s3-logging",
        Status = FindingStatus.Fail,
        Severity = Severity.Low,
        Account = account,
        Region = "eu-west-1",
        Resource = resource,
    };

    private static OwnerRule Rule(string name, string account = "*", string resource = "*", string check = "*", string? tag = null) =>
        new(account, resource, check, tag is null ? null : KeyValuePair.Create(tag.Split('=')[0], tag.Split('=')[1]), new Owner(name, null));

    private static string? OwnerOf(Finding finding, IEnumerable<Resource> resources, params OwnerRule[] rules) =>
        Ownership.Assign([finding], rules, () => resources)[0].Owner?.Assignee;

    [Fact]
    public void The_first_rule_that_matches_account_resource_and_check_decides()
    {
        OwnerRule[] rules = [Rule("nobody", account: "999999999999"), Rule("never", resource: "arn:aws:s3:::other"), Rule("no", check: "ec2-*"), Rule("ana", A, "arn:aws:s3:::acme-*", "s3-*"), Rule("rest", account: "*")];

        Assert.Equal("ana", OwnerOf(Finding(), [], rules));
        Assert.Equal("rest", OwnerOf(Finding("arn:aws:s3:::site"), [], rules));
        Assert.Null(OwnerOf(Finding("arn:aws:s3:::site"), [], rules[..4]));
    }

    [Theory]
    [InlineData("""{"Arn":"arn:aws:s3:::acme-logs","Tags":[{"Key":"team","Value":"network"}]}""", true)]
    [InlineData("""{"BucketArn":"arn:aws:s3:::acme-logs","TagSet":[{"key":"team","value":"network"}]}""", true)]
    [InlineData("""{"Arn":"arn:aws:s3:::acme-logs","Tagging":{"TagSet":[{"Key":"x","Value":"y"},{"Key":"team","Value":"net"}]}}""", true)]
    [InlineData("""{"Arn":"arn:aws:s3:::acme-logs","tags":{"team":"network"}}""", true)]
    [InlineData("""{"Arn":"arn:aws:s3:::acme-logs","Tags":[{"TagKey":"team","TagValue":"network"}]}""", true)]
    [InlineData("""{"Arn":"arn:aws:s3:::acme-logs","Tags":[{"Key":"team","Value":"data"},{"Key":"Team","Value":"network"}]}""", false)]
    [InlineData("""{"Arn":"arn:aws:s3:::other","Tags":[{"Key":"team","Value":"network"}]}""", false)]
    [InlineData("""{"Arn":"arn:aws:s3:::other","RoleArn":"arn:aws:s3:::acme-logs","Tags":[{"Key":"team","Value":"network"}]}""", false)]
    [InlineData("""{"Arn":"arn:aws:s3:::acme-logs","Tags":"network"}""", false)]
    [InlineData("""[1]""", false)]
    public void A_tag_is_found_as_each_service_writes_it_on_the_resource_itself(string item, bool expected)
    {
        Resource[] resources = [new("aws_s3_bucket", A, "eu-west-1", "other", item, [])];

        Assert.Equal(expected ? "ana" : null, OwnerOf(Finding(), resources, Rule("ana", tag: "team=net*")));
    }

    [Fact]
    public void A_tag_of_another_accounts_resource_says_nothing_and_the_id_in_the_table_tells_the_resource()
    {
        Resource[] resources = [new("aws_vpc", A, "eu-west-1", "vpc-1", """{"Tags":[{"Key":"team","Value":"network"}]}""", [])];

        Assert.Equal("ana", OwnerOf(Finding("vpc-1"), resources, Rule("ana", tag: "team=network")));
        Assert.Null(OwnerOf(Finding("vpc-1", "222222222222"), resources, Rule("ana", tag: "team=network")));
    }

    [Fact]
    public void What_a_detection_saw_belongs_to_the_owner_of_what_was_touched()
    {
        var seen = Finding("00000010-0000-0000-0000-000000000000") with
        {
            Kind = FindingKind.Detection,
            Event = """{"eventSource":"s3.amazonaws.com","eventName":"PutBucketPolicy","requestParameters":{"bucketName":"acme-logs"},"resources":[{"ARN":"arn:aws:s3:::acme-logs"}]}""",
        };

        Assert.Equal("ana", OwnerOf(seen, [], Rule("ana", resource: "arn:aws:s3:::acme-*")));
    }

    [Fact]
    public void Nothing_is_read_where_no_rule_asks_for_a_tag() =>
        Assert.Equal("ana", Ownership.Assign([Finding()], [Rule("ana")], () => throw new InvalidOperationException("read"))[0].Owner?.Assignee);
}
