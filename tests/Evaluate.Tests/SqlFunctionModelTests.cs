using System.Text.Json.Nodes;
using CsCheck;
using Scanner.Store.Functions;
using Scanner.Store.Sql;

namespace Evaluate.Tests;

/// <summary>
/// The functions about policies and networks against models that share no code with them: requests and addresses are
/// counted out one by one, patterns are compared by trying every split.
/// </summary>
public sealed class SqlFunctionModelTests(SqlFunctionsDatabase database) : IClassFixture<SqlFunctionsDatabase>
{
    private static readonly string[] Actions = ["a:x", "a:xy", "b:x", "b:y"];
    private static readonly string[] Resources = ["r", "r/1", "r/12", "s"];
    private static readonly string[] Principals = ["arn:aws:iam::111111111111:user/u", "arn:aws:iam::111111111111:role/q", "arn:aws:iam::222222222222:user/u"];

    private static readonly Gen<string> ActionPattern = OneOf("*", "a:*", "A:X", "a:x*", "?:x", "b:y", "a:xy", "*y", "a:x?");
    private static readonly Gen<string> ResourcePattern = OneOf("*", "r", "r*", "r/*", "r/?", "s", "r/1?", "?", "*1*");
    private static readonly Gen<string[]> Values = OneOf("v", "w", "vw").Array[0, 2];

    [Fact]
    public void One_request_is_decided_as_the_user_guide_says() =>
        Gen.Select(Policy, Gen.Int[0, Actions.Length - 1], Gen.Int[0, Resources.Length - 1], Gen.Int[0, Principals.Length - 1], Values, Gen.Bool)
            .Sample((policy, action, resource, principal, values, missing) =>
            {
                // Several values want a set operator: without one IAM promises nothing.
                if (values.Length > 1 && policy.ToJsonString().Contains("\"String", StringComparison.Ordinal))
                    return;
                var request = new Request(Actions[action], Resources[resource], Principals[principal], missing ? [] : values);
                var answer = Decide(policy, request.Json());
                Assert.Equal(Naive.Decide(policy, request), answer);
            }, iter: 4000, threads: 1);

    [Fact]
    public void What_is_said_of_many_requests_holds_for_each() =>
        Gen.Select(Policy, ActionPattern.List[1, 2], ResourcePattern.List[1, 2], Values)
            .Sample((policy, actions, resources, values) =>
            {
                if (values.Length > 1)
                    return;
                var json = new JsonObject
                {
                    ["action"] = new JsonArray([.. actions.Select(one => JsonValue.Create(one))]),
                    ["resource"] = new JsonArray([.. resources.Select(one => JsonValue.Create(one))]),
                    ["context"] = new JsonObject { ["Key"] = values.Length == 0 ? null : new JsonArray([.. values.Select(one => JsonValue.Create(one))]) },
                };
                var answer = Decide(policy, json.ToJsonString());
                var decisions = (from action in Actions.Where(action => actions.Any(pattern => Naive.Matches(pattern.ToLowerInvariant(), action)))
                                 from resource in Resources.Where(resource => resources.Any(pattern => Naive.Matches(pattern, resource)))
                                 from principal in Principals
                                 select Naive.Decide(policy, new Request(action, resource, principal, values))).ToList();
                switch (answer)
                {
                    case "allow":
                        Assert.All(decisions, decision => Assert.Equal("allow", decision));
                        break;
                    case "deny":
                        Assert.All(decisions, decision => Assert.Equal("deny", decision));
                        break;
                    case "none":
                        Assert.All(decisions, decision => Assert.NotEqual("allow", decision));
                        break;
                    default:
                        Assert.Contains(answer, new[] { "some", "depends" });
                        break;
                }
            }, iter: 4000, threads: 1);

    [Fact]
    public void A_pattern_contains_another_only_where_it_matches_all_that_the_other_matches()
    {
        var texts = Words("ab:", 5).ToList();
        var pattern = OneOf('a', 'b', '*', '?').Array[0, 5].Select(letters => new string(letters));
        Gen.Select(pattern, pattern).Sample((one, other) =>
        {
            var mine = WildcardPattern.Parse(one);
            var theirs = WildcardPattern.Parse(other);
            var both = texts.Select(text => (Mine: Naive.Matches(one, text), Theirs: Naive.Matches(other, text))).ToList();
            foreach (var (text, (matches, _)) in texts.Zip(both))
                Assert.Equal(matches, mine.Matches(text));
            var all = both.TrueForAll(pair => pair.Mine || !pair.Theirs);
            if (mine.Contains(theirs))
                Assert.True(all);
            // "?*" is not seen to contain "*a": it errs to no. Without "?" it is exact, as far as the texts reach.
            else if (!one.Contains('?', StringComparison.Ordinal) && other.Length <= 2)
                Assert.False(all);
            if (both.Exists(pair => pair.Mine && pair.Theirs))
                Assert.True(mine.Overlaps(theirs));
        }, iter: 500, threads: 1);
    }

    [Fact]
    public void Ranges_are_the_world_where_half_of_all_blocks_are_in_them() =>
        Gen.OneOf(Range4, Range6).List[0, 8].Sample(ranges =>
        {
            var four = Enumerable.Range(0, 64).Count(block => ranges.Exists(range => !range.Six && range.Has(block)));
            var six = Enumerable.Range(0, 64).Count(block => ranges.Exists(range => range.Six && range.Has(block)));
            var list = "[" + string.Join(", ", ranges.Select(range => $"'{range.Text}'")) + "]::VARCHAR[]";
            Assert.Equal(four >= 32 || six >= 32 ? "true" : "false", Scalar($"world_open({list})"));
            foreach (var length in new[] { 1, 2, 6 })
            {
                var asked = new Block(false, 0, length);
                var covered = Enumerable.Range(0, 64).Where(asked.Has).All(block => ranges.Exists(range => !range.Six && range.Has(block)));
                Assert.Equal(covered ? "true" : "false", Scalar($"cidrs_cover({list}, '{asked.Text}')"));
            }
        }, iter: 150, threads: 1);

    [Fact]
    public void A_network_acl_lets_in_the_blocks_whose_first_match_allows() =>
        Gen.Select(Entry.List[0, 7], OneOf(6, 17), Gen.Int[20, 24]).Sample((entries, protocol, port) =>
        {
            var numbered = entries.Select((entry, i) => entry with { Number = 100 - (i * 7) }).ToList();
            bool Open(bool six) => Enumerable.Range(0, 64).Count(block => numbered.OrderBy(entry => entry.Number)
                .FirstOrDefault(entry => entry.Range.Six == six && entry.Range.Has(block) && entry.Concerns(protocol, port))?.Allow ?? false) >= 32;
            var json = new JsonArray([.. numbered.Select(entry => (JsonNode)entry.AclJson())]).ToJsonString();
            Assert.Equal(Open(false) || Open(true) ? "true" : "false", Scalar($"nacl_open({SqlText.Literal(json)}::json, {protocol}, {port})"));
            Assert.Equal(Scalar($"nacl_open({SqlText.Literal(json)}::json, {protocol}, {port})"), InRanges(Scalar($"nacl_open_ranges({SqlText.Literal(json)}::json, {protocol})")!, port));
        }, iter: 150, threads: 1);

    [Fact]
    public void A_security_group_lets_in_the_blocks_of_any_rule() =>
        Gen.Select(Entry.List[0, 7], OneOf(6, 17), Gen.Int[20, 24]).Sample((rules, protocol, port) =>
        {
            bool Open(bool six) => Enumerable.Range(0, 64).Count(block => rules.Exists(rule => rule.Range.Six == six && rule.Range.Has(block) && rule.Concerns(protocol, port))) >= 32;
            foreach (var json in new[] { new JsonArray([.. rules.Select(rule => (JsonNode)rule.PermissionJson())]), new JsonArray([.. rules.Select(rule => (JsonNode)rule.RuleJson())]) })
            {
                var text = SqlText.Literal(json.ToJsonString());
                Assert.Equal(Open(false) || Open(true) ? "true" : "false", Scalar($"ports_open({text}::json, {protocol}, [{port}])"));
                Assert.Equal(Scalar($"ports_open({text}::json, {protocol}, {port})"), InRanges(Scalar($"open_port_ranges({text}::json, {protocol})")!, port));
            }
        }, iter: 150, threads: 1);

    [Fact]
    public void No_text_makes_a_function_fail() =>
        Gen.OneOf(Gen.String, Policy.Select(policy => policy.ToJsonString()[..^2]), OneOf("[", "{}", "[[]]", "{\"Statement\":{}}", "null", "1e999", "\"\\ud800\""))
            .Sample(text =>
            {
                var literal = SqlText.Literal(text);
                _ = Scalar($"policy_decision({literal}, {{'action': 'a:x'}})");
                _ = Scalar($"policy_is_public({literal})");
                _ = Scalar($"policy_problem({literal})");
                _ = Scalar($"world_open({literal})");
                _ = Scalar($"ports_open({literal}, 'tcp', 22)");
                _ = Scalar($"nacl_open_ranges({literal}, 'tcp')");
                _ = Scalar($"network_problem({literal})");
            }, iter: 150, threads: 1);

    private static Gen<JsonObject> Policy =>
        Gen.Select(Gen.Bool, Gen.Bool, ActionPattern.List[1, 2], Gen.Bool, ResourcePattern.List[1, 2], Gen.Int[0, 4], Gen.Int[0, 8], OneOf("v", "w", "v*"))
            .Select((allow, notAction, actions, notResource, resources, principal, condition, value) =>
            {
                var statement = new JsonObject { ["Effect"] = allow ? "Allow" : "Deny" };
                statement[notAction ? "NotAction" : "Action"] = actions.Count == 1 ? actions[0] : new JsonArray([.. actions.Select(one => JsonValue.Create(one))]);
                statement[notResource ? "NotResource" : "Resource"] = resources.Count == 1 ? resources[0] : new JsonArray([.. resources.Select(one => JsonValue.Create(one))]);
                switch (principal)
                {
                    case 0: statement["Principal"] = "*"; break;
                    case 1: statement["Principal"] = new JsonObject { ["AWS"] = "arn:aws:iam::111111111111:root" }; break;
                    case 2: statement["NotPrincipal"] = new JsonObject { ["AWS"] = new JsonArray("arn:aws:iam::222222222222:user/u") }; break;
                    case 3: statement["Principal"] = new JsonObject { ["AWS"] = "arn:aws:iam::111111111111:role/q" }; break;
                }
                string[] operators = ["StringEquals", "StringNotEquals", "StringLike", "StringEqualsIfExists", "ForAnyValue:StringLike", "ForAllValues:StringEquals", "ForAnyValue:StringNotEquals", "Null"];
                if (condition < operators.Length)
                    statement["Condition"] = new JsonObject { [operators[condition]] = new JsonObject { ["kEY"] = operators[condition] == "Null" ? value == "v" ? "true" : "false" : value } };
                return statement;
            }).List[1, 4].Select(statements => new JsonObject { ["Statement"] = new JsonArray([.. statements]) });

    private static Gen<Block> Range4 => Gen.Select(Gen.Int[0, 63], Gen.Int[0, 6]).Select((block, length) => new Block(false, block, length));

    private static Gen<Block> Range6 => Gen.Select(Gen.Int[0, 63], Gen.Int[0, 6]).Select((block, length) => new Block(true, block, length));

    private static Gen<NaiveRule> Entry =>
        Gen.Select(Gen.OneOf(Range4, Range6), OneOf(-1, 6, 17, 47), Gen.Int[20, 24], Gen.Int[0, 3], Gen.Bool)
            .Select((range, protocol, from, length, allow) => new NaiveRule(range, protocol, from, from + length, allow));

    private static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    // Words of the letters, and of one letter that no pattern has.
    private static IEnumerable<string> Words(string letters, int longest) =>
        longest == 0 ? [""] : Words(letters, longest - 1).SelectMany(word => word.Length < longest - 1 ? new[] { word } : [word, .. letters.Select(letter => word + letter)]);

    private static string InRanges(string ranges, int port) =>
        ranges.Trim('[', ']').Split(", ", StringSplitOptions.RemoveEmptyEntries).Select(range => range.Split('-').Select(end => int.Parse(end, null)).ToArray())
            .Any(range => range[0] <= port && port <= range[^1]) ? "true" : "false";

    // Without the way through SQL, which SqlFunctionsTests goes: thousands of policies a second.
    private static string Decide(JsonObject policy, string request) =>
        PolicyEvaluator.Decide(PolicyDocument.Parse(policy.ToJsonString())!, PolicyRequest.Parse(request)!);

    private string? Scalar(string expression) =>
        Sandbox.Read(database.Connection, $"SELECT CAST({expression} AS VARCHAR)", row => row.IsDBNull(0) ? null : row.GetString(0)).Single();

    private sealed record Request(string Action, string Resource, string Principal, string[] Values)
    {
        public string Json() => new JsonObject
        {
            ["action"] = Action,
            ["resource"] = Resource,
            ["principal"] = Principal,
            ["context"] = new JsonObject { ["Key"] = Values.Length == 0 ? null : new JsonArray([.. Values.Select(one => JsonValue.Create(one))]) },
        }.ToJsonString();
    }

    // One of 64 equal parts of the internet, and those beside it.
    private sealed record Block(bool Six, int Number, int Length)
    {
        public string Text
        {
            get
            {
                var first = Number >> (6 - Length) << (6 - Length);
                // IPv6: the six bits behind 001, so that all are global.
                return Six ? $"{0x2000 | (first << 7):x}::/{3 + Length}" : $"{first << 2}.0.0.0/{Length}";
            }
        }

        public bool Has(int block) => block >> (6 - Length) == Number >> (6 - Length);
    }

    private sealed record NaiveRule(Block Range, int Protocol, int From, int To, bool Allow)
    {
        public int Number { get; init; }

        public bool Concerns(int protocol, int port) => Protocol == -1 || (Protocol == protocol && From <= port && port <= To);

        public JsonObject AclJson() => new()
        {
            ["RuleNumber"] = Number,
            ["Protocol"] = Protocol.ToString(null, null),
            ["RuleAction"] = Allow ? "allow" : "deny",
            ["Egress"] = false,
            [Range.Six ? "Ipv6CidrBlock" : "CidrBlock"] = Range.Text,
            ["PortRange"] = Protocol is 6 or 17 ? new JsonObject { ["From"] = From, ["To"] = To } : null,
        };

        public JsonObject PermissionJson() => new()
        {
            ["IpProtocol"] = Protocol switch { 6 => "tcp", 17 => "udp", _ => Protocol.ToString(null, null) },
            ["FromPort"] = From,
            ["ToPort"] = To,
            [Range.Six ? "Ipv6Ranges" : "IpRanges"] = new JsonArray(new JsonObject { [Range.Six ? "CidrIpv6" : "CidrIp"] = Range.Text }),
        };

        public JsonObject RuleJson() => new()
        {
            ["IpProtocol"] = Protocol switch { 6 => "6", 17 => "udp", _ => Protocol.ToString(null, null) },
            ["FromPort"] = From,
            ["ToPort"] = To,
            [Range.Six ? "CidrIpv6" : "CidrIpv4"] = Range.Text,
        };
    }

    /// <summary>The IAM user guide, word by word, for requests of which everything is known.</summary>
    private static class Naive
    {
        public static string Decide(JsonObject policy, Request request)
        {
            var applying = policy["Statement"]!.AsArray().Select(statement => statement!.AsObject()).Where(statement => Applies(statement, request)).ToList();
            return applying.Exists(statement => (string?)statement["Effect"] == "Deny") ? "deny" : applying.Count > 0 ? "allow" : "none";
        }

        public static bool Matches(string pattern, string text) => pattern.Length == 0 ? text.Length == 0
            : pattern[0] == '*' ? Enumerable.Range(0, text.Length + 1).Any(from => Matches(pattern[1..], text[from..]))
            : text.Length > 0 && (pattern[0] == '?' || pattern[0] == text[0]) && Matches(pattern[1..], text[1..]);

        private static bool Applies(JsonObject statement, Request request) =>
            (statement["Action"] is { } actions ? List(actions).Exists(one => Matches(one.ToLowerInvariant(), request.Action)) : !List(statement["NotAction"]!).Exists(one => Matches(one.ToLowerInvariant(), request.Action)))
            && (statement["Resource"] is { } resources ? List(resources).Exists(one => Matches(one, request.Resource)) : !List(statement["NotResource"]!).Exists(one => Matches(one, request.Resource)))
            && (statement["Principal"] is { } principal ? Names(principal, request.Principal) : statement["NotPrincipal"] is not { } others || !Names(others, request.Principal))
            && (statement["Condition"] is not JsonObject condition || Holds(condition, request.Values));

        private static bool Names(JsonNode principal, string who)
        {
            if (principal is not JsonObject named)
                return true;
            // The root of an account stands for all of its principals.
            return List(named["AWS"]!).Exists(name => name == who || (name.EndsWith(":root", StringComparison.Ordinal) && who.Contains(name.Split(':')[4], StringComparison.Ordinal)));
        }

        private static bool Holds(JsonObject condition, string[] values)
        {
            var (name, keys) = condition.Single();
            var wanted = List(keys!.AsObject().Single().Value!);
            bool Like(string value) => wanted.Exists(one => Matches(one, value));
            bool Equal(string value) => wanted.Contains(value, StringComparer.Ordinal);
            return name switch
            {
                "Null" => wanted.Contains(values.Length == 0 ? "true" : "false", StringComparer.Ordinal),
                "ForAnyValue:StringLike" => values.Any(Like),
                "ForAnyValue:StringNotEquals" => values.Any(value => !Equal(value)),
                "ForAllValues:StringEquals" => values.All(Equal),
                "StringEqualsIfExists" => values.Length == 0 || Equal(values[0]),
                "StringEquals" => values.Length > 0 && Equal(values[0]),
                "StringLike" => values.Length > 0 && Like(values[0]),
                "StringNotEquals" => values.Length == 0 || !Equal(values[0]),
                _ => throw new ArgumentException(name, nameof(condition)),
            };
        }

        private static List<string> List(JsonNode node) => node is JsonArray list ? [.. list.Select(one => (string)one!)] : [(string)node!];
    }
}
