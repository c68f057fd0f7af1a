using System.Text.Json.Nodes;
using Scanner.Catalog;
using Scanner.Evaluate;
using Scanner.Model;
using Scanner.Store;
using static Evaluate.Tests.Samples;

namespace Evaluate.Tests;

/// <summary>How unknown comes about (checks/README.md), case by case.</summary>
public sealed class VerdictTests
{
    private static readonly ResourceFailure StatusDenied = new("Status", CollectionOutcome.Denied, "svc:GetStatus", "AccessDenied");

    private static readonly CheckDefinition FlowLogs = Check(
        """
        select v.account_id, v.region, v.vpc_id as resource_id,
               case when bool_or(f.flow_vpc is not null) then 'pass' else 'fail' end as status, 'logs' as message
        from aws_vpc v left join aws_flow_log f on f.account_id = v.account_id and f.region = v.region and f.flow_vpc = v.vpc_id
        group by all
        """, ["aws_vpc", "aws_flow_log"]);

    private static readonly CheckDefinition OneTrailSomewhere = Check(
        """
        select a.account_id, 'global' as region, a.account_id as resource_id,
               case when bool_or(t.is_logging) then 'pass' else 'fail' end as status, 'm' as message
        from aws_account a left join aws_trail t on t.account_id = a.account_id group by all
        """, ["aws_trail", "aws_account"], CheckScope.Account);

    private static readonly CheckDefinition TrailInRegion = Check(
        """
        select r.account_id, r.region, r.account_id as resource_id,
               case when count(t.arn) > 0 then 'pass' else 'fail' end as status, 'm' as message
        from aws_region r left join aws_trail t on t.account_id = r.account_id and t.region = r.region group by all
        """, ["aws_trail", "aws_region"], CheckScope.Region);

    private static Resource Vpc1 { get; } = Item(Vpc, "us-east-1", "vpc-1", """{"VpcId":"vpc-1"}""");

    private static Resource Scanned(string region) => Item(Region, region, region, $$"""{"RegionName":"{{region}}"}""");

    private static Resource TheAccount { get; } = Item(Account, "global", A, $$"""{"Account":"{{A}}"}""");

    [Fact]
    public void A_fail_that_rests_on_a_table_that_could_not_be_read_is_withheld()
    {
        var findings = Judge(FlowLogs, [Ok(Vpc, "us-east-1"), Denied(FlowLog, "us-east-1")], Vpc1);

        Assert.Equal([$"us-east-1 {A} unknown"], Short(findings));
        Assert.Equal("aws_flow_log", Assert.Single(findings[0].Causes).Table);
    }

    [Fact]
    public void Groups_whose_key_could_not_be_read_do_not_multiply_with_one_another()
    {
        var joins = string.Join('\n', "abcdef".Select(letter => $"left join known {letter} on {letter}.account_id = q.account_id and {letter}.delivery = q.delivery"));
        var check = Check(
            $"""
            with known as (select account_id, delivery, max(flow_vpc) as vpc from aws_flow_log group by account_id, delivery)
            select q.account_id, q.region, q.resource_id, case when a.vpc = f.vpc then 'pass' else 'fail' end as status, 'm' as message
            from aws_flow_log q
            {joins}
            """, ["aws_flow_log"]);
        var dark = Enumerable.Range(0, 100).Select(i => Item(FlowLog, "us-east-1", $"fl-{i}", $$"""{"FlowLogId":"fl-{{i}}","ResourceId":"vpc-{{i}}"}""",
            new ResourceFailure("Delivery", CollectionOutcome.Denied, "svc:GetDelivery", "AccessDenied")));

        var findings = Judge(check, [Ok(FlowLog, "us-east-1")], [.. dark]);

        // Six joins of a hundred such groups each would be a million million rows, and the reason the time that they take.
        Assert.Equal(100, findings.Count);
        Assert.All(findings, finding => Assert.Equal((FindingStatus.Unknown, "svc:GetDelivery"), (finding.Status, Assert.Single(finding.Causes).Operation)));
    }

    [Theory]
    // One log of the VPC delivers for sure, of the other it is not known.
    [InlineData("case when f.delivery = 'FAILED' then 'fail' else 'pass' end", "unknown")]
    // Whatever it is, one fails for sure.
    [InlineData("case when f.delivery = 'SUCCESS' then 'fail' else 'pass' end", "fail")]
    public void A_doubtful_row_takes_away_the_pass_of_another_row_for_the_same_resource(string status, string right)
    {
        var check = Check(
            $"""
            select v.account_id, v.region, v.vpc_id as resource_id, {status} as status, 'm' as message
            from aws_vpc v join aws_flow_log f on f.account_id = v.account_id and f.region = v.region and f.flow_vpc = v.vpc_id
            """, ["aws_vpc", "aws_flow_log"]);
        var good = Item(FlowLog, "us-east-1", "fl-1", """{"FlowLogId":"fl-1","ResourceId":"vpc-1","Delivery":{"Status":"SUCCESS"}}""");
        var dark = Item(FlowLog, "us-east-1", "fl-2", """{"FlowLogId":"fl-2","ResourceId":"vpc-1"}""", new ResourceFailure("Delivery", CollectionOutcome.Denied, "svc:GetDelivery", "no"));

        var findings = Judge(check, [Ok(Vpc, "us-east-1"), Ok(FlowLog, "us-east-1")], Vpc1, good, dark);

        Assert.Equal([$"us-east-1 vpc-1 {right}"], Short(findings));
    }

    [Fact]
    public void A_table_that_only_helps_takes_away_fails_and_leaves_passes()
    {
        // That one log more can only help is more than the query itself tells here.
        var plain = FlowLogs with { Query = FlowLogs.Query.Replace("bool_or(f.flow_vpc is not null)", "max(f.flow_vpc) is not null", StringComparison.Ordinal) };
        var check = plain with { Helps = ["aws_flow_log"] };
        var logged = Item(FlowLog, "us-east-1", "fl-1", """{"FlowLogId":"fl-1","ResourceId":"vpc-1"}""");
        var vpc2 = Item(Vpc, "us-east-1", "vpc-2", """{"VpcId":"vpc-2"}""");

        var findings = Judge(check, [Ok(Vpc, "us-east-1"), Denied(FlowLog, "us-east-1")], Vpc1, vpc2, logged);

        Assert.Equal([$"us-east-1 {A} unknown", "us-east-1 vpc-1 pass"], Short(findings));
        Assert.Equal("aws_flow_log", Assert.Single(findings[0].Causes).Table);
        // Without the claim nothing stands.
        Assert.DoesNotContain(Judge(plain, [Ok(Vpc, "us-east-1"), Denied(FlowLog, "us-east-1")], Vpc1, vpc2, logged), finding => finding.Status == FindingStatus.Pass);
        // A gap in the first table means that there may be others.
        Assert.Equal([$"us-east-1 {A} unknown"], Short(Judge(check, [Denied(Vpc, "us-east-1"), Ok(FlowLog, "us-east-1")], logged)));
    }

    /// <summary>A region that did not answer makes a query's row for what may be there, and one more for each pair, and so on.</summary>
    [Fact]
    public void Rows_that_say_the_same_of_what_is_missing_are_one_row_and_no_limit_of_the_query()
    {
        var check = Check(
            """
            select v.account_id, v.region, v.vpc_id as resource_id, 'fail' as status, 'logs' as message
            from aws_vpc v left join aws_flow_log f on f.account_id = v.account_id and f.region = v.region, range(200) r
            """, ["aws_vpc", "aws_flow_log"]);
        using var store = Filled([Denied(Vpc, "us-east-1"), Denied(FlowLog, "us-east-1")], []);
        using var evaluator = new CheckEvaluator(CatalogOf(check), Scanner.Store.Sql.SandboxLimits.Check with { Rows = 100 });

        var finding = Assert.Single(evaluator.Evaluate(store, [check], Now, cancellation: TestContext.Current.CancellationToken));

        Assert.Equal(FindingStatus.Unknown, finding.Status);
        Assert.DoesNotContain("failed", finding.Message, StringComparison.Ordinal);
        Assert.Contains(finding.Causes, cause => cause.Table == "aws_vpc");
    }

    [Fact]
    public void What_many_rows_say_of_one_resource_is_told_once_where_a_table_only_helps()
    {
        var check = Check(
            """
            select v.account_id, v.region, v.vpc_id as resource_id,
                   case when v.region <> 'eu-west-1' or f.flow_vpc is null then 'fail' else 'pass' end as status, 'reason ' || r.range as message
            from aws_vpc v left join aws_flow_log f on f.account_id = v.account_id and f.region = v.region and v.region = 'eu-west-1', range(7) r
            """, ["aws_vpc", "aws_flow_log"]) with
        { Helps = ["aws_flow_log"] };

        var findings = Judge(check, [Ok(Vpc, "us-east-1"), Ok(Vpc, "eu-west-1"), Ok(FlowLog, "us-east-1"), Denied(FlowLog, "eu-west-1")], Vpc1);

        Assert.Equal("reason 0; reason 1; reason 2; reason 3; reason 4; and 2 more", Assert.Single(findings, finding => finding.Status == FindingStatus.Fail).Message);
    }

    [Fact]
    public void A_table_that_only_helps_an_account_leaves_its_pass()
    {
        var check = OneTrailSomewhere with { Helps = ["aws_trail"] };
        CollectionStatus[] statuses = [Ok(Trail, "us-east-1"), Denied(Trail, "eu-west-1"), Ok(Account, "global")];

        Assert.Equal([$"global {A} pass"], Short(Judge(check, statuses, TheAccount, TrailItem("us-east-1", "a", true))));
        Assert.Equal([$"global {A} unknown"], Short(Judge(check, statuses, TheAccount, TrailItem("us-east-1", "a", false))));
    }

    [Fact]
    public void A_row_of_a_table_that_only_helps_counts_for_what_was_read_of_it()
    {
        var check = TrailInRegion with
        {
            Query = TrailInRegion.Query.Replace("count(t.arn) > 0", "coalesce(bool_or(t.is_logging), false) or count(t.arn) > 0", StringComparison.Ordinal),
            Helps = ["aws_trail"],
        };
        var dark = Item(Trail, "us-east-1", "dark", """{"TrailARN":"dark","Name":"dark"}""", StatusDenied);

        // That it is there is enough, whatever its status.
        Assert.Equal([$"us-east-1 {A} pass"], Short(Judge(check, [Ok(Trail, "us-east-1"), Ok(Region, "us-east-1")], Scanned("us-east-1"), dark)));
        var logging = check with { Query = check.Query.Replace(" or count(t.arn) > 0", "", StringComparison.Ordinal) };
        Assert.Equal([$"us-east-1 {A} unknown"], Short(Judge(logging, [Ok(Trail, "us-east-1"), Ok(Region, "us-east-1")], Scanned("us-east-1"), dark)));
    }

    [Fact]
    public void A_table_for_plans_alone_is_not_asked_for_and_not_missed_but_its_rows_count()
    {
        var check = FlowLogs with { ForPlans = ["aws_flow_log"] };
        var logged = Item(FlowLog, "us-east-1", "fl-1", """{"FlowLogId":"fl-1","ResourceId":"vpc-1"}""");

        Assert.Equal(["us-east-1 vpc-1 fail"], Short(Judge(check, [Ok(Vpc, "us-east-1"), Denied(FlowLog, "us-east-1")], Vpc1)));
        Assert.Equal(["us-east-1 vpc-1 fail"], Short(Judge(check, [Ok(Vpc, "us-east-1")], Vpc1)));
        Assert.Equal(["us-east-1 vpc-1 pass"], Short(Judge(check, [Ok(Vpc, "us-east-1")], Vpc1, logged)));
        // What judges it for itself misses it still, and so does everybody where the first table is missing.
        Assert.Equal([$"us-east-1 {A} unknown"], Short(Judge(FlowLogs, [Ok(Vpc, "us-east-1")], Vpc1)));
        Assert.Equal([$"us-east-1 {A} unknown"], Short(Judge(check, [Denied(Vpc, "us-east-1")])));
        using var evaluator = new CheckEvaluator(CatalogOf(check));
        Assert.Equal(["aws_vpc"], evaluator.TablesOf([check]).Select(table => table.Name));
        Assert.Equal(["aws_flow_log", "aws_vpc"], evaluator.TablesOf([check, FlowLogs]).Select(table => table.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_none_here_fail_of_an_incomplete_first_table_is_withheld()
    {
        var check = Check(
            """
            select r.account_id, r.region, coalesce(t.arn, r.account_id) as resource_id,
                   case when t.is_logging then 'pass' else 'fail' end as status, 'm' as message
            from aws_region r left join aws_trail t on t.account_id = r.account_id and t.region = r.region
            """, ["aws_trail", "aws_region"]);

        var findings = Judge(check, [Denied(Trail, "us-east-1"), Ok(Region, "us-east-1")], Scanned("us-east-1"));

        Assert.Equal([$"us-east-1 {A} unknown"], Short(findings));
    }

    [Fact]
    public void A_row_whose_detail_failed_is_unknown_and_the_others_stand()
    {
        var findings = Judge(TrailCheck, [Ok(Trail, "us-east-1")],
            TrailItem("us-east-1", "good", true),
            Item(Trail, "us-east-1", "dark", """{"TrailARN":"dark","Name":"dark"}""", StatusDenied));

        Assert.Equal(["us-east-1 dark unknown", "us-east-1 good pass"], Short(findings));
        Assert.Contains("svc:GetStatus was denied (AccessDenied)", findings[0].Message, StringComparison.Ordinal);
        Assert.Equal(["dark"], Assert.Single(findings[0].Causes).Resources);
    }

    [Fact]
    public void A_failed_detail_that_the_query_does_not_use_changes_nothing()
    {
        var check = Check("select account_id, region, arn as resource_id, 'pass' as status, name as message from aws_trail", ["aws_trail"]);

        var findings = Judge(check, [Ok(Trail, "us-east-1")], Item(Trail, "us-east-1", "dark", """{"TrailARN":"dark","Name":"dark"}""", StatusDenied));

        Assert.Equal(["us-east-1 dark pass"], Short(findings));
    }

    [Theory]
    [InlineData("select account_id, region, arn as resource_id, case when is_logging is null then 'pass' end as status, '' as message from aws_trail")]
    [InlineData("with x as (select * from aws_trail) select account_id, region, arn as resource_id, case when is_logging then 'pass' else 'fail' end as status, '' as message from x")]
    [InlineData("select account_id, region, resource_id, if(f, 'pass', 'fail') as status, '' as message from aws_trail t(account_id, region, resource_id, d, e, f)")]
    [InlineData("""select account_id, region, resource_id, case when "IS_LOGGING" then 'pass' else 'fail' end as status, '' as message from (select t.* from aws_trail t)""")]
    [InlineData("select account_id, region, resource_id, case when item->>'Status' is null then 'fail' else 'pass' end as status, '' as message from aws_trail")]
    [InlineData("select t.account_id, t.region, t.resource_id, coalesce(case when u.is_logging then 'pass' end, 'fail') as status, '' as message from aws_trail t join aws_trail u using (account_id, region, resource_id)")]
    [InlineData("select account_id, region, resource_id, case when exists (select 1 from aws_trail u where u.resource_id = t.resource_id and u.is_logging) then 'pass' else 'fail' end as status, '' as message from aws_trail t")]
    [InlineData("select account_id, region, resource_id, case when resource_id in (select resource_id from aws_trail where is_logging) then 'pass' else 'fail' end as status, '' as message from aws_trail t")]
    [InlineData("select account_id, region, resource_id, case when resource_id not in (select resource_id from aws_trail where not is_logging) then 'pass' else 'fail' end as status, '' as message from aws_trail t")]
    [InlineData("select account_id, region, resource_id, case when (select count(*) from aws_trail u where u.resource_id = t.resource_id and u.is_logging) > 0 then 'pass' else 'fail' end as status, '' as message from aws_trail t")]
    [InlineData("select account_id, region, resource_id, case when count(*) filter (is_logging) > 0 then 'pass' else 'fail' end as status, '' as message from aws_trail group by all")]
    [InlineData("select account_id, region, resource_id, case when bool_or(is_logging) then 'pass' else 'fail' end as status, '' as message from aws_trail group by 1, 2, resource_id")]
    [InlineData("select account_id, region, resource_id, 'pass' as status, '' as message from aws_trail group by all having max(is_logging)")]
    [InlineData("select account_id, region, resource_id, 'pass' as status, '' as message from aws_trail qualify row_number() over (partition by resource_id order by is_logging) = 1 and is_logging")]
    [InlineData("select account_id, region, resource_id, case when max(is_logging) over (partition by resource_id) then 'pass' else 'fail' end as status, '' as message from aws_trail")]
    [InlineData("select account_id, region, resource_id, case when len(list_filter([1, 2], lambda x: is_logging and x > 1)) > 0 then 'pass' else 'fail' end as status, '' as message from aws_trail")]
    [InlineData("select account_id, region, resource_id, case when x then 'pass' else 'fail' end as status, '' as message from aws_trail, unnest([is_logging]) as u(x)")]
    [InlineData("select account_id, region, resource_id, status, '' as message from (select *, unnest([case when is_logging then 'pass' else 'fail' end]) as status from aws_trail)")]
    [InlineData("select account_id, region, resource_id, 'pass' as status, '' as message from aws_trail where is_logging union all select account_id, region, resource_id, 'fail', '' from aws_trail where not is_logging")]
    [InlineData("select distinct account_id, region, resource_id, case when is_logging then 'pass' else 'fail' end as status, '' as message from aws_trail")]
    public void However_the_status_hangs_on_a_failed_column_the_row_is_unknown(string query)
    {
        var findings = Judge(Check(query, ["aws_trail"]), [Ok(Trail, "us-east-1")], TrailItem("us-east-1", "lit", true),
            Item(Trail, "us-east-1", "dark", """{"TrailARN":"dark","Name":"dark"}""", StatusDenied));

        Assert.DoesNotContain("The query failed", findings[0].Message, StringComparison.Ordinal);
        Assert.Equal(["us-east-1 dark unknown", "us-east-1 lit"], Short(findings).Select(line => line.StartsWith("us-east-1 lit", StringComparison.Ordinal) ? "us-east-1 lit" : line));
        Assert.Equal(FindingStatus.Unknown, findings[0].Status);
        Assert.Contains("svc:GetStatus was denied (AccessDenied)", findings[0].Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("select *, 'pass' as status, '' as message from aws_trail")]
    [InlineData("with x as (from aws_trail) select account_id, region, resource_id, 'pass' as status, '' as message from x")]
    [InlineData("with x as (select *, 'pass' as status from aws_trail) select account_id, region, resource_id, status, name as message from x")]
    [InlineData("select account_id, region, resource_id, 'pass' as status, '' as message from aws_trail where name = 'dark' or is_logging")]
    [InlineData("select account_id, region, resource_id, case when name = 'dark' then 'pass' when is_logging then 'fail' end as status, '' as message from aws_trail")]
    [InlineData("select account_id, region, resource_id, case when is_logging then 'pass' when name = 'dark' then 'pass' else 'fail' end as status, '' as message from aws_trail")]
    [InlineData("select account_id, region, resource_id, case when name = 'none' and is_logging then 'fail' else 'pass' end as status, '' as message from aws_trail")]
    [InlineData("select account_id, region, resource_id, coalesce(if(name = 'dark', 'pass', null), is_logging::varchar) as status, '' as message from aws_trail")]
    [InlineData("select t.account_id, t.region, t.resource_id, case when u.resource_id is null then 'pass' else 'fail' end as status, '' as message from aws_trail t left join (select * from aws_trail where is_logging) u on u.resource_id = t.resource_id and t.name = 'none'")]
    [InlineData("select account_id, region, resource_id, case when count(*) > 0 then 'pass' end as status, '' as message from (select * exclude (is_logging) from aws_trail) group by all")]
    public void What_does_not_hang_on_a_failed_column_stands(string query)
    {
        var findings = Judge(Check(query, ["aws_trail"]), [Ok(Trail, "us-east-1")],
            Item(Trail, "us-east-1", "dark", """{"TrailARN":"dark","Name":"dark"}""", StatusDenied));

        Assert.Equal(["us-east-1 dark pass"], Short(findings));
    }

    [Fact]
    public void A_fail_that_what_was_read_proves_stands_and_says_what_its_words_could_not()
    {
        var check = Check(
            """
            select account_id, region, arn as resource_id,
                   case when name = 'bad' or not is_logging then 'fail' else 'pass' end as status,
                   case when not is_logging then 'stopped' else 'badly named' end as message
            from aws_trail
            """, ["aws_trail"]);

        var finding = Assert.Single(Judge(check, [Ok(Trail, "us-east-1")], Item(Trail, "us-east-1", "t", """{"TrailARN":"t","Name":"bad"}""", StatusDenied)));

        Assert.Equal(FindingStatus.Fail, finding.Status);
        // Which of the two sentences is right is not known.
        Assert.Equal("Fails in any case; why exactly is not known: aws_trail could not be read in us-east-1: svc:GetStatus was denied (AccessDenied)", finding.Message);
    }

    [Theory]
    [InlineData("select account_id, region, resource_id, 'pass' as status, t::varchar as message from aws_trail t")]
    [InlineData("select account_id, region, resource_id, 'pass' as status, aws_trail::varchar as message from aws_trail")]
    [InlineData("select account_id, region, resource_id, 'pass' as status, columns('is_log.*')::varchar as message from aws_trail")]
    [InlineData("select account_id, region, resource_id, 'pass' as status, '' as message from aws_trail natural join (select account_id, is_logging from aws_trail)")]
    [InlineData("select account_id, region, resource_id, 'pass' as status, '' as message from aws_trail order by is_logging limit 1")]
    public void Where_columns_are_not_followed_the_whole_check_is_unknown_and_its_author_hears_of_it(string query)
    {
        var check = Check(query, ["aws_trail"]);
        var findings = Judge(check, [Ok(Trail, "us-east-1")], TrailItem("us-east-1", "lit", true),
            Item(Trail, "us-east-1", "dark", """{"TrailARN":"dark","Name":"dark"}""", StatusDenied));

        Assert.Equal([$"us-east-1 {A} unknown"], Short(findings));
        Assert.Contains("svc:GetStatus was denied", findings[0].Message, StringComparison.Ordinal);
        // With nothing missing it works like any other.
        Assert.Equal(FindingStatus.Pass, Judge(check, [Ok(Trail, "us-east-1")], TrailItem("us-east-1", "lit", true)).Single(finding => finding.Resource == "lit").Status);
    }

    [Fact]
    public void A_failed_row_that_what_was_read_leaves_out_is_not_heard_of()
    {
        var check = Check(
            """
            select account_id, region, arn as resource_id, case when is_logging then 'pass' else 'fail' end as status, '' as message
            from aws_trail where name in (select flow_vpc from aws_flow_log)
            """, ["aws_trail", "aws_flow_log"]);
        var dark = Item(Trail, "us-east-1", "dark", """{"TrailARN":"dark","Name":"dark"}""", StatusDenied);
        CollectionStatus[] statuses = [Ok(Trail, "us-east-1"), Ok(FlowLog, "us-east-1")];

        Assert.Equal(["us-east-1 lit pass"], Short(Judge(check, statuses, dark, TrailItem("us-east-1", "lit", true), Item(FlowLog, "us-east-1", "f", """{"FlowLogId":"f","ResourceId":"lit"}"""))));
        Assert.Equal(["us-east-1 dark unknown"], Short(Judge(check, statuses, dark, Item(FlowLog, "us-east-1", "f", """{"FlowLogId":"f","ResourceId":"dark"}"""))));
        // Which it is about, is not known itself.
        Assert.Equal([$"us-east-1 {A} unknown"], Short(Judge(check, [Ok(Trail, "us-east-1"), Denied(FlowLog, "us-east-1")], TrailItem("us-east-1", "lit", true))));
    }

    [Fact]
    public void A_failed_row_of_another_table_is_felt_by_those_alone_that_hang_on_it()
    {
        var check = FlowLogs with { Query = FlowLogs.Query.Replace("f.flow_vpc is not null", "f.delivery = 'SUCCESS'", StringComparison.Ordinal) };
        var findings = Judge(check, [Ok(Vpc, "us-east-1"), Ok(FlowLog, "us-east-1")], Vpc1,
            Item(Vpc, "us-east-1", "vpc-2", """{"VpcId":"vpc-2"}"""), Item(Vpc, "us-east-1", "vpc-3", """{"VpcId":"vpc-3"}"""),
            Item(FlowLog, "us-east-1", "fl-1", """{"FlowLogId":"fl-1","ResourceId":"vpc-1"}""", new ResourceFailure("Delivery", CollectionOutcome.Throttled, "svc:GetDelivery", "Throttling")),
            Item(FlowLog, "us-east-1", "fl-2", """{"FlowLogId":"fl-2","ResourceId":"vpc-2","Delivery":{"Status":"SUCCESS"}}"""));

        Assert.Equal([$"us-east-1 {A} unknown", "us-east-1 vpc-2 pass", "us-east-1 vpc-3 fail"], Short(findings));
    }

    [Fact]
    public void A_gap_in_one_account_leaves_alone_the_others_that_do_not_ask_it()
    {
        // A trail of another account is judged by that account's own row.
        var check = Check(
            """
            select t.account_id, t.region, t.arn as resource_id, case when coalesce(own.is_logging, t.is_logging) then 'pass' else 'fail' end as status, '' as message
            from aws_trail t left join aws_trail own on own.arn = t.arn and own.account_id = t.name
            """, ["aws_trail"]);
        Resource Trails(string account, string arn, string owner, bool? logging) =>
            new("aws_trail", account, "us-east-1", arn,
                new JsonObject { ["TrailARN"] = arn, ["Name"] = owner, ["Status"] = logging is null ? null : new JsonObject { ["IsLogging"] = logging } }.ToJsonString(),
                logging is null ? [StatusDenied] : []);

        // The owner's row is there: the member's own, unread, does not matter.
        Assert.Equal(["us-east-1 org pass", "us-east-1 org pass"], Short(Judge(check, [Ok(Trail, "us-east-1"), Ok(Trail, "us-east-1", B)],
            Trails(A, "org", B, null), Trails(B, "org", B, true))));
        // The owner's account could not be read: what asks it is unknown, the rest stands.
        Assert.Equal([$"us-east-1 {A} unknown", "us-east-1 own pass", $"us-east-1 {B} unknown"], Short(Judge(check, [Ok(Trail, "us-east-1"), Denied(Trail, "us-east-1", B)],
            Trails(A, "org", B, true), Trails(A, "own", A, true))));
    }

    [Fact]
    public void A_row_of_a_table_that_only_helps_counts_as_missing_where_it_was_not_read()
    {
        var check = FlowLogs with { Query = FlowLogs.Query.Replace("f.flow_vpc is not null", "f.delivery = 'SUCCESS'", StringComparison.Ordinal), Helps = ["aws_flow_log"] };
        var unread = Item(FlowLog, "us-east-1", "fl-1", """{"FlowLogId":"fl-1","ResourceId":"vpc-1"}""", new ResourceFailure("Delivery", CollectionOutcome.Throttled, "svc:GetDelivery", "Throttling"));
        var good = Item(FlowLog, "us-east-1", "fl-2", """{"FlowLogId":"fl-2","ResourceId":"vpc-1","Delivery":{"Status":"SUCCESS"}}""");

        Assert.Equal(["us-east-1 vpc-1 pass"], Short(Judge(check, [Ok(Vpc, "us-east-1"), Ok(FlowLog, "us-east-1")], Vpc1, unread, good)));
        Assert.Equal([$"us-east-1 {A} unknown"], Short(Judge(check, [Ok(Vpc, "us-east-1"), Ok(FlowLog, "us-east-1")], Vpc1, unread)));
    }

    [Fact]
    public void An_unknown_says_what_the_query_says()
    {
        var check = Check("select account_id, region, arn as resource_id, null as status, 'AWS does not say whether ' || name || ' logs' as message from aws_trail", ["aws_trail"]);

        Assert.Equal("AWS does not say whether t logs", Assert.Single(Judge(check, [Ok(Trail, "us-east-1")], TrailItem("us-east-1", "t", true))).Message);
        Assert.Equal("The check could not tell: its query gave no status", Assert.Single(Judge(
            check with { Query = check.Query.Replace("'AWS does not say whether ' || name || ' logs'", "null", StringComparison.Ordinal) },
            [Ok(Trail, "us-east-1")], TrailItem("us-east-1", "t", true))).Message);
    }

    [Fact]
    public void A_failed_row_that_the_query_filters_out_is_still_unknown()
    {
        var check = Check(
            "select account_id, region, arn as resource_id, 'pass' as status, '' as message from aws_trail where is_logging", ["aws_trail"]);

        var findings = Judge(check, [Ok(Trail, "us-east-1")], Item(Trail, "us-east-1", "dark", """{"TrailARN":"dark"}""", StatusDenied));

        Assert.Equal(["us-east-1 dark unknown"], Short(findings));
    }

    [Fact]
    public void A_failed_detail_of_another_table_makes_the_region_unknown()
    {
        var check = FlowLogs with { Query = FlowLogs.Query.Replace("f.flow_vpc is not null", "f.delivery = 'SUCCESS'", StringComparison.Ordinal) };

        var findings = Judge(check, [Ok(Vpc, "us-east-1"), Ok(FlowLog, "us-east-1")], Vpc1,
            Item(FlowLog, "us-east-1", "fl-1", """{"FlowLogId":"fl-1","ResourceId":"vpc-1"}""",
                new ResourceFailure("Delivery", CollectionOutcome.Throttled, "svc:GetDelivery", "Throttling")));

        Assert.Equal([$"us-east-1 {A} unknown"], Short(findings));
        Assert.Contains("svc:GetDelivery was throttled", findings[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_status_that_names_resources_spoils_them_even_when_their_rows_do_not_say_so()
    {
        var findings = Judge(TrailCheck,
            [Ok(Trail, "us-east-1"), new CollectionStatus("aws_trail", A, "us-east-1", CollectionOutcome.Error, "svc:GetStatus", "HTTP 500", ["b"])],
            TrailItem("us-east-1", "a", true), TrailItem("us-east-1", "b", true));

        Assert.Equal(["us-east-1 a pass", "us-east-1 b unknown"], Short(findings));
    }

    [Fact]
    public void An_account_is_unknown_when_any_region_could_not_be_read()
    {
        CollectionStatus[] statuses = [Ok(Trail, "us-east-1"), Denied(Trail, "eu-west-1"), Ok(Account, "global")];
        var everyTrail = OneTrailSomewhere with { Query = OneTrailSomewhere.Query.Replace("bool_or", "bool_and", StringComparison.Ordinal) };

        Assert.Equal([$"global {A} unknown"], Short(Judge(everyTrail, statuses, TheAccount, TrailItem("us-east-1", "a", true))));
        Assert.Equal([$"global {A} unknown"], Short(Judge(OneTrailSomewhere, statuses, TheAccount, TrailItem("us-east-1", "a", false))));
        // What one trail proves, another cannot take back.
        Assert.Equal([$"global {A} fail"], Short(Judge(everyTrail, statuses, TheAccount, TrailItem("us-east-1", "a", false))));
        Assert.Equal([$"global {A} pass"], Short(Judge(OneTrailSomewhere, statuses, TheAccount, TrailItem("us-east-1", "a", true))));
    }

    [Fact]
    public void One_pass_proves_an_account_where_the_check_says_so()
    {
        var check = OneTrailSomewhere with { OnePassIsEnough = true };
        CollectionStatus[] statuses = [Ok(Trail, "us-east-1"), Denied(Trail, "eu-west-1"), Ok(Account, "global")];

        Assert.Equal([$"global {A} pass"], Short(Judge(check, statuses, TheAccount, TrailItem("us-east-1", "a", true))));
        Assert.Equal([$"global {A} unknown"], Short(Judge(check, statuses, TheAccount, TrailItem("us-east-1", "a", false))));
    }

    [Fact]
    public void A_region_check_says_only_unknown_where_its_table_could_not_be_read()
    {
        var findings = Judge(TrailInRegion,
            [Denied(Trail, "us-east-1"), Ok(Trail, "eu-west-1"), Ok(Region, "global")], Scanned("us-east-1"), Scanned("eu-west-1"));

        Assert.Equal([$"eu-west-1 {A} fail", $"us-east-1 {A} unknown"], Short(findings));
    }

    [Fact]
    public void Where_the_list_of_regions_could_not_be_read_those_that_were_looked_at_stand()
    {
        var findings = Judge(TrailInRegion, [Ok(Trail, "us-east-1"), Ok(Trail, "eu-west-1"), Denied(Region, "global")],
            Scanned("us-east-1"), Scanned("eu-west-1"), TrailItem("us-east-1", "a", true));

        // There may be others.
        Assert.Equal([$"eu-west-1 {A} fail", $"global {A} unknown", $"us-east-1 {A} pass"], Short(findings));
    }

    [Fact]
    public void Rows_of_an_account_table_keep_their_own_region()
    {
        var check = Check("select account_id, region, name as resource_id, 'pass' as status, '' as message from aws_bucket", ["aws_bucket"]);

        Assert.Equal(["eu-north-1 b pass"], Short(Judge(check, [Ok(Bucket, "global"), Ok(Trail, "us-east-1")], Item(Bucket, "eu-north-1", "b", """{"Name":"b"}"""))));
        Assert.Equal(["eu-north-1 b pass", $"global {A} unknown"], Short(Judge(check, [Denied(Bucket, "global"), Ok(Trail, "us-east-1")], Item(Bucket, "eu-north-1", "b", """{"Name":"b"}"""))));
        Assert.Equal([$"global {A} not applicable"], Short(Judge(check, [Ok(Bucket, "global"), Ok(Trail, "us-east-1")])));
    }

    [Fact]
    public void An_account_table_counts_in_every_region()
    {
        var check = Check(
            """
            select t.account_id, t.region, t.arn as resource_id, case when b.is_public then 'fail' else 'pass' end as status, '' as message
            from aws_trail t left join aws_bucket b on b.account_id = t.account_id and b.name = t.name
            """, ["aws_trail", "aws_bucket"]);
        var failure = new ResourceFailure("PolicyStatus", CollectionOutcome.Denied, "svc:GetPolicyStatus", "AccessDenied");

        var findings = Judge(check, [Ok(Trail, "us-east-1"), Ok(Bucket, "global")], TrailItem("us-east-1", "b", true),
            Item(Bucket, "eu-west-1", "b", """{"Name":"b"}""", failure));

        Assert.Equal([$"us-east-1 {A} unknown"], Short(findings));
    }

    [Fact]
    public void A_resource_in_a_region_that_was_not_scanned_is_unknown_where_a_regional_table_is_needed()
    {
        var check = Check(
            """
            select b.account_id, b.region, b.name as resource_id, 'pass' as status, '' as message
            from aws_bucket b left join aws_trail t using (account_id, region)
            """, ["aws_bucket", "aws_trail"]);

        var findings = Judge(check, [Ok(Bucket, "global"), Ok(Trail, "us-east-1")],
            Item(Bucket, "ap-south-2", "far", """{"Name":"far"}"""), Item(Bucket, "us-east-1", "near", """{"Name":"near"}"""));

        Assert.Equal(["ap-south-2 far unknown", "us-east-1 near pass"], Short(findings));
        Assert.Equal("Region ap-south-2 was not scanned", findings[0].Message);
    }

    [Fact]
    public void Rows_that_do_not_say_what_they_are_about_are_unknown_and_never_vanish()
    {
        var check = Check(
            $"""
            select * from (values
              ('{A}', 'us-east-1', 'r1', null, 'm'), ('{A}', 'us-east-1', 'r2', 'PASS', 'm'), ('{A}', 'us-east-1', null, 'pass', 'm'),
              ('{A}', null, 'r3', 'pass', 'm'), ('999999999999', 'us-east-1', 'r4', 'pass', 'm'), (null, 'us-east-1', 'r5', 'pass', 'm'),
              ('{A}', 'mars-1', 'r6', 'pass', 'm'), ('{A}', '<b>', 'r7', 'pass', 'm'), ('{A}', 'us-east-1', 'r8', 'muted', 'm'))
              t(account_id, region, resource_id, status, message), (select count(*) from aws_trail)
            """, ["aws_trail"]);

        var findings = Judge(check, [Ok(Trail, "us-east-1")]);

        Assert.All(findings, finding => Assert.Equal(FindingStatus.Unknown, finding.Status));
        Assert.Equal(
            [$"global {A}", "global r3", "global r7", "mars-1 r6", $"us-east-1 {A}", "us-east-1 r1", "us-east-1 r2", "us-east-1 r8"],
            findings.Select(finding => $"{finding.Region} {finding.Resource}"));
    }

    [Fact]
    public void The_worst_of_several_rows_for_one_resource_stands()
    {
        var check = Check(
            $"""
            select '{A}' as account_id, 'us-east-1' as region, 'r' as resource_id, status, message
            from (values ('pass', 'p'), ('fail', 'f2'), ('unknown', 'u'), ('fail', 'f1'), ('fail', 'f2')) t(status, message), (select count(*) from aws_trail)
            """, ["aws_trail"]);

        var finding = Assert.Single(Judge(check, [Ok(Trail, "us-east-1")]));

        Assert.Equal(FindingStatus.Fail, finding.Status);
        Assert.Equal("f1; f2", finding.Message);
    }

    /// <summary>Fail before unknown before pass before not applicable, whichever row comes first.</summary>
    [Theory]
    [InlineData("fail", "unknown")]
    [InlineData("fail", "pass")]
    [InlineData("fail", "not applicable")]
    [InlineData("unknown", "pass")]
    [InlineData("unknown", "not applicable")]
    [InlineData("pass", "not applicable")]
    public void Of_two_rows_for_one_resource_the_worse_stands_with_its_own_message(string worse, string better)
    {
        foreach (var rows in new[] { $"('{worse}', 'a worse'), ('{better}', 'b better')", $"('{better}', 'a better'), ('{worse}', 'b worse')" })
        {
            var check = Check(
                $"""
                select '{A}' as account_id, 'us-east-1' as region, 'r' as resource_id, status, message
                from (values {rows}) t(status, message), (select count(*) from aws_trail)
                """, ["aws_trail"]);

            var finding = Assert.Single(Judge(check, [Ok(Trail, "us-east-1")]));

            Assert.Equal(worse, Names.Of(finding.Status));
            Assert.Contains("worse", finding.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("better", finding.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void An_account_of_which_no_region_is_known_is_heard_of()
    {
        var findings = Judge(TrailCheck, [Ok(Account, "global")], TheAccount);

        Assert.Equal([$"global {A} unknown"], Short(findings));
    }

    [Fact]
    public void Accounts_are_judged_each_for_itself()
    {
        var other = TrailItem("us-east-1", "b", true) with { Account = B };

        var findings = Judge(TrailCheck, [Denied(Trail, "us-east-1"), Ok(Trail, "us-east-1", B)], TrailItem("us-east-1", "a", true), other);

        // What was read of the first account is true; there may be more of it.
        Assert.Equal([$"{A} {A} unknown", $"{A} a pass", $"{B} b pass"], findings.Select(finding => $"{finding.Account} {finding.Resource} {Names.Of(finding.Status)}"));
    }

    [Theory]
    [InlineData(false, "not applicable")]
    [InlineData(true, "unknown")]
    public void That_nothing_is_there_is_not_said_of_a_table_made_of_what_could_be_read_where_something_could_not(bool isDenied, string expected)
    {
        var target = Table("aws_target", TableScope.Account, "name", [Column("name", "name")], []) with
        {
            From = new TableFrom(["aws_flow_log", "aws_bucket"], "select account_id, region, name from aws_bucket", 1, IsPartial: true),
        };
        var check = Check("select account_id, region, name as resource_id, 'pass' as status, 'm' as message from aws_target", ["aws_target"]);
        using var store = ScanStore.InMemory([.. Tables, target]);
        store.Add([Ok(Region, "us-east-1"), Ok(Bucket, "global"), Ok(target, "global"), isDenied ? Denied(FlowLog, "us-east-1") : Ok(FlowLog, "us-east-1")]);
        store.Add([Item(Region, "us-east-1", "us-east-1", """{"RegionName":"us-east-1"}""")]);
        using var evaluator = new CheckEvaluator(CatalogOf(check) with { Tables = Tables.Append(target).ToDictionary(table => table.Name) });

        var finding = Assert.Single(evaluator.Evaluate(store, [check], Now, cancellation: TestContext.Current.CancellationToken));

        Assert.Equal(expected, Names.Of(finding.Status));
        Assert.Equal(isDenied, finding.Message.Contains("svc:List was denied", StringComparison.Ordinal));
    }

    [Fact]
    public void A_query_that_fails_when_it_runs_makes_its_check_unknown_and_the_others_go_on()
    {
        var broken = Check("select account_id, region, arn as resource_id, 'pass' as status, (name::int)::varchar as message from aws_trail", ["aws_trail"], id: "broken");
        using var store = Filled([Ok(Trail, "us-east-1")], TrailItem("us-east-1", "a", true));
        using var evaluator = new CheckEvaluator(CatalogOf(broken, TrailCheck));

        var findings = evaluator.Evaluate(store, [broken, TrailCheck], Now, cancellation: TestContext.Current.CancellationToken);

        Assert.Equal([$"us-east-1 {A} unknown", "us-east-1 a pass"], Short(findings));
        Assert.StartsWith("The query failed: Conversion Error", findings[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Findings_are_sorted_by_severity_then_check_then_place()
    {
        var low = TrailCheck with { Info = TrailCheck.Info with { Id = "a-low", Severity = Severity.Low } };
        var high = TrailCheck with { Info = TrailCheck.Info with { Id = "z-high" } };
        using var store = Filled([Ok(Trail, "us-east-1"), Ok(Trail, "eu-west-1")], TrailItem("us-east-1", "b", true), TrailItem("eu-west-1", "c", true));
        using var evaluator = new CheckEvaluator(CatalogOf(low, high));

        var findings = evaluator.Evaluate(store, [low, high], Now, cancellation: TestContext.Current.CancellationToken);

        Assert.Equal(["z-high c", "z-high b", "a-low c", "a-low b"], findings.Select(finding => $"{finding.Check} {finding.Resource}"));
    }
}
