using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;
using Scanner.Model;

namespace Publish.Tests.Text;

/// <summary>JSON of unknown origin: what is handed on can be asked for any name and text.</summary>
public sealed class JsonTextTests
{
    private static readonly string[] Pieces = ["\\ud83d", "\\ude00", "\\uD800", "\\uDFFF", "\\\\", "\\u0061", "\\n", "a", "\u00fc", "\\\"", "\\u", "ud800"];

    private static readonly Gen<byte[]> Text = Gen.Int[0, Pieces.Length].Array[0, 6].Select(chosen => chosen.SelectMany(i => i == Pieces.Length ? [0xC3] : Encoding.UTF8.GetBytes(Pieces[i])).ToArray());

    [Fact]
    public void Whatever_is_readable_can_be_asked_for_every_name_and_text_and_what_was_whole_stays() =>
        Gen.Select(Text, Text).Sample((name, value) =>
        {
            byte[] json = [.. "{\""u8, .. name, .. "\":[\""u8, .. value, .. "\"]}"u8];
            var readable = JsonText.Readable(json);
            string read;
            try
            {
                using var document = JsonDocument.Parse(readable);
                var member = document.RootElement.EnumerateObject().Single();
                read = member.Name + "|" + member.Value[0].GetString();
            }
            catch (JsonException)
            {
                // Half an escape is no JSON, before and after.
                Assert.ThrowsAny<JsonException>(() => JsonDocument.Parse(Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(json))).Dispose());
                return;
            }
            try
            {
                using var document = JsonDocument.Parse(json);
                var member = document.RootElement.EnumerateObject().Single();
                Assert.Equal(member.Name + "|" + member.Value[0].GetString(), read);
            }
            catch (Exception e) when (e is InvalidOperationException or JsonException)
            {
                Assert.Contains('\ufffd', read);
            }
        });

    [Theory]
    [InlineData("""{"a":1,"a":2}""")]
    [InlineData("""[{"b":{"a":1,"\u0061":2}}]""")]
    [InlineData("""{"\ud800":1,"\udfff":2}""")]
    [InlineData("{")]
    public void A_text_with_a_member_twice_is_no_node(string json) => Assert.ThrowsAny<JsonException>(() => JsonText.Node(json));

    [Fact]
    public void A_node_can_be_asked_for_every_name_and_text() =>
        Assert.Equal("\ufffdb", ((JsonObject)JsonText.Node("""{"\udc00":"\ud800b"}""")!)["\ufffd"]!.GetValue<string>());
}
