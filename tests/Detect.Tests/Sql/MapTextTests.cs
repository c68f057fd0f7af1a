using System.Text.Json.Nodes;
using Scanner.Detect.Rules;
using Scanner.Detect.Sql;

namespace Detect.Tests.Sql;

/// <summary>What CloudTrail Lake may hold in its maps of texts.</summary>
public sealed class MapTextTests
{
    [Theory]
    [InlineData("""{"a":"{\"b\":\"c\"}","d":"plain"}""", LakeNesting.Json)]
    [InlineData("""{"a":"[\"x\", {\"y\": 1}]"}""", LakeNesting.Json)]
    [InlineData("""{"a":"{b=c}"}""", LakeNesting.Java)]
    [InlineData("""{"a":"[{b=c, d=[e, f]}, {}]"}""", LakeNesting.Java)]
    [InlineData("""{"a":"{b=c}","policyDocument":"{\"Statement\":[]}"}""", LakeNesting.Java)]
    [InlineData("""{"a":"{b:c}"}""", LakeNesting.Unknown)]
    [InlineData("""{"a":"{b=c"}""", LakeNesting.Unknown)]
    [InlineData("""{"a":"{b=c}}"}""", LakeNesting.Unknown)]
    [InlineData("""{"a":"plain"}""", null)]
    [InlineData("""{"a":"[]"}""", LakeNesting.Json)]
    [InlineData("[1]", null)]
    [InlineData("no JSON", null)]
    public void How_nested_values_are_written_is_told_from_one_map(string map, LakeNesting? expected) => Assert.Equal(expected, MapText.NestingOf(map));

    [Theory]
    [InlineData("{a=b, c=[{d=e}, f], g=null, h=}", """{"a":"b","c":[{"d":"e"},"f"],"g":null,"h":""}""")]
    [InlineData("{a=x, y, b=z}", """{"a":"x, y","b":"z"}""")]
    [InlineData("{url=https://h/p?q=1, b=2}", """{"url":"https://h/p?q=1","b":"2"}""")]
    [InlineData("{policy={\"Action\": [\"s3:*\"], \"x\": \"}\"}, b=2}", """{"policy":"{\"Action\": [\"s3:*\"], \"x\": \"}\"}","b":"2"}""")]
    [InlineData("[]", "[]")]
    [InlineData("{items=[{cidrIp=0.0.0.0/0}]}", """{"items":[{"cidrIp":"0.0.0.0/0"}]}""")]
    public void A_map_as_Java_prints_it_is_read(string text, string json) => Assert.Equal(json, JavaText.Read(text)!.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }));

    [Fact]
    public void What_was_printed_is_read_again()
    {
        var random = new Random(17);
        for (var i = 0; i < 2_000; i++)
        {
            var map = Map(random, 0);
            Assert.Equal(map.ToJsonString(), JavaText.Read(Printed(map))?.ToJsonString());
        }
    }

    [Fact]
    public void Hostile_texts_are_read_or_refused_and_never_crash()
    {
        var random = new Random(18);
        const string Letters = "{}[]=, \"\\ab";
        for (var i = 0; i < 20_000; i++)
        {
            var text = new string([.. Enumerable.Range(0, random.Next(24)).Select(_ => Letters[random.Next(Letters.Length)])]);
            Assert.True(JavaText.Read(text)?.ToJsonString() is null or { Length: < 400 });
        }

        Assert.Null(JavaText.Read(new string('{', 100_000)));
        Assert.Null(JavaText.Read(string.Concat(Enumerable.Repeat("{a=", 100_000))));
    }

    [Fact]
    public void Rules_about_values_that_SQL_cannot_tell_are_judged_here_or_unknown()
    {
        var nested = Rule("requestParameters.a.b: c");
        var negated = Rule("eventName: x", "not_s: {requestParameters.a.b: c}", "s and not not_s");
        var plain = Rule("eventName: x");
        var options = new QueryPlanOptions(SqlDialect.CloudTrailLake, "store", null, 10_000, 10_000) { PartRows = 100, Nesting = LakeNesting.Java };
        var plan = QueryPlan.Make([nested, negated, plain], options);
        Assert.Empty(plan.Refused);
        Assert.Empty(plan.Gaps);
        var parts = Assert.Single(plan.Statements, statement => statement.IsOfParts);
        // The condition passes all that may match, whichever way round it stands.
        Assert.Contains("case when true then ", parts.Sql, StringComparison.Ordinal);
        Assert.Contains("coalesce(lower(eventname) = 'x', false) and not (false)", parts.Sql, StringComparison.Ordinal);
        Assert.Contains("json_format(cast(requestparameters as json)) as kept_requestparameters", parts.Sql, StringComparison.Ordinal);
        Assert.Equal([plain], Assert.Single(plan.Statements, statement => !statement.IsOfParts).Rules);

        var judged = new QueriedCorrelations(plan, "lake:x");
        foreach (var (id, value) in new[] { ("e-1", "{b=c}"), ("e-2", "{b=d}"), ("e-3", "[{b=z}, {b=C}]") })
        {
            var row = new Dictionary<string, string?>(StringComparer.Ordinal)
            {
                ["rule"] = $"{nested.Id}\u001f{negated.Id}",
                ["event_id"] = id,
                ["event_time"] = "2026-01-01T00:00:00Z",
                ["account"] = "1",
                ["region"] = "r",
                ["event_name"] = "x",
                ["kept_resources_arn"] = null,
                ["kept_requestparameters"] = new JsonObject { ["a"] = value }.ToJsonString(),
                ["kept_responseelements"] = null,
            };
            judged.Add(parts, row, 1);
        }

        Assert.Equal(["e-1 " + nested.Id, "e-2 " + negated.Id, "e-3 " + nested.Id], judged.Complete().Select(match => $"{match.EventId} {match.Rule.Id}").Order(StringComparer.Ordinal));

        // Nothing is fetched without a limit, and nothing guessed without being looked at.
        Assert.Contains("{name=value}", Assert.Single(QueryPlan.Make([nested], options with { PartRows = null }).Refused).Text, StringComparison.Ordinal);
        var unknown = QueryPlan.Make([nested, plain], options with { Nesting = LakeNesting.Unknown });
        Assert.Equal(nested.Id, Assert.Single(unknown.Gaps).Rule.Id);
        Assert.Empty(QueryPlan.Make([nested, plain], options with { Nesting = LakeNesting.Json }).Gaps);
    }

    [Fact]
    public void A_list_of_a_map_that_is_no_JSON_is_looked_at_here()
    {
        var rule = Rule("requestParameters.a: x");
        var plan = QueryPlan.Make([rule], new QueryPlanOptions(SqlDialect.CloudTrailLake, "store", null, 10_000, 10_000) { PartRows = 100, Nesting = LakeNesting.Java });
        Assert.Contains("or coalesce(substr(element_at(requestparameters, 'a'), 1, 1) in ('[', '{'), false))", Assert.Single(plan.Statements).Sql, StringComparison.Ordinal);
        Assert.Null(RuleConverter.NestingQuery([rule, Rule("eventName: x")], "store", null));
        Assert.Contains("from store where (t > 1) and cardinality(map_filter(", RuleConverter.NestingQuery([rule, Rule("requestParameters.a.b: x")], "store", "t > 1"), StringComparison.Ordinal);
    }

    private static DetectionRule Rule(string selection, string more = "", string condition = "s") =>
        Assert.Single(RuleSet.Parse("r.yml", $"title: t\nid: r{selection.Length}{more.Length}\nlogsource: {{product: aws, service: cloudtrail}}\ndetection:\n  s: {{{selection}}}\n  {(more.Length > 0 ? more + "\n  " : "")}condition: {condition}\n").Rules);

    private static JsonObject Map(Random random, int depth) =>
        new(Enumerable.Range(0, random.Next(1, 4)).Select(i => KeyValuePair.Create<string, JsonNode?>($"name{i}", Value(random, depth + 1))));

    private static JsonNode? Value(Random random, int depth) => random.Next(depth > 3 ? 3 : 6) switch
    {
        0 => "text " + random.Next(9),
        1 => "arn:aws:s3:::b/k=v",
        2 => null,
        3 => new JsonArray([.. Enumerable.Range(0, random.Next(3)).Select(_ => Value(random, depth + 1))]),
        _ => Map(random, depth),
    };

    private static string Printed(JsonNode? node) => node switch
    {
        null => "null",
        JsonObject map => "{" + string.Join(", ", map.Select(pair => $"{pair.Key}={Printed(pair.Value)}")) + "}",
        JsonArray list => "[" + string.Join(", ", list.Select(Printed)) + "]",
        _ => node.ToString(),
    };
}
