using System.Text;
using System.Text.Json.Nodes;
using Scanner.Aws;
using Scanner.Collect.Tables;
using Scanner.Model;

namespace Collect.Tests.Tables;

public sealed class CollectorTests
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

    private const string Keys = """
        table: t
        title: t
        service: kms
        scope: region
        list: {operation: ListKeys, items: Keys}
        each:
          - {as: Metadata, operation: DescribeKey, parameters: {KeyId: "{KeyId}"}, take: KeyMetadata}
          - as: Rotation
            operation: GetKeyRotationStatus
            parameters: {KeyId: "{KeyId}"}
            absent_on: [NotFoundException]
            when: {Metadata.KeyManager: CUSTOMER, Metadata.KeyState: [Enabled, Disabled]}
        id: "arn:{partition}:kms:{region}:{account}:key/{KeyId}"
        columns: {id: KeyId}
        """;

    [Fact]
    public async Task Each_enabled_region_is_asked_and_has_its_own_rows_and_status()
    {
        var aws = new ScriptedAws().Regions("us-east-1", "eu-west-1", "af-south-1-")
            .On("ec2:DescribeVpcs", call => new JsonObject { ["Vpcs"] = new JsonArray(new JsonObject { ["VpcId"] = "vpc-" + call.Region, ["Size"] = 1.50m }) });

        var collected = await Collected.FromAsync(aws, Vpcs);

        Assert.Equal(["eu-west-1", "us-east-1"], collected.Of("t").Select(row => row.Region).Order());
        Assert.All(collected.Of("t"), row => Assert.Equal("vpc-" + row.Region, row.Id));
        Assert.Equal(["eu-west-1", "us-east-1"], collected.Statuses.Where(s => s.Table == "t" && s.Outcome == CollectionOutcome.Ok).Select(s => s.Region).Order());
        Assert.Equal(["eu-west-1", "us-east-1"], collected.Of("aws_region").Select(row => row.Id).Order());
        Assert.Equal("111111111111", Assert.Single(collected.Of("aws_account")).Id);
        Assert.Equal(["eu-west-1", "us-east-1"], collected.Result.Regions["111111111111"]);
        Assert.Equal(5, collected.Result.Resources);
    }

    [Fact]
    public async Task A_refused_list_is_denied_with_operation_and_reason_and_no_rows()
    {
        var aws = new ScriptedAws().Regions("us-east-1").Fails("ec2:DescribeVpcs", "UnauthorizedOperation");

        var status = (await Collected.FromAsync(aws, Vpcs)).Status("t");

        Assert.Equal(new("t", "111111111111", "us-east-1", CollectionOutcome.Denied, "ec2:DescribeVpcs", "UnauthorizedOperation: because"), status);
    }

    [Fact]
    public async Task A_denied_second_page_keeps_the_first_pages_rows_and_the_table_is_not_collected()
    {
        var aws = new ScriptedAws().Regions("us-east-1")
            .Fails("ec2:DescribeVpcs", "Throttling", CollectionOutcome.Throttled, """{"Vpcs": [{"VpcId": "vpc-1"}]}""");

        var collected = await Collected.FromAsync(aws, Vpcs);

        Assert.Equal("vpc-1", Assert.Single(collected.Of("t")).Id);
        Assert.Equal(CollectionOutcome.Throttled, collected.Status("t").Outcome);
        Assert.Null(collected.Status("t").Resources);
    }

    [Theory]
    [InlineData("{}", "Vpcs")]
    [InlineData("""{"Vpcs": null}""", "Vpcs")]
    [InlineData("""{"Vpcs": "none"}""", "not a list")]
    [InlineData("""{"Vpcs": 7}""", "not a list")]
    [InlineData("""{"Vpcs": [{"Name": "x"}]}""", "VpcId")]
    [InlineData("""{"Vpcs": [{"VpcId": ""}]}""", "VpcId")]
    [InlineData("""{"Vpcs": [{"VpcId": {"a": 1}}]}""", "VpcId")]
    [InlineData("""{"Vpcs": [null]}""", "VpcId")]
    [InlineData("""{"Vpcs": ["vpc-1"]}""", "VpcId")]
    [InlineData("""{"Vpcs": [{"VpcId": "a", "State": "pending"}, {"VpcId": "a", "State": "available"}]}""", "two items")]
    [InlineData("""{"Vpcs": [{"VpcId": "a", "VpcId": "a"}]}""", "")]
    public async Task A_reply_that_is_not_what_the_table_says_is_malformed_and_never_nothing(string reply, string says)
    {
        var status = (await Collected.FromAsync(new ScriptedAws().Regions("us-east-1").On("ec2:DescribeVpcs", reply), Vpcs)).Status("t");

        Assert.Equal(CollectionOutcome.Error, status.Outcome);
        Assert.StartsWith("MalformedReply", status.Reason, StringComparison.Ordinal);
        Assert.Contains(says, status.Reason, StringComparison.Ordinal);
        Assert.Equal("ec2:DescribeVpcs", status.Operation);
    }

    [Fact]
    public async Task The_same_item_twice_is_one_row()
    {
        var aws = new ScriptedAws().Regions("us-east-1").On("ec2:DescribeVpcs", """{"Vpcs": [{"VpcId": "a", "State": "available"}, {"VpcId": "b"}, {"VpcId": "a", "State": "available"}]}""");

        var collected = await Collected.FromAsync(aws, Vpcs);

        Assert.Equal(["a", "b"], collected.Of("t").Select(row => row.Id).Order());
        Assert.Equal(CollectionOutcome.Ok, collected.Status("t").Outcome);
    }

    [Fact]
    public async Task A_malformed_item_costs_the_table_its_status_and_not_the_other_rows()
    {
        var aws = new ScriptedAws().Regions("us-east-1").On("ec2:DescribeVpcs", """{"Vpcs": [{"VpcId": "a"}, {}, {"VpcId": "b"}, {"VpcId": "a", "State": "x"}, {"VpcId": "\ud800"}]}""");

        var collected = await Collected.FromAsync(aws, Vpcs);

        Assert.Equal(["a", "b"], collected.Of("t").Select(row => row.Id).Order());
        Assert.Equal(CollectionOutcome.Error, collected.Status("t").Outcome);
    }

    [Fact]
    public async Task An_optional_list_may_be_left_out_and_is_then_empty()
    {
        var table = Vpcs.Replace("items: Vpcs}", "items: \"Outer[].Vpcs[]\", optional: true}", StringComparison.Ordinal);
        var aws = new ScriptedAws().Regions("us-east-1").On("ec2:DescribeVpcs", """{"Outer": [{}, {"Vpcs": [{"VpcId": "a"}]}, {"Vpcs": [{"VpcId": "b"}]}]}""");

        var collected = await Collected.FromAsync(aws, table);

        Assert.Equal(["a", "b"], collected.Of("t").Select(row => row.Id).Order());
        Assert.Equal(CollectionOutcome.Ok, collected.Status("t").Outcome);
        Assert.Equal(CollectionOutcome.Ok, (await Collected.FromAsync(new ScriptedAws().Regions("us-east-1").On("ec2:DescribeVpcs", "{}"), table)).Status("t").Outcome);
    }

    [Fact]
    public async Task A_flattened_list_misses_no_level_in_silence()
    {
        var table = Vpcs.Replace("items: Vpcs}", "items: \"Outer[].Vpcs[]\"}", StringComparison.Ordinal);
        var aws = new ScriptedAws().Regions("us-east-1").On("ec2:DescribeVpcs", """{"Outer": [{}, {"Vpcs": [{"VpcId": "a"}]}]}""");

        Assert.Equal(CollectionOutcome.Error, (await Collected.FromAsync(aws, table)).Status("t").Outcome);
    }

    [Fact]
    public async Task An_error_that_means_there_is_none_gives_no_rows_and_ok_unless_pages_came_before_it()
    {
        var table = Vpcs.Replace("items: Vpcs}", "items: Vpcs, empty_on: [NoSuchEntity]}", StringComparison.Ordinal);
        var none = new ScriptedAws().Regions("us-east-1").Fails("ec2:DescribeVpcs", "NoSuchEntity", CollectionOutcome.Error);
        var late = new ScriptedAws().Regions("us-east-1").Fails("ec2:DescribeVpcs", "NoSuchEntity", CollectionOutcome.Error, """{"Vpcs": []}""");

        Assert.Equal(CollectionOutcome.Ok, (await Collected.FromAsync(none, table)).Status("t").Outcome);
        Assert.Equal(CollectionOutcome.Error, (await Collected.FromAsync(late, table)).Status("t").Outcome);
    }

    [Fact]
    public async Task A_reply_without_items_is_itself_the_one_item()
    {
        var collected = await Collected.FromAsync(
            new ScriptedAws().Regions("us-east-1").On("ec2:GetEbsEncryptionByDefault", """{"EbsEncryptionByDefault": true}"""),
            """
            table: t
            title: t
            service: ec2
            scope: region
            list: {operation: GetEbsEncryptionByDefault}
            id: "{account}"
            columns: {on: EbsEncryptionByDefault}
            """);

        Assert.Equal("111111111111", Assert.Single(collected.Of("t")).Id);
        Assert.True((bool)collected.Item("t")["EbsEncryptionByDefault"]!);
    }

    [Fact]
    public async Task Details_go_into_the_item_and_conditions_decide_which_are_asked()
    {
        var aws = new ScriptedAws().Regions("us-east-1")
            .On("kms:ListKeys", """{"Keys": [{"KeyId": "mine"}, {"KeyId": "amazons"}, {"KeyId": "gone"}]}""")
            .On("kms:DescribeKey", call => new JsonObject
            {
                ["KeyMetadata"] = new JsonObject
                {
                    ["KeyManager"] = (string?)call.Parameters["KeyId"] == "amazons" ? "AWS" : "CUSTOMER",
                    ["KeyState"] = (string?)call.Parameters["KeyId"] == "gone" ? "PendingDeletion" : "Enabled",
                },
            })
            .On("kms:GetKeyRotationStatus", """{"KeyRotationEnabled": true}""");

        var collected = await Collected.FromAsync(aws, Keys);

        Assert.Equal(CollectionOutcome.Ok, collected.Status("t").Outcome);
        Assert.Equal(1, aws.Count("kms:GetKeyRotationStatus"));
        var mine = Assert.Single(collected.Of("t"), row => row.Id == "arn:aws:kms:us-east-1:111111111111:key/mine");
        Assert.Equal("""{"KeyId":"mine","Metadata":{"KeyManager":"CUSTOMER","KeyState":"Enabled"},"Rotation":{"KeyRotationEnabled":true}}""", mine.Item);
        var amazons = Assert.Single(collected.Of("t"), row => row.Id.EndsWith("amazons", StringComparison.Ordinal));
        Assert.Empty(amazons.Failures);
        Assert.Contains("\"Rotation\":null", amazons.Item, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_detail_leaves_the_row_with_a_failure_and_names_the_resources()
    {
        var aws = new ScriptedAws().Regions("us-east-1")
            .On("kms:ListKeys", """{"Keys": [{"KeyId": "b"}, {"KeyId": "a"}, {"KeyId": "ok"}]}""")
            .On("kms:DescribeKey", """{"KeyMetadata": {"KeyManager": "CUSTOMER", "KeyState": "Enabled"}}""")
            .On("kms:GetKeyRotationStatus", call => (string?)call.Parameters["KeyId"] == "ok"
                ? new JsonObject { ["KeyRotationEnabled"] = false }
                : throw new AwsApiException(call, CollectionOutcome.Denied, "AccessDeniedException", "no"));

        var collected = await Collected.FromAsync(aws, Keys);

        var status = collected.Status("t");
        Assert.Equal((CollectionOutcome.Denied, "kms:GetKeyRotationStatus"), (status.Outcome, status.Operation));
        Assert.Equal(["arn:aws:kms:us-east-1:111111111111:key/a", "arn:aws:kms:us-east-1:111111111111:key/b"], status.Resources);
        Assert.Equal(3, collected.Of("t").Count());
        Assert.Equal(2, collected.Of("t").Count(row => row.Failures is [{ Detail: "Rotation", Outcome: CollectionOutcome.Denied, Reason: "AccessDeniedException: no" }]));
    }

    [Fact]
    public async Task A_detail_whose_condition_could_not_be_read_is_not_known_either()
    {
        var aws = new ScriptedAws().Regions("us-east-1").On("kms:ListKeys", """{"Keys": [{"KeyId": "a"}]}""").Fails("kms:DescribeKey", "AccessDeniedException");

        var row = Assert.Single((await Collected.FromAsync(aws, Keys)).Of("t"));

        Assert.Equal(["Metadata", "Rotation"], row.Failures.Select(failure => failure.Detail));
        Assert.All(row.Failures, failure => Assert.Equal("kms:DescribeKey", failure.Operation));
        Assert.Equal(0, aws.Count("kms:GetKeyRotationStatus"));
    }

    [Fact]
    public async Task An_absent_detail_is_null_and_no_failure()
    {
        var aws = new ScriptedAws().Regions("us-east-1")
            .On("kms:ListKeys", """{"Keys": [{"KeyId": "a"}]}""")
            .On("kms:DescribeKey", """{"KeyMetadata": {"KeyManager": "CUSTOMER", "KeyState": "Enabled"}}""")
            .Fails("kms:GetKeyRotationStatus", "NotFoundException", CollectionOutcome.Error);

        var collected = await Collected.FromAsync(aws, Keys);

        Assert.Equal(CollectionOutcome.Ok, collected.Status("t").Outcome);
        Assert.Null(collected.Item("t")["Rotation"]);
    }

    [Fact]
    public async Task A_missing_value_fails_the_detail_instead_of_asking_without_it()
    {
        var aws = new ScriptedAws().Regions("us-east-1").On("ec2:DescribeVpcs", """{"Vpcs": [{"VpcId": "a"}]}""");

        var collected = await Collected.FromAsync(aws, Vpcs + "\neach: [{as: D, operation: GetD, parameters: {Filter: [{Name: x, Values: [\"{Nope}\"]}]}}]");

        Assert.Equal(0, aws.Count("ec2:GetD"));
        Assert.Equal("MalformedReply: the item has no 'Nope' to call it with", Assert.Single(Assert.Single(collected.Of("t")).Failures).Reason);
    }

    [Fact]
    public async Task Account_tables_are_asked_once_in_the_home_region_and_rows_may_name_their_own()
    {
        var aws = new ScriptedAws().Regions("us-east-1", "eu-west-1")
            .On("s3:ListBuckets", """{"Buckets": [{"Name": "a", "BucketRegion": "eu-west-1"}, {"Name": "b"}, {"Name": "c", "BucketRegion": "../../evil"}]}""")
            .On("s3:GetBucketAcl", """{"Grants": []}""");

        var collected = await Collected.FromAsync(aws, """
            table: t
            title: t
            service: s3
            scope: account
            list: {operation: ListBuckets, items: Buckets}
            each: [{as: Acl, operation: GetBucketAcl, parameters: {Bucket: "{Name}"}, region: "{BucketRegion}"}]
            region: "{BucketRegion}"
            id: Name
            columns: {name: Name}
            """);

        Assert.Equal("us-east-1", Assert.Single(aws.Calls, call => call.Operation == "ListBuckets").Region);
        Assert.Equal([("a", "eu-west-1"), ("b", "global")], collected.Of("t").Select(row => (row.Id, row.Region)).Order());
        Assert.Equal(["eu-west-1", "us-east-1"], aws.Calls.Where(call => call.Operation == "GetBucketAcl").Select(call => call.Region).Order());
        Assert.Contains(collected.Statuses, status => status is { Table: "t", Region: "global", Resources: null, Outcome: CollectionOutcome.Error });
    }

    [Fact]
    public async Task A_detail_is_asked_once_in_each_region_that_items_name_and_never_taken_from_another()
    {
        var aws = new ScriptedAws().Regions("us-east-1", "eu-west-1")
            .On("x:ListItems", """{"Items": [{"Id": "a", "In": "eu-west-1"}, {"Id": "b", "In": "us-east-1"}, {"Id": "c", "In": "eu-west-1"}]}""")
            .On("x:GetSettings", call => new JsonObject { ["Of"] = call.Region });

        var collected = await Collected.FromAsync(aws, """
            table: t
            title: t
            service: x
            scope: account
            list: {operation: ListItems, items: Items}
            each: [{as: Settings, operation: GetSettings, region: "{In}"}]
            region: "{In}"
            id: Id
            columns: {id: Id}
            """);

        Assert.Equal([("a", "eu-west-1"), ("b", "us-east-1"), ("c", "eu-west-1")], collected.Of("t").Select(row => (row.Id, (string?)JsonNode.Parse(row.Item)!["Settings"]!["Of"])).Order());
        Assert.Equal(2, aws.Count("x:GetSettings"));
    }

    [Fact]
    public async Task Parents_that_fail_alike_are_one_status_that_says_how_many()
    {
        var aws = new ScriptedAws().Regions("us-east-1")
            .On("x:ListA", """{"As": [{"id": "1"}, {"id": "2"}, {"id": "3"}, {"id": "4"}]}""")
            .On("x:ListB", call => (string?)call.Parameters["a"] == "4"
                ? throw new AwsApiException(call, CollectionOutcome.Throttled, "Throttling", "slow")
                : throw new AwsApiException(call, CollectionOutcome.Denied, "AccessDenied", "not " + call.Parameters["a"]));

        var collected = await Collected.FromAsync(aws, """
            table: t
            title: t
            service: x
            scope: region
            for_each: [{as: A, operation: ListA, items: As}]
            list: {operation: ListB, parameters: {a: "{A.id}"}, items: Bs}
            id: id
            columns: {id: id}
            """);

        var own = collected.Statuses.Where(status => status.Table == "t").ToList();
        Assert.Equal([CollectionOutcome.Denied, CollectionOutcome.Throttled], own.Select(status => status.Outcome));
        Assert.Matches(@"^AccessDenied: not [123] \(and 2 more\)$", own[0].Reason);
        Assert.Equal("Throttling: slow", own[1].Reason);
    }

    [Theory]
    [InlineData("aws-cn", "cn-north-1")]
    [InlineData("aws-us-gov", "us-gov-west-1")]
    public async Task The_home_region_is_the_partitions(string partition, string home)
    {
        var aws = new ScriptedAws().Regions(home).On("iam:GetAccountSummary", "{}");

        await Collected.FromAsync([new CollectionAccount(aws) { Partition = partition }], Collected.Tables("""
            table: t
            title: t
            service: iam
            scope: account
            list: {operation: GetAccountSummary, parameters: {A: "{region}", P: "{partition}"}}
            id: "{account}"
            columns: {a: A}
            """));

        Assert.All(aws.Calls, call => Assert.Equal(home, call.Region));
        Assert.Equal($$"""{"A":"{{home}}","P":"{{partition}}"}""", Assert.Single(aws.Calls, call => call.Operation == "GetAccountSummary").Parameters.ToJsonString());
    }

    [Fact]
    public async Task Parents_are_listed_first_and_stand_in_the_item()
    {
        var aws = new ScriptedAws().Regions("us-east-1")
            .On("x:ListA", """{"As": [{"id": "1"}, {"id": "2"}]}""")
            .On("x:ListB", call => new JsonObject { ["Bs"] = new JsonArray("b" + (string?)call.Parameters["a"]) })
            .On("x:ListC", call => (string?)call.Parameters["b"] == "b2"
                ? throw new AwsApiException(call, CollectionOutcome.Denied, "AccessDenied", "no")
                : new JsonObject { ["Cs"] = new JsonArray(new JsonObject { ["id"] = "c" }) });

        var collected = await Collected.FromAsync(aws, """
            table: t
            title: t
            service: x
            scope: region
            for_each:
              - {as: a, operation: ListA, items: As}
              - {as: b, operation: ListB, parameters: {a: "{a.id}"}, items: Bs}
            list: {operation: ListC, parameters: {b: "{b.value}"}, items: Cs}
            id: "{a.id}/{b.value}/{id}"
            columns: {id: id}
            """);

        var row = Assert.Single(collected.Of("t"));
        Assert.Equal("1/b1/c", row.Id);
        Assert.Equal("""{"id":"c","a":{"id":"1"},"b":{"value":"b1"}}""", row.Item);
        Assert.Equal((CollectionOutcome.Denied, "x:ListC"), (collected.Status("t").Outcome, collected.Status("t").Operation));
    }

    [Fact]
    public async Task A_batch_asks_for_many_parents_in_one_call_and_failures_in_the_reply_count()
    {
        var aws = new ScriptedAws().Regions("us-east-1")
            .On("ecs:ListClusters", """{"clusterArns": ["a", "b", "c"]}""")
            .On("ecs:DescribeClusters", call => new JsonObject
            {
                ["clusters"] = new JsonArray([.. call.Parameters["clusters"]!.AsArray().Where(arn => (string?)arn != "c").Select(arn => new JsonObject { ["clusterArn"] = (string?)arn })]),
                ["failures"] = new JsonArray([.. call.Parameters["clusters"]!.AsArray().Where(arn => (string?)arn == "c").Select(arn => new JsonObject { ["arn"] = (string?)arn, ["reason"] = "ACCESS_DENIED" })]),
            });

        var collected = await Collected.FromAsync(aws, """
            table: t
            title: t
            service: ecs
            scope: region
            for_each: [{as: cluster, operation: ListClusters, items: clusterArns}]
            list: {operation: DescribeClusters, parameters: {include: [SETTINGS]}, batch: {parameter: clusters, from: "{value}", size: 2}, items: clusters, failures: failures}
            id: clusterArn
            columns: {id: clusterArn}
            """);

        Assert.Equal(["""{"include":["SETTINGS"],"clusters":["a","b"]}""", """{"include":["SETTINGS"],"clusters":["c"]}"""],
            aws.Calls.Where(call => call.Operation == "DescribeClusters").Select(call => call.Parameters.ToJsonString()).Order());
        Assert.Equal(["a", "b"], collected.Of("t").Select(row => row.Id).Order());
        Assert.Equal((CollectionOutcome.Error, "not read: ACCESS_DENIED"), (collected.Status("t").Outcome, collected.Status("t").Reason));
    }

    private const string Report = """
        table: t
        title: t
        service: iam
        scope: account
        list: {prepare: {operation: GenerateCredentialReport, until: {State: COMPLETE}}, operation: GetCredentialReport, items: Content, decode: csv}
        id: arn
        columns: {user: user}
        """;

    private static string Csv(string text) => new JsonObject { ["Content"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(text)) }.ToJsonString();

    [Fact]
    public async Task A_report_is_awaited_decoded_and_each_line_is_a_row()
    {
        var polls = 0;
        var aws = new ScriptedAws().Regions("us-east-1")
            .On("iam:GenerateCredentialReport", _ => new JsonObject { ["State"] = Interlocked.Increment(ref polls) < 3 ? "STARTED" : "COMPLETE" })
            .On("iam:GetCredentialReport", Csv("user,arn\n\"a,\"\"b\"\"\",arn:1\r\nc,arn:2\n"));

        var collected = await Collected.FromAsync(aws, Report);

        Assert.Equal(3, polls);
        Assert.Equal(["""{"user":"a,\"b\"","arn":"arn:1"}""", """{"user":"c","arn":"arn:2"}"""], collected.Of("t").Select(row => row.Item).Order());
    }

    [Fact]
    public async Task A_report_that_never_is_ready_is_not_collected()
    {
        var aws = new ScriptedAws().Regions("us-east-1").On("iam:GenerateCredentialReport", """{"State": "INPROGRESS"}""");

        var status = (await Collected.FromAsync(aws, Report, new() { PrepareAttempts = 4 })).Status("t");

        Assert.Equal(4, aws.Count("iam:GenerateCredentialReport"));
        Assert.Equal(0, aws.Count("iam:GetCredentialReport"));
        Assert.Equal((CollectionOutcome.Error, "iam:GenerateCredentialReport"), (status.Outcome, status.Operation));
    }

    [Theory]
    [InlineData("user,arn\nx\n")]
    [InlineData("user,arn\n\"x,arn:1\n")]
    [InlineData("user,user\nx,y\n")]
    [InlineData("")]
    public async Task A_broken_report_is_malformed(string csv)
    {
        var aws = new ScriptedAws().Regions("us-east-1").On("iam:GenerateCredentialReport", """{"State": "COMPLETE"}""").On("iam:GetCredentialReport", Csv(csv));

        Assert.StartsWith("MalformedReply", (await Collected.FromAsync(aws, Report)).Status("t").Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pairs_become_an_object()
    {
        var aws = new ScriptedAws().Regions("us-east-1").On("ec2:DescribeVpcs", """{"Vpcs": [{"VpcId": "a"}]}""")
            .On("ec2:GetAttributes", """{"Attributes": [{"Key": "logs.s3.enabled", "Value": "true"}, {"Key": "x", "Value": null}]}""");

        var collected = await Collected.FromAsync(aws, Vpcs + "\neach: [{as: A, operation: GetAttributes, pairs: {items: Attributes, key: Key, value: Value}}]");

        Assert.Equal("""{"logs.s3.enabled":"true","x":null}""", collected.Item("t")["A"]!.ToJsonString());
    }

    [Fact]
    public async Task Identical_calls_are_made_once_across_items_tables_and_regions()
    {
        const string trails = """
            table: NAME
            title: t
            service: cloudtrail
            scope: region
            list: {operation: DescribeTrails, items: trailList}
            each: [{as: Status, operation: GetTrailStatus, parameters: {Name: "{Name}"}, region: "{HomeRegion}"}]
            id: Name
            columns: {id: Name}
            """;
        var aws = new ScriptedAws().Regions("us-east-1", "eu-west-1", "eu-north-1")
            .On("cloudtrail:DescribeTrails", """{"trailList": [{"Name": "a", "HomeRegion": "eu-west-1"}, {"Name": "b", "HomeRegion": "us-east-1"}]}""")
            .On("cloudtrail:GetTrailStatus", """{"IsLogging": true}""");

        var collected = await Collected.FromAsync(aws, trails.Replace("NAME", "one", StringComparison.Ordinal) + "\n---\n" + trails.Replace("NAME", "two", StringComparison.Ordinal));

        Assert.Equal(12, collected.Rows.Count(row => row.Table is "one" or "two"));
        Assert.Equal(2, aws.Count("cloudtrail:GetTrailStatus"));
        Assert.Equal(3, aws.Count("cloudtrail:DescribeTrails"));
    }

    [Fact]
    public async Task An_exception_of_any_kind_costs_only_its_table()
    {
        var aws = new ScriptedAws().Regions("us-east-1").On("ec2:DescribeVpcs", _ => throw new InvalidCastException("bug")).On("x:List", """{"Xs": [{"id": "1"}]}""");

        var collected = await Collected.FromAsync(aws, Vpcs + "\n---\n" + """
            table: u
            title: u
            service: x
            scope: region
            list: {operation: List, items: Xs}
            id: id
            columns: {id: id}
            """);

        Assert.Equal((CollectionOutcome.Error, "ec2:DescribeVpcs"), (collected.Status("t").Outcome, collected.Status("t").Operation));
        Assert.Contains("bug", collected.Status("t").Reason, StringComparison.Ordinal);
        Assert.Equal(CollectionOutcome.Ok, collected.Status("u").Outcome);
    }

    [Fact]
    public async Task Cancellation_keeps_what_was_collected_and_says_of_the_rest_that_it_was_not()
    {
        using var stop = new CancellationTokenSource();
        using var first = new TableDone();
        var aws = new ScriptedAws().Regions("us-east-1", "us-east-2").On("ec2:DescribeVpcs", call =>
        {
            if (call.Region == "us-east-1")
                return JsonNode.Parse("""{"Vpcs": [{"VpcId": "a"}]}""")!.AsObject();
            // Regions are read side by side: it is stopped once the other is through.
            first.Wait(TestContext.Current.CancellationToken);
            stop.Cancel();
            throw new OperationCanceledException(stop.Token);
        });
        var collected = new Collected();

        var result = await new Collector(Collected.Tables(Vpcs), new() { Parallelism = 2 }, first).CollectAsync([new CollectionAccount(aws)], collected, stop.Token);

        Assert.Equal(["us-east-1", "us-east-2"], result.Regions.Values.Single().Order(StringComparer.Ordinal));
        Assert.Contains(collected.Rows, resource => resource.Id == "a");
        Assert.Contains(collected.Statuses, status => status is { Table: "t", Region: "us-east-1", Outcome: CollectionOutcome.Ok });
        var left = Assert.Single(collected.Statuses, status => status is { Table: "t", Region: "us-east-2" });
        Assert.Equal(CollectionOutcome.Stopped, left.Outcome);
        Assert.Contains("stopped before this was collected", left.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_that_fails_ends_the_collection_with_its_own_error()
    {
        var aws = new ScriptedAws().Regions("us-east-1").On("ec2:DescribeVpcs", """{"Vpcs": [{"VpcId": "a"}]}""");

        await Assert.ThrowsAsync<IOException>(() => new Collector(Collected.Tables(Vpcs), new()).CollectAsync([new CollectionAccount(aws)], new FullDisk(), TestContext.Current.CancellationToken));
    }

    [Fact]
    public void A_text_with_a_brace_that_holds_no_path_names_file_and_line()
    {
        var tables = Collected.Tables(Vpcs.Replace("id: VpcId", "id: \"{VpcId\"", StringComparison.Ordinal));

        Assert.Contains("0.yml:1:", Assert.Throws<InputException>(() => new Collector(tables, new())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Twenty_thousand_items_with_details_go_through()
    {
        var aws = new ScriptedAws().Regions("us-east-1")
            .On("ec2:DescribeVpcs", _ => new JsonObject { ["Vpcs"] = new JsonArray([.. Enumerable.Range(0, 20_000).Select(i => new JsonObject { ["VpcId"] = $"vpc-{i}" })]) })
            .On("ec2:GetD", call => new JsonObject { ["Of"] = (string?)call.Parameters["Id"] });

        var collected = await Collected.FromAsync(aws, Vpcs + "\neach: [{as: D, operation: GetD, parameters: {Id: \"{VpcId}\"}}]");

        Assert.Equal(20_000, collected.Of("t").Count());
        Assert.All(collected.Of("t"), row => Assert.Contains($"\"Of\":\"{row.Id}\"", row.Item, StringComparison.Ordinal));
    }

    private sealed class FullDisk : ICollectionSink
    {
        public void Add(Resource resource) => throw new IOException("disk full");

        public void Add(CollectionStatus status) => throw new IOException("disk full");
    }

    /// <summary>Hears of progress, and lets wait for the end of a region.</summary>
    private sealed class TableDone : IProgressSink, IDisposable
    {
        private readonly ManualResetEventSlim _done = new();

        public void Wait(CancellationToken cancellation) => _done.Wait(cancellation);

        public void Report(string task, long done, long total)
        {
        }

        public void Report(CollectionProgress progress)
        {
            if (progress.Tables > 0)
                _done.Set();
        }

        public void Note(string message)
        {
        }

        public void Dispose() => _done.Dispose();
    }
}
