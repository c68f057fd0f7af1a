using System.Text;
using CsCheck;
using Scanner.Detect.Matching;
using Scanner.Detect.Rules;

namespace Detect.Tests.Matching;

/// <summary>Sigma's modifiers, values and conditions, each against an event that passes and one that does not.</summary>
public class ModifierTests
{
    private static readonly RuleSetOptions Options = new()
    {
        Placeholders = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal)
        {
            ["admins"] = ["alice", "bob*"],
            ["nets"] = ["10.0.0.0/8", "2001:db8::/32"],
        },
    };

    internal static bool Matches(string detection, string json)
    {
        var yaml = $"title: t\nid: 11111111-1111-4111-8111-111111111111\nlogsource: {{product: aws, service: cloudtrail}}\ndetection:\n{Indent(detection)}\n";
        var rules = RuleSet.Parse("rule.yml", yaml, Options);
        Assert.Empty(rules.Errors);
        return new Detector(rules).Match(Encoding.UTF8.GetBytes(json)).Count == 1;
    }

    private static string Indent(string text) =>
        string.Join('\n', text.Split('\n').Select(line => "  " + line)) + (text.Contains("condition:", StringComparison.Ordinal) ? "" : "\n  condition: s");

    [Theory]
    // Case, wildcards and escapes.
    [InlineData("s: {a: Root}", """{"a":"rOOT"}""", true)]
    [InlineData("s: {a: Root}", """{"a":"Roo"}""", false)]
    [InlineData("s: {a: 'Äther'}", """{"a":"äTHER"}""", true)]
    [InlineData("s: {a|cased: Root}", """{"a":"root"}""", false)]
    [InlineData("s: {a|cased: Root}", """{"a":"Root"}""", true)]
    [InlineData("s: {a: 'List*'}", """{"a":"listBuckets"}""", true)]
    [InlineData("s: {a: 'List*'}", """{"a":"getList"}""", false)]
    [InlineData("s: {a: 'a?c'}", """{"a":"aéc"}""", true)]
    [InlineData("s: {a: 'a?c'}", """{"a":"ac"}""", false)]
    [InlineData("s: {a: 'a*b*c'}", """{"a":"a-b-b-c"}""", true)]
    [InlineData("s: {a: 'a*b*c'}", """{"a":"a-b-b-cd"}""", false)]
    [InlineData("s: {a: '*ab'}", """{"a":"aab"}""", true)]
    [InlineData("s: {a: 'a\\*c'}", """{"a":"a*c"}""", true)]
    [InlineData("s: {a: 'a\\*c'}", """{"a":"abc"}""", false)]
    [InlineData("s: {a: 'a\\\\*'}", """{"a":"a\\bc"}""", true)]
    [InlineData("s: {a: 'a\\b'}", """{"a":"a\\b"}""", true)]
    [InlineData("s: {a: 'a\\\\\\*b'}", """{"a":"a\\*b"}""", true)]
    [InlineData("s: {a: '*'}", """{"a":""}""", true)]
    [InlineData("s: {a: '*'}", """{"a":null}""", false)]
    [InlineData("s: {a: '*'}", """{"b":1}""", false)]
    [InlineData("s: {a: 'café'}", """{"a":"caf\u00e9"}""", true)]
    // Strings.
    [InlineData("s: {a|contains: 'UM'}", """{"a":"summe"}""", true)]
    [InlineData("s: {a|contains: 'um'}", """{"a":"sue m"}""", false)]
    [InlineData("s: {a|startswith: su}", """{"a":"SUM"}""", true)]
    [InlineData("s: {a|startswith: su}", """{"a":"asu"}""", false)]
    [InlineData("s: {a|endswith: um}", """{"a":"sUm"}""", true)]
    [InlineData("s: {a|endswith: um}", """{"a":"sumo"}""", false)]
    [InlineData("s: {a|contains|all: [a, b]}", """{"a":"xbxa"}""", true)]
    [InlineData("s: {a|contains|all: [a, b]}", """{"a":"xax"}""", false)]
    [InlineData("s: {a: [x, y]}", """{"a":"y"}""", true)]
    [InlineData("s: {a: [x, y, z, v, w]}", """{"a":"W"}""", true)]
    [InlineData("s: {a: [x, y, z, v, w]}", """{"a":"q"}""", false)]
    [InlineData("s: {a|neq: x}", """{"a":"y"}""", true)]
    [InlineData("s: {a|neq: x}", """{"a":"X"}""", false)]
    [InlineData("s: {a|neq: x}", """{"b":"X"}""", true)]
    [InlineData("s: {a|windash: 'x -p -q'}", """{"a":"x /p —q"}""", true)]
    [InlineData("s: {a|windash|contains: ' -p'}", """{"a":"x +p"}""", false)]
    // Regular expressions.
    [InlineData("s: {a|re: '^ab+c$'}", """{"a":"abbc"}""", true)]
    [InlineData("s: {a|re: '^ab+c$'}", """{"a":"ABBC"}""", false)]
    [InlineData("s: {a|re|i: '^ab+c$'}", """{"a":"ABBC"}""", true)]
    [InlineData("s: {a|re|m: '^b$'}", """{"a":"a\nb"}""", true)]
    [InlineData("s: {a|re: '^b$'}", """{"a":"a\nb"}""", false)]
    [InlineData("s: {a|re|s: 'a.b'}", """{"a":"a\nb"}""", true)]
    [InlineData("s: {a|re: 'a.b'}", """{"a":"a\nb"}""", false)]
    [InlineData("s: {a|re: '^(?!x)b'}", """{"a":"b"}""", true)]
    // Networks.
    [InlineData("s: {a|cidr: 10.0.0.0/8}", """{"a":"10.200.3.4"}""", true)]
    [InlineData("s: {a|cidr: 10.0.0.0/8}", """{"a":"11.0.0.1"}""", false)]
    [InlineData("s: {a|cidr: 10.0.0.0/8}", """{"a":"ec2.amazonaws.com"}""", false)]
    [InlineData("s: {a|cidr: '2001:db8::/32'}", """{"a":"2001:DB8:0:1::7"}""", true)]
    [InlineData("s: {a|cidr: '2001:db8::/32'}", """{"a":"2001:db9::7"}""", false)]
    [InlineData("s: {a|cidr|expand: '%nets%'}", """{"a":"10.1.1.1"}""", true)]
    // Existence, null, empty.
    [InlineData("s: {a|exists: true}", """{"a":null}""", true)]
    [InlineData("s: {a|exists: true}", """{"b":1}""", false)]
    [InlineData("s: {a|exists: false}", """{"b":1}""", true)]
    [InlineData("s: {a: null}", """{"a":null}""", true)]
    [InlineData("s: {a: null}", """{"b":1}""", true)]
    [InlineData("s: {a: null}", """{"a":""}""", false)]
    [InlineData("s: {a: ''}", """{"a":""}""", true)]
    [InlineData("s: {a: ''}", """{"a":"x"}""", false)]
    // Numbers and booleans.
    [InlineData("s: {a: 5}", """{"a":5}""", true)]
    [InlineData("s: {a: 5}", """{"a":"5"}""", true)]
    [InlineData("s: {a: 5}", """{"a":5.0}""", true)]
    [InlineData("s: {a: 5}", """{"a":"5x"}""", false)]
    [InlineData("s: {a: 012345678901}", """{"a":"012345678901"}""", true)]
    [InlineData("s: {a: true}", """{"a":true}""", true)]
    [InlineData("s: {a: 'true'}", """{"a":true}""", true)]
    [InlineData("s: {a: false}", """{"a":true}""", false)]
    [InlineData("s: {a|gt: 5}", """{"a":5.5}""", true)]
    [InlineData("s: {a|gt: 5}", """{"a":5}""", false)]
    [InlineData("s: {a|gte: 5}", """{"a":"5"}""", true)]
    [InlineData("s: {a|lt: -1}", """{"a":-2}""", true)]
    [InlineData("s: {a|lte: 1}", """{"a":"many"}""", false)]
    // Encodings.
    [InlineData("s: {a|base64: foobar}", """{"a":"Zm9vYmFy"}""", true)]
    [InlineData("s: {a|base64offset|contains: foobar}", """{"a":"eGZvb2Jhcng="}""", true)]
    [InlineData("s: {a|base64offset|contains: foobar}", """{"a":"eHhmb29iYXJ4"}""", true)]
    [InlineData("s: {a|base64offset|contains: foobar}", """{"a":"Zm9vYmF6"}""", false)]
    [InlineData("s: {a|wide|base64: cmd}", """{"a":"YwBtAGQA"}""", true)]
    [InlineData("s: {a|utf16be|base64: cmd}", """{"a":"AGMAbQBk"}""", true)]
    [InlineData("s: {a|utf16|base64: cmd}", """{"a":"//5jAG0AZAA="}""", true)]
    [InlineData("s: {a|utf16le: ab}", """{"a":"a\u0000b\u0000"}""", true)]
    // Placeholders.
    [InlineData("s: {a|expand: '%admins%'}", """{"a":"bobby"}""", true)]
    [InlineData("s: {a|expand: '%admins%'}", """{"a":"eve"}""", false)]
    [InlineData("s: {a|contains|expand: 'u/%admins%/x'}", """{"a":"in u/ALICE/x."}""", true)]
    [InlineData("s: {a: '%admins%'}", """{"a":"%admins%"}""", true)]
    [InlineData("s: {a|expand: '\\%plain% %admins%'}", """{"a":"%plain% alice"}""", true)]
    // Other fields.
    [InlineData("s: {a|fieldref: b}", """{"a":"X","b":"x"}""", true)]
    [InlineData("s: {a|fieldref: b}", """{"a":"X"}""", false)]
    [InlineData("s: {a|fieldref|startswith: b}", """{"a":"xyz","b":"xy"}""", true)]
    [InlineData("s: {a|fieldref|endswith: b.c}", """{"a":"xyz","b":{"c":"yz"}}""", true)]
    [InlineData("s: {a|fieldref|contains: b}", """{"a":"xyz","b":"y"}""", true)]
    [InlineData("s: {a|fieldref|neq: b}", """{"a":"x","b":"y"}""", true)]
    // Times.
    [InlineData("s: {t|hour|gte: 22}", """{"t":"2026-11-24T22:05:00Z"}""", true)]
    [InlineData("s: {t|hour|gte: 22}", """{"t":"2026-11-24T21:05:00Z"}""", false)]
    [InlineData("s: {t|minute: 5}", """{"t":"2026-11-24T22:05:00Z"}""", true)]
    [InlineData("s: {t|day: 24}", """{"t":"2026-11-24T22:05:00Z"}""", true)]
    [InlineData("s: {t|week: 48}", """{"t":"2026-11-24T22:05:00Z"}""", true)]
    [InlineData("s: {t|month: [1, 11]}", """{"t":"2026-11-24T22:05:00Z"}""", true)]
    [InlineData("s: {t|year|lt: 2026}", """{"t":"2026-11-24T22:05:00Z"}""", false)]
    // Nested fields, arrays, objects.
    [InlineData("s: {a.b.c: x}", """{"a":{"b":{"c":"x"}}}""", true)]
    [InlineData("s: {a.b.c: x}", """{"a.b":{"c":"x"}}""", true)]
    [InlineData("s: {a.b.c: x}", """{"a":{"b":[{"c":"y"},{"c":"x"}]}}""", true)]
    [InlineData("s: {a.b: x}", """{"a":[{"b":["y","x"]}]}""", true)]
    [InlineData("s: {a.b: x}", """{"a":[{"b":["y"]}]}""", false)]
    [InlineData("s: {a|contains: '\"b\":\"x\"'}", """{"a": { "b" : "x" }}""", true)]
    [InlineData("s: {a|contains|all: [b, x]}", """{"a":["ab","ax"]}""", true)]
    // Keywords.
    [InlineData("s: [evil]", """{"a":{"b":["so EVIL"]}}""", true)]
    [InlineData("s: [evil]", """{"evil":1}""", false)]
    [InlineData("s: {'|all': [evil, 42]}", """{"a":"evil","b":42}""", true)]
    [InlineData("s: {'|all': [evil, 42]}", """{"a":"evil"}""", false)]
    [InlineData("s: ['e*l']", """{"a":"so evil it is"}""", true)]
    // What other engines take for something else.
    [InlineData("s: {a: 1.1}", """{"a":"1.10"}""", false)]
    [InlineData("s: {a: 1.10}", """{"a":"1.10"}""", true)]
    [InlineData("s: {a|gt: 9007199254740992}", """{"a":9007199254740993}""", true)]
    [InlineData("s: {a|gt: 9007199254740993}", """{"a":9007199254740993}""", false)]
    [InlineData("s: {a|re: '^[[:digit:]]+$'}", """{"a":"42"}""", true)]
    [InlineData("s: {a|re: '^[[:digit:]]+$'}", """{"a":"d"}""", false)]
    [InlineData("s: {a|re: '^[^[:alpha:]_]$'}", """{"a":"7"}""", true)]
    [InlineData("s: {a|re: '^[][]$'}", """{"a":"["}""", true)]
    [InlineData("s: {a|re: '^[a[]+$'}", """{"a":"a[a"}""", true)]
    [InlineData("s: {'items[].x': y}", """{"items":[{"x":"z"},{"x":"y"}]}""", true)]
    [InlineData("s: {'items{}.x': y}", """{"items":[{"x":"z"}]}""", false)]
    [InlineData("s: {a|cidr: '2600:1f00::/33'}", """{"a":"::ffff:10.1.2.3"}""", false)]
    [InlineData("s: {a|cidr: 10.0.0.0/8}", """{"a":"::ffff:10.1.2.3"}""", true)]
    // Four plain numbers are read without IPAddress, and nothing else is.
    [InlineData("s: {a|cidr: 0.0.0.0/0}", """{"a":"255.255.255.255"}""", true)]
    [InlineData("s: {a|cidr: 10.1.2.3}", """{"a":"10.1.2.3"}""", true)]
    [InlineData("s: {a|cidr: 10.1.2.3}", """{"a":"10.1.2.2"}""", false)]
    [InlineData("s: {a|cidr: 10.1.2.128/25}", """{"a":"10.1.2.127"}""", false)]
    [InlineData("s: {a|cidr: 10.0.0.0/8}", """{"a":"10.0.0.256"}""", false)]
    [InlineData("s: {a|cidr: 10.0.0.0/8}", """{"a":"10.0.0.01"}""", false)]
    [InlineData("s: {a|cidr: 10.0.0.0/8}", """{"a":"10.0.0."}""", false)]
    [InlineData("s: {a|cidr: 10.0.0.0/8}", """{"a":"10.0.0"}""", false)]
    [InlineData("s: {a|cidr: 10.0.0.0/8}", """{"a":"10.0.0.1.2"}""", false)]
    [InlineData("s: {a|cidr: 10.0.0.0/8}", """{"a":"10..0.1"}""", false)]
    [InlineData("s: {a|cidr: '::/0'}", """{"a":"10.0.0.1"}""", false)]
    // Lists and maps.
    [InlineData("s: {a: x, b: y}", """{"a":"x","b":"z"}""", false)]
    [InlineData("s: [{a: x}, {b: y}]", """{"b":"y"}""", true)]
    [InlineData("s: [{a: x}, {b: y, c: z}]", """{"b":"y"}""", false)]
    public void A_value_passes_or_not(string detection, string json, bool expected) =>
        Assert.Equal(expected, Matches(detection, json));

    [Theory]
    [InlineData("a or b and c", true, false, false)]
    [InlineData("(a or b) and c", true, false, false, false)]
    [InlineData("not a and b", false, true, false)]
    [InlineData("not (a and b)", true, false, false)]
    [InlineData("1 of sel_*", false, false, true)]
    [InlineData("all of sel_*", true, true, true)]
    [InlineData("all of sel_*", true, false, true, false)]
    [InlineData("1 of them", false, false, false, false)]
    [InlineData("any of them", false, true, false)]
    [InlineData("2 of them", true, false, true)]
    [InlineData("2 of them", true, false, false, false)]
    [InlineData("A OR B AND NOT C", false, true, false)]
    [InlineData("not 1 of sel_*", false, false, false)]
    public void A_condition_holds_or_not(string condition, bool a, bool b, bool c, bool expected = true)
    {
        condition = System.Text.RegularExpressions.Regex.Replace(condition, @"\b[abcABC]\b", match => "sel_" + match.Value.ToLowerInvariant(), System.Text.RegularExpressions.RegexOptions.None, TimeSpan.FromSeconds(1));
        var detection = $"sel_a: {{a: 'true'}}\nsel_b: {{b: 'true'}}\nsel_c: {{c: 'true'}}\n_hidden: {{d: 1}}\ncondition: {condition}";
        var json = $$"""{"a":{{(a ? "true" : "false")}},"b":{{(b ? "true" : "false")}},"c":{{(c ? "true" : "false")}},"d":1}""";
        Assert.Equal(expected, Matches(detection, json));
    }

    [Fact]
    public void A_list_of_conditions_is_any_of_them()
    {
        const string Detection = "x: {a: 1}\ny: {b: 1}\ncondition: [x, y]";
        Assert.True(Matches(Detection, """{"b":1}"""));
        Assert.False(Matches(Detection, """{"b":2}"""));
    }

    [Theory]
    [InlineData("s: {a|what: x}", "unknown modifier 'what'")]
    [InlineData("s: {a|expand: '%nobody%'}", "%nobody%")]
    [InlineData("s: {a|re: '(('}", "regular expression")]
    [InlineData("s: {a|cidr: 10.0.0.300/8}", "network")]
    [InlineData("s: {a|gt: many}", "number")]
    [InlineData("s: {a|exists: maybe}", "true or false")]
    [InlineData("s: {a: {b: c}}", "dots")]
    [InlineData("s: {a: []}", "empty list")]
    [InlineData("s: {a: b}\n  condition: s and", "search identifier")]
    [InlineData("s: {a: b}\n  condition: (s", "parenthesis")]
    [InlineData("s: {a: b}\n  condition: t", "'t'")]
    [InlineData("s: {a: b}\n  condition: 1 of x*", "'x*'")]
    [InlineData("s: {a: b}\n  condition: 2 of s", "asks for 2")]
    [InlineData("s: {a: b}\n  condition: s s", "'s'")]
    [InlineData("s: {a|wide: 'b*'}", "wildcards")]
    [InlineData("s: {a|i: b}", "needs 're'")]
    [InlineData("s: {a|cidr: 192.168/16}", "in full")]
    [InlineData("s: {a|cidr: 5}", "in full")]
    [InlineData("s: {a|cidr: 010.0.0.0/8}", "in full")]
    [InlineData("s: {a|gt|lte: 5}", "'gt' and 'lte'")]
    [InlineData("s: {a|gt|contains: 5}", "'gt' and 'contains'")]
    [InlineData("s: {a|cidr|contains: 10.0.0.0/8}", "'cidr' and 'contains'")]
    [InlineData("s: {a|base64offset|re: x}", "'re' and 'base64offset'")]
    [InlineData("s: {a|windash|re: x}", "'re' and 'windash'")]
    [InlineData("s: {a|startswith|endswith: x}", "'startswith' and 'endswith'")]
    [InlineData("s: {a|re: '[a-z-[aeiou]]'}", "only in .NET")]
    [InlineData("s: {a|re: '[[:letter:]]'}", "[:letter:]")]
    [InlineData("s: {a|base64offset|contains: a}", "one character")]
    public void What_is_wrong_is_one_error_with_its_line_and_the_other_rule_runs(string detection, string expected)
    {
        var body = detection.Contains("condition", StringComparison.Ordinal) ? detection : detection + "\n  condition: s";
        var yaml = $"title: bad\nlogsource: {{product: aws}}\ndetection:\n  {body}\n---\ntitle: good\nlogsource: {{product: aws}}\ndetection:\n  s: {{a: b}}\n  condition: s\n";
        var rules = RuleSet.Parse("rules/bad.yml", yaml, Options);
        var error = Assert.Single(rules.Errors);
        Assert.StartsWith("rules/bad.yml:", error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Matches("^rules/bad.yml:[45]: ", error.Message);
        Assert.Equal("good", Assert.Single(rules.Rules).Title);
    }

    [Fact]
    public void An_address_is_in_a_network_when_its_first_bits_are_the_networks()
    {
        var bytes = Gen.OneOf(Gen.Byte.Array[4], Gen.Byte.Array[16], Gen.Byte.Array[4].Select(four => (byte[])[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, .. four]));
        // The address is the network's with some of its bits turned over, so that both answers come up.
        Gen.Select(bytes, Gen.Int[0, 128], Gen.Int[0, 127], Gen.Bool, bytes).Sample((start, prefix, turned, isNear, other) =>
        {
            prefix %= (start.Length * 8) + 1;
            var address = isNear ? (byte[])start.Clone() : other;
            if (isNear)
                address[turned % (start.Length * 8) / 8] ^= (byte)(0x80 >> (turned % 8));
            var isMapped = address.Length == 16 && address.AsSpan(0, 12).SequenceEqual((byte[])[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]);
            var judged = start.Length == 4 && isMapped ? address[12..] : address;
            var expected = judged.Length == start.Length && Bits(judged)[..prefix] == Bits(start)[..prefix];
            var network = Network.Parse($"{new System.Net.IPAddress(start)}/{prefix}");
            Assert.NotNull(network);
            Assert.Equal(expected, Network.Contains(network.Value, new System.Net.IPAddress(address)));
        }, iter: 20_000);

        static string Bits(byte[] bytes) => string.Concat(bytes.Select(one => Convert.ToString(one, 2).PadLeft(8, '0')));
    }

    [Fact]
    public void An_expression_that_needs_backtracking_is_given_up_for_processor_time_and_not_for_the_clock()
    {
        var slow = new PatternMatcher(new ValueTest.Regex("^(?=(a+)+$)b", false, false, false));
        Assert.False(slow.IsMatch("ab"));
        Assert.Throws<System.Text.RegularExpressions.RegexMatchTimeoutException>(() => slow.IsMatch(new string('a', 40) + "c"));
        Assert.True(new PatternMatcher(new ValueTest.Regex("^(?=.*x)a", false, false, false)).IsMatch("abx"));
    }

    [Fact]
    public void An_expression_without_look_around_has_no_limit_of_time() =>
        Assert.Equal(System.Text.RegularExpressions.Regex.InfiniteMatchTimeout, RegexFactory.Make(new ValueTest.Regex(".+:assumed-role/aws:.+", false, false, false), TimeSpan.FromMilliseconds(1)).MatchTimeout);

    [Theory]
    [InlineData("^[0-9a-fA-F:.]+$", true)]
    [InlineData(":i-[0-9a-f]{8,17}$", true)]
    [InlineData("^arn:aws[a-z-]*:iam", true)]
    [InlineData("[+*?({|]", true)]
    [InlineData("[a-z]+$", false)]
    [InlineData("^[a-z]+x+$", false)]
    [InlineData("^(a+)+$", false)]
    [InlineData("^a{1,}$", false)]
    [InlineData("a{2,900}", false)]
    [InlineData("a|b", false)]
    [InlineData(@"^a\1", false)]
    public void What_hardly_goes_back_runs_with_the_quick_engine(string pattern, bool expected) =>
        Assert.Equal(expected, RegexFactory.IsPlain(new ValueTest.Regex(pattern, IgnoreCase: false, MultiLine: false, SingleLine: false)));
}
