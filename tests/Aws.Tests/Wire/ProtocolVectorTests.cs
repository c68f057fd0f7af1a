using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Amazon.Runtime;
using Scanner.Aws.Client;
using Scanner.Aws.Models;
using Scanner.Aws.Wire;

namespace Aws.Tests.Wire;

/// <summary>
/// What others say that the protocols are: AWS's own protocol tests, whose values none of our code made. Times are seconds and
/// blobs plain text in them; ours are ISO 8601 and base64, as in the AWS CLI.
/// </summary>
public sealed class ProtocolVectorTests
{
    /// <summary>Vectors that do not hold for us (the end of a name, or a part with an asterisk behind it), and why.</summary>
    private static readonly Dictionary<string, string[]> LeftOut = new(StringComparer.Ordinal)
    {
        ["What is no number is refused as a parameter; no operation that reads takes one."] = ["InfinityFloat*request", "NaNFloat*request"],
        ["Tokens against doing a thing twice: nothing is done."] = ["IdempotencyTokenAutoFill"],
        ["Only cloudwatch:PutMetricData and its like send what is compressed."] = ["SDKAppliedContentEncoding*", "SDKAppendsGzip*", "SDKAppendedGzip*"],
        ["Models of services name the elements of a flattened list so that the member's name does not count; botocore does as we do."] = ["QueryFlattenedListArgWithXmlName"],
        ["No operation that reads sends XML as a payload, or in several namespaces; the root goes by the models of services, as with botocore."] =
            ["request BodyWithXmlName", "request HttpPayloadWithXmlName", "request HttpPayloadWithXmlNamespace*", "request RestXmlHttpPayloadWithUnion", "request XmlAttributesOnPayload", "request RestXmlXmlMapWithXmlNamespace", "request XmlNamespaces"],
        ["No operation that reads has JSON in a header, or any JSON but an object as a payload."] = ["MediaTypeHeaderInputBase64", "MediaTypeHeaderOutputBase64", "DocumentTypeAsPayloadInputString", "DocumentTypeAsPayloadOutputString"],
        ["A reply that is empty where something should be is taken for cut off."] = ["reply RestJsonHttpPayloadWithUnsetUnion", "reply RestXmlHttpPayloadWithUnsetUnion", "reply RestJsonIgnoreQueryParamsInResponseNoPayload"],
        ["An empty payload is an empty blob, as with botocore."] = ["reply HttpPayloadTraitsWithNoBlobBody", "reply RestJsonHttpPayloadTraitsWithNoBlobBody"],
        ["A null in a map is kept: what AWS said is not lost."] = ["RestJsonDeserializesDenseSetMapAndSkipsNull"],
        ["Unions are structures in models of services."] = ["request RestJsonHttpPayloadWithUnsetUnion"],
    };

    public static TheoryData<string> Requests => Named("request");

    public static TheoryData<string> Replies => Named("reply");

    public static TheoryData<string> Errors => Named("error");

    /// <summary>The list grows stale with neither the vectors nor the client.</summary>
    [Fact]
    public void What_is_left_out_is_there_and_does_not_hold()
    {
        Assert.All(LeftOut.Values.SelectMany(patterns => patterns), pattern => Assert.Contains(ProtocolVector.All.Keys, name => IsMeant(pattern, name)));
        Assert.All(ProtocolVector.All.Keys.Where(IsLeftOut), name => Assert.ThrowsAny<Exception>(() => Check(name)));
    }

    [Theory]
    [MemberData(nameof(Requests))]
    public void A_request_is_written_as_AWS_says(string name) => Check(name);

    [Theory]
    [MemberData(nameof(Replies))]
    public void A_reply_is_read_as_AWS_says(string name) => Check(name);

    [Theory]
    [MemberData(nameof(Errors))]
    public void An_error_is_read_as_AWS_says(string name) => Check(name);

    private static void Check(string name)
    {
        switch (name.Split(' ')[1])
        {
            case "request": CheckRequest(name); break;
            case "reply": CheckReply(name); break;
            default: CheckError(name); break;
        }
    }

    private static void CheckRequest(string name)
    {
        var (operation, endpoint, vector) = ProtocolVector.All[name];
        var expected = vector["request"]!.AsObject();
        var input = operation.Input?.Shape;
        var wire = RequestWriter.Write(operation, input is null ? [] : Given(input, vector["parameters"]!)!.AsObject());
        var request = SdkMarshaller.Instance.Marshall(new SdkRequest(operation, wire, null));
        request.Endpoint = endpoint;
        var uri = AmazonServiceClient.ComposeUrl(request);

        Assert.Equal(expected["method"]!.GetValue<string>(), request.HttpMethod);
        var parts = expected["uri"]!.GetValue<string>().Split('?', 2);
        Assert.Equal(parts[0], uri.AbsolutePath);
        Assert.Equal(Pairs(parts.Length > 1 ? parts[1] : ""), Pairs(uri.Query.TrimStart('?')));
        if (expected["host"] is { } host)
            Assert.Equal(host.GetValue<string>(), wire.HostPrefix + endpoint.Host + endpoint.AbsolutePath.TrimEnd('/'));
        foreach (var (header, value) in expected["headers"]?.AsObject() ?? [])
        {
            var text = request.Headers.FirstOrDefault(h => h.Key.Equals(header, StringComparison.OrdinalIgnoreCase)).Value;
            if (header == "Content-Type")
                text = text?.Split(';')[0];
            Assert.Equal($"{header}: {value}", $"{header}: {text}");
        }
        foreach (var header in expected["forbidHeaders"]?.AsArray() ?? [])
            Assert.DoesNotContain(request.Headers, h => h.Key.Equals(header!.GetValue<string>(), StringComparison.OrdinalIgnoreCase));
        if (expected["body"] is { } body)
            Assert.Equal(Body(operation, body.GetValue<string>()), Body(operation, Encoding.UTF8.GetString(request.Content ?? [])));
    }

    private static void CheckReply(string name)
    {
        var (operation, _, vector) = ProtocolVector.All[name];
        var (status, headers, body) = Reply(vector);
        var read = ReplyReader.Read(operation, status, header => headers.GetValueOrDefault(header), headers.Keys, body);
        var output = operation.Output?.Shape;
        var plain = output is null ? [] : Plain(output, read)!.AsObject();
        Assert.Equal(Sorted(vector["read"])!.ToJsonString(), Sorted(plain)!.ToJsonString());
    }

    private static void CheckError(string name)
    {
        var (_, _, vector) = ProtocolVector.All[name];
        var (status, headers, body) = Reply(vector);
        var (code, message, _) = ErrorReader.Read(status, header => headers.GetValueOrDefault(header), body);
        Assert.Equal(vector["error"]!["code"]!.GetValue<string>(), code);
        if (vector["error"]!["message"]!.GetValue<string>() is { Length: > 0 } expected)
            Assert.Equal(expected, message);
    }

    private static TheoryData<string> Named(string way) =>
        [.. ProtocolVector.All.Keys.Where(name => name.Split(' ')[1] == way && !IsLeftOut(name)).Order(StringComparer.Ordinal)];

    private static bool IsLeftOut(string name) => LeftOut.Values.Any(patterns => patterns.Any(pattern => IsMeant(pattern, name)));

    private static bool IsMeant(string pattern, string name)
    {
        var parts = pattern.Split('*');
        return parts.Length == 1 ? name.EndsWith(pattern, StringComparison.Ordinal) : parts.All(part => name.Contains(part, StringComparison.Ordinal));
    }

    private static (int Status, Dictionary<string, string> Headers, ReadOnlyMemory<byte> Body) Reply(JsonObject vector)
    {
        var reply = vector["reply"]!;
        return (
            reply["status"]!.GetValue<int>(),
            reply["headers"]!.AsObject().ToDictionary(h => h.Key, h => h.Value!.GetValue<string>(), StringComparer.OrdinalIgnoreCase),
            Encoding.UTF8.GetBytes(reply["body"]!.GetValue<string>()));
    }

    // Pairs of a form or a query in any order: it has no meaning.
    private static string Pairs(string text) => string.Join('\n', text.Split('&', StringSplitOptions.RemoveEmptyEntries)
        .Select(pair => string.Join('=', pair.Split('=', 2).Append("").Take(2).Select(part => Uri.UnescapeDataString(part.Replace('+', ' ')))))
        .Order(StringComparer.Ordinal));

    private static string Body(OperationModel operation, string body)
    {
        if (operation.Service.Protocol is Protocol.Query or Protocol.Ec2)
            return Pairs(body);
        if (body.TrimStart().StartsWith('<'))
            return Canonical(XElement.Parse(body)).ToString();
        return body.TrimStart().StartsWith('{') ? Sorted(JsonNode.Parse(body))!.ToJsonString() : body;
    }

    // Without prefixes, and without the white space between elements.
    private static XElement Canonical(XElement element) => new(
        element.Name,
        element.Attributes().Where(a => !a.IsNamespaceDeclaration).OrderBy(a => a.Name.ToString(), StringComparer.Ordinal),
        element.HasElements ? element.Elements().Select(Canonical) : element.Value);

    private static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject map => new JsonObject(map.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => KeyValuePair.Create(p.Key, Sorted(p.Value)))),
        JsonArray list => new JsonArray([.. list.Select(Sorted)]),
        JsonValue value when value.GetValueKind() == System.Text.Json.JsonValueKind.Number => JsonValue.Create(decimal.Parse(value.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture)),
        _ => node?.DeepClone(),
    };

    // Plain text of blobs to base64.
    private static JsonNode? Given(Shape shape, JsonNode? value) => Walk(shape, value, (kind, text) =>
        kind == ShapeKind.Blob ? JsonValue.Create(Convert.ToBase64String(Encoding.UTF8.GetBytes(text.GetValue<string>()))) : text.DeepClone());

    // Base64 of blobs to plain text, ISO 8601 to seconds.
    private static JsonNode? Plain(Shape shape, JsonNode? value) => Walk(shape, value, (kind, text) => kind switch
    {
        ShapeKind.Blob => JsonValue.Create(Encoding.UTF8.GetString(Convert.FromBase64String(text.GetValue<string>()))),
        ShapeKind.Timestamp => JsonValue.Create((decimal)(DateTimeOffset.Parse(text.GetValue<string>(), CultureInfo.InvariantCulture) - DateTimeOffset.UnixEpoch).TotalSeconds),
        _ => text.DeepClone(),
    });

    private static JsonNode? Walk(Shape shape, JsonNode? value, Func<ShapeKind, JsonNode, JsonNode?> leaf) => (shape.Kind, value) switch
    {
        (_, null) => null,
        (ShapeKind.Structure, JsonObject map) => new JsonObject(map.Select(p => KeyValuePair.Create(p.Key, shape.FindMember(p.Key) is { } member ? Walk(member.Shape, p.Value, leaf) : p.Value?.DeepClone()))),
        (ShapeKind.Map, JsonObject map) => new JsonObject(map.Select(p => KeyValuePair.Create(p.Key, Walk(shape.Value!.Shape, p.Value, leaf)))),
        (ShapeKind.List, JsonArray list) => new JsonArray([.. list.Select(e => Walk(shape.Member!.Shape, e, leaf))]),
        _ => leaf(shape.Kind, value),
    };
}
