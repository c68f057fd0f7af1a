using System.Globalization;
using System.Text;
using DuckDB.NET.Data;
using Scanner.Detect.Matching;
using Scanner.Detect.Rules;
using Scanner.Detect.Sql;
using Scanner.Model;

namespace Detect.Tests.Sql;

/// <summary>Correlations over events that an engine gives: DuckDB runs the statements, and what is found is what a run over the same events finds.</summary>
public sealed class QueriedCorrelationTests
{
    [Theory]
    [InlineData("{type: event_count, rules: [one], group-by: [u], timespan: 1m, condition: {gte: 3}}")]
    [InlineData("{type: event_count, rules: [one, two], group-by: [u, v], timespan: 30s, condition: {gt: 2}}")]
    [InlineData("{type: event_count, rules: [one], group-by: [u], timespan: 1m, condition: {lt: 3}}")]
    [InlineData("{type: value_count, rules: [one, two], group-by: [u], timespan: 1m, condition: {field: v, gte: 3}}")]
    [InlineData("{type: value_avg, rules: [one], group-by: [u], timespan: 1m, condition: {field: n, gt: 4}}")]
    [InlineData("{type: value_percentile, rules: [one], group-by: [u], timespan: 1m, condition: {field: n, percentile: 90, gt: 6}}")]
    [InlineData("{type: temporal, rules: [one, two, three], group-by: [u], timespan: 1m, condition: one and not two}")]
    [InlineData("{type: temporal, rules: [one, two], group-by: [x], timespan: 20s, aliases: {x: {one: u, two: v}}}")]
    [InlineData("{type: temporal_ordered, rules: [inner, three], group-by: [u], timespan: 1m}")]
    public void What_is_correlated_here_is_what_a_local_run_finds(string correlation)
    {
        var rules = Rules(correlation);
        var rule = rules.Rules.Single(one => one.Id == "c-id");
        var total = 0;
        for (var seed = 0; seed < 5; seed++)
        {
            var events = Events(seed);
            // Five hundred bytes are too few for two rules: events come with several statements.
            foreach (var together in new[] { 500, 100_000 })
            {
                var (found, beyond, _) = Ask([rule], events, new QueryPlanOptions(SqlDialect.DuckDb, "events", null, together, 100_000) { PartRows = 1_000 });
                Assert.Empty(beyond);
                Assert.Equal(Local(rules, events), Told(found));
                total += found.Count;
            }
        }

        Assert.True(total > 0, "the correlation never matched: the test shows nothing");
    }

    [Fact]
    public void What_more_events_match_than_are_fetched_is_asked_of_the_engine()
    {
        var rules = Rules("{type: event_count, rules: [two], group-by: [u], timespan: 1m, condition: {gte: 2}}");
        var asked = rules.Rules.Where(rule => rule.Id is "c-id" or "inner-id").ToList();
        var events = Events(1);
        // Two is matched by fewer events than one.
        var counts = asked.Select(rule => Ask([rule], events, new QueryPlanOptions(SqlDialect.DuckDb, "events", null, 100_000, 100_000) { PartRows = 100_000 }).Rows).ToList();
        Assert.NotEqual(counts[0], counts[1]);
        var (found, beyond, _) = Ask(asked, events, new QueryPlanOptions(SqlDialect.DuckDb, "events", null, 1, 100_000) { PartRows = counts.Min() });
        var one = Assert.Single(beyond);
        Assert.Equal(counts[0] > counts[1] ? asked[0].Id : asked[1].Id, one.Rules[0].Id);
        Assert.Contains("event_count", one.Sql, StringComparison.Ordinal);
        Assert.All(found, match => Assert.NotEqual(one.Rules[0].Id, match.Rule.Id));
        Assert.NotEmpty(found);
    }

    [Fact]
    public void A_statement_without_an_answer_leaves_what_more_events_could_not_undo()
    {
        var growing = Rules("{type: event_count, rules: [one, two], group-by: [u], timespan: 1m, condition: {gte: 3}}");
        var late = Rules("{type: event_count, rules: [one, two], group-by: [u], timespan: 1m, condition: {lt: 9}}");
        var options = new QueryPlanOptions(SqlDialect.DuckDb, "events", null, 1, 100_000) { PartRows = 1_000 };
        foreach (var (rules, any) in new[] { (growing, true), (late, false) })
        {
            var (found, beyond, _) = Ask([rules.Rules.Single(rule => rule.Id == "c-id")], Events(2), options, misses: 1);
            Assert.Empty(beyond);
            Assert.Equal(any, found.Count > 0);
        }
    }

    [Fact]
    public void A_rule_that_reports_and_is_counted_is_asked_once()
    {
        var rules = Rules("{type: event_count, rules: [one], group-by: [u], timespan: 1m, condition: {gte: 3}, generate: true}", "generate: true, ");
        var asked = rules.Rules.Where(rule => rule.Id is "c-id" or "one-id").ToList();
        Assert.All(asked, rule => Assert.True(rule.Reports));
        var events = Events(3);
        var (found, _, _) = Ask(asked, events, new QueryPlanOptions(SqlDialect.DuckDb, "events", null, 100_000, 100_000) { PartRows = 1_000 }, statements: 1);
        using var session = new Detector(rules).Begin();
        var local = events.SelectMany(json => session.Add(Encoding.UTF8.GetBytes(json), "log")).Count(match => match.Rule.Id == "one-id");
        // It was delivered twice.
        Assert.Equal(2 * local, found.Count(match => match.Rule.Id == "one-id"));
        Assert.InRange(local, 1, events.Count);
        // What its matches tell comes along for them alone.
        var athena = Assert.Single(QueryPlan.Make(asked, new QueryPlanOptions(SqlDialect.Athena, "t", null, 48_000, 262_144) { PartRows = 1_000 }).Statements).Sql;
        Assert.Contains(", case when strpos(rule, 'one-id') > 0 then request_parameters end as request_parameters", athena, StringComparison.Ordinal);
        Assert.DoesNotContain("request_parameters", QueryPlan.Make([asked.Single(rule => rule.IsCorrelation)], new QueryPlanOptions(SqlDialect.Athena, "t", null, 48_000, 262_144) { PartRows = 1_000 }).Statements[0].Sql, StringComparison.Ordinal);
    }

    /// <summary>Records of other logs have no id: each row is one.</summary>
    [Fact]
    public void Flows_are_summed_here_as_in_a_local_run()
    {
        var rules = RuleSet.Parse("f.yml", """
            title: flow
            id: flow-id
            name: flow
            logsource: {product: aws, service: vpcflow}
            detection: {s: {action: ACCEPT}, condition: s}
            ---
            title: much
            id: much-id
            correlation: {type: value_sum, rules: [flow], group-by: [srcaddr, dstaddr], timespan: 1h, condition: {field: bytes, gte: 100}}
            """);
        Assert.Empty(rules.Errors);
        var plan = QueryPlan.Make([rules.Rules.Single(rule => rule.IsCorrelation)], new QueryPlanOptions(SqlDialect.Athena, "flows", null, 48_000, 262_144) { PartRows = 100 });
        var statement = Assert.Single(plan.Statements);
        Assert.Empty(plan.Gaps);
        var correlations = new QueriedCorrelations(plan, "athena:flows");
        using var session = new Detector(rules).Begin();
        foreach (var (start, bytes) in new[] { (1000, 60), (1000, 60), (9000, 50), (9001, 49) })
        {
            session.Add(Encoding.UTF8.GetBytes($$"""{"srcaddr":"10.0.0.1","dstaddr":"192.0.2.1","action":"ACCEPT","bytes":{{bytes}},"start":{{start}}}"""), "log", LogSource.VpcFlow);
            correlations.Add(statement, new Dictionary<string, string?>(StringComparer.Ordinal)
            {
                ["rule"] = "flow-id",
                ["event_id"] = null,
                ["event_time"] = start.ToString(CultureInfo.InvariantCulture),
                ["account"] = null,
                ["region"] = null,
                ["srcaddr"] = "10.0.0.1",
                ["dstaddr"] = "192.0.2.1",
                ["flow_bytes"] = bytes.ToString(CultureInfo.InvariantCulture),
                ["action"] = "ACCEPT",
            }, 1);
        }

        var found = correlations.Complete();
        Assert.Equal((2L, "10.0.0.1"), (Assert.Single(found).EventCount, found[0].Group[0].Value));
        Assert.Equal(Told([.. session.Complete()]), Told(found));
    }

    private static RuleSet Rules(string correlation, string inner = "")
    {
        var rules = RuleSet.Parse("c.yml", string.Join("---\n", new[] { "one", "two", "three" }.Select(name =>
            $"title: {name}\nid: {name}-id\nname: {name}\nlogsource: {{product: aws, service: cloudtrail}}\ndetection: {{s: {{eventName|contains: {name}}}, condition: s}}\n"))
            + $"---\ntitle: inner\nid: inner-id\nname: inner\ncorrelation: {{{inner}type: event_count, rules: [one], group-by: [u], timespan: 30s, condition: {{gte: 2}}}}\n"
            + $"---\ntitle: c\nid: c-id\ncorrelation: {correlation}\n");
        Assert.Empty(rules.Errors);
        return rules;
    }

    private static List<string> Events(int seed)
    {
        var random = new Random(seed);
        var names = new[] { "one", "one", "two", "three", "one two", "other" };
        return [.. Enumerable.Range(0, 120).Select(i =>
        {
            // No two at one moment: which of them completes a correlation has no meaning.
            var time = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).AddSeconds((i * 5) + random.Next(5));
            var user = random.Next(6) == 0 ? "" : $"\"u\":\"u{random.Next(3)}\",";
            var value = random.Next(5) switch { 0 => "", 1 => "\"v\":[\"u1\",\"u2\"],", _ => $"\"v\":\"u{random.Next(4)}\"," };
            return $$"""{"eventID":"{{i:000}}","eventTime":"{{time:yyyy-MM-ddTHH:mm:ssZ}}","recipientAccountId":"111111111111","userIdentity":{"arn":"arn:aws:iam::111111111111:user/u{{random.Next(3)}}"},{{user}}{{value}}"n":{{random.Next(10)}},"eventName":"{{names[random.Next(names.Length)]}}"}""";
        }).OrderBy(_ => random.Next())];
    }

    private static (IReadOnlyList<DetectionMatch> Found, IReadOnlyList<QueryStatement> Beyond, long Rows) Ask(
        IReadOnlyList<DetectionRule> rules, List<string> events, QueryPlanOptions options, int misses = 0, int? statements = null)
    {
        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        using (var create = connection.CreateCommand())
        {
            create.CommandText = "set threads = 1; create table events (event json)";
            create.ExecuteNonQuery();
        }

        using (var appender = connection.CreateAppender("events"))
        {
            // Everything is delivered twice, as CloudTrail may do.
            foreach (var json in events.Concat(events))
                appender.CreateRow().AppendValue(json).EndRow();
        }

        var plan = QueryPlan.Make(rules, options);
        Assert.Empty(plan.Refused);
        Assert.All(plan.Statements, statement => Assert.True(statement.IsOfParts));
        if (statements is { } number)
            Assert.Equal(number, plan.Statements.Count);
        var correlations = new QueriedCorrelations(plan, "duckdb:events");
        var rows = 0L;
        foreach (var statement in plan.Statements)
        {
            if (misses-- > 0)
            {
                correlations.Miss(statement);
                continue;
            }

            using var command = connection.CreateCommand();
            command.CommandText = statement.Sql;
            using var reader = command.ExecuteReader();
            while (reader.Read())
            {
                var row = Enumerable.Range(0, reader.FieldCount).ToDictionary(reader.GetName, i => reader.IsDBNull(i) ? null : reader.GetString(i), StringComparer.Ordinal);
                correlations.Add(statement, row, ++rows);
            }
        }

        var (beyond, refused) = correlations.Beyond();
        Assert.Empty(refused);
        return (correlations.Complete(), beyond, rows);
    }

    private static List<string> Local(RuleSet rules, List<string> events)
    {
        using var session = new Detector(rules).Begin();
        foreach (var json in events)
            session.Add(Encoding.UTF8.GetBytes(json), "log");
        return Told([.. session.Complete().Where(match => match.Rule.Id == "c-id")]);
    }

    private static List<string> Told(IReadOnlyList<DetectionMatch> matches) =>
    [
        .. matches.Select(match => string.Create(
            CultureInfo.InvariantCulture,
            $"{match.EventId} {match.EventTime} {match.Account} {string.Join(',', match.Group.Select(pair => $"{pair.Key}={pair.Value ?? "-"}"))} {match.EventCount} {string.Join(',', match.Events.Select(one => $"{one.EventId}/{one.Actor}/{one.Rule}"))}"))
            .Order(StringComparer.Ordinal),
    ];
}
