using System.Text.Json.Nodes;
using Scanner.Aws;
using Scanner.Collect.Events;
using Scanner.Model;

namespace Collect.Tests.Events;

/// <summary>What goes to an engine and what does not; the protocols themselves are in EndToEnd.Tests.</summary>
public class LogQueriesTests
{
    private const string Store = "0a1b2c3d-0000-4000-8000-00000000abcd";

    [Theory]
    [InlineData("drop table t")]
    [InlineData("insert into t select 1")]
    [InlineData("SELECT 1")]
    [InlineData("select 1; drop table t")]
    [InlineData("select 'a'; drop table t")]
    [InlineData("select 'a''; drop table t")]
    [InlineData("select 1 -- x")]
    [InlineData("select 1 /* x */")]
    [InlineData("select `a` from t")]
    [InlineData("select 'open")]
    [InlineData("")]
    public async Task What_is_not_one_select_is_not_sent(string sql)
    {
        var api = new Silent();
        await Assert.ThrowsAsync<InvalidOperationException>(() => Athena(api).RunAsync(sql, TestContext.Current.CancellationToken));
        await Assert.ThrowsAsync<InvalidOperationException>(() => Lake(api).RunAsync(sql, TestContext.Current.CancellationToken));
        Assert.Empty(api.Calls);
    }

    [Theory]
    [InlineData("select 'it''s; drop table t -- /* ' from \"a;b\"")]
    [InlineData("with a as (select 1) select * from a")]
    public async Task A_select_is_sent_whatever_its_texts_hold(string sql)
    {
        var api = new Silent();
        await Athena(api).RunAsync(sql, TestContext.Current.CancellationToken);
        await Lake(api).RunAsync(sql, TestContext.Current.CancellationToken);
        Assert.Equal([sql, sql], api.Calls.Select(call => (call.Parameters["QueryString"] ?? call.Parameters["QueryStatement"])!.ToString()));
    }

    [Fact]
    public void An_address_is_what_it_says()
    {
        Assert.Equal(new AthenaTableAddress("AwsDataCatalog", "default", "t", null, null, null), AthenaTableAddress.Parse("athena:t"));
        Assert.Equal("\"default\".\"t\"", AthenaTableAddress.Parse("athena:t").ToSql());
        var whole = AthenaTableAddress.Parse("athena:c.d-b.t_1?output=s3://results/a/b&workgroup=w.1&region=us-gov-west-1");
        Assert.Equal(new AthenaTableAddress("c", "d-b", "t_1", "w.1", "us-gov-west-1", "s3://results/a/b"), whole);
        Assert.Equal("athena:c.d-b.t_1", whole.ToString());
        Assert.Equal(new EventDataStoreAddress(Store, null, "eu-west-1"), EventDataStoreAddress.Parse($"lake:{Store}?region=eu-west-1"));
        Assert.Equal(new EventDataStoreAddress(Store, "111111111111", "eu-west-1"), EventDataStoreAddress.Parse($"lake:arn:aws-us-gov:cloudtrail:eu-west-1:111111111111:eventdatastore/{Store}"));
    }

    /// <summary>Spans over a change of month and year, and long ones: a day is never left out.</summary>
    [Theory]
    [InlineData("2026-01-01T00:30:00Z", "2026-01-01T02:00:00Z", "(\"year\" in ('2025') and \"month\" in ('12') and \"day\" in ('31')) or (\"year\" in ('2026') and \"month\" in ('1', '01') and \"day\" in ('1', '01', '2', '02'))")]
    [InlineData("2025-10-05T00:00:00Z", "2026-01-01T02:00:00Z", "(\"year\" in ('2025') and \"month\" in ('10')) or (\"year\" in ('2025') and \"month\" in ('11')) or (\"year\" in ('2025') and \"month\" in ('12')) or (\"year\" in ('2026') and \"month\" in ('1', '01'))")]
    public async Task Days_are_named_in_parts(string since, string until, string expected)
    {
        var api = new Silent(new JsonObject
        {
            ["TableMetadata"] = JsonNode.Parse("""
                {"PartitionKeys": [{"Name": "region", "Type": "string"}, {"Name": "year", "Type": "string"}, {"Name": "month", "Type": "string"}, {"Name": "day", "Type": "string"}],
                 "Parameters": {"projection.enabled": "true", "projection.year.type": "integer", "projection.year.range": "2020,2040",
                                "projection.month.type": "integer", "projection.month.range": "1,12", "projection.day.type": "integer", "projection.day.range": "1,31"}}
                """),
        });
        var span = await Athena(api).SpanAsync(DateTimeOffset.Parse(since, null), DateTimeOffset.Parse(until, null), TestContext.Current.CancellationToken);
        Assert.Equal($"({expected}) and eventtime >= '{since}' and eventtime <= '{until}'", span.Condition);
        Assert.Null(span.Note);
    }

    /// <summary>A partition's name says nothing of its values: where these are not known to be days, the whole table is read.</summary>
    [Theory]
    [InlineData("""[{"Name":"year","Type":"string"},{"Name":"month","Type":"string"},{"Name":"day","Type":"string"}]""", "{}")]
    [InlineData("""[{"Name":"year","Type":"int"},{"Name":"month","Type":"string"}]""", """{"projection.enabled":"true","projection.month.type":"enum","projection.month.values":"jan,feb"}""")]
    [InlineData("""[{"Name":"year","Type":"int"},{"Name":"month","Type":"int"}]""", """{"projection.enabled":"true","projection.month.type":"integer","projection.month.range":"202001,203012"}""")]
    [InlineData("""[{"Name":"year","Type":"string"},{"Name":"month","Type":"string"}]""", """{"projection.enabled":"false","projection.year.type":"integer","projection.year.range":"2020,2040","projection.month.type":"integer","projection.month.range":"1,12"}""")]
    [InlineData("""[{"Name":"day","Type":"date"}]""", "{}")]
    [InlineData("""[{"Name":"dt","Type":"string"}]""", """{"projection.dt.type":"date","projection.dt.format":"yyyy/MM/dd"}""")]
    [InlineData("""[{"Name":"dt","Type":"string"}]""", """{"projection.enabled":"true","projection.dt.type":"date","projection.dt.format":"yyyy/MM/dd","projection.dt.interval":"1","projection.dt.interval.unit":"WEEKS"}""")]
    [InlineData("""[{"Name":"dt","Type":"date"}]""", """{"projection.enabled":"true","projection.dt.type":"date","projection.dt.format":"yyyy-MM-dd","projection.dt.interval":"7","projection.dt.interval.unit":"DAYS"}""")]
    public async Task What_may_be_no_day_is_not_pruned_by(string keys, string parameters)
    {
        var api = new Silent(new JsonObject { ["TableMetadata"] = new JsonObject { ["PartitionKeys"] = JsonNode.Parse(keys), ["Parameters"] = JsonNode.Parse(parameters) } });
        var span = await Athena(api).SpanAsync(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddDays(1), TestContext.Current.CancellationToken);
        Assert.StartsWith("eventtime >= ", span.Condition, StringComparison.Ordinal);
        Assert.Contains("reads the whole table", span.Note, StringComparison.Ordinal);
    }

    private static AthenaQueries Athena(IAwsApi api) => new(api, "us-east-1", AthenaTableAddress.Parse("athena:t"), new LogQueryOptions());

    private static LakeQueries Lake(IAwsApi api) => new(api, "us-east-1", EventDataStoreAddress.Parse("lake:" + Store), new LogQueryOptions());

    /// <summary>Keeps what is asked, and answers with the same to everything.</summary>
    private sealed class Silent(JsonObject? reply = null) : IAwsApi
    {
        public List<AwsCall> Calls { get; } = [];

        public string Account => "111111111111";

        public long CallCount => Calls.Count;

        public Task<JsonObject> CallAsync(AwsCall call, CancellationToken cancellation)
        {
            Calls.Add(call);
            return reply is null ? throw new AwsApiException(call, CollectionOutcome.Denied, "AccessDeniedException", "No.") : Task.FromResult(reply);
        }
    }
}
