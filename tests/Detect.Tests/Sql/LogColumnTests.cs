using Scanner.Detect;
using Scanner.Detect.Rules;
using Scanner.Detect.Sql;
using Scanner.Model;

namespace Detect.Tests.Sql;

/// <summary>Rules about flow logs and access logs in the tables that AWS's guides create for them in Athena.</summary>
public sealed class LogColumnTests
{
    private static readonly IReadOnlyList<DetectionRule> Shipped = RuleSet.Load(
        RuleSet.FindFiles([Path.Combine(Loopback.Tools.Repository, "checks", "detections")]),
        new RuleSetOptions { Placeholders = Scanner.Catalog.CatalogLoader.TryReadPlaceholders(Path.Combine(Loopback.Tools.Repository, "checks", "lists", "placeholders.yml"))! }).Rules;

    private static DetectionRule Rule(string service, string detection) =>
        Assert.Single(RuleSet.Parse("r.yml", $"title: t\nid: r\nlogsource: {{product: aws, service: {service}}}\ndetection: {{s: {detection}, condition: s}}\n").Rules);

    [Fact]
    public void Every_shipped_rule_about_them_has_a_statement_that_misses_nothing()
    {
        var rules = Shipped.Where(rule => rule.Reports && rule.LogSource.Kind is LogSource.VpcFlow or LogSource.S3Access).ToList();
        Assert.True(rules.Count >= 16, $"{rules.Count} rules");
        Assert.All(rules, rule =>
        {
            var converted = RuleConverter.Convert(rule, SqlDialect.Athena);
            Assert.DoesNotContain(converted.Notes, note => note.MayMiss);
            Assert.Contains(rule.LogSource.Kind == LogSource.VpcFlow ? "from vpc_flow_logs where" : "from s3_access_logs where", converted.Sql, StringComparison.Ordinal);
        });
    }

    [Theory]
    [InlineData("vpcflow", "{srcaddr: 10.0.0.1}", "lower(nullif(\"srcaddr\", '-')) = '10.0.0.1'")]
    [InlineData("vpcflow", "{flow-direction: egress}", "nullif(\"flow_direction\", '-')")]
    [InlineData("vpcflow", "{dstport: 22}", "cast(dstport as varchar) = '22'")]
    [InlineData("vpcflow", "{start|gt: 5}", "cast(\"start\" as varchar)")]
    [InlineData("s3_access", "{requester: null}", "nullif(\"requester\", '-') is null")]
    [InlineData("s3_access", "{user_agent|contains: curl}", "nullif(regexp_replace(\"useragent\", '^\"|\"$', ''), '-')")]
    [InlineData("s3_access", "{key|startswith: a b}", "url_decode(replace(nullif(key, '-'), '+', '%2B'))")]
    public void A_field_is_its_column_and_a_hyphen_is_nothing(string service, string detection, string expected) =>
        Assert.Contains(expected, RuleConverter.Convert(Rule(service, detection), SqlDialect.Athena).Sql, StringComparison.Ordinal);

    [Fact]
    public void A_field_without_a_column_is_said_to_miss_matches()
    {
        var note = Assert.Single(RuleConverter.Convert(Rule("vpcflow", "{ecs_cluster_name: x}"), SqlDialect.Athena).Notes);
        Assert.True(note.MayMiss);
        Assert.Contains("no column for 'ecs_cluster_name'", note.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_row_of_a_flow_log_tells_who_it_came_from_and_where_it_went()
    {
        var rule = Rule("vpcflow", "{dstport: 22}");
        var statement = new QueryStatement([rule], "select 1");
        var row = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["rule"] = "r",
            ["event_id"] = null,
            ["event_time"] = "1795000000",
            ["account"] = "111122223333",
            ["region"] = null,
            ["srcaddr"] = "203.0.113.9",
            ["dstaddr"] = "10.0.0.1",
            ["dstport"] = "22",
            ["action"] = "ACCEPT",
            ["flow_start"] = "1795000000",
        };
        var finding = RuleFindings.ToFinding(Assert.Single(MatchRow.Read(statement, row, "athena:db.flow", 3)));
        Assert.Equal("111122223333", finding.Account);
        Assert.Equal("athena:db.flow#3", finding.Resource);
        Assert.Contains("203.0.113.9 (internet)", finding.Message, StringComparison.Ordinal);
        Assert.Contains("\"dstaddr\":\"10.0.0.1\"", finding.Event, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SqlDialect.Athena, "cloudtrail", 1, "the partitions (\"timestamp\") of the last 7 days of cloudtrail_logs once")]
    [InlineData(SqlDialect.Athena, "vpcflow", 1, "the partitions (\"date\") of the last 7 days of vpc_flow_logs once")]
    [InlineData(SqlDialect.CloudTrailLake, "cloudtrail", 1, "the last 7 days of event_data_store_id once")]
    public void A_statement_to_paste_has_time_and_partition_on_a_marked_line_and_says_what_it_reads(SqlDialect dialect, string service, int lines, string reads)
    {
        var (converted, said) = RuleConverter.ToPaste(Rule(service, "{a: b}"), dialect);
        Assert.Contains(reads, said, StringComparison.Ordinal);
        Assert.Equal(lines, converted.Sql.Split('\n').Count(line => line.EndsWith(" -- <== TIME AND PARTITION", StringComparison.Ordinal) && line.Contains("interval '7' day", StringComparison.Ordinal)));
    }

    [Fact]
    public void Each_reading_of_the_table_has_its_marked_line_and_they_are_counted()
    {
        var rule = Shipped.First(rule => rule.Title == "An instance is stopped, given new user data and started");
        var (converted, said) = RuleConverter.ToPaste(rule, SqlDialect.Athena);
        var readings = converted.Sql.Split("from cloudtrail_logs where").Length - 1;
        Assert.True(readings > 1, $"{readings}");
        Assert.Equal(readings, converted.Sql.Split("<== TIME AND PARTITION\n").Length - 1);
        Assert.Contains($"{readings} times", said, StringComparison.Ordinal);
        Assert.Contains("it has no partition", RuleConverter.ToPaste(rule, SqlDialect.Athena, columns: new HashSet<string> { "eventname", "eventsource", "eventtime" }).Reads, StringComparison.Ordinal);
    }
}
