using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Scanner.Detect.Matching;
using Scanner.Detect.Rules;
using Scanner.Model;

namespace Detect.Tests.Matching;

/// <summary>
/// What makes matching quick (rules left over by name and source, parts of events that are put off, names taken in the order of the event before)
/// never hides a match: on generated events the same rules match as one test after another on the whole event says.
/// </summary>
public class PrefilterTests
{
    private static readonly string[] Values = ["Alpha", "beta", "x:alphabet", "10.0.0.1", "", "A\"b\\\n", "ß"];

    private static readonly string[] Fields =
    [
        "eventName", "eventSource", "errorCode", "userAgent", "userIdentity.type", "userIdentity.arn", "userIdentity.sessionContext.sessionIssuer.arn",
        "requestParameters.name", "requestParameters.items.name", "requestParameters", "responseElements.name", "resources.ARN",
    ];

    private static Gen<T> One<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static readonly Gen<JsonNode?> Scalar = Gen.OneOf(
        One(Values).Select(text => (JsonNode?)JsonValue.Create(text)), Gen.Const((JsonNode?)null), Gen.Bool.Select(value => (JsonNode?)JsonValue.Create(value)));

    private static readonly Gen<Test> Tests = Gen.Select(
        One(Fields), One("", "contains", "startswith", "endswith", "null"), One("alpha", "Beta", "bet", "10.", "zeta", "b\\\\"),
        (field, kind, value) => new Test(field, kind, value));

    private static readonly Gen<Rule> Rules = Gen.Select(Tests.Array[1, 3], Tests.Array[0, 2], (all, none) => new Rule(all, none));

    // Under keys that the rules ask for and others, in any order, with some missing, lists here and there, and names with dots as flattened logs have them.
    private static Gen<JsonNode?> Value(int depth) => depth == 0
        ? Scalar
        : Gen.Frequency(
            (3, Scalar),
            (2, Member(depth).Array[0, 5].Select(members => (JsonNode?)Map(members))),
            (1, Gen.Frequency((1, Scalar), (1, Member(depth).Array[1, 3].Select(members => (JsonNode?)Map(members)))).Array[0, 3].Select(items => (JsonNode?)new JsonArray(items))));

    private static Gen<(string Name, JsonNode? Value)> Member(int depth) => Gen.Select(
        One("eventName", "eventSource", "errorCode", "userAgent", "userIdentity", "type", "arn", "sessionContext", "sessionIssuer", "requestParameters", "name", "items",
            "responseElements", "resources", "ARN", "other", "userIdentity.type", "requestParameters.items.name"),
        Value(depth - 1), (name, value) => (name, value));

    private static JsonObject Map(IEnumerable<(string Name, JsonNode? Value)> members) =>
        new(members.DistinctBy(member => member.Name, StringComparer.Ordinal).Select(member => KeyValuePair.Create(member.Name, member.Value?.DeepClone())));

    private static readonly Gen<string> Events = Gen.Select(Member(4).Array[0, 12], One(Values), Gen.Bool, (members, name, indented) =>
    {
        var e = Map([("eventVersion", JsonValue.Create("1.11")), .. members.Where(member => member.Name != "eventName"), ("eventName", JsonValue.Create(name))]);
        return e.ToJsonString(new System.Text.Json.JsonSerializerOptions { WriteIndented = indented });
    });

    [Fact]
    public void Nothing_that_makes_it_quick_hides_a_match() =>
        Gen.Select(Rules.Array[1, 12], Events.Array[1, 12]).Sample((rules, events) =>
        {
            var yaml = string.Join("\n---\n", rules.Select((rule, i) => rule.Yaml(i)));
            var set = RuleSet.Parse("generated.yml", yaml);
            Assert.Empty(set.Errors);
            var file = new LogFile("log.json", () => new MemoryStream(Encoding.UTF8.GetBytes($"{{\"Records\":[{string.Join(',', events)}]}}")));
            var found = new List<(long Record, string Rule)>();
            new Detector(set, new DetectorOptions { Parallelism = 1 }).RunAsync([file], match => found.Add((match.Record, match.Rule.Title)), TestContext.Current.CancellationToken).GetAwaiter().GetResult();
            // The events have no ids, so that none counts as another's second delivery.
            var expected = events.SelectMany((e, at) => rules.Select((rule, i) => (Record: at + 1L, Rule: rule, Title: i.ToString(CultureInfo.InvariantCulture)))
                .Where(one => one.Rule.Holds(JsonNode.Parse(e)!.AsObject())).Select(one => (one.Record, one.Title))).ToList();
            Assert.Equal(expected, found.Order().ToList().OrderBy(one => one.Record).ThenBy(one => int.Parse(one.Rule, CultureInfo.InvariantCulture)));
        }, iter: 3_000);

    private sealed record Rule(Test[] All, Test[] None)
    {
        internal string Yaml(int number)
        {
            var text = new StringBuilder();
            text.Append(CultureInfo.InvariantCulture, $"title: '{number}'\nid: rule-{number}\nlogsource: {{product: aws, service: cloudtrail}}\ndetection:\n");
            var names = new List<string>();
            foreach (var (test, i) in All.Select((test, i) => (test, i)))
            {
                text.Append(CultureInfo.InvariantCulture, $"  a{i}: {test.Yaml}\n");
                names.Add($"a{i}");
            }

            foreach (var (test, i) in None.Select((test, i) => (test, i)))
            {
                text.Append(CultureInfo.InvariantCulture, $"  n{i}: {test.Yaml}\n");
                names.Add($"not n{i}");
            }

            return text.Append(CultureInfo.InvariantCulture, $"  condition: {string.Join(" and ", names)}\n").ToString();
        }

        internal bool Holds(JsonObject e) => Array.TrueForAll(All, test => test.Holds(e)) && !Array.Exists(None, test => test.Holds(e));
    }

    private sealed record Test(string Field, string Kind, string Value)
    {
        internal string Yaml => Kind == "null" ? $"{{{Field}: null}}" : $"{{'{Field}{(Kind.Length == 0 ? "" : "|" + Kind)}': '{Value}'}}";

        internal bool Holds(JsonObject e)
        {
            var values = new List<JsonNode?>();
            Find(e, Field, values);
            if (Kind == "null")
                return values.TrueForAll(value => value is null);
            var wanted = Value.Replace("\\\\", "\\", StringComparison.Ordinal);
            return values.Select(TextOf).OfType<string>().Any(text => Kind switch
            {
                "contains" => text.Contains(wanted, StringComparison.OrdinalIgnoreCase),
                "startswith" => text.StartsWith(wanted, StringComparison.OrdinalIgnoreCase),
                "endswith" => text.EndsWith(wanted, StringComparison.OrdinalIgnoreCase),
                _ => text.Equals(wanted, StringComparison.OrdinalIgnoreCase),
            });
        }

        private static string? TextOf(JsonNode? value) => value switch
        {
            null => null,
            JsonValue scalar when scalar.TryGetValue<string>(out var text) => text,
            JsonArray => null,
            _ => value.ToJsonString(),
        };

        // A field of a list is that of its elements; a name with dots is a path.
        private static void Find(JsonNode? at, string path, List<JsonNode?> values)
        {
            if (path.Length == 0)
            {
                if (at is JsonArray { Count: > 0 } list)
                {
                    foreach (var item in list)
                        Find(item, "", values);
                }
                else if (at is JsonArray)
                {
                    // Not null, and no text.
                    values.Add(new JsonArray());
                }
                else
                {
                    values.Add(at);
                }

                return;
            }

            switch (at)
            {
                case JsonArray list:
                    foreach (var item in list)
                        Find(item, path, values);
                    break;
                case JsonObject map:
                    foreach (var (name, value) in map)
                    {
                        if (path == name)
                            Find(value, "", values);
                        else if (path.StartsWith(name + ".", StringComparison.Ordinal))
                            Find(value, path[(name.Length + 1)..], values);
                    }

                    break;
            }
        }
    }
}
