using Scanner.Catalog;
using Scanner.Model;
using static Evaluate.Tests.Samples;

namespace Evaluate.Tests;

/// <summary>What AWS does not have in a place can neither be required there nor be unknown.</summary>
public sealed class NotOfferedTests
{
    private static readonly CheckDefinition TrailInRegion = Check(
        """
        select r.account_id, r.region, r.account_id as resource_id,
               case when count(t.arn) > 0 then 'pass' else 'fail' end as status, 'm' as message
        from aws_region r left join aws_trail t on t.account_id = r.account_id and t.region = r.region group by all
        """, ["aws_region", "aws_trail"], CheckScope.Region);

    private static readonly CheckDefinition OneTrailSomewhere = Check(
        """
        select a.account_id, 'global' as region, a.account_id as resource_id,
               case when bool_or(t.is_logging) then 'pass' else 'fail' end as status, 'm' as message
        from aws_account a left join aws_trail t on t.account_id = a.account_id group by all
        """, ["aws_account", "aws_trail"], CheckScope.Account);

    private static readonly CheckDefinition FlowLogs = Check(
        """
        select v.account_id, v.region, v.vpc_id as resource_id,
               case when count(f.flow_vpc) > 0 then 'pass' else 'fail' end as status, 'logs' as message
        from aws_vpc v left join aws_flow_log f on f.account_id = v.account_id and f.region = v.region and f.flow_vpc = v.vpc_id
        group by all
        """, ["aws_vpc", "aws_flow_log"]);

    private static readonly Resource[] Two =
    [
        Item(Account, "global", A, $$"""{"Account":"{{A}}"}"""),
        Item(Region, "us-east-1", "us-east-1", """{"RegionName":"us-east-1"}"""), Item(Region, "eu-west-1", "eu-west-1", """{"RegionName":"eu-west-1"}"""),
    ];

    private static CollectionStatus NotOffered(TableDefinition table, string region) =>
        new(table.Name, A, region, CollectionOutcome.NotOffered, "svc:List", "svc has no endpoint there");

    [Fact]
    public void What_a_region_must_have_is_not_required_where_it_is_not_offered()
    {
        var findings = Judge(TrailInRegion, [Ok(Region, "us-east-1"), Ok(Region, "eu-west-1"), Ok(Trail, "us-east-1"), NotOffered(Trail, "eu-west-1")], Two);

        Assert.Equal([$"eu-west-1 {A} not applicable", $"us-east-1 {A} fail"], Short(findings).Order());
        Assert.Contains(findings, finding => finding.Message == "Not offered here: svc has no endpoint there");
    }

    [Fact]
    public void What_an_account_must_have_somewhere_is_required_while_one_region_offers_it()
    {
        var some = Judge(OneTrailSomewhere, [Ok(Account, "global"), Ok(Region, "us-east-1"), Ok(Region, "eu-west-1"), Ok(Trail, "us-east-1"), NotOffered(Trail, "eu-west-1")], Two);
        var none = Judge(OneTrailSomewhere, [Ok(Account, "global"), Ok(Region, "us-east-1"), Ok(Region, "eu-west-1"), NotOffered(Trail, "us-east-1"), NotOffered(Trail, "eu-west-1")], Two);

        Assert.Equal([$"global {A} fail"], Short(some));
        Assert.Equal([$"global {A} not applicable"], Short(none));
    }

    [Fact]
    public void A_resource_that_is_there_is_judged_without_what_is_not_offered()
    {
        var findings = Judge(FlowLogs, [Ok(Vpc, "us-east-1"), NotOffered(FlowLog, "us-east-1")], Item(Vpc, "us-east-1", "vpc-1", """{"VpcId":"vpc-1"}"""));

        Assert.Equal(["us-east-1 vpc-1 fail"], Short(findings));
    }

    [Fact]
    public void A_refusal_beside_it_is_still_unknown()
    {
        var findings = Judge(TrailInRegion, [Ok(Region, "us-east-1"), NotOffered(Trail, "us-east-1"), Denied(Trail, "us-east-1")], Two[..2]);

        Assert.Equal([$"us-east-1 {A} unknown"], Short(findings));
    }
}
