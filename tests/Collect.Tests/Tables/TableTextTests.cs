using System.Text.Json.Nodes;
using CsCheck;
using Scanner.Collect.Tables;

namespace Collect.Tests.Tables;

/// <summary>Laws of the texts that table files and replies are made of.</summary>
public sealed class TableTextTests
{
    private static readonly Gen<string> Text = Gen.OneOf(Gen.String[Gen.Char.AlphaNumeric, 0, 8], Gen.String[Gen.Char["{}\",\n\r.a\\\0\u00fc"], 0, 8]);

    private static readonly Gen<string> Name = Gen.String[Gen.Char.AlphaNumeric, 1, 6];

    private static readonly Gen<JsonNode?> Json = Gen.Recursive<JsonNode?>((depth, inner) =>
    {
        var leaf = Gen.OneOf(
            Text.Select(text => (JsonNode?)JsonValue.Create(text)),
            Gen.Long.Select(number => (JsonNode?)JsonValue.Create(number)),
            Gen.Double[-1e6, 1e6].Select(number => (JsonNode?)JsonValue.Create(number)),
            Gen.Bool.Select(flag => (JsonNode?)JsonValue.Create(flag)),
            Gen.Const((JsonNode?)null));
        if (depth > 3)
            return leaf;
        return Gen.Frequency(
            (3, leaf),
            (1, inner.Array[0, 3].Select(elements => (JsonNode?)new JsonArray([.. elements.Select(e => e?.DeepClone())]))),
            (1, Gen.Select(Name, inner).Array[0, 3].Select(members =>
            {
                var o = new JsonObject();
                foreach (var (name, value) in members)
                    o[name] = value?.DeepClone();
                return (JsonNode?)o;
            })));
    });

    [Fact]
    public void A_value_alone_in_a_text_is_that_value_and_amid_text_it_stands_as_it_is() =>
        Gen.Select(Name, Json.Where(value => value is not null), Text).Sample((name, value, hostile) =>
        {
            var scope = new ItemScope("1", "r", "aws").WithItem(new JsonObject { ["x" + name] = value!.DeepClone(), ["text"] = hostile });
            Assert.True(TextTemplate.TryParse("{x" + name + "}", out var alone));
            Assert.True(alone.TryFill(scope, out var filled, out _));
            Assert.True(JsonNode.DeepEquals(value, filled));
            // What AWS sends is not read again for paths, whatever braces it holds.
            Assert.True(TextTemplate.TryParse("<{text}|{account}>", out var amid));
            Assert.True(amid.TryFill(scope, out var joined, out _));
            Assert.Equal($"<{hostile}|1>", joined!.GetValue<string>());
        });

    [Fact]
    public void Values_go_into_parameters_and_change_nothing_around_them() =>
        Gen.Select(Json.Where(value => value is not null), Text).Sample((value, hostile) =>
        {
            var scope = new ItemScope("1", "r", "aws").WithItem(new JsonObject { ["v"] = value!.DeepClone(), ["t"] = hostile });
            var template = ParameterTemplate.Parse((JsonObject)JsonNode.Parse("""{"A": "{v}", "B": ["x-{t}", 7], "C": {"D": true}}""")!, "f", 1);
            Assert.True(template.TryFill(scope, out var filled, out _));
            Assert.True(JsonNode.DeepEquals(new JsonObject
            {
                ["A"] = value.DeepClone(),
                ["B"] = new JsonArray("x-" + hostile, 7),
                ["C"] = new JsonObject { ["D"] = true },
            }, filled));
        });

    [Fact]
    public void Any_text_is_a_template_or_is_refused() =>
        Text.Sample(text =>
        {
            if (TextTemplate.TryParse(text, out var template) && template.IsConstant)
            {
                Assert.True(template.TryFill(new ItemScope("1", "r", "aws"), out var value, out _));
                Assert.Equal(text, value!.GetValue<string>());
            }
        });

    [Fact]
    public void Account_region_and_partition_win_over_the_items_members()
    {
        var scope = new ItemScope("111111111111", "us-east-1", "aws").WithItem(new JsonObject { ["account"] = "evil", ["region"] = "evil" });

        Assert.True(TextTemplate.TryParse("{account} {region} {partition}", out var template));
        Assert.True(template.TryFill(scope, out var value, out _));
        Assert.Equal("111111111111 us-east-1 aws", value!.GetValue<string>());
    }

    [Fact]
    public void What_is_written_as_csv_is_read_back() =>
        Text.Array[1, 4].Where(fields => fields.Length > 1 || fields[0].Length > 0).Array[0, 4].Sample(records =>
        {
            var csv = string.Join("\r\n", records.Select(record => string.Join(',', record.Select(field => "\"" + field.Replace("\"", "\"\"", StringComparison.Ordinal) + "\""))));
            Assert.Equal(records.Select(record => record.ToList()), CsvText.Read(csv).ToList());
        });

    [Fact]
    public void Plain_csv_is_read_and_broken_csv_refused() =>
        Text.Sample(text =>
        {
            try
            {
                var fields = CsvText.Read(text).Sum(record => record.Count);
                Assert.InRange(fields, 0, text.Length + 1);
            }
            catch (FormatException)
            {
                Assert.Contains('"', text);
            }
        });

    [Fact]
    public void Two_values_have_one_text_exactly_when_they_are_equal() =>
        Gen.Select(Json, Json).Sample((a, b) =>
        {
            Assert.Equal(JsonNode.DeepEquals(a, b), ParameterText.Of(a) == ParameterText.Of(b));
            // Read from the wire or made here, whatever the order of its members: the same text.
            Assert.Equal(ParameterText.Of(a), ParameterText.Of(Reversed(JsonNode.Parse(a?.ToJsonString() ?? "null"))));
        });

    [Theory]
    [InlineData("1", "1.0", true)]
    [InlineData("1", "10e-1", true)]
    [InlineData("0", "-0.0E+7", true)]
    [InlineData("100", "1E2", true)]
    [InlineData("-0.05", "-5e-2", true)]
    [InlineData("1", "-1", false)]
    [InlineData("0", "1e-40", false)]
    [InlineData("6.13e-80", "-4.8e-70", false)]
    [InlineData("9007199254740993", "9007199254740992", false)]
    [InlineData("0.12345678901234567890123456789012", "0.12345678901234567890123456789", false)]
    [InlineData("1e400", "1e401", false)]
    public void Two_numbers_have_one_text_exactly_when_they_are_one_number(string one, string other, bool same) =>
        Assert.Equal(same, ParameterText.Of(JsonNode.Parse(one)) == ParameterText.Of(JsonNode.Parse(other)));

    private static JsonNode? Reversed(JsonNode? node) => node switch
    {
        JsonObject o => new JsonObject(o.Reverse().Select(pair => KeyValuePair.Create(pair.Key, Reversed(pair.Value)))),
        JsonArray a => new JsonArray([.. a.Select(Reversed)]),
        _ => node?.DeepClone(),
    };
}
