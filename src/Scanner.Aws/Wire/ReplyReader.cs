using System.Buffers;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml;
using System.Xml.Linq;
using Amazon.Runtime;
using Scanner.Aws.Models;
using Scanner.Model;

namespace Scanner.Aws.Wire;

/// <summary>
/// A reply of a service's protocol to the JSON that the AWS CLI prints. Strict: what is not of the kind that the model
/// says is malformed, because a reply that is read wrongly could make a check pass.
/// </summary>
internal static class ReplyReader
{
    private static readonly XmlReaderSettings Xml = new()
    {
        // Document type definitions have no place in AWS's replies, and entities in them could be made to explode.
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        IgnoreComments = true,
        IgnoreProcessingInstructions = true,
    };

    /// <summary>Reads a successful reply.</summary>
    /// <exception cref="MalformedReplyException">It is not what the model says.</exception>
    public static JsonObject Read(OperationModel operation, int status, Func<string, string?> header, IEnumerable<string> headerNames, ReadOnlyMemory<byte> body)
    {
        var shape = operation.Output?.Shape;
        var reply = new JsonObject();
        switch (operation.Service.Protocol)
        {
            case Protocol.Json:
                if (shape is null || (body.IsEmpty && shape.Members.Count == 0))
                    break;
                using (var json = ParseJson(body))
                    ReadJsonMembers(shape, json.RootElement, reply, "the reply");
                break;
            case Protocol.Query or Protocol.Ec2:
                ReadQuery(operation, shape, body, reply);
                break;
            default:
                if (shape is not null)
                    ReadRest(operation, shape, status, header, headerNames, body, reply);
                break;
        }
        return reply;
    }

    private static JsonDocument ParseJson(ReadOnlyMemory<byte> body)
    {
        JsonDocument json;
        try
        {
            json = JsonDocument.Parse(JsonText.Readable(body), new JsonDocumentOptions { MaxDepth = 128 });
        }
        catch (JsonException e)
        {
            throw new MalformedReplyException("The reply is not JSON, or was cut off.", e);
        }
        if (json.RootElement.ValueKind != JsonValueKind.Object)
        {
            json.Dispose();
            throw new MalformedReplyException("The reply is JSON but not an object.");
        }
        return json;
    }

    private static XElement ParseXml(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var stream = new ReadOnlyMemoryStream(body);
            using var reader = XmlReader.Create(stream, Xml);
            return XElement.Load(reader, LoadOptions.PreserveWhitespace);
        }
        catch (XmlException e)
        {
            throw new MalformedReplyException("The reply is not XML, or was cut off.", e);
        }
    }

    private static void ReadQuery(OperationModel operation, Shape? shape, ReadOnlyMemory<byte> body, JsonObject reply)
    {
        if (body.IsEmpty && shape is not { Members.Count: > 0 })
            return;
        var root = ParseXml(body);
        var expected = operation.Name + "Response";
        if (root.Name.LocalName != expected)
            throw new MalformedReplyException($"The reply's root is not {expected}.");
        if (shape is null)
            return;
        if (operation.ResultWrapper is { } wrapper)
        {
            root = root.Elements().FirstOrDefault(e => e.Name.LocalName == wrapper)
                ?? throw new MalformedReplyException($"The reply has no {wrapper}.");
        }
        ReadXmlMembers(shape, root, reply);
    }

    private static void ReadRest(
        OperationModel operation, Shape shape, int status, Func<string, string?> header, IEnumerable<string> headerNames, ReadOnlyMemory<byte> body, JsonObject reply)
    {
        foreach (var member in shape.Members)
        {
            switch (member.Location)
            {
                case "statusCode":
                    reply[member.Name] = status;
                    break;
                case "header" when header(member.WireName) is { } text:
                    reply[member.Name] = member.Shape.Kind == ShapeKind.List
                        ? new JsonArray([.. HeaderList(member.Shape.Member!.Shape, text).Select(e => ScalarFromText(member.Shape.Member.Shape, e, member.Name))])
                        : ScalarFromText(member.Shape, text, member.Name);
                    break;
                case "headers":
                    var map = new JsonObject();
                    foreach (var name in headerNames)
                    {
                        if (name.StartsWith(member.LocationName ?? "", StringComparison.OrdinalIgnoreCase))
                            map[name[(member.LocationName ?? "").Length..]] = header(name);
                    }
                    reply[member.Name] = map;
                    break;
                default:
                    break;
            }
        }

        var mayBeEmpty = operation.Method == "HEAD" || status == (int)HttpStatusCode.NoContent;
        if (shape.Payload is { } payload)
            ReadPayload(operation, shape.FindMember(payload)!, mayBeEmpty, body, reply);
        else if (shape.Members.Any(m => m.IsInReplyBody))
            ReadBody(operation, shape, mayBeEmpty, body, reply);
    }

    // Elements of a header, texts in quotes where they hold commas; the times of HTTP hold one.
    private static IEnumerable<string> HeaderList(Shape element, string text)
    {
        var commas = element is { Kind: ShapeKind.Timestamp, TimestampFormat: null or "rfc822" } ? 1 : 0;
        var made = new StringBuilder();
        var quoted = false;
        for (var i = 0; i < text.Length; i++)
        {
            if (quoted && text[i] == '\\' && i + 1 < text.Length)
                made.Append(text[++i]);
            else if (element.Kind == ShapeKind.String && text[i] == '"')
                quoted = !quoted;
            else if (text[i] != ',' || quoted || commas-- > 0)
                made.Append(text[i]);
            else
            {
                yield return made.ToString().Trim();
                made.Clear();
                commas = element is { Kind: ShapeKind.Timestamp, TimestampFormat: null or "rfc822" } ? 1 : 0;
            }
        }
        if (made.Length > 0)
            yield return made.ToString().Trim();
    }

    private static void ReadPayload(OperationModel operation, ShapeRef payload, bool mayBeEmpty, ReadOnlyMemory<byte> body, JsonObject reply)
    {
        if (payload.Shape.Kind is ShapeKind.Blob)
        {
            reply[payload.Name] = Convert.ToBase64String(body.Span);
        }
        else if (payload.Shape.Kind is ShapeKind.String)
        {
            reply[payload.Name] = Utf8(body);
        }
        else if (body.IsEmpty)
        {
            if (!mayBeEmpty)
                throw new MalformedReplyException("The reply is empty.");
        }
        else if (operation.Service.Protocol == Protocol.RestXml)
        {
            reply[payload.Name] = ReadXml(payload.Shape, Root(payload.Shape, ParseXml(body)), payload.Name);
        }
        else
        {
            using var json = ParseJson(body);
            reply[payload.Name] = ReadJson(payload.Shape, json.RootElement, payload.Name);
        }
    }

    private static void ReadBody(OperationModel operation, Shape shape, bool mayBeEmpty, ReadOnlyMemory<byte> body, JsonObject reply)
    {
        if (body.IsEmpty)
        {
            if (mayBeEmpty)
                return;
            throw new MalformedReplyException("The reply is empty.");
        }
        if (operation.Service.Protocol != Protocol.RestXml)
        {
            using var json = ParseJson(body);
            ReadJsonMembers(shape, json.RootElement, reply, "the reply");
            return;
        }
        var root = ParseXml(body);
        if (operation.Name == "GetBucketLocation" && !root.HasElements)
        {
            // The one S3 reply whose root is the value itself; empty is us-east-1, which the AWS CLI prints as null.
            if (root.Name.LocalName != "LocationConstraint")
                throw new MalformedReplyException("The reply's root is not LocationConstraint.");
            reply["LocationConstraint"] = root.Value.Length == 0 ? null : root.Value;
            return;
        }
        ReadXmlMembers(shape, Root(shape, root), reply);
    }

    /// <summary>
    /// The models do not name the roots of rest-xml replies. What has child elements of which the model knows none,
    /// or text alone, is not the reply.
    /// </summary>
    private static XElement Root(Shape shape, XElement root)
    {
        var name = root.Name.LocalName;
        if (name is "Error" or "ErrorResponse" || name.Equals("html", StringComparison.OrdinalIgnoreCase))
            throw new MalformedReplyException($"The reply's root is {name}.");
        if (shape.Kind == ShapeKind.Structure && root.HasElements
            && !root.Elements().Any(e => shape.FindXml(e.Name.LocalName) is not null))
        {
            throw new MalformedReplyException("The reply's root holds nothing that the operation returns.");
        }
        return root;
    }

    private static void ReadJsonMembers(Shape shape, JsonElement json, JsonObject into, string where)
    {
        if (json.ValueKind != JsonValueKind.Object)
            throw Wrong(where, "an object");
        foreach (var property in json.EnumerateObject())
        {
            // Members newer than the model are left out, as the AWS CLI does.
            if (shape.FindWire(property.Name) is not { } member || property.Value.ValueKind == JsonValueKind.Null)
                continue;
            into[member.Name] = ReadJson(member.Shape, property.Value, member.Name);
        }
    }

    private static JsonNode? ReadJson(Shape shape, JsonElement json, string where)
    {
        if (json.ValueKind == JsonValueKind.Null)
            return null;
        switch (shape.Kind)
        {
            case ShapeKind.Structure:
                var structure = new JsonObject();
                ReadJsonMembers(shape, json, structure, where);
                return structure;
            case ShapeKind.List:
                if (json.ValueKind != JsonValueKind.Array)
                    throw Wrong(where, "a list");
                var list = new JsonArray();
                foreach (var element in json.EnumerateArray())
                    list.Add(ReadJson(shape.Member!.Shape, element, where));
                return list;
            case ShapeKind.Map:
                if (json.ValueKind != JsonValueKind.Object)
                    throw Wrong(where, "an object");
                var map = new JsonObject();
                foreach (var property in json.EnumerateObject())
                    map[property.Name] = ReadJson(shape.Value!.Shape, property.Value, where);
                return map;
            case ShapeKind.Boolean:
                return json.ValueKind switch
                {
                    JsonValueKind.True => JsonValue.Create(true),
                    JsonValueKind.False => JsonValue.Create(false),
                    _ => throw Wrong(where, "true or false"),
                };
            case ShapeKind.Integer:
                return json.ValueKind == JsonValueKind.Number ? Integer(json, where) : throw Wrong(where, "a number");
            case ShapeKind.Number:
                if (json.ValueKind == JsonValueKind.Number && json.TryGetDouble(out var number))
                    return JsonValue.Create(number);
                // JSON has no such numbers; the protocols write them as text.
                if (json.ValueKind == JsonValueKind.String && json.GetString() is "NaN" or "Infinity" or "-Infinity")
                    return JsonValue.Create(json.GetString());
                throw Wrong(where, "a number");
            case ShapeKind.Timestamp:
                return Timestamp(json.ValueKind is JsonValueKind.Number ? json.GetRawText() : json.ValueKind is JsonValueKind.String ? json.GetString()! : "", where);
            case ShapeKind.Blob:
                return json.ValueKind == JsonValueKind.String ? Blob(json.GetString()!, where) : throw Wrong(where, "base64");
            case ShapeKind.Document:
                return JsonNode.Parse(json.GetRawText());
            default:
                return json.ValueKind switch
                {
                    JsonValueKind.String => Text(shape, json.GetString()!),
                    // Some services answer with a number where their model says text; nothing is lost by reading it so.
                    JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => JsonValue.Create(json.GetRawText()),
                    _ => throw Wrong(where, "a text"),
                };
        }
    }

    private static JsonValue Integer(JsonElement json, string where)
    {
        if (json.TryGetInt64(out var whole))
            return JsonValue.Create(whole);
        if (json.TryGetDouble(out var number) && Math.Floor(number) == number && Math.Abs(number) < 9e18)
            return JsonValue.Create((long)number);
        throw Wrong(where, "a whole number");
    }

    private static void ReadXmlMembers(Shape shape, XElement element, JsonObject into)
    {
        if (!element.HasElements && shape.Members.Any(m => !m.XmlAttribute) && !string.IsNullOrWhiteSpace(element.Value))
            throw Wrong(element.Name.LocalName, "elements");
        foreach (var attribute in element.Attributes())
        {
            if (!attribute.IsNamespaceDeclaration && shape.FindXmlAttribute(attribute.Name.LocalName) is { } member)
                into[member.Name] = ScalarFromText(member.Shape, attribute.Value, member.Name);
        }
        foreach (var child in element.Elements())
        {
            // Members newer than the model are left out, as the AWS CLI does.
            if (shape.FindXml(child.Name.LocalName) is not { } member)
                continue;
            if (member.IsFlattened && member.Shape.Kind is ShapeKind.List)
            {
                if (into[member.Name] is not JsonArray list)
                    into[member.Name] = list = [];
                list.Add(ReadXml(member.Shape.Member!.Shape, child, member.Name));
            }
            else if (member.IsFlattened && member.Shape.Kind is ShapeKind.Map)
            {
                if (into[member.Name] is not JsonObject map)
                    into[member.Name] = map = [];
                ReadXmlEntry(member.Shape, child, map, member.Name);
            }
            else if (!into.ContainsKey(member.Name))
            {
                into[member.Name] = ReadXml(member.Shape, child, member.Name);
            }
        }
    }

    private static JsonNode? ReadXml(Shape shape, XElement element, string where)
    {
        switch (shape.Kind)
        {
            case ShapeKind.Structure:
                var structure = new JsonObject();
                ReadXmlMembers(shape, element, structure);
                return structure;
            case ShapeKind.List:
                RefuseText(element, where, "a list");
                var list = new JsonArray();
                foreach (var child in element.Elements())
                    list.Add(ReadXml(shape.Member!.Shape, child, where));
                return list;
            case ShapeKind.Map:
                RefuseText(element, where, "entries");
                var map = new JsonObject();
                foreach (var child in element.Elements())
                    ReadXmlEntry(shape, child, map, where);
                return map;
            default:
                if (element.HasElements)
                    throw Wrong(where, "a text");
                return ScalarFromText(shape, element.Value, where);
        }
    }

    private static void ReadXmlEntry(Shape shape, XElement entry, JsonObject map, string where)
    {
        var keyName = shape.Key!.LocationName ?? "key";
        var valueName = shape.Value!.LocationName ?? "value";
        var key = entry.Elements().FirstOrDefault(e => e.Name.LocalName == keyName) ?? throw Wrong(where, "entries with keys");
        var value = entry.Elements().FirstOrDefault(e => e.Name.LocalName == valueName);
        map[key.Value] = value is null ? null : ReadXml(shape.Value.Shape, value, where);
    }

    private static void RefuseText(XElement element, string where, string expected)
    {
        if (!element.HasElements && !string.IsNullOrWhiteSpace(element.Value))
            throw Wrong(where, expected);
    }

    private static JsonNode? ScalarFromText(Shape shape, string text, string where)
    {
        switch (shape.Kind)
        {
            case ShapeKind.Boolean:
                return text.Trim() switch
                {
                    "true" or "True" or "TRUE" or "1" => JsonValue.Create(true),
                    "false" or "False" or "FALSE" or "0" => JsonValue.Create(false),
                    _ => throw Wrong(where, "true or false"),
                };
            case ShapeKind.Integer:
                return long.TryParse(text.AsSpan().Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole)
                    ? JsonValue.Create(whole)
                    : throw Wrong(where, "a whole number");
            case ShapeKind.Number:
                if (text is "NaN" or "Infinity" or "-Infinity")
                    return JsonValue.Create(text);
                return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
                    ? JsonValue.Create(number)
                    : throw Wrong(where, "a number");
            case ShapeKind.Timestamp:
                return Timestamp(text.Trim(), where);
            case ShapeKind.Blob:
                return Blob(text.Trim(), where);
            case ShapeKind.Structure or ShapeKind.List or ShapeKind.Map:
                throw Wrong(where, "elements");
            default:
                return Text(shape, text);
        }
    }

    /// <summary>
    /// IAM sends policy documents as URL-encoded JSON; the AWS CLI prints them as objects (botocore's handler goes by the
    /// shape's name, and keeps the text where it does not parse).
    /// </summary>
    private static JsonNode? Text(Shape shape, string text)
    {
        if (shape.Name == Shape.PolicyDocument)
        {
            try
            {
                if (JsonNode.Parse(Uri.UnescapeDataString(text)) is JsonObject policy)
                    return policy;
            }
            catch (JsonException)
            {
                return JsonValue.Create(text);
            }
        }
        return JsonValue.Create(text);
    }

    private static JsonValue Timestamp(string text, string where) =>
        Timestamps.TryParse(text, out var utc) ? JsonValue.Create(Timestamps.Iso(utc)) : throw Wrong(where, "a time");

    private static JsonValue Blob(string text, string where)
    {
        var buffer = ArrayPool<byte>.Shared.Rent((text.Length / 4 * 3) + 3);
        try
        {
            return Convert.TryFromBase64String(text, buffer, out _) ? JsonValue.Create(text) : throw Wrong(where, "base64");
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static string Utf8(ReadOnlyMemory<byte> body) => Encoding.UTF8.GetString(body.Span);

    private static MalformedReplyException Wrong(string where, string expected) =>
        new($"{where} is not {expected}.");
}

/// <summary>A reply that is not what the service model says. The SDK's pipeline passes client exceptions through.</summary>
internal sealed class MalformedReplyException : AmazonClientException
{
    public MalformedReplyException(string message) : base(message)
    {
    }

    public MalformedReplyException(string message, Exception cause) : base(message, cause)
    {
    }
}
