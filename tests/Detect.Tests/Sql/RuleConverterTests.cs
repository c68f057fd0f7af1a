using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using DuckDB.NET.Data;
using Loopback;
using Scanner.Detect;
using Scanner.Detect.Matching;
using Scanner.Detect.Rules;
using Scanner.Detect.Sql;
using Scanner.Model;

namespace Detect.Tests.Sql;

/// <summary>Rules as SQL: the DuckDB form means what the local matcher does, the Trino forms are Trino.</summary>
public class RuleConverterTests
{
    private const int RuleCount = 250;
    private const int EventCount = 60;

    private static readonly string[] Texts =
    [
        "alpha", "ALPHA", "Alphabet", "beta", "", "a%b", "a_b", "a*b", "a?b", "a\\b", "it's", "\"q\"", "é", "É", "naïve", "line\nbreak", "x -p", "x /p",
        "x –p", "null", "true", "5", "5.0", "05", "-1", "7", "1e3", "many", "10.1.2.3", "10.300.1.1", "192.168.0.9", "2001:db8::1", "2001:DB8:0:1:2:3:4:5", "::1",
        "YWxwaGE=", "eGFscGhheA==", "2026-11-24T22:05:00Z", "2025-01-01T00:00:00Z", "2026-02-30T00:00:00Z", "soon", "a\u0000b\u0000", "tab\there",
    ];

    private static readonly string[] Tests =
    [
        "{f}: alpha", "{f}: 'Alpha*'", "{f}: '*bet'", "{f}: '*a*'", "{f}: 'a?b'", "{f}: 'a\\?b'", "{f}: 'a\\*b'", "{f}: 'a\\\\*'", "{f}: 'a%b'", "{f}: 'a_b'", "{f}: \"it's\"",
        "{f}: '*'", "{f}: ''", "{f}: null", "{f}: é", "{f}: 'na*e'", "{f}: [alpha, beta, '5', 'x*']", "{f}: [alpha, beta, many, soon, '7']", "{f}: 5", "{f}: -1", "{f}: true", "{f}: 'true'",
        "{f}|cased: alpha", "{f}|cased|contains: 'l'", "{f}|contains: BET", "{f}|contains|all: [a, b]", "{f}|startswith: AL", "{f}|endswith: ['PHA', 'b']", "{f}|contains: '_'", "{f}|contains: '\\'",
        "{f}|contains: \"'; drop table events; --\"", "{f}|contains: '!'", "{f}|contains: '%'", "{f}|startswith: 'a%'", "{f}|startswith: 'a_'", "{f}|endswith: '*b'",
        "{f}|re: '^a'", "{f}|re: 'l[pP]h+'", "{f}|re|i: '^ALPHA$'", "{f}|re|m: '^break$'", "{f}|re|s: 'line.break'", "{f}|re: 'line.break'", "{f}|re: '[0-9]{2,}'",
        "{f}|cidr: 10.0.0.0/8", "{f}|cidr: '2001:db8::/32'", "{f}|cidr: ['192.168.0.0/24', '::1/128']",
        "{f}|exists: true", "{f}|exists: false", "{f}|neq: alpha", "{f}|neq: [alpha, beta]", "{f}|gt: 5", "{f}|gte: 5", "{f}|lt: 5", "{f}|lte: 1000.5", "{f}|neq: 5",
        "{f}|base64: alpha", "{f}|base64offset|contains: alpha", "{f}|wide: ab", "{f}|utf16le|base64: ab", "{f}|windash: 'x -p'", "{f}|windash|contains: '-p'",
        "{f}|fieldref: {g}", "{f}|fieldref|startswith: {g}", "{f}|fieldref|endswith: {g}", "{f}|fieldref|contains: {g}", "{f}|fieldref|neq: {g}", "{f}|fieldref|cased: {g}",
        "{f}|hour|gte: 22", "{f}|minute: 5", "{f}|day: 24", "{f}|week: 48", "{f}|month: [1, 11]", "{f}|year|lt: 2026",
        "{f}|expand: '%people%'", "{f}|contains|expand: 'a%people%'",
    ];

    private static readonly string[] Fields = ["a", "b", "o", "o.x", "o.l", "o.l.x", "n", "eventName", "userIdentity.type"];

    private static readonly string[] Conditions =
    [
        "s0", "not s0", "s0 and s1", "s0 or s1", "s0 and not s1", "not (s0 and s1) or s2", "1 of s*", "all of s*", "2 of s*", "not 1 of s*", "s0 and (s1 or not s2)",
    ];

    private static readonly RuleSetOptions Options = new()
    {
        Placeholders = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal) { ["people"] = ["alpha", "b*", "lpha"] },
    };

    private static string Detection(Random random)
    {
        var text = new StringBuilder("detection:\n");
        for (var selection = 0; selection < 3; selection++)
        {
            if (random.Next(12) == 0)
            {
                text.Append(CultureInfo.InvariantCulture, $"  s{selection}: ['{(random.Next(2) == 0 ? "PHA" : "e*a")}', '5']\n");
                continue;
            }

            text.Append(CultureInfo.InvariantCulture, $"  s{selection}:\n");
            var list = random.Next(4) == 0;
            var seen = new HashSet<string>(StringComparer.Ordinal);
            for (var test = random.Next(1, 4); test > 0; test--)
            {
                var line = Tests[random.Next(Tests.Length)].Replace("{f}", Fields[random.Next(Fields.Length)], StringComparison.Ordinal).Replace("{g}", Fields[random.Next(Fields.Length)], StringComparison.Ordinal);
                if (seen.Add(line[..line.IndexOf(": ", StringComparison.Ordinal)]))
                    text.Append(list ? "    - " : "    ").Append(line).Append('\n');
            }
        }

        return text.Append(CultureInfo.InvariantCulture, $"  condition: {Conditions[random.Next(Conditions.Length)]}\n").ToString();
    }

    private static JsonNode? Value(Random random, int depth)
    {
        switch (random.Next(depth > 1 ? 7 : 9))
        {
            case 0: return null;
            case 1: return JsonValue.Create(random.Next(-2, 12));
            case 2: return JsonValue.Create(random.Next(2) == 0);
            case 3: return JsonNode.Parse("5.5");
            case 7: return new JsonArray([.. Enumerable.Range(0, random.Next(3)).Select(_ => Value(random, depth + 1))]);
            case 8:
                var value = new JsonObject();
                if (random.Next(3) > 0)
                    value["x"] = Value(random, depth + 1);
                if (random.Next(3) > 0)
                    value["l"] = Value(random, depth + 1);
                return value;
            default: return JsonValue.Create(Texts[random.Next(Texts.Length)]);
        }
    }

    private static string Event(Random random)
    {
        var e = new JsonObject();
        foreach (var field in new[] { "a", "b", "o", "n" })
        {
            if (random.Next(5) > 0)
                e[field] = Value(random, 0);
        }

        if (random.Next(6) > 0)
            e["eventName"] = Texts[random.Next(Texts.Length)];
        if (random.Next(3) > 0)
            e["userIdentity"] = new JsonObject { ["type"] = random.Next(3) == 0 ? null : JsonValue.Create(Texts[random.Next(Texts.Length)]) };
        return e.ToJsonString(new JsonSerializerOptions { Encoder = random.Next(2) == 0 ? System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping : null, WriteIndented = random.Next(4) == 0 });
    }

    private static DuckDBConnection Open(IEnumerable<string> events)
    {
        var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        using var create = connection.CreateCommand();
        create.CommandText = "set threads = 1; create table events (id integer, event json)";
        create.ExecuteNonQuery();
        using var appender = connection.CreateAppender("events");
        var id = 0;
        foreach (var json in events)
            appender.CreateRow().AppendValue(id++).AppendValue(json).EndRow();
        return connection;
    }

    /// <summary>15,000 pairs of a generated rule and a generated event.</summary>
    [Fact]
    public void The_DuckDB_form_of_a_rule_matches_the_same_events_as_the_local_matcher()
    {
        var random = new Random(20261124);
        List<string> events = [.. Enumerable.Range(0, EventCount).Select(_ => Event(random))];
        using var connection = Open(events);
        var differences = new List<string>();
        var matches = 0;
        for (var r = 0; r < RuleCount; r++)
        {
            var yaml = $"title: t\nid: r{r}\nlogsource: {{product: aws, service: cloudtrail}}\n{Detection(random)}";
            var rules = RuleSet.Parse("generated.yml", yaml, Options);
            Assert.True(rules.Errors.Count == 0, yaml + rules.Errors.FirstOrDefault()?.Message);
            var detector = new Detector(rules);
            var condition = new SqlWriter(new DuckDbFields(LogSource.CloudTrail), "events", null).Condition(rules.Rules[0].Expression!);
            using var command = connection.CreateCommand();
            command.CommandText = $"select id, {condition} from events order by id";
            using var reader = command.ExecuteReader();
            for (var e = 0; e < events.Count; e++)
            {
                Assert.True(reader.Read());
                var local = detector.Match(Encoding.UTF8.GetBytes(events[e])).Count == 1;
                matches += local ? 1 : 0;
                // Null would be a third value: a negation around it would be wrong.
                bool? sql = reader.IsDBNull(1) ? null : reader.GetBoolean(1);
                if (sql != local && differences.Count < 5)
                    differences.Add($"local {local}, sql {sql?.ToString() ?? "null"}\n{yaml}{events[e]}\n{condition}");
            }
        }

        Assert.Empty(differences);
        Assert.InRange(matches, RuleCount * EventCount / 20, RuleCount * EventCount * 19 / 20);
    }

    [Fact]
    public void Rules_in_one_statement_match_what_each_matches_alone()
    {
        var random = new Random(42);
        List<string> events = [.. Enumerable.Range(0, EventCount).Select(i =>
        {
            var e = (JsonObject)JsonNode.Parse(Event(random))!;
            e["eventID"] = $"e{i}";
            e["sourceIPAddress"] = "198.51.100.1";
            return e.ToJsonString();
        })];
        using var connection = Open(events);
        var total = 0;
        for (var batch = 0; batch < 8; batch++)
        {
            var yaml = string.Join("---\n", Enumerable.Range(0, 12).Select(r => $"title: t\nid: \"it's r{r}\"\nlogsource: {{product: aws, service: cloudtrail}}\n{Detection(random)}"));
            var rules = RuleSet.Parse("generated.yml", yaml, Options);
            Assert.Empty(rules.Errors);
            var plan = QueryPlan.Make(rules.Rules, new QueryPlanOptions(SqlDialect.DuckDb, "events", "id >= 10", 1_000_000, 1_000_000) { MostRows = 100_001 });
            var statement = Assert.Single(plan.Statements);
            var found = new List<string>();
            using var command = connection.CreateCommand();
            command.CommandText = statement.Sql;
            using (var reader = command.ExecuteReader())
            {
                while (reader.Read())
                {
                    var row = Enumerable.Range(0, reader.FieldCount).ToDictionary(reader.GetName, i => reader.IsDBNull(i) ? null : reader.GetString(i), StringComparer.Ordinal);
                    foreach (var match in MatchRow.Read(statement, row, "duckdb:events", found.Count + 1))
                    {
                        Assert.Contains("198.51.100.1", RuleFindings.ToFinding(match).Message, StringComparison.Ordinal);
                        found.Add($"{match.Rule.Id} {match.EventId}");
                    }
                }
            }

            var detector = new Detector(rules);
            var local = events.Skip(10).SelectMany(e => detector.Match(Encoding.UTF8.GetBytes(e))).Select(match => $"{match.Rule.Id} {match.EventId}");
            Assert.Equal(local.Order(StringComparer.Ordinal), found.Order(StringComparer.Ordinal));
            total += found.Count;
        }

        Assert.True(total > 500, "too few matches: the test shows nothing");
    }

    [Fact]
    public void A_plan_keeps_to_the_limits_and_leaves_no_rule_out()
    {
        var rules = RuleSet.Load(RuleSet.FindFiles([Path.Combine(Tools.Repository, "checks", "detections")])).Rules.Where(rule => rule is { Reports: true, LogSource.Kind: LogSource.CloudTrail }).ToList();
        var athena = QueryPlan.Make(rules, new QueryPlanOptions(SqlDialect.Athena, "\"security\".\"trail\"", "eventtime >= '2026-11-23T00:00:00Z'", 24_000, 262_144));
        var lake = QueryPlan.Make(rules, new QueryPlanOptions(SqlDialect.CloudTrailLake, "0a1b2c3d-0000-4000-8000-000000000000", "eventtime >= timestamp '2026-11-23 00:00:00'", 10_000, 10_000));
        foreach (var (plan, most, together) in new[] { (athena, 262_144, 24_000), (lake, 10_000, 10_000) })
        {
            Assert.All(plan.Statements, statement =>
            {
                Assert.StartsWith("select ", statement.Sql, StringComparison.Ordinal);
                Assert.Contains("eventtime >= ", statement.Sql, StringComparison.Ordinal);
                Assert.InRange(Encoding.UTF8.GetByteCount(statement.Sql), 1, statement.Rules.Count == 1 ? most : together + 500);
                Assert.InRange(Encoding.UTF8.GetByteCount(statement.Sql), 1, most);
            });
            Assert.Equal(rules.Select(rule => rule.Id).Order(StringComparer.Ordinal), plan.Statements.SelectMany(statement => statement.Rules).Concat(plan.Refused.Select(one => one.Rule)).Select(rule => rule.Id).Order(StringComparer.Ordinal));
        }

        Assert.Empty(athena.Refused);
        // One pass over the log for many rules, and one for each correlation.
        Assert.InRange(athena.Statements.Count(statement => !statement.Rules[0].IsCorrelation), 1, 16);
        Assert.InRange(lake.Statements.Count(statement => !statement.Rules[0].IsCorrelation), 1, 40);
    }

    /// <summary>Who reads a finding of Athena or CloudTrail Lake reads what was touched and with what, as of a log file.</summary>
    [Theory]
    [InlineData(SqlDialect.Athena, """{"bucketName":"logs","acl":"public-read","policy":{"Version":"2012-10-17"}}""", null, "arn:aws:s3:::logs")]
    [InlineData(SqlDialect.CloudTrailLake, """{"bucketName":"logs","acl":"public-read","policy":"{\"Version\":\"2012-10-17\"}"}""", null, "arn:aws:s3:::logs")]
    [InlineData(SqlDialect.Athena, "not JSON", "arn:aws:s3:::named", "arn:aws:s3:::named")]
    [InlineData(SqlDialect.Athena, null, null, null)]
    public void A_match_of_an_engine_names_what_was_touched_and_the_parameters(SqlDialect dialect, string? request, string? resource, string? touched)
    {
        var rules = RuleSet.Parse("c.yml", "title: t\nid: one\nlogsource: {product: aws, service: cloudtrail}\ndetection: {s: {eventName: PutBucketAcl}, condition: s}\n");
        var options = new QueryPlanOptions(dialect, "t", null, 100_000, 100_000);
        var statement = Assert.Single(QueryPlan.Make(rules.Rules, options).Statements);
        Dictionary<string, string?> row = new(StringComparer.Ordinal)
        {
            ["rule"] = "one",
            ["event_id"] = "e",
            ["event_time"] = "2026-11-24T10:15:00Z",
            ["account"] = "111122223333",
            ["region"] = "us-east-1",
            ["event_source"] = "s3.amazonaws.com",
            ["event_name"] = "PutBucketAcl",
            ["user_agent"] = "aws-cli",
            ["request_parameters"] = request,
            ["resource_arn"] = resource,
        };

        Assert.All(["request_parameters", "resource_arn", "user_agent"], column => Assert.Contains($" as {column}", statement.Sql, StringComparison.Ordinal));
        var finding = RuleFindings.ToFinding(Assert.Single(MatchRow.Read(statement, row, "athena:t", 1)));
        Assert.Equal(touched, EventFacts.Of(finding)!.Touched);
        Assert.Equal(touched is null ? [] : [touched], finding.Seen!.Touched);
        Assert.Equal(request?.StartsWith('{') == true, finding.Message.Contains("acl=public-read", StringComparison.Ordinal));
        Assert.Contains("with aws-cli", finding.Message, StringComparison.Ordinal);
        // A table without the columns is asked for none of them, and nothing is missed for it. A store of CloudTrail Lake has them all.
        if (dialect == SqlDialect.CloudTrailLake)
            return;
        var old = QueryPlan.Make(rules.Rules, options with { Columns = new HashSet<string>(["eventid", "eventname", "eventtime", "eventsource", "sourceipaddress", "useragent", "awsregion", "errorcode", "recipientaccountid", "useridentity"], StringComparer.Ordinal) });
        Assert.Empty(old.Gaps);
        Assert.DoesNotContain("requestparameters", Assert.Single(old.Statements).Sql, StringComparison.Ordinal);
    }

    [Fact]
    public void A_row_that_was_not_asked_for_is_refused()
    {
        var rules = RuleSet.Parse("c.yml", "title: t\nid: one\nlogsource: {product: aws}\ndetection: {s: {eventName: x}, condition: s}\n");
        var statement = new QueryStatement(rules.Rules, "select 1");
        Dictionary<string, string?> row = new(StringComparer.Ordinal) { ["rule"] = "one", ["event_id"] = "e", ["event_time"] = "", ["account"] = null, ["region"] = null };
        Assert.Null(Assert.Single(MatchRow.Read(statement, row, "athena:t", 1)).EventTime);
        Assert.Throws<FormatException>(() => MatchRow.Read(statement, new Dictionary<string, string?>(row, StringComparer.Ordinal) { ["rule"] = "two" }, "athena:t", 1));
        row.Remove("account");
        Assert.Throws<FormatException>(() => MatchRow.Read(statement, row, "athena:t", 1));
    }

    /// <summary>Every test alone on every value, so that none is left out by chance.</summary>
    [Fact]
    public void Every_modifier_means_the_same_in_DuckDB_on_every_kind_of_value()
    {
        List<string> values = [.. Texts.Select(text => JsonSerializer.Serialize(text)), "null", "5", "-1.5", "true", "[]", "[null]", "[\"alpha\",\"beta\"]", "[[\"alpha\"],[5]]", "{}", "{\"x\":\"alpha\"}"];
        List<string> events = [.. values.Select(value => $"{{\"a\":{value},\"b\":\"alpha\",\"o\":{{\"x\":{value}}}}}"), "{}", "{\"o\":null}", "{\"o\":[{\"x\":\"alpha\"},{\"x\":null}]}"];
        using var connection = Open(events);
        var differences = new List<string>();
        foreach (var test in Tests)
        {
            foreach (var field in new[] { "a", "o.x" })
            {
                var yaml = $"title: t\nlogsource: {{product: aws, service: cloudtrail}}\ndetection:\n  s:\n    {test.Replace("{f}", field, StringComparison.Ordinal).Replace("{g}", "b", StringComparison.Ordinal)}\n  condition: s\n";
                var rules = RuleSet.Parse("generated.yml", yaml, Options);
                Assert.Empty(rules.Errors);
                var condition = new SqlWriter(new DuckDbFields(LogSource.CloudTrail), "events", null).Condition(rules.Rules[0].Expression!);
                using var command = connection.CreateCommand();
                command.CommandText = $"select id, {condition} from events order by id";
                using var reader = command.ExecuteReader();
                var detector = new Detector(rules);
                for (var e = 0; e < events.Count; e++)
                {
                    Assert.True(reader.Read());
                    bool? sql = reader.IsDBNull(1) ? null : reader.GetBoolean(1);
                    var local = detector.Match(Encoding.UTF8.GetBytes(events[e])).Count == 1;
                    if (sql != local && differences.Count < 20)
                        differences.Add($"local {local}, sql {sql?.ToString() ?? "null"}: {test} on {events[e]}");
                }
            }
        }

        Assert.Empty(differences);
    }

    [Theory]
    [InlineData("{type: event_count, rules: [one], group-by: [u], timespan: 1m, condition: {gte: 3}}")]
    [InlineData("{type: event_count, rules: [one, two], group-by: [u, v], timespan: 30s, condition: {gt: 2}}")]
    [InlineData("{type: event_count, rules: [one], timespan: 1m, condition: {gte: 4}}")]
    [InlineData("{type: value_count, rules: [one, two], group-by: [u], timespan: 1m, condition: {field: v, gte: 3}}")]
    [InlineData("{type: value_count, rules: [one], group-by: [u], timespan: 1m, condition: {field: [v, n], gte: 3}}")]
    [InlineData("{type: value_sum, rules: [one], group-by: [u], timespan: 1m, condition: {field: n, gt: 20}}")]
    [InlineData("{type: temporal, rules: [one, two], group-by: [u], timespan: 20s}")]
    [InlineData("{type: temporal, rules: [one, two, three], group-by: [u], timespan: 1m, condition: {gte: 2}}")]
    [InlineData("{type: temporal, rules: [one, two, three], group-by: [u], timespan: 1m, condition: one and (two or three)}")]
    [InlineData("{type: temporal_ordered, rules: [one, two, three], group-by: [u], timespan: 1m}")]
    [InlineData("{type: temporal, rules: [one, two], group-by: [x], timespan: 20s, aliases: {x: {one: u, two: v}}}")]
    [InlineData("{type: event_count, rules: [one, two], group-by: [x], timespan: 1m, condition: {gte: 3}, aliases: {x: {one: u, two: v}}}")]
    [InlineData("{type: temporal_ordered, rules: [inner, three], group-by: [u], timespan: 1m}")]
    public void The_DuckDB_form_of_a_correlation_finds_what_the_local_one_finds(string correlation)
    {
        var rules = RuleSet.Parse("c.yml", string.Join("---\n", new[] { "one", "two", "three" }.Select(name =>
            $"title: {name}\nid: {name}-id\nname: {name}\nlogsource: {{product: aws, service: cloudtrail}}\ndetection: {{s: {{eventName|contains: {name}}}, condition: s}}\n"))
            + "---\ntitle: inner\nid: inner-id\nname: inner\ncorrelation: {type: event_count, rules: [one], group-by: [u], timespan: 30s, condition: {gte: 2}}\n"
            + $"---\ntitle: c\nid: c-id\ncorrelation: {correlation}\n");
        Assert.Empty(rules.Errors);
        var rule = rules.Rules.Single(one => one.Id == "c-id");
        var query = RuleConverter.Convert(rule, SqlDialect.DuckDb).Sql;
        var total = 0;
        for (var seed = 0; seed < 5; seed++)
        {
            var random = new Random(seed);
            var names = new[] { "one", "two", "three", "one two", "other" };
            List<string> events = [.. Enumerable.Range(0, 120).Select(i =>
            {
                var time = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).AddSeconds(random.Next(600));
                var user = random.Next(6) == 0 ? "" : $"\"u\":\"u{random.Next(3)}\",";
                var value = random.Next(5) switch { 0 => "", 1 => "\"v\":[\"u1\",\"u2\"],", _ => $"\"v\":\"u{random.Next(4)}\"," };
                return $$"""{"eventID":"{{i:000}}","eventTime":"{{time:yyyy-MM-ddTHH:mm:ssZ}}",{{user}}{{value}}"n":{{random.Next(10)}},"eventName":"{{names[random.Next(names.Length)]}}"}""";
            })];
            using var connection = Open(events);
            using var command = connection.CreateCommand();
            command.CommandText = query;
            var found = new List<string>();
            var groups = rule.Correlation!.GroupBy.Count;
            using (var reader = command.ExecuteReader())
            {
                while (reader.Read())
                    found.Add($"{reader.GetString(2)}|{string.Join('|', Enumerable.Range(5, groups).Select(i => reader.IsDBNull(i) ? "-" : reader.GetString(i)))}|{reader.GetInt64(5 + groups)}|{reader.GetString(7 + groups)}");
            }

            using var session = new Detector(rules).Begin();
            foreach (var json in events)
                session.Add(Encoding.UTF8.GetBytes(json), "log");
            var local = session.Complete().Where(match => match.Rule.Id == "c-id")
                .Select(match => $"{match.EventTime}|{string.Concat(match.Group.Select(pair => (pair.Value ?? "-") + "|"))}{(match.Group.Count == 0 ? "|" : "")}{match.EventCount}|{match.Events[0].EventTime:yyyy-MM-ddTHH:mm:ssZ}");
            // Which of several events of one second completes a correlation has no meaning: moment and group are compared.
            Assert.Equal(local.Order(StringComparer.Ordinal), found.Order(StringComparer.Ordinal));
            total += found.Count;
        }

        Assert.True(total > 0, "the correlation never matched: the test shows nothing");
    }

    [Fact]
    public void What_an_engine_cannot_do_is_one_clear_error()
    {
        var rules = RuleSet.Parse("c.yml", """
            title: one
            id: one
            logsource: {product: aws, service: cloudtrail}
            detection: {s: {a|re: '(?=x)x'}, condition: s}
            ---
            title: late
            id: late
            correlation: {type: event_count, rules: [one], timespan: 1m, condition: {lt: 3}}
            ---
            title: flow
            id: flow
            logsource: {product: aws, service: vpcflow}
            detection: {s: {dstport: 22}, condition: s}
            """);
        Assert.Empty(rules.Errors);
        Assert.Contains("look-around", Assert.Throws<InputException>(() => RuleConverter.Convert(rules.Rules[0], SqlDialect.DuckDb)).Message, StringComparison.Ordinal);
        Assert.StartsWith("c.yml:6: ", Assert.Throws<InputException>(() => RuleConverter.Convert(rules.Rules[1], SqlDialect.Athena)).Message, StringComparison.Ordinal);
        Assert.Throws<InputException>(() => RuleConverter.Convert(rules.Rules[2], SqlDialect.CloudTrailLake));
        Assert.Throws<InputException>(() => RuleConverter.Convert(rules.Rules[0], SqlDialect.Athena, "t; drop table x"));
        _ = RuleConverter.Convert(rules.Rules[0], SqlDialect.Athena, "db.cloudtrail");
    }

    /// <summary>What comes out false for want of a column may miss matches, unless an odd number of negations stands before it.</summary>
    [Theory]
    [InlineData("{s: {src_ip: x}, condition: s}", true)]
    [InlineData("{s: {src_ip: x}, condition: not s}", false)]
    [InlineData("{s: {src_ip: x}, t: {eventName: y}, condition: t and not (t and not s)}", true)]
    [InlineData("{s: {src_ip: x}, t: {eventName: y}, condition: s or not s and t}", true)]
    [InlineData("{s: {src_ip: null}, condition: s}", false)]
    [InlineData("{s: {src_ip: null}, condition: not s}", true)]
    [InlineData("{s: {eventName|fieldref: src_ip}, condition: s}", true)]
    [InlineData("{s: [a, b], condition: not s}", true)]
    [InlineData("{s: {requestParameters|exists: true}, condition: s}", true)]
    [InlineData("{s: {requestParameters|exists: true}, condition: not s}", false)]
    [InlineData("{s: {requestParameters.a|exists: true}, condition: s}", false)]
    [InlineData("{s: {requestParameters.a: null}, condition: not s}", null)]
    public void What_the_table_lacks_is_said_and_whether_it_hides_matches(string detection, bool? mayMiss)
    {
        var rules = RuleSet.Parse("c.yml", $"title: t\nlogsource: {{product: aws}}\ndetection: {detection}\n");
        Assert.Empty(rules.Errors);
        foreach (var dialect in new[] { SqlDialect.Athena, SqlDialect.CloudTrailLake })
        {
            Assert.Equal(mayMiss, RuleConverter.Convert(rules.Rules[0], dialect).Notes.SingleOrDefault()?.MayMiss);
            var plan = QueryPlan.Make(rules.Rules, new QueryPlanOptions(dialect, "t", null, 10_000, 10_000));
            Assert.Equal((mayMiss == true ? 1 : 0, mayMiss == false ? 1 : 0, 1), (plan.Gaps.Count, plan.Notes.Count, plan.Statements.Count));
        }
    }

    [Fact]
    public void A_correlation_needs_all_its_logs_and_says_what_its_groups_lack()
    {
        var rules = RuleSet.Parse("c.yml", """
            title: one
            id: one
            logsource: {product: aws, service: cloudtrail}
            detection: {s: {eventName: x}, condition: s}
            ---
            title: flow
            id: flow
            logsource: {product: aws, service: vpcflow}
            detection: {s: {dstport: 22}, condition: s}
            ---
            title: both
            id: both
            correlation: {type: temporal, rules: [one, flow], timespan: 1m}
            ---
            title: outer
            id: outer
            correlation: {type: temporal, rules: [one, both], timespan: 1m}
            ---
            title: grouped
            id: grouped
            correlation: {type: event_count, rules: [one], timespan: 1m, group-by: [src_ip], condition: {gte: 3}}
            """);
        Assert.Empty(rules.Errors);
        var plan = QueryPlan.Make([.. rules.Rules.Where(rule => rule.IsCorrelation)], new QueryPlanOptions(SqlDialect.Athena, "t", null, 10_000, 10_000));
        Assert.Equal(["both", "outer"], plan.Refused.Select(one => one.Rule.Id));
        Assert.All(plan.Refused, one => Assert.Contains("about aws/cloudtrail and aws/vpcflow", one.Text, StringComparison.Ordinal));
        Assert.Equal("grouped", Assert.Single(plan.Gaps).Rule.Id);
        Assert.Single(plan.Statements);
    }

    /// <summary>The README's numbers: how many shipped rules an engine may miss matches of, for want of a column.</summary>
    [Theory]
    [InlineData(SqlDialect.Athena, 0)]
    [InlineData(SqlDialect.CloudTrailLake, 1)]
    public void Few_shipped_rules_ask_for_a_column_that_an_engine_lacks(SqlDialect dialect, int expected)
    {
        var rules = RuleSet.Load(RuleSet.FindFiles([Path.Combine(Tools.Repository, "checks", "detections")])).Rules.Where(rule => rule is { Reports: true, LogSource.Kind: LogSource.CloudTrail }).ToList();
        var plan = QueryPlan.Make(rules, new QueryPlanOptions(dialect, "t", null, 100_000, 100_000));
        Assert.Equal(expected, plan.Gaps.Select(gap => gap.Rule.Id).Distinct().Count());
    }

    /// <summary>Generated rules, correlations of every kind that converts and (where they are at hand) the public AWS rules, in
    /// both Trino forms, through a real Trino grammar.</summary>
    [Fact]
    public async Task The_Trino_forms_are_Trino()
    {
        var entry = Path.Combine(Tools.NodeModules ?? "", "dt-sql-parser", "dist", "index.js");
        if (!File.Exists(entry))
        {
            Assert.SkipUnless(Tools.InContinuousIntegration, "npm's dt-sql-parser is not installed (npm ci --prefix tests/node, or SCANNER_NODE_MODULES)");
            Assert.Fail($"dt-sql-parser is not at {Tools.NodeModules}");
        }

        var random = new Random(7);
        var yaml = new StringBuilder();
        for (var r = 0; r < 60; r++)
            yaml.Append(CultureInfo.InvariantCulture, $"title: t\nid: r{r}\nlogsource: {{product: aws, service: cloudtrail}}\n")
                .Append(Detection(random).Replace("    o.l", "    requestParameters.list", StringComparison.Ordinal).Replace("    o", "    requestParameters", StringComparison.Ordinal)
                    .Replace("    a|", "    responseElements.a.b|", StringComparison.Ordinal).Replace("    b|", "    resources.ARN|", StringComparison.Ordinal)
                    .Replace("    n|", "    additionalEventData.n|", StringComparison.Ordinal).Replace("    a:", "    userIdentity.sessionContext.sessionIssuer.arn:", StringComparison.Ordinal))
                .Append("---\n");
        foreach (var (kind, i) in new[]
        {
            "type: event_count, rules: [r0, r1], condition: {gte: 3}", "type: value_count, rules: [r0], condition: {field: requestParameters.x, gte: 3}", "type: value_count, rules: [r0], condition: {field: [eventName, awsRegion], gte: 3}",
            "type: value_sum, rules: [r0], condition: {field: requestParameters.n, gte: 3}", "type: temporal, rules: [r0, r1]", "type: temporal_ordered, rules: [r0, r1, c0]", "type: temporal, rules: [r0, r1], condition: r0 and r1",
        }.Select((kind, i) => (kind, i)))
            yaml.Append(CultureInfo.InvariantCulture, $"title: c{i}\nid: c{i}\ncorrelation: {{{kind}, group-by: [userIdentity.arn, requestParameters.y.z], timespan: 5m}}\n---\n");
        var rules = RuleSet.Parse("generated.yml", yaml.ToString(), Options);
        Assert.Empty(rules.Errors);
        List<DetectionRule> all = [.. rules.Rules];
        if (Environment.GetEnvironmentVariable("SIGMAHQ_RULES") is { } root && Directory.Exists(root))
            all.AddRange(RuleSet.Load(RuleSet.FindFiles([Path.Combine(root, "rules", "cloud", "aws")])).Rules);
        all.AddRange(RuleSet.Load(RuleSet.FindFiles([Path.Combine(Tools.Repository, "checks", "detections")])).Rules.Where(rule => rule.LogSource.Kind == LogSource.CloudTrail));
        var statements = new List<string>();
        foreach (var rule in all)
        {
            foreach (var dialect in new[] { SqlDialect.Athena, SqlDialect.CloudTrailLake })
            {
                if (rule.Correlation is null or { IsGrowing: true })
                    statements.Add(RuleConverter.Convert(rule, dialect).Sql);
            }
        }

        // Rules together, in statements that the parser can do in a moment; it takes no id that begins with a digit for a table.
        foreach (var dialect in new[] { SqlDialect.Athena, SqlDialect.CloudTrailLake })
        {
            var (table, span) = dialect == SqlDialect.Athena
                ? ("\"db\".\"t\"", "\"timestamp\" >= '2026/11/22' and eventtime >= '2026-11-23T00:00:00Z'")
                : ("store", "eventtime >= timestamp '2026-11-23 00:00:00'");
            var options = new QueryPlanOptions(dialect, table, span, 5_000, 262_144) { MostRows = 50_001 };
            statements.AddRange(QueryPlan.Make([.. all.Where(rule => rule.Correlation is null).Take(100)], options)
                .Statements.Where(statement => statement.Rules.Count > 1).Select(statement => statement.Sql));
        }

        // Two forms of each rule, and of each correlation that converts, and statements of several rules.
        var alone = all.Count(rule => rule.Correlation is null or { IsGrowing: true });
        Assert.InRange(statements.Count, (2 * alone) + 2, 3 * alone);
        // What correlations are fetched with.
        var parts = new[] { SqlDialect.Athena, SqlDialect.CloudTrailLake }.SelectMany(dialect => QueryPlan.Make(
            [.. all.Where(rule => rule.IsCorrelation)], new QueryPlanOptions(dialect, "store", null, 5_000, 262_144) { MostRows = 50_001, PartRows = 2_500 }).Statements.Where(statement => statement.IsOfParts)).ToList();
        Assert.NotEmpty(parts);
        statements.AddRange(parts.Select(statement => statement.Sql));
        Assert.NotNull(RuleConverter.NestingQuery(all, "store", "eventtime >= timestamp '2026-11-23 00:00:00'"));
        statements.Add(RuleConverter.NestingQuery(all, "store", "eventtime >= timestamp '2026-11-23 00:00:00'")!);

        // The grammar takes its time: a third of them a run.
        var errors = await ParseAsync(entry, [.. Turn.Of(statements, 3)]);
        Assert.True(errors.Count == 0, string.Join("\n\n", errors.Take(3)));
        // The parser is one that can fail.
        Assert.Single(await ParseAsync(entry, ["select from where"]));
    }

    private static async Task<List<string>> ParseAsync(string entry, List<string> statements)
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            // The package is made for bundlers: its imports name folders, which Node alone does not resolve.
            File.WriteAllText(Path.Combine(folder.FullName, "hooks.mjs"), """
                export async function resolve(specifier, context, next) {
                  try {
                    return await next(specifier, context);
                  } catch (error) {
                    if (error.code === 'ERR_UNSUPPORTED_DIR_IMPORT') return next(`${specifier}/index.js`, context);
                    if (error.code === 'ERR_MODULE_NOT_FOUND' && specifier.startsWith('.') && !specifier.endsWith('.js')) return next(`${specifier}.js`, context);
                    throw error;
                  }
                }
                """);
            File.WriteAllText(Path.Combine(folder.FullName, "parse.mjs"), """
                import { register } from 'node:module';
                import { readFileSync } from 'node:fs';
                import { pathToFileURL } from 'node:url';
                register('./hooks.mjs', import.meta.url);
                const { TrinoSQL } = await import(pathToFileURL(process.argv[2]));
                const parser = new TrinoSQL();
                // antlr4ng counts the states of its automaton anew, one by one, for each state that it adds, to number it: four fifths of
                // the time with statements as many as ours. Nothing but its debug output shows the number.
                let states = 0;
                Object.defineProperty(Object.getPrototypeOf(parser.createParser('select 1').interpreter.decisionToDFA[0].states), 'length', { get: () => states++ });
                const statements = JSON.parse(readFileSync(process.argv[3], 'utf8'));
                console.log(JSON.stringify(statements.map((sql) => parser.validate(sql).map((error) => error.message).join('; '))));
                """);
            var input = Path.Combine(folder.FullName, "statements.json");
            File.WriteAllText(input, JsonSerializer.Serialize(statements));
            var (code, output, error) = await Tools.RunSplitAsync("node", [Path.Combine(folder.FullName, "parse.mjs"), entry, input], cancellation: TestContext.Current.CancellationToken);
            Assert.True(code == 0, error);
            return [.. JsonSerializer.Deserialize<string[]>(output)!.Zip(statements).Where(pair => pair.First.Length > 0).Select(pair => $"{pair.First}\n{pair.Second}")];
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
