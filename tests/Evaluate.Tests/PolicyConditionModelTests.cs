using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using CsCheck;
using Scanner.Store.Functions;

namespace Evaluate.Tests;

/// <summary>
/// A statement with several condition operators over several keys, against the IAM user guide read word by word ("IAM JSON policy elements: Condition
/// operators"): every operator and every key must hold, of several values one is enough, and of a negated operator none may match. The model shares no code with the functions.
/// </summary>
public sealed class PolicyConditionModelTests
{
    private static readonly string[] Booleans = ["true", "false"];
    private static readonly string[] Numbers = ["1", "2", "2.5", "10"];
    private static readonly string[] Dates = ["2026-01-01T00:00:00Z", "2026-06-30T12:00:00Z", "2026-06-30T14:00:00+02:00", "2027-01-01T00:00:00Z"];
    private static readonly string[] Networks = ["10.0.0.0/8", "10.1.0.0/16", "203.0.113.7/32", "192.168.0.0/16"];
    private static readonly string[] Addresses = ["10.0.0.1", "10.1.2.3", "203.0.113.7", "198.51.100.1"];
    private static readonly string[] ArnPatterns = ["arn:aws:sns:*:111111111111:t", "arn:aws:sns:eu-west-1:111111111111:*", "arn:aws:s3:::b?", "arn:*:*:*:*:*"];
    private static readonly string[] Arns = ["arn:aws:sns:eu-west-1:111111111111:t", "arn:aws:sns:us-east-1:222222222222:t", "arn:aws:s3:::b1", "arn:aws:s3:::c"];
    private static readonly string[] Texts = ["v", "w", "V", "vw"];
    private static readonly string[] Patterns = ["v*", "?", "w", "*W"];

    private static readonly Kind[] Kinds =
    [
        new("flag", ["Bool"], Booleans, Booleans),
        new("number", ["NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericLessThanEquals", "NumericGreaterThan", "NumericGreaterThanEquals"], Numbers, Numbers),
        new("day", ["DateEquals", "DateNotEquals", "DateLessThan", "DateLessThanEquals", "DateGreaterThan", "DateGreaterThanEquals"], Dates, Dates),
        new("address", ["IpAddress", "NotIpAddress"], Networks, Addresses),
        new("source", ["ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"], ArnPatterns, Arns),
        new("text", ["StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase"], Texts, Texts),
        new("pattern", ["StringLike", "StringNotLike"], Patterns, Texts),
    ];

    private static Gen<Term> AnyTerm =>
        Gen.Select(Gen.Int[0, Kinds.Length - 1], Gen.Int[0, 5], Gen.Int[0, 7], Gen.Int[0, 3].List[1, 2])
            .Select((kind, which, form, wanted) => new Term(
                Kinds[kind].Key, form == 7 ? "Null" : Kinds[kind].Operators[which % Kinds[kind].Operators.Length],
                form switch { 1 or 2 => Form.IfExists, 3 or 4 => Form.ForAnyValue, 5 => Form.ForAllValues, _ => Form.Plain },
                form == 7 ? [Booleans[wanted[0] % 2]] : [.. wanted.Select(one => Kinds[kind].Wanted[one % Kinds[kind].Wanted.Length]).Distinct(StringComparer.Ordinal)]));

    [Fact]
    public void A_statement_with_many_conditions_applies_where_every_one_of_them_holds() =>
        Gen.Select(AnyTerm.List[1, 4], Gen.Int[0, 3].List[0, 2].Array[Kinds.Length], Gen.Bool)
            .Sample((terms, given, allow) =>
            {
                var condition = new JsonObject();
                foreach (var term in terms)
                {
                    if (condition[term.Name] is not JsonObject keys)
                        condition[term.Name] = keys = [];
                    // The same operator and key twice is one entry: the last.
                    keys[term.Key] = term.Wanted.Count == 1 ? term.Wanted[0] : new JsonArray([.. term.Wanted.Select(one => (JsonNode)one)]);
                }
                var effective = terms.GroupBy(term => (term.Name, term.Key)).Select(group => group.Last()).ToList();
                var values = Kinds.Select((kind, i) => (kind.Key, Values: given[i].Select(one => kind.Given[one % kind.Given.Length]).Distinct(StringComparer.Ordinal).ToList()))
                    .ToDictionary(pair => pair.Key, pair => pair.Values, StringComparer.Ordinal);
                // Several values want a set operator: without one IAM promises nothing.
                if (effective.Exists(term => term.Form is Form.Plain or Form.IfExists && term.Operator != "Null" && values[term.Key].Count > 1))
                    return;
                var policy = new JsonObject
                {
                    ["Statement"] = new JsonObject { ["Effect"] = allow ? "Allow" : "Deny", ["Action"] = "a:x", ["Resource"] = "*", ["Condition"] = condition },
                };
                var request = new JsonObject
                {
                    ["action"] = "a:x",
                    ["resource"] = "r",
                    ["context"] = new JsonObject(values.Select(pair => KeyValuePair.Create(pair.Key, pair.Value.Count == 0 ? null : (JsonNode?)new JsonArray([.. pair.Value.Select(one => (JsonNode)one)])))),
                };
                var applies = effective.TrueForAll(term => Holds(term, values[term.Key]));

                var answer = PolicyEvaluator.Decide(PolicyDocument.Parse(policy.ToJsonString())!, PolicyRequest.Parse(request.ToJsonString())!);

                Assert.True((applies ? allow ? "allow" : "deny" : "none") == answer, $"{policy.ToJsonString()}\n{request.ToJsonString()}\nsaid {answer}, and it {(applies ? "applies" : "does not apply")}");
            }, iter: 3000, threads: 1);

    private static bool Holds(Term term, List<string> values)
    {
        if (term.Operator == "Null")
            return term.Wanted.Contains(values.Count == 0 ? "true" : "false", StringComparer.Ordinal);
        var negated = term.Operator.Contains("Not", StringComparison.Ordinal);
        bool One(string value) => term.Wanted.Exists(wanted => Matches(term.Operator.Replace("Not", "", StringComparison.Ordinal), wanted, value)) != negated;
        return term.Form switch
        {
            Form.ForAllValues => values.TrueForAll(One),
            Form.ForAnyValue => values.Exists(One),
            Form.IfExists => values.Count == 0 || One(values[0]),
            // A key that is not there matches nothing, and so it is not what a negated operator excludes.
            _ => values.Count == 0 ? negated : One(values[0]),
        };
    }

    private static bool Matches(string name, string wanted, string value)
    {
        if (name.StartsWith("Numeric", StringComparison.Ordinal))
            return Compare(name["Numeric".Length..], decimal.Parse(value, CultureInfo.InvariantCulture).CompareTo(decimal.Parse(wanted, CultureInfo.InvariantCulture)));
        if (name.StartsWith("Date", StringComparison.Ordinal))
            return Compare(name["Date".Length..], DateTimeOffset.Parse(value, CultureInfo.InvariantCulture).CompareTo(DateTimeOffset.Parse(wanted, CultureInfo.InvariantCulture)));
        return name switch
        {
            "Bool" or "StringEquals" => wanted == value,
            "StringEqualsIgnoreCase" => string.Equals(wanted, value, StringComparison.OrdinalIgnoreCase),
            "StringLike" => Like(wanted, value),
            "IpAddress" => Number(value) >> Shift(wanted) == Number(wanted.Split('/')[0]) >> Shift(wanted),
            // Each part for itself: * and ? stop at colons.
            "ArnEquals" or "ArnLike" => wanted.Split(':', 6).Zip(value.Split(':', 6)).All(pair => Like(pair.First, pair.Second)),
            _ => throw new ArgumentException(name, nameof(name)),
        };
    }

    private static bool Compare(string how, int order) => how switch
    {
        "Equals" => order == 0,
        "LessThan" => order < 0,
        "LessThanEquals" => order <= 0,
        "GreaterThan" => order > 0,
        "GreaterThanEquals" => order >= 0,
        _ => throw new ArgumentException(how, nameof(how)),
    };

    private static bool Like(string pattern, string text) => pattern.Length == 0 ? text.Length == 0
        : pattern[0] == '*' ? Enumerable.Range(0, text.Length + 1).Any(from => Like(pattern[1..], text[from..]))
        : text.Length > 0 && (pattern[0] == '?' || pattern[0] == text[0]) && Like(pattern[1..], text[1..]);

    private static ulong Number(string address) => IPAddress.Parse(address).GetAddressBytes().Aggregate(0UL, (number, one) => (number << 8) | one);

    private static int Shift(string network) => 32 - int.Parse(network.Split('/')[1], CultureInfo.InvariantCulture);

    private enum Form
    {
        Plain,
        IfExists,
        ForAnyValue,
        ForAllValues,
    }

    private sealed record Kind(string Key, string[] Operators, string[] Wanted, string[] Given);

    private sealed record Term(string Key, string Operator, Form Form, List<string> Wanted)
    {
        public string Name => Form switch
        {
            _ when Operator == "Null" => Operator,
            Form.IfExists => Operator + "IfExists",
            Form.ForAnyValue => "ForAnyValue:" + Operator,
            Form.ForAllValues => "ForAllValues:" + Operator,
            _ => Operator,
        };
    }
}
