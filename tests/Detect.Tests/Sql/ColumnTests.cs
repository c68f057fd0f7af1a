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
        Assert.Contains("any_match(split('10.0.0.0/8|192.168.0.0/16', '|')", sql, StringComparison.Ordinal);
        Assert.Contains("(strpos(sourceipaddress, ':') > 0 and any_match(split('fc00::/7', '|')", sql, StringComparison.Ordinal);
        Assert.Equal(2, sql.Split("try(contains(").Length - 1);
    }

    [Fact]
    public void Tests_of_one_field_take_it_apart_once()
    {
        var sql = RuleConverter.Convert(Rule("requestParameters.policyDocument|contains: [alpha, beta, gamma]"), SqlDialect.Athena).Sql;
        Assert.Equal(1, sql.Split("json_query(").Length - 1);
    }

    [Fact]
    public void Many_patterns_of_one_field_are_data_and_not_conditions()
    {
        var sql = RuleConverter.Convert(Rule($"requestParameters.a|contains: [{string.Join(", ", Enumerable.Range(0, 10_000).Select(i => $"v{i}x"))}]"), SqlDialect.Athena).Sql;
        Assert.Equal(1, sql.Split("json_query(").Length - 1);
        Assert.Contains("|v9999x', '|')", sql, StringComparison.Ordinal);
        Assert.DoesNotContain(" like ", sql, StringComparison.Ordinal);
        Assert.Null(RuleConverter.WhyTooLong(SqlDialect.Athena, sql));
        // A separator is one that no pattern has, and no array has more elements than Trino takes.
        sql = RuleConverter.Convert(Rule("userAgent|contains: ['a|b', 'c;~^d', '%_!']"), SqlDialect.Athena).Sql;
        Assert.Contains("any_match(array[lower(useragent)], x0 -> coalesce(any_match(split(('a|b' || chr(9) || 'c;~^d' || chr(9) || '%_!'), chr(9)), x1 -> coalesce(strpos(x0, x1) > 0, false)), false))", sql, StringComparison.Ordinal);
        sql = RuleConverter.Convert(Rule("userAgent: ['a*', 'b*', '*c', '*d', 'e*f', 'g*h', 'i?', 'j*']"), SqlDialect.Athena).Sql;
        Assert.Contains("split('a|b|j', '|'), x1 -> coalesce(starts_with(x0, x1), false)", sql, StringComparison.Ordinal);
        Assert.Contains("split('c|d', '|'), x3 -> coalesce((length(x2) >= length(x3) and substr(x2, length(x2) - length(x3) + 1) = x3), false)", sql, StringComparison.Ordinal);
        Assert.Contains("split('e%f|g%h|i_', '|'), x5 -> coalesce(x4 like x5 escape '!', false)", sql, StringComparison.Ordinal);
        // One alone stays a condition of its own.
        Assert.Contains("lower(useragent) like '%a%' escape '!'", RuleConverter.Convert(Rule("userAgent|contains: [a]"), SqlDialect.Athena).Sql, StringComparison.Ordinal);
    }

    [Fact]
    public void Many_numbers_of_one_field_are_one_list()
    {
        var sql = RuleConverter.Convert(Rule("requestParameters.port: [22, 3389, 5432]"), SqlDialect.Athena).Sql;
        Assert.Equal(1, sql.Split("json_query(").Length - 1);
        Assert.Contains("(x0 in ('22', '3389', '5432') or coalesce(try_cast(", sql, StringComparison.Ordinal);
        Assert.Contains(" in (22E0, 3389E0, 5432E0), false))", sql, StringComparison.Ordinal);
    }

    [Fact]
    public void What_an_engines_compiler_does_not_take_is_refused_with_its_figure()
    {
        static string Many(int count) => $"sourceIPAddress|re: [{string.Join(", ", Enumerable.Range(0, count).Select(i => $"'^v{i}$'"))}]";
        Assert.Null(RuleConverter.WhyTooLong(SqlDialect.Athena, RuleConverter.Convert(Rule(Many(600)), SqlDialect.Athena).Sql));
        foreach (var dialect in new[] { SqlDialect.Athena, SqlDialect.CloudTrailLake })
            Assert.Contains("it has 601 alternatives that are no list of texts, numbers or networks of one field, and the engine compiles about 600", Assert.Throws<InputException>(() => RuleConverter.Convert(Rule(Many(601)), dialect)).Message, StringComparison.Ordinal);
        Assert.NotNull(RuleConverter.Convert(Rule(Many(601)), SqlDialect.DuckDb).Sql);

        // Many fields are many conditions, none of which is a list.
        var wide = RuleConverter.Convert(Rule(string.Join(", ", Enumerable.Range(0, 500).Select(i => $"requestParameters.f{i}: x"))), SqlDialect.Athena).Sql;
        Assert.InRange(wide.Length, 110_000, 262_144);
        Assert.Contains("and the engine compiles about 104,000", RuleConverter.WhyTooLong(SqlDialect.Athena, wide), StringComparison.Ordinal);
        var list = RuleConverter.Convert(Rule($"eventName: [{string.Join(", ", Enumerable.Range(0, 10_000).Select(i => $"v{i}"))}]"), SqlDialect.Athena).Sql;
        Assert.Null(RuleConverter.WhyTooLong(SqlDialect.Athena, list));
        Assert.Contains("262,144", RuleConverter.WhyTooLong(SqlDialect.Athena, new string('x', 262_145)), StringComparison.Ordinal);
        Assert.Contains("10,000", RuleConverter.WhyTooLong(SqlDialect.CloudTrailLake, new string('x', 10_001)), StringComparison.Ordinal);
        Assert.Null(RuleConverter.WhyTooLong(SqlDialect.DuckDb, wide));
    }

    /// <summary>Java takes <c>[</c> and <c>&amp;&amp;</c> in a class for more classes, which .NET does not.</summary>
    [Theory]
    [InlineData("^[a&&b]+$", "^[a&\\&b]+$")]
    [InlineData("[[x]", "[\\[x]")]
    [InlineData("[]a]b[^]c]", "[\\]a]b[^\\]c]")]
    [InlineData("[a\\[b]&&[c]", "[a\\[b]&&[c]")]
    [InlineData("\\[a&&b]", "\\[a&&b]")]
    public void A_class_means_the_same_in_Java(string pattern, string written) =>
        Assert.Contains($"regexp_like(useragent, '{written}')", RuleConverter.Convert(Rule($"userAgent|re: '{pattern}'"), SqlDialect.Athena).Sql, StringComparison.Ordinal);

    [Fact]
    public void A_structure_is_asked_for_its_members()
    {
        Assert.Contains("lower(addendum.originalrequestid) = ", RuleConverter.Convert(Rule("addendum.originalRequestID: x"), SqlDialect.Athena).Sql, StringComparison.Ordinal);
        Assert.Contains("lower(json_format(cast(addendum as json))) like ", RuleConverter.Convert(Rule("addendum|contains: x"), SqlDialect.Athena).Sql, StringComparison.Ordinal);
        var old = RuleConverter.Convert(Rule("addendum.reason: x"), SqlDialect.Athena, columns: new HashSet<string>(StringComparer.Ordinal) { "eventname" });
        Assert.True(Assert.Single(old.Notes, note => note.Text.Contains("'addendum.reason'", StringComparison.Ordinal)).MayMiss);
        var scope = Rule("userIdentity.inScopeOf.sourceArn: x");
        Assert.True(Assert.Single(RuleConverter.Convert(scope, SqlDialect.Athena).Notes).MayMiss);
        var with = RuleConverter.Convert(scope, SqlDialect.Athena, columns: new HashSet<string>(StringComparer.Ordinal) { "useridentity.inscopeof" });
        Assert.DoesNotContain(with.Notes, note => note.Text.Contains("inScopeOf", StringComparison.Ordinal));
        Assert.Contains("lower(useridentity.inscopeof.sourcearn) = ", with.Sql, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("eventname: x", "'eventname' is 'eventName' in CloudTrail's events: it counts as missing, as in a local run")]
    [InlineData("userIdentity.ARN: x", "'userIdentity.ARN' is 'userIdentity.arn' in CloudTrail's events")]
    [InlineData("UserIdentity.arn: x", "'UserIdentity.arn' is 'userIdentity.arn' in CloudTrail's events")]
    [InlineData("resources.arn: x", "'resources.arn' is 'resources.ARN' in CloudTrail's events")]
    [InlineData("requestparameters.a: x", "'requestparameters.a' is 'requestParameters.a' in CloudTrail's events")]
    public void A_name_in_another_case_is_missing_there_as_it_is_here(string detection, string note)
    {
        foreach (var dialect in new[] { SqlDialect.Athena, SqlDialect.CloudTrailLake })
        {
            var converted = RuleConverter.Convert(Rule(detection), dialect);
            Assert.StartsWith(note, Assert.Single(converted.Notes, one => !one.MayMiss).Text, StringComparison.Ordinal);
            Assert.Contains("cast(null as varchar)", converted.Sql, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void An_empty_list_is_no_null_and_the_elements_of_lists_in_lists_are_found()
    {
        var sql = RuleConverter.Convert(Rule("requestParameters.a: null"), SqlDialect.Athena).Sql;
        Assert.Contains("'lax $.\"a\"' with array wrapper", sql, StringComparison.Ordinal);
        Assert.Contains("'lax $.\"a\"[*][*]' with array wrapper", RuleConverter.Convert(Rule("requestParameters.a: x"), SqlDialect.Athena).Sql, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_with_dots_among_OpenSearchs_options_is_one_key()
    {
        var converted = RuleConverter.Convert(Rule("requestParameters.advancedOptions.rest.action.multi.allow_explicit_index: 'true'"), SqlDialect.Athena);
        Assert.Contains("'lax $.\"advancedOptions\".\"rest.action.multi.allow_explicit_index\"[*][*]'", converted.Sql, StringComparison.Ordinal);
        Assert.Empty(converted.Notes);
        Assert.Contains("dot in its name", Assert.Single(RuleConverter.Convert(Rule("requestParameters.a.b: x"), SqlDialect.Athena).Notes).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SqlDialect.Athena, "userIdentity|contains: sessionContext", "every name of the structure", true)]
    [InlineData(SqlDialect.CloudTrailLake, "requestParameters.a: x", "a text that looks like a list of JSON", false)]
    [InlineData(SqlDialect.Athena, "userAgent|re: '^\\w+$'", "ASCII characters there", false)]
    [InlineData(SqlDialect.Athena, "userAgent|re: 'a\\\\w'", null, false)]
    public void What_a_column_cannot_tell_is_said(SqlDialect dialect, string detection, string? note, bool mayMiss)
    {
        var notes = RuleConverter.Convert(Rule(detection), dialect).Notes;
        if (note is null)
            Assert.Empty(notes);
        else
            Assert.Contains(notes, one => one.Text.Contains(note, StringComparison.Ordinal) && one.MayMiss == mayMiss);
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
    public void The_passes_that_the_documents_name_are_those_that_a_scan_makes()
    {
        var lists = Scanner.Catalog.CatalogLoader.TryReadPlaceholders(Path.Combine(Loopback.Tools.Repository, "checks", "lists", "placeholders.yml"));
        var rules = RuleSet.Load(RuleSet.FindFiles([Path.Combine(Loopback.Tools.Repository, "checks", "detections")]), new RuleSetOptions { Placeholders = lists! })
            .Rules.Where(rule => rule is { Reports: true, LogSource.Kind: LogSource.CloudTrail }).ToList();
        var correlations = rules.Count(rule => rule.IsCorrelation);
        var (athena, alone) = (Passes(SqlDialect.Athena, 48_000, 262_144, 2_500), Passes(SqlDialect.Athena, 48_000, 262_144, null));
        var (lake, lakeAlone) = (Passes(SqlDialect.CloudTrailLake, 10_000, 10_000, 2_500), Passes(SqlDialect.CloudTrailLake, 10_000, 10_000, null));
        Assert.InRange(athena, 1, 10);
        // The table of 100,000 events on which Trino was measured.
        const double Megabytes = 190;
        var said = string.Create(
            System.Globalization.CultureInfo.InvariantCulture,
            $"the {rules.Count - correlations} shipped rules and {correlations} correlations are {athena} passes over the span in Athena (each correlation by itself: {alone}), {lake} in CloudTrail Lake ({lakeAlone}). Of a table of {Megabytes} MB, {athena * Megabytes / 1000:0.0} GB are read and paid, instead of {alone * Megabytes / 1000:0.0} GB");
        var document = string.Join(' ', File.ReadAllText(Path.Combine(Loopback.Tools.Repository, "checks", "README.md")).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        Assert.True(document.Contains(said, StringComparison.Ordinal), $"checks/README.md does not say: {said}");

        int Passes(SqlDialect dialect, int together, int most, long? partRows) =>
            QueryPlan.Make(rules, new QueryPlanOptions(dialect, dialect == SqlDialect.Athena ? "security.trail" : "0a1b2c3d-0000-4000-8000-000000000000", null, together, most) { PartRows = partRows })
                .Statements.Sum(statement => statement.Sql.Split(dialect == SqlDialect.Athena ? "from security.trail" : "from 0a1b2c3d-0000-4000-8000-000000000000").Length - 1);
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
