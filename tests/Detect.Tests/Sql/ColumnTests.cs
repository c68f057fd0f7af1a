using Scanner.Detect.Rules;
using Scanner.Detect.Sql;
using Scanner.Model;

namespace Detect.Tests.Sql;

/// <summary>What an engine's table and compiler take: older tables, long lists, lists for other engines.</summary>
public sealed class ColumnTests
{
    private static DetectionRule Rule(string detection) =>
        Assert.Single(RuleSet.Parse("r.yml", $"title: t\nid: t\nlogsource: {{product: aws, service: cloudtrail}}\ndetection:\n  s: {{{detection}}}\n  condition: s\n").Rules);

    [Fact]
    public void A_column_that_the_table_lacks_is_a_gap_by_name_and_one_that_it_has_is_used()
    {
        var rule = Rule("sessionCredentialFromConsole: 'true'");
        var today = RuleConverter.Convert(rule, SqlDialect.Athena);
        Assert.Empty(today.Notes);
        Assert.Contains("sessioncredentialfromconsole", today.Sql, StringComparison.Ordinal);
        var old = RuleConverter.Convert(rule, SqlDialect.Athena, columns: new HashSet<string>(StringComparer.Ordinal) { "eventname", "useridentity" });
        Assert.True(Assert.Single(old.Notes, note => note.Text.Contains("sessionCredentialFromConsole", StringComparison.Ordinal)).MayMiss);
        Assert.Contains("cast(null as varchar)", old.Sql, StringComparison.Ordinal);
        Assert.Contains("useridentity.onbehalfof.userid", RuleConverter.Convert(Rule("userIdentity.onBehalfOf.userId: x"), SqlDialect.Athena).Sql, StringComparison.Ordinal);
    }

    [Fact]
    public void Networks_are_one_test_over_an_array_that_neither_throws_nor_mixes_families()
    {
        var sql = RuleConverter.Convert(Rule("sourceIPAddress|cidr: [10.0.0.0/8, 192.168.0.0/16, 'fc00::/7']"), SqlDialect.Athena).Sql;
        Assert.Contains("any_match(array['10.0.0.0/8', '192.168.0.0/16']", sql, StringComparison.Ordinal);
        Assert.Contains("(strpos(sourceipaddress, ':') > 0 and any_match(array['fc00::/7']", sql, StringComparison.Ordinal);
        Assert.Equal(2, sql.Split("try(contains(").Length - 1);
    }

    [Fact]
    public void Tests_of_one_field_take_it_apart_once()
    {
        var sql = RuleConverter.Convert(Rule("requestParameters.policyDocument|contains: [alpha, beta, gamma]"), SqlDialect.Athena).Sql;
        Assert.Equal(1, sql.Split("json_query(").Length - 1);
    }

    [Fact]
    public void Every_shipped_rule_is_a_statement_that_Athena_takes()
    {
        var lists = Scanner.Catalog.CatalogLoader.TryReadPlaceholders(Path.Combine(Loopback.Tools.Repository, "checks", "lists", "placeholders.yml"));
        var rules = RuleSet.Load(RuleSet.FindFiles([Path.Combine(Loopback.Tools.Repository, "checks", "detections")]), new RuleSetOptions { Placeholders = lists! });
        Assert.Empty(rules.Errors);
        Assert.All(rules.Rules.Where(rule => rule is { Reports: true, LogSource.Kind: LogSource.CloudTrail }), rule =>
            Assert.Null(RuleConverter.WhyTooLong(SqlDialect.Athena, RuleConverter.Convert(rule, SqlDialect.Athena).Sql)));
    }

    [Fact]
    public void A_rule_for_other_engines_has_the_values_of_lists_in_their_place_and_means_the_same()
    {
        const string Yaml = """
            title: t
            id: t
            logsource: {product: aws, service: cloudtrail}
            detection:
              known:
                sourceIPAddress|cidr|expand: '%nets%'
              people:
                userIdentity.arn|contains|expand:
                  - ':user/%names%'
                  - plain
              condition: known and people
            """;
        var lists = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal) { ["nets"] = ["10.0.0.0/8", "2001:db8::/32"], ["names"] = ["alice", "bob*"] };
        var resolved = RuleExporter.Resolve("r.yml", Yaml, lists);
        Assert.DoesNotContain("expand", resolved, StringComparison.Ordinal);
        var other = RuleSet.Parse("r.yml", resolved);
        Assert.Empty(other.Errors);
        var own = RuleSet.Parse("r.yml", Yaml, new RuleSetOptions { Placeholders = lists });
        foreach (var (address, user) in new[] { ("10.1.2.3", "alice"), ("10.1.2.3", "bobby"), ("2001:db8::1", "alice"), ("192.0.2.1", "alice"), ("10.1.2.3", "carol") })
        {
            var json = System.Text.Encoding.UTF8.GetBytes($$$"""{"sourceIPAddress":"{{{address}}}","userIdentity":{"arn":"arn:aws:iam::1:user/{{{user}}}"} }""");
            Assert.Equal(new Scanner.Detect.Matching.Detector(own).Match(json).Count, new Scanner.Detect.Matching.Detector(other).Match(json).Count);
        }

        Assert.Contains("%nets%", Assert.Throws<InputException>(() => RuleExporter.Resolve("r.yml", Yaml, new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal))).Message, StringComparison.Ordinal);
    }
}
