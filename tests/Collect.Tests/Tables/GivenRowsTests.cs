using System.Globalization;
using System.Text.Json.Nodes;
using Scanner.Collect.Tables;
using Scanner.Model;

namespace Collect.Tests.Tables;

/// <summary>Tables whose items are rows of SQL over tables that were collected before.</summary>
public sealed class GivenRowsTests
{
    private const string Buckets = """
        table: bucket
        title: t
        service: s3
        scope: account
        list: {operation: ListBuckets, items: Buckets}
        id: Name
        columns: {name: Name}
        """;

    private const string Objects = """
        table: newest
        title: t
        service: s3
        scope: account
        from: {tables: [bucket], query: "select * from bucket"}
        each:
          - as: Page
            operation: ListObjectsV2
            parameters: {Bucket: "{bucket}", Prefix: "{day}", MaxKeys: 1000}
            pages: 1
            account: "{owner}"
            region: "{place}"
            absent_on: [NoSuchBucket]
            error_is_value: true
        id: source
        columns: {source: source, code: Page.ErrorCode, objects: {path: Page.Contents, type: json}}
        """;

    private const string Sums = """
        table: total
        title: t
        service: cloudwatch
        scope: account
        from: {tables: [bucket], query: "select * from bucket"}
        each:
          - as: Metric
            operation: GetMetricData
            parameters: {StartTime: "{start}", EndTime: "2026-01-01T06:00:00Z"}
            batch: {parameter: MetricDataQueries, from: "{query}", size: 500, items: MetricDataResults, key: Id}
        id: source
        columns: {source: source, points: {path: Metric.Values, type: json}}
        """;

    [Fact]
    public async Task Each_row_is_asked_in_its_own_account_and_region_for_one_page_and_stands_where_its_select_says()
    {
        var archive = new ScriptedAws("222222222222").Regions("us-east-1").On("s3:ListBuckets", """{"Buckets": [{"Name": "logs"}]}""")
            .On("s3:ListObjectsV2", """{"Contents": [{"Key": "k"}]}""");
        var member = new ScriptedAws("111111111111").Regions("us-east-1").On("s3:ListBuckets", """{"Buckets": []}""");
        var options = Rows(Row("111111111111", "eu-west-1", "web", ("bucket", "logs"), ("owner", "222222222222"), ("place", "eu-central-1"), ("day", "2026/01/01/")));

        var collected = await Collected.FromAsync([new CollectionAccount(member), new CollectionAccount(archive)], Collected.Tables(Buckets + "\n---\n" + Objects), options);

        var row = Assert.Single(collected.Of("newest"));
        Assert.Equal(("111111111111", "eu-west-1", "web"), (row.Account, row.Region, row.Id));
        Assert.Equal("k", (string?)JsonNode.Parse(row.Item)!["Page"]!["Contents"]![0]!["Key"]);
        var call = Assert.Single(archive.Calls, call => call.Operation == "ListObjectsV2");
        Assert.Equal(("eu-central-1", true, "2026/01/01/"), (call.Region, call.FirstPageOnly, (string?)call.Parameters["Prefix"]));
        Assert.Equal(0, member.Count("s3:ListObjectsV2"));
    }

    // S3 of old, and emulators of it, do not name the region of a bucket: it stands under "global".
    [Fact]
    public async Task A_row_whose_region_nobody_named_is_asked_in_the_region_that_is_asked_anyway()
    {
        var aws = new ScriptedAws("111111111111").Regions("us-east-1").On("s3:ListBuckets", """{"Buckets": [{"Name": "logs"}]}""")
            .On("s3:ListObjectsV2", """{"Contents": [{"Key": "k"}]}""");
        var options = Rows(Row("111111111111", "eu-west-1", "web", ("bucket", "logs"), ("owner", "111111111111"), ("place", "global"), ("day", "d")));

        var collected = await Collected.FromAsync([new CollectionAccount(aws)], Collected.Tables(Buckets + "\n---\n" + Objects), options);

        Assert.Empty(Assert.Single(collected.Of("newest")).Failures);
        Assert.Equal("us-east-1", Assert.Single(aws.Calls, call => call.Operation == "ListObjectsV2").Region);
    }

    [Fact]
    public async Task An_account_that_is_not_part_of_the_scan_is_not_asked_a_bucket_that_is_gone_is_a_value_and_a_refusal_is_one_rows_own()
    {
        var aws = new ScriptedAws("111111111111").Regions("us-east-1").On("s3:ListBuckets", """{"Buckets": []}""")
            .On("s3:ListObjectsV2", call => throw new Scanner.Aws.AwsApiException(call, CollectionOutcome.Denied, (string?)call.Parameters["Bucket"] == "gone" ? "NoSuchBucket" : "AccessDenied", "because"));
        var options = Rows(
            Row("111111111111", "global", "foreign", ("bucket", "b"), ("owner", "333333333333"), ("place", "us-east-1"), ("day", "d")),
            Row("111111111111", "global", "gone", ("bucket", "gone"), ("owner", "111111111111"), ("place", "us-east-1"), ("day", "d")),
            Row("111111111111", "global", "shut", ("bucket", "shut"), ("owner", "111111111111"), ("place", "us-east-1"), ("day", "d")));

        var collected = await Collected.FromAsync([new CollectionAccount(aws)], Collected.Tables(Buckets + "\n---\n" + Objects), options);

        var rows = collected.Of("newest").ToDictionary(row => row.Id, row => (Page: JsonNode.Parse(row.Item)!["Page"], row.Failures));
        Assert.Null(rows["foreign"].Page);
        Assert.Empty(rows["foreign"].Failures);
        Assert.Equal("NoSuchBucket", (string?)rows["gone"].Page!["ErrorCode"]);
        Assert.Equal(("Page", CollectionOutcome.Denied), Assert.Single(rows["shut"].Failures.Select(failure => (failure.Detail, failure.Outcome))));
        Assert.Equal(["shut"], collected.Status("newest").Resources!);
    }

    [Fact]
    public async Task Metrics_of_a_thousand_rows_are_two_calls_and_each_row_gets_its_own_answer()
    {
        var aws = new ScriptedAws().Regions("us-east-1").On("s3:ListBuckets", """{"Buckets": []}""")
            .On("cloudwatch:GetMetricData", call => new JsonObject
            {
                ["MetricDataResults"] = new JsonArray([.. ((JsonArray)call.Parameters["MetricDataQueries"]!).Reverse().Select(query =>
                    (JsonNode)new JsonObject { ["Id"] = (string)query!["Id"]!, ["Values"] = new JsonArray(int.Parse(((string)query["Id"]!)[1..], CultureInfo.InvariantCulture)) })]),
            });
        var rows = Enumerable.Range(1, 1000).Select(i =>
        {
            var row = Row("111111111111", "us-east-1", $"s{i}", ("start", "2026-01-01T00:00:00Z"));
            row["query"] = new JsonObject { ["Id"] = $"m{i}" };
            return row;
        });

        var collected = await Collected.FromAsync([new CollectionAccount(aws)], Collected.Tables(Buckets + "\n---\n" + Sums), Rows([.. rows]));

        Assert.Equal(2, aws.Count("cloudwatch:GetMetricData"));
        Assert.Equal(1000, collected.Of("total").Count());
        Assert.All(collected.Of("total"), row => Assert.Equal(int.Parse(row.Id[1..], CultureInfo.InvariantCulture), (int)JsonNode.Parse(row.Item)!["Metric"]!["Values"]![0]!));
    }

    [Fact]
    public async Task A_metric_that_the_reply_leaves_out_is_a_failure_of_its_row()
    {
        var aws = new ScriptedAws().Regions("us-east-1").On("s3:ListBuckets", """{"Buckets": []}""").On("cloudwatch:GetMetricData", """{"MetricDataResults": []}""");
        var row = Row("111111111111", "us-east-1", "s", ("start", "2026-01-01T00:00:00Z"));
        row["query"] = new JsonObject { ["Id"] = "m1" };

        var collected = await Collected.FromAsync([new CollectionAccount(aws)], Collected.Tables(Buckets + "\n---\n" + Sums), Rows(row));

        Assert.Equal(CollectionOutcome.Error, Assert.Single(Assert.Single(collected.Of("total")).Failures).Outcome);
    }

    [Theory]
    [InlineData("", CollectionOutcome.Denied, 0)]
    [InlineData("partial: true, ", CollectionOutcome.Ok, 1)]
    public async Task What_was_not_collected_is_not_collected_here_either_unless_the_table_says_that_rows_may_be_missing(string partial, CollectionOutcome outcome, int rows)
    {
        var aws = new ScriptedAws("111111111111").Regions("us-east-1").Fails("s3:ListBuckets", "AccessDenied").On("s3:ListObjectsV2", """{}""");
        var options = Rows(Row("111111111111", "us-east-1", "web", ("bucket", "b"), ("owner", "111111111111"), ("place", "us-east-1"), ("day", "d")));

        var collected = await Collected.FromAsync([new CollectionAccount(aws)], Collected.Tables(Buckets + "\n---\n" + Objects.Replace("from: {", "from: {" + partial, StringComparison.Ordinal)), options);

        Assert.Equal(outcome, collected.Status("newest").Outcome);
        Assert.Equal(rows, collected.Of("newest").Count());
    }

    [Theory]
    [InlineData("Prefix: \"{day}\", ", "", "needs a Prefix with {day}")]
    [InlineData("Prefix: \"{day}\"", "Prefix: logs", "needs a Prefix with {day}")]
    [InlineData("pages: 1", "when: {day: x}", "add 'pages: 1'")]
    [InlineData("tables: [bucket]", "tables: [bukket]", "which is no table")]
    [InlineData("from: {tables: [bucket]", "from: {tables: [newest]", "hangs on itself: newest, newest")]
    [InlineData("service: s3", "service: s3\nlist: {operation: ListBuckets, items: Buckets}", "takes the place of 'list'")]
    public void A_table_that_would_list_a_bucket_without_end_or_hangs_on_itself_is_refused_by_file_and_line(string text, string other, string message)
    {
        var error = Assert.Throws<InputException>(() =>
        {
            foreach (var table in Collected.Tables(Buckets + "\n---\n" + Objects.Replace(text, other, StringComparison.Ordinal)))
                TableValidator.Check(table);
        });

        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Matches(@"1\.yml:\d+: ", error.Message);
    }

    private static CollectorOptions Rows(params JsonObject[] rows) => new() { Rows = _ => [.. rows.Select(row => (JsonObject)row.DeepClone())] };

    private static JsonObject Row(string account, string region, string source, params (string Name, string Value)[] values)
    {
        var row = new JsonObject { ["account_id"] = account, ["region"] = region, ["source"] = source };
        foreach (var (name, value) in values)
            row[name] = value;
        return row;
    }
}
