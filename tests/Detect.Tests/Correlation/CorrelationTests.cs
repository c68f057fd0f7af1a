using System.Globalization;
using System.Text;
using CsCheck;
using Scanner.Detect;
using Scanner.Detect.Correlation;
using Scanner.Detect.Matching;
using Scanner.Detect.Rules;

namespace Detect.Tests.Correlation;

/// <summary>Correlations, filters, collections, references.</summary>
public class CorrelationTests
{
    private const string Base = """
        title: failure
        id: 00000000-0000-4000-8000-000000000001
        name: failure
        logsource: {product: aws, service: cloudtrail}
        detection: {s: {e: fail}, condition: s}
        ---
        title: success
        id: 00000000-0000-4000-8000-000000000002
        name: success
        logsource: {product: aws, service: cloudtrail}
        detection: {s: {e: ok}, condition: s}
        ---
        title: other
        id: 00000000-0000-4000-8000-000000000003
        name: other
        logsource: {product: aws, service: cloudtrail}
        detection: {s: {e: other}, condition: s}
        ---

        """;

    private static RuleSet Rules(string correlation, bool withBase = true)
    {
        var rules = RuleSet.Parse("c.yml", (withBase ? Base : "") + correlation);
        Assert.Empty(rules.Errors);
        return rules;
    }

    private static string Correlation(string body) =>
        "title: found\nid: 00000000-0000-4000-8000-00000000000a\nname: found\ncorrelation:\n" + string.Join('\n', body.Split('\n').Select(line => "  " + line)) + "\n";

    /// <summary>Events as "seconds e user value", in any order.</summary>
    private static IReadOnlyList<DetectionMatch> Run(RuleSet rules, params string[] events)
    {
        using var session = new Detector(rules).Begin();
        var matches = new List<DetectionMatch>();
        var number = 0;
        foreach (var text in events)
        {
            var parts = text.Split(' ');
            var time = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).AddSeconds(double.Parse(parts[0], CultureInfo.InvariantCulture));
            var json = $$"""{"eventID":"{{++number}}","eventTime":"{{time:yyyy-MM-ddTHH:mm:ssZ}}","e":"{{parts[1]}}","u":{{(parts[2] == "-" ? "null" : $"\"{parts[2]}\"")}},"v":{{(parts.Length > 3 ? parts[3] : "0")}}}""";
            matches.AddRange(session.Add(Encoding.UTF8.GetBytes(json), "log"));
        }

        matches.AddRange(session.Complete());
        return matches;
    }

    private static string[] Ids(IEnumerable<DetectionMatch> matches) => [.. matches.Select(match => match.EventId!)];

    [Fact]
    public void A_count_within_the_time_span_matches_once_for_each_group()
    {
        var rules = Rules(Correlation("type: event_count\nrules: [failure]\ngroup-by: [u]\ntimespan: 5m\ncondition: {gte: 3}"));
        var matches = Run(rules, "0 fail a", "10 fail b", "20 fail a", "30 fail a", "40 fail a", "60 fail b");
        var match = Assert.Single(matches);
        Assert.Equal("4", match.EventId);
        Assert.Equal(3, match.EventCount);
        Assert.Equal(["1", "3", "4"], match.Events.Select(e => e.EventId));
        Assert.Equal("a", Assert.Single(match.Group).Value);
    }

    [Fact]
    public void Who_acted_from_where_what_was_called_and_touched_is_told_of_every_event_also_where_a_correlation_groups_by_none_of_it_and_feeds_another()
    {
        var rules = Rules(
            """
            title: inner
            id: 00000000-0000-4000-8000-00000000000b
            name: inner
            correlation: {type: event_count, rules: [failure], group-by: [u], timespan: 5m, condition: {gte: 2}}
            ---
            title: outer
            id: 00000000-0000-4000-8000-00000000000c
            correlation: {type: temporal, rules: [inner, success], group-by: [u], timespan: 5m, generate: true}
            """);
        using var session = new Detector(rules).Begin();
        string[] events =
        [
            """{"eventID":"1","eventTime":"2026-01-01T00:00:00Z","e":"fail","u":"a","eventName":"ConsoleLogin","userIdentity":{"userName":"ben"},"sourceIPAddress":"198.51.100.1","responseElements":{"ConsoleLogin":"Failure"}}""",
            """{"eventID":"2","eventTime":"2026-01-01T00:00:10Z","e":"fail","u":"a","eventSource":"iam.amazonaws.com","eventName":"CreateUser","recipientAccountId":"111122223333","userIdentity":{"arn":"arn:aws-cn:iam::111122223333:user/eve","accessKeyId":"AKIAIOSFODNN7EXAMPLE"},"errorCode":"AccessDenied","requestParameters":{"policyName":"x","userName":"mal"}}""",
            """{"eventID":"3","eventTime":"2026-01-01T00:00:20Z","e":"ok","u":"a","eventName":"GetObject","resources":[{"ARN":"arn:aws:s3:::b/k"}],"requestParameters":{"bucketName":"b"},"userIdentity":{"invokedBy":"x.amazonaws.com"},"sourceIPAddress":"x.amazonaws.com"}""",
        ];
        foreach (var json in events)
            session.Add(Encoding.UTF8.GetBytes(json), "log");

        var matches = session.Complete().ToList();

        Assert.Equal(["inner", "outer"], matches.Select(match => match.Rule.Title));
        Assert.Equal(
            [("ben", "198.51.100.1", "ConsoleLogin", null), ("arn:aws-cn:iam::111122223333:user/eve", null, "CreateUser", "arn:aws-cn:iam::111122223333:user/mal")],
            matches[0].Events.Select(one => (one.Actor, one.Source, one.Action, one.Touched)));
        Assert.Equal(("x.amazonaws.com", "x.amazonaws.com", "GetObject", "arn:aws:s3:::b/k"), matches[1].Events.Select(one => (one.Actor, one.Source, one.Action, one.Touched)).Last());
        // Of an inner match, its last event stands for it.
        Assert.Equal("arn:aws-cn:iam::111122223333:user/mal", matches[1].Events[0].Touched);
        var finding = RuleFindings.ToFinding(matches[0]);
        Assert.Equal(["ben", "arn:aws-cn:iam::111122223333:user/eve"], finding.Seen!.Actors);
        // With which key, and how many of the calls were refused: the next step names the key.
        Assert.Equal(["Failure", "AccessDenied"], matches[0].Events.Select(one => one.Error));
        Assert.Equal((2, "AKIAIOSFODNN7EXAMPLE"), (finding.Seen.Refused, Assert.Single(finding.Seen.AccessKeys)));
        Assert.Equal("AKIAIOSFODNN7EXAMPLE", Scanner.Model.EventFacts.Of(finding)!.AccessKeyId);
        Assert.EndsWith(", refused", finding.Message, StringComparison.Ordinal);
        Assert.Equal(1, RuleFindings.ToFinding(matches[1]).Seen!.Refused);
        // A name alone (a sign-in that failed) is the user whose ARN stands beside it.
        Assert.Equal(["x", "arn:aws:iam::1:user/ben"], Scanner.Model.Sighting.DistinctActors(["ben", "x", "arn:aws:iam::1:user/ben", null, "", "ben"]));
        Assert.Equal("arn:aws-cn:iam::111122223333:user/mal", Scanner.Model.EventFacts.ThingOf(finding));
    }

    [Fact]
    public void Events_further_apart_than_the_time_span_do_not_match_and_its_ends_belong_to_it()
    {
        var rules = Rules(Correlation("type: event_count\nrules: [failure]\ngroup-by: [u]\ntimespan: 1m\ncondition: {gte: 2}"));
        Assert.Empty(Run(rules, "0 fail a", "61 fail a"));
        Assert.Single(Run(rules, "0 fail a", "60 fail a"));
    }

    [Fact]
    public void Events_in_any_order_of_arrival_are_judged_by_their_time()
    {
        var rules = Rules(Correlation("type: event_count\nrules: [failure]\ngroup-by: [u]\ntimespan: 1m\ncondition: {gt: 2}"));
        Assert.Equal(["2"], Ids(Run(rules, "300 fail a", "20 fail a", "0 fail a", "400 fail a", "10 fail a")));
    }

    [Fact]
    public void A_burst_after_a_pause_is_another_match()
    {
        var rules = Rules(Correlation("type: event_count\nrules: [failure]\ngroup-by: [u]\ntimespan: 1m\ncondition: {gte: 2}"));
        Assert.Equal(["2", "5"], Ids(Run(rules, "0 fail a", "1 fail a", "2 fail a", "500 fail a", "501 fail a")));
    }

    [Fact]
    public void Events_without_the_group_field_are_a_group()
    {
        var rules = Rules(Correlation("type: event_count\nrules: [failure]\ngroup-by: [u]\ntimespan: 1m\ncondition: {gte: 2}"));
        var match = Assert.Single(Run(rules, "0 fail -", "1 fail a", "2 fail -"));
        Assert.Null(Assert.Single(match.Group).Value);
    }

    [Theory]
    [InlineData("{eq: 2}", 2, true)]
    [InlineData("{eq: 2}", 3, false)]
    [InlineData("{lt: 3}", 2, true)]
    [InlineData("{lt: 3}", 3, false)]
    [InlineData("{lte: 3}", 3, true)]
    [InlineData("{neq: 3}", 3, false)]
    [InlineData("{neq: 3}", 4, true)]
    [InlineData("{gt: 1, lte: 3}", 3, true)]
    [InlineData("{gt: 1, lte: 3}", 4, false)]
    public void A_condition_that_more_events_can_undo_is_judged_when_the_time_span_is_over(string condition, int events, bool expected)
    {
        var rules = Rules(Correlation($"type: event_count\nrules: [failure]\ngroup-by: [u]\ntimespan: 1m\ncondition: {condition}"));
        Assert.Equal(expected ? 1 : 0, Run(rules, [.. Enumerable.Range(0, events).Select(i => $"{i} fail a")]).Count);
    }

    [Fact]
    public void Different_values_are_counted()
    {
        var rules = Rules(Correlation("type: value_count\nrules: [failure]\ngroup-by: [e]\ntimespan: 1m\ncondition: {field: u, gte: 3}"));
        Assert.Empty(Run(rules, "0 fail a", "1 fail b", "2 fail a", "3 fail -"));
        Assert.Equal(["3"], Ids(Run(rules, "0 fail a", "1 fail b", "2 fail c")));
        Assert.Empty(Run(rules, "0 fail a", "1 fail b", "70 fail c"));
    }

    [Theory]
    [InlineData("type: value_sum", "{field: v, gt: 100}", "0 fail a 60", "1 fail a 41", true)]
    [InlineData("type: value_sum", "{field: v, gt: 100}", "0 fail a 60", "1 fail a 40", false)]
    [InlineData("type: value_avg", "{field: v, gt: 50}", "0 fail a 60", "1 fail a 41", true)]
    [InlineData("type: value_avg", "{field: v, gt: 50}", "0 fail a 90", "1 fail a 10", false)]
    [InlineData("type: value_median", "{field: v, gte: 50}", "0 fail a 40", "1 fail a 60", true)]
    [InlineData("type: value_percentile", "{field: v, gte: 50, percentile: 90}", "0 fail a 10", "1 fail a 60", true)]
    [InlineData("type: value_percentile", "{field: v, gte: 50, percentile: 10}", "0 fail a 10", "1 fail a 60", false)]
    [InlineData("type: value_percentile", "{field: v, lte: 50}", "0 fail a 1", "1 fail a 2", true)]
    [InlineData("type: value_percentile", "{field: v, lte: 50}", "0 fail a 1", "1 fail a 1", false)]
    public void Numbers_are_summed_averaged_and_ranked(string type, string condition, string first, string second, bool expected)
    {
        var rules = Rules(Correlation($"{type}\nrules: [failure]\ngroup-by: [u]\ntimespan: 1m\ncondition: {condition}"));
        Assert.Equal(expected ? 1 : 0, Run(rules, first, second).Count);
    }

    [Fact]
    public void Rules_within_a_time_span_match_in_any_order()
    {
        var rules = Rules(Correlation("type: temporal\nrules: [failure, success]\ngroup-by: [u]\ntimespan: 1m"));
        Assert.Equal(["2"], Ids(Run(rules, "0 ok a", "5 fail a")));
        Assert.Empty(Run(rules, "0 ok a", "5 fail b"));
        Assert.Empty(Run(rules, "0 ok a", "65 fail a"));
    }

    [Fact]
    public void Rules_in_order_match_only_in_order()
    {
        var rules = Rules(Correlation("type: temporal_ordered\nrules: [failure, success, other]\ngroup-by: [u]\ntimespan: 1m"));
        Assert.Equal(["3"], Ids(Run(rules, "0 fail a", "5 ok a", "6 other a")));
        Assert.Empty(Run(rules, "0 ok a", "5 fail a", "6 other a"));
        Assert.Empty(Run(rules, "0 fail a", "5 ok a", "61 other a"));
        Assert.Equal(["4"], Ids(Run(rules, "0 fail a", "30 fail a", "50 ok a", "80 other a")));
        Assert.Single(Run(rules, "5 other a", "5 ok a", "5 fail a"));
    }

    [Fact]
    public void A_condition_over_rules_can_ask_for_the_absence_of_one()
    {
        var rules = Rules(Correlation("type: temporal\nrules: [failure, success, other]\ngroup-by: [u]\ntimespan: 1m\ncondition: failure and (success or other) and not other"));
        Assert.Single(Run(rules, "0 fail a", "5 ok a"));
        Assert.Empty(Run(rules, "0 fail a", "5 ok a", "6 other a"));
    }

    [Fact]
    public void A_correlation_of_a_correlation_matches()
    {
        var rules = Rules(Correlation("type: temporal_ordered\nrules: [many, success]\ngroup-by: [u]\ntimespan: 1m") + """
            ---
            title: many
            id: 00000000-0000-4000-8000-00000000000b
            name: many
            correlation: {type: event_count, rules: [failure], group-by: [u, e], timespan: 1m, condition: {gte: 3}}
            """);
        var matches = Run(rules, "0 fail a", "1 fail a", "2 fail a", "3 ok a", "4 ok b");
        Assert.Equal("found", Assert.Single(matches).Rule.Title);
        Assert.Equal("4", matches[0].EventId);
        Assert.Empty(Run(rules, "0 ok a", "1 fail a", "2 fail a", "3 fail a"));
    }

    [Fact]
    public void Aliases_name_different_fields_of_different_rules()
    {
        var rules = Rules("""
            title: opened
            id: 00000000-0000-4000-8000-000000000011
            name: opened
            logsource: {product: aws, service: cloudtrail}
            detection: {s: {e: open}, condition: s}
            ---
            title: used
            id: 00000000-0000-4000-8000-000000000012
            name: used
            logsource: {product: aws, service: cloudtrail}
            detection: {s: {e: use}, condition: s}
            ---
            title: both
            id: 00000000-0000-4000-8000-000000000013
            correlation:
              type: temporal
              rules: [opened, used]
              group-by: [thing]
              timespan: 10s
              aliases: {thing: {opened: u, used: v}}
            """, withBase: false);
        Assert.Single(Run(rules, "0 open x", "1 use q \"x\""));
        Assert.Empty(Run(rules, "0 open x", "1 use x \"y\""));
    }

    [Fact]
    public void Rules_of_a_correlation_report_only_where_it_says_generate()
    {
        const string Body = "type: event_count\nrules: [failure]\ngroup-by: [u]\ntimespan: 1m\ncondition: {gte: 2}";
        Assert.Equal(["found"], Run(Rules(Correlation(Body)), "0 fail a", "1 fail a").Select(match => match.Rule.Title));
        Assert.Equal(["failure", "failure", "found"], Run(Rules(Correlation(Body + "\ngenerate: true")), "0 fail a", "1 fail a").Select(match => match.Rule.Title));
    }

    [Fact]
    public void An_old_aggregation_counts()
    {
        var rules = Rules("""
            title: old
            id: 00000000-0000-4000-8000-000000000021
            logsource: {product: aws, service: cloudtrail}
            detection:
              s: {e: fail}
              timeframe: 1m
              condition: s | count() by u > 2
            """, withBase: false);
        Assert.Single(rules.Rules);
        var match = Assert.Single(Run(rules, "0 fail a", "1 fail a", "2 fail b", "3 fail a"));
        Assert.Equal("old", match.Rule.Title);
        Assert.Equal("4", match.EventId);
    }

    [Fact]
    public void Old_near_is_temporal()
    {
        var rules = Rules("""
            title: old
            id: 00000000-0000-4000-8000-000000000021
            logsource: {product: aws, service: cloudtrail}
            detection:
              s: {e: fail}
              t: {e: ok}
              timeframe: 1m
              condition: s | near t
            """, withBase: false);
        Assert.Single(Run(rules, "0 fail a", "1 ok b"));
        Assert.Empty(Run(rules, "0 fail a", "1 fail b"));
    }

    [Theory]
    [InlineData("type: event_count\nrules: [nobody]\ntimespan: 1m\ncondition: {gte: 1}", "'nobody'")]
    [InlineData("type: event_count\nrules: [found]\ntimespan: 1m\ncondition: {gte: 1}", "refers to itself")]
    [InlineData("type: what\nrules: [failure]\ntimespan: 1m\ncondition: {gte: 1}", "unknown correlation type")]
    [InlineData("type: event_count\nrules: [failure]\ntimespan: soon\ncondition: {gte: 1}", "time span")]
    [InlineData("type: event_count\nrules: [failure]\ntimespan: 1m", "needs a condition")]
    [InlineData("type: value_count\nrules: [failure]\ntimespan: 1m\ncondition: {gte: 1}", "'field'")]
    [InlineData("type: event_count\nrules: [failure]\ntimespan: 1m\ncondition: {gte: 1}\naliases: {x: {success: u}}", "alias")]
    [InlineData("type: event_count\nrules: [failure]\ntimespan: 1m\ncondition: {ge: 1}", "'ge'")]
    public void What_is_wrong_with_a_correlation_is_one_error(string body, string expected)
    {
        var rules = RuleSet.Parse("c.yml", Base + Correlation(body));
        var error = Assert.Single(rules.Errors);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.StartsWith("c.yml:", error.Message, StringComparison.Ordinal);
        Assert.Equal(3, rules.Rules.Count);
    }

    [Fact]
    public void Correlations_in_a_circle_are_errors_and_the_others_run()
    {
        var rules = RuleSet.Parse("c.yml", Base + """
            title: a
            name: a
            correlation: {type: temporal, rules: [b, failure], timespan: 1m}
            ---
            title: b
            name: b
            correlation: {type: temporal, rules: [a, failure], timespan: 1m}
            ---
            title: c
            name: c
            correlation: {type: temporal, rules: [failure], timespan: 1m}
            """);
        Assert.Equal(2, rules.Errors.Count);
        Assert.Contains(rules.Rules, rule => rule.Title == "c");
    }

    [Fact]
    public void The_same_id_twice_is_an_error_and_a_later_layer_replaces()
    {
        const string Rule = "title: {0}\nid: 00000000-0000-4000-8000-000000000001\nlogsource: {{product: aws}}\ndetection: {{s: {{a: b}}, condition: s}}\n";
        var twice = RuleSet.Parse("x.yml", string.Format(CultureInfo.InvariantCulture, Rule, "one") + "---\n" + string.Format(CultureInfo.InvariantCulture, Rule, "two"));
        Assert.Contains("already that of x.yml:1", Assert.Single(twice.Errors).Message, StringComparison.Ordinal);

        var folder = Directory.CreateTempSubdirectory();
        try
        {
            File.WriteAllText(Path.Combine(folder.FullName, "1.yml"), string.Format(CultureInfo.InvariantCulture, Rule, "one"));
            File.WriteAllText(Path.Combine(folder.FullName, "2.yml"), string.Format(CultureInfo.InvariantCulture, Rule, "two"));
            var layered = RuleSet.Load([RuleSet.FindFiles([Path.Combine(folder.FullName, "1.yml")]), RuleSet.FindFiles([Path.Combine(folder.FullName, "2.yml")])]);
            Assert.Empty(layered.Errors);
            Assert.Equal("two", Assert.Single(layered.Rules).Title);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData("condition: not admin", "admin: {u|startswith: adm}")]
    [InlineData("condition: admin", "admin: {u|startswith: adm}")]
    public void A_filter_takes_matches_away_however_it_is_written(string condition, string selection)
    {
        var rules = RuleSet.Parse("f.yml", $$"""
            title: failure
            id: 00000000-0000-4000-8000-000000000001
            logsource: {product: aws, service: cloudtrail}
            detection: {s: {e: fail}, condition: s}
            ---
            title: no administrators
            logsource: {product: aws, service: cloudtrail}
            filter:
              rules: [00000000-0000-4000-8000-000000000001]
              {{selection}}
              {{condition}}
            """);
        Assert.Empty(rules.Errors);
        Assert.Equal(["2", "3"], Ids(Run(rules, "0 fail adm_a", "1 fail bob", "2 fail -")));
    }

    [Fact]
    public void A_collection_of_old_style_shares_what_is_global()
    {
        var rules = RuleSet.Parse("old.yml", """
            action: global
            title: shared
            logsource: {product: aws, service: cloudtrail}
            detection: {condition: s}
            ---
            id: 00000000-0000-4000-8000-000000000001
            detection: {s: {e: fail}}
            ---
            action: repeat
            id: 00000000-0000-4000-8000-000000000002
            detection: {s: {e: ok}}
            """);
        Assert.Empty(rules.Errors);
        Assert.Equal(2, rules.Rules.Count);
        Assert.Equal(2, Run(rules, "0 fail a", "1 ok a").Count);
    }

    [Fact]
    public void Hits_beyond_memory_are_put_aside_and_come_back_in_order()
    {
        using var spool = new HitSpool(null, maxBytes: 10_000);
        var random = new Random(1);
        var times = Enumerable.Range(0, 5_000).Select(_ => (long)random.Next(1_000)).ToList();
        for (var i = 0; i < times.Count; i++)
            spool.Add(new Hit { Ticks = times[i], File = 0, Record = i, Rule = 0, EventId = $"e{i}", Values = [null, $"v{i}"] });
        Assert.True(spool.Runs > 10);
        for (var round = 0; round < 2; round++)
        {
            var back = spool.InOrder().ToList();
            Assert.Equal(times.Order(), back.Select(hit => hit.Ticks));
            Assert.All(back, hit => Assert.Equal($"v{hit.Record}", hit[1]));
        }
    }

    [Theory]
    [InlineData("type: event_count\nrules: [failure]\ngroup-by: [u]\ntimespan: 1m\ncondition: {gte: 4}")]
    [InlineData("type: event_count\nrules: [failure, success, both]\ntimespan: 30s\ncondition: {gt: 5}")]
    [InlineData("type: event_count\nrules: [failure]\ngroup-by: [u]\ntimespan: 1m\ncondition: {lt: 2}", "", true)]
    [InlineData("type: value_count\nrules: [failure, other]\ngroup-by: [u]\ntimespan: 1m\ncondition: {field: v, gte: 4}")]
    [InlineData("type: value_count\nrules: [both]\ngroup-by: [u, e]\ntimespan: 1m\ncondition: {field: [v, e], gte: 3}")]
    [InlineData("type: value_sum\nrules: [both]\ngroup-by: [u]\ntimespan: 1m\ncondition: {field: v, gt: 3}", "", true)]
    [InlineData("type: temporal\nrules: [failure, success, other]\ngroup-by: [u]\ntimespan: 20s")]
    [InlineData("type: temporal\nrules: [failure, both]\ngroup-by: [u]\ntimespan: 10s")]
    [InlineData("type: temporal_ordered\nrules: [failure, success, other]\ngroup-by: [u]\ntimespan: 30s")]
    [InlineData("type: temporal_ordered\nrules: [failure, failure, success]\ngroup-by: [u]\ntimespan: 15s")]
    [InlineData("type: temporal\nrules: [failure, success]\ngroup-by: [u]\ntimespan: 10s\ncondition: failure and success", "", true)]
    [InlineData("type: temporal_ordered\nrules: [inner, success]\ngroup-by: [u]\ntimespan: 1m", "inner")]
    [InlineData("type: event_count\nrules: [failure]\ngroup-by: [u]\ntimespan: 1m\ncondition: {gte: 5}", "inner")]
    public void Hits_that_are_left_out_beforehand_change_nothing(string body, string further = "", bool keepsAll = false)
    {
        const string Both = "title: both\nid: 00000000-0000-4000-8000-000000000004\nname: both\nlogsource: {product: aws, service: cloudtrail}\ndetection: {s: {e: [fail, ok]}, condition: s}\n---\n";
        const string Inner = "---\ntitle: inner\nid: 00000000-0000-4000-8000-000000000005\nname: inner\ncorrelation: {type: event_count, rules: [failure], group-by: [u], timespan: 30s, condition: {gte: 2}}\n";
        var rules = RuleSet.Parse("c.yml", Base + Both + Correlation(body) + (further.Length > 0 ? Inner : ""));
        Assert.Empty(rules.Errors);
        var matched = 0;
        long kept = 0, hits = 0;
        var @event = Gen.Select(Gen.Int[0, 1_500], Among("fail", "ok", "other"), Among("a", "b", "c", null), Among("0", "1", "2", "\"x\"", "[\"x\",\"y\",1]", "null"));

        // In memory, and put aside in a file.
        Gen.Select(@event.Array[0, 250], Gen.Bool).Sample((events, aside) =>
        {
            using var session = new Detector(rules, new DetectorOptions { HitBytes = aside ? 0 : 1 << 20 }).Begin();
            var start = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
            foreach (var (seconds, e, u, v) in events)
            {
                // Some events have no time.
                var time = seconds < 20 ? "" : $"\"eventTime\":\"{start.AddSeconds(seconds):yyyy-MM-ddTHH:mm:ssZ}\",";
                session.Add(Encoding.UTF8.GetBytes($$"""{"eventID":"{{seconds}}",{{time}}"e":"{{e}}","u":{{(u is null ? "null" : $"\"{u}\"")}},"v":{{v}}}"""), "log");
            }

            var matches = session.Complete();
            Interlocked.Add(ref matched, matches.Count);
            Interlocked.Add(ref kept, session.CountHits(all: false));
            Interlocked.Add(ref hits, session.CountHits(all: true));
            Assert.Equal(session.Correlated(all: true).Select(Line), matches.Select(Line));
        }, iter: 80);

        Assert.True(matched > 20, $"{matched} matches prove little");
        Assert.True(keepsAll ? kept == hits : kept < hits, $"{kept} of {hits} hits were kept");

        static string Line(DetectionMatch match) =>
            $"{match.Rule.Title} {match.EventTime} {match.Record} {match.EventCount} {string.Join(',', match.Group)} {string.Join(',', match.Events.Select(reference => reference.Record))}";
    }

    [Fact]
    public void Each_element_of_a_list_is_a_group()
    {
        var rules = Rules(Correlation("type: temporal_ordered\nrules: [failure, other, success]\ngroup-by: [v]\ntimespan: 5m"));
        var match = Assert.Single(Run(rules, "0 fail a [\"i-2\",\"i-1\"]", "10 other a \"i-1\"", "20 ok a [\"i-3\",\"i-2\",\"i-1\"]"));
        Assert.Equal("i-1", Assert.Single(match.Group).Value);
        Assert.Equal(3, match.EventCount);
        // The same through what is counted beforehand.
        rules = Rules(Correlation("type: event_count\nrules: [failure]\ngroup-by: [v]\ntimespan: 5m\ncondition: {gte: 3}"));
        match = Assert.Single(Run(rules, "0 fail a [\"x\",\"y\"]", "10 fail a \"y\"", "20 fail a [\"z\",\"y\"]", "30 fail a \"x\""));
        Assert.Equal("y", Assert.Single(match.Group).Value);
    }

    [Fact]
    public async Task The_same_event_delivered_twice_is_one()
    {
        var rules = Rules(Correlation("type: event_count\nrules: [failure]\ngroup-by: [u]\ntimespan: 5m\ncondition: {gte: 3}\ngenerate: true"));
        Scanner.Model.LogFile[] twice = [.. new[] { "first-trail", "second-trail" }.Select(name => new Scanner.Model.LogFile(name, () => new MemoryStream(Encoding.UTF8.GetBytes(
            string.Join('\n', Enumerable.Range(0, 2).Select(i => $$"""{"eventName":"X","eventID":"0f4f3a7e-8a4a-4b8b-9d7c-0000000000{{i:00}}","eventTime":"2026-01-01T00:00:0{{i}}Z","e":"fail","u":"a"}"""))))))];
        var matches = new List<DetectionMatch>();
        await new Detector(rules).RunAsync(twice, matches.Add, TestContext.Current.CancellationToken);
        Assert.Equal(["first-trail", "first-trail"], matches.Select(match => match.File));
    }

    [Theory]
    [InlineData("[found]", 0)]
    [InlineData("[00000000-0000-4000-8000-00000000000a]", 0)]
    [InlineData("[failure]", 0)]
    [InlineData("[]", 0)]
    [InlineData("[success]", 1)]
    public void A_filter_on_a_correlation_leaves_events_out_of_what_it_counts(string rules, int expected)
    {
        var all = Rules(Correlation("type: event_count\nrules: [failure]\ngroup-by: [u]\ntimespan: 5m\ncondition: {gte: 2}")
            + $"---\ntitle: but for backups\nlogsource: {{product: aws, service: cloudtrail}}\nfilter: {{rules: {rules}, backup: {{u: backup}}, condition: not backup}}\n");
        Assert.Equal(expected, Run(all, "0 fail backup", "10 fail backup").Count);
        Assert.Single(Run(all, "0 fail a", "10 fail a"));
    }

    private static Gen<string?> Among(params string?[] texts) => Gen.Int[0, texts.Length - 1].Select(i => texts[i]);
}
