using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml;
using Scanner.Aws.Models;

namespace Loopback.Aws;

/// <summary>From the JSON that the AWS CLI prints to what goes over the wire. Shares only the models' data with the client.</summary>
internal static class ReplyWriter
{
    public sealed record Reply(int Status, string ContentType, byte[] Body, List<KeyValuePair<string, string>> Headers);

    /// <summary>A successful reply.</summary>
    /// <exception cref="InvalidOperationException">The reply does not fit the model: the test is wrong.</exception>
    public static Reply Success(OperationModel operation, JsonObject reply)
    {
        var shape = operation.Output?.Shape;
        foreach (var (name, _) in reply)
        {
            if (shape?.FindMember(name) is null)
                throw new InvalidOperationException($"{operation.Service.Service}:{operation.Name} returns no {name}.");
        }
        var headers = new List<KeyValuePair<string, string>>();
        switch (operation.Service.Protocol)
        {
            case Protocol.Json:
                return new(200, "application/x-amz-json-" + operation.Service.JsonVersion, Json(shape, reply), headers);
            case Protocol.Query:
                return new(200, "text/xml", Xml(operation.Name + "Response", operation.Service.XmlNamespace, xml =>
                {
                    if (operation.ResultWrapper is { } wrapper)
                        xml.WriteStartElement(wrapper);
                    if (shape is not null)
                        XmlMembers(xml, shape, reply);
                    if (operation.ResultWrapper is not null)
                        xml.WriteEndElement();
                    xml.WriteStartElement("ResponseMetadata");
                    xml.WriteElementString("RequestId", "00000000-0000-0000-0000-000000000000");
                    xml.WriteEndElement();
                }), headers);
            case Protocol.Ec2:
                return new(200, "text/xml", Xml(operation.Name + "Response", "http://ec2.amazonaws.com/doc/" + operation.Service.ApiVersion + "/", xml =>
                {
                    xml.WriteElementString("requestId", "00000000-0000-0000-0000-000000000000");
                    if (shape is not null)
                        XmlMembers(xml, shape, reply);
                }), headers);
            default:
                return Rest(operation, shape, reply, headers);
        }
    }

    private static Reply Rest(OperationModel operation, Shape? shape, JsonObject reply, List<KeyValuePair<string, string>> headers)
    {
        var status = 200;
        foreach (var member in shape?.Members ?? [])
        {
            if (reply[member.Name] is not { } value)
                continue;
            switch (member.Location)
            {
                case "header": headers.Add(new(member.WireName, Scalar(member, value, "rfc822"))); break;
                case "headers":
                    foreach (var (key, text) in (JsonObject)value)
                        headers.Add(new(member.LocationName + key, text!.ToString()));
                    break;
                case "statusCode": status = value.GetValue<int>(); break;
                default: break;
            }
        }
        var xml = operation.Service.Protocol == Protocol.RestXml;
        var type = xml ? "application/xml" : "application/json";
        if (operation.Method == "HEAD" || shape is null)
            return new(status, type, [], headers);
        if (shape.Payload is { } payloadName)
        {
            var payload = shape.FindMember(payloadName)!;
            var value = reply[payloadName];
            return payload.Shape.Kind switch
            {
                ShapeKind.String => new(status, type, Encoding.UTF8.GetBytes(value?.ToString() ?? ""), headers),
                ShapeKind.Blob => new(status, "application/octet-stream", Convert.FromBase64String(value?.ToString() ?? ""), headers),
                _ when !xml => new(status, type, Json(payload.Shape, (JsonObject?)value ?? []), headers),
                _ => new(status, type, Xml(payload.LocationName ?? payload.Shape.LocationName ?? payload.Shape.Name, operation.Service.XmlNamespace, w => XmlMembers(w, payload.Shape, (JsonObject?)value ?? [])), headers),
            };
        }
        if (!shape.Members.Any(m => m.Location is null))
            return new(status, type, [], headers);
        if (!xml)
            return new(status, type, Json(shape, reply), headers);
        if (operation.Name == "GetBucketLocation")
            return new(status, type, Xml("LocationConstraint", Namespace(operation), w => w.WriteString(reply["LocationConstraint"]?.ToString() ?? "")), headers);
        // S3's roots have names of their own that the model does not say; the client must not depend on them.
        return new(status, type, Xml(operation.Service.Service == "s3" ? operation.Name + "Result" : shape.Name, Namespace(operation), w => XmlMembers(w, shape, reply)), headers);
    }

    private static string? Namespace(OperationModel operation) =>
        operation.Service.XmlNamespace ?? (operation.Service.Service == "s3" ? "http://s3.amazonaws.com/doc/2006-03-01/" : null);

    /// <summary>An error in the protocol's shape.</summary>
    public static Reply Error(OperationModel operation, string code, int status, string message)
    {
        var headers = new List<KeyValuePair<string, string>>();
        if (operation.Method == "HEAD")
            return new(status, "application/xml", [], headers);
        switch (operation.Service.Protocol)
        {
            case Protocol.Json:
                return new(status, "application/x-amz-json-" + operation.Service.JsonVersion,
                    Encoding.UTF8.GetBytes(new JsonObject { ["__type"] = "com.amazonaws.loopback#" + code, ["Message"] = message }.ToJsonString()), headers);
            case Protocol.RestJson:
                headers.Add(new("x-amzn-ErrorType", code + ":http://internal.amazon.com/coral/com.amazonaws.loopback/"));
                return new(status, "application/json", Encoding.UTF8.GetBytes(new JsonObject { ["message"] = message }.ToJsonString()), headers);
            case Protocol.Ec2:
                return new(status, "text/xml", Xml("Response", null, xml =>
                {
                    xml.WriteStartElement("Errors");
                    XmlError(xml, code, message);
                    xml.WriteEndElement();
                    xml.WriteElementString("RequestID", "0");
                }), headers);
            case Protocol.RestXml when operation.Service.Service == "s3":
                return new(status, "application/xml", Xml("Error", null, xml =>
                {
                    xml.WriteElementString("Code", code);
                    xml.WriteElementString("Message", message);
                }), headers);
            default:
                return new(status, "text/xml", Xml("ErrorResponse", operation.Service.XmlNamespace, xml =>
                {
                    XmlError(xml, code, message);
                    xml.WriteElementString("RequestId", "0");
                }), headers);
        }
    }

    /// <summary>A reply in the right shape, except that one member is a text that must not be one; null when the output has none such.</summary>
    public static Reply? WrongKind(OperationModel operation)
    {
        var shape = operation.Output?.Shape;
        if (shape?.Payload is { } payload)
            shape = shape.FindMember(payload)!.Shape;
        if (shape is null || shape.Kind != ShapeKind.Structure || operation.Name == "GetBucketLocation")
            return null;
        var json = operation.Service.Protocol is Protocol.Json or Protocol.RestJson;
        var member = shape.Members.FirstOrDefault(m =>
            m.Location is null && !m.XmlAttribute && (json || !(m.Flattened || m.Shape.Flattened))
            && m.Shape.Kind is ShapeKind.List or ShapeKind.Map or ShapeKind.Structure or ShapeKind.Boolean or ShapeKind.Integer
            && !(m.Shape.Kind is ShapeKind.Structure && m.Shape.Members.Count == 0));
        if (member is null)
            return null;
        if (json)
            return new(200, "application/json", Encoding.UTF8.GetBytes(new JsonObject { [member.WireName] = "wrong" }.ToJsonString()), []);
        var root = operation.Service.Protocol is Protocol.Query or Protocol.Ec2 ? operation.Name + "Response" : shape.Name;
        return new(200, "text/xml", Xml(root, operation.Service.XmlNamespace, xml =>
        {
            if (operation.ResultWrapper is { } wrapper)
                xml.WriteStartElement(wrapper);
            xml.WriteElementString(member.WireName, "wrong");
            if (operation.ResultWrapper is not null)
                xml.WriteEndElement();
        }), []);
    }

    /// <summary>The reply of an account where there is nothing: empty lists and maps at the top, and where pages bring their items.</summary>
    public static JsonObject Empty(OperationModel operation)
    {
        var reply = new JsonObject();
        var shape = operation.Output?.Shape;
        foreach (var member in shape?.Members ?? [])
        {
            if (member.Location is not null)
                continue;
            if (member.Shape.Kind is ShapeKind.List)
                reply[member.Name] = new JsonArray();
            else if (member.Shape.Kind is ShapeKind.Map)
                reply[member.Name] = new JsonObject();
        }
        foreach (var result in operation.Pagination?.Results ?? [])
        {
            var at = reply;
            var within = shape;
            for (var i = 0; i < result.Path.Count - 1 && within is not null; i++)
            {
                within = within.FindMember(result.Path[i])?.Shape;
                if (at[result.Path[i]] is not JsonObject inner)
                    at[result.Path[i]] = inner = [];
                at = inner;
            }
            if (within?.FindMember(result.Path[^1])?.Shape.Kind is ShapeKind.List && result.Path.Count > 1)
                at[result.Path[^1]] = new JsonArray();
        }
        return reply;
    }

    private static void XmlError(XmlWriter xml, string code, string message)
    {
        xml.WriteStartElement("Error");
        xml.WriteElementString("Type", "Sender");
        xml.WriteElementString("Code", code);
        xml.WriteElementString("Message", message);
        xml.WriteEndElement();
    }

    private static byte[] Json(Shape? shape, JsonObject value)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            if (shape is null)
            {
                json.WriteStartObject();
                json.WriteEndObject();
            }
            else
            {
                Json(json, shape, null, value);
            }
        }
        return stream.ToArray();
    }

    private static void Json(Utf8JsonWriter json, Shape shape, ShapeRef? use, JsonNode? value)
    {
        if (value is null)
        {
            json.WriteNullValue();
            return;
        }
        switch (shape.Kind)
        {
            case ShapeKind.Structure:
                json.WriteStartObject();
                foreach (var (name, element) in (JsonObject)value)
                {
                    var member = Member(shape, name);
                    if (member.Location is not null)
                        continue;
                    json.WritePropertyName(member.WireName);
                    Json(json, member.Shape, member, element);
                }
                json.WriteEndObject();
                break;
            case ShapeKind.List:
                json.WriteStartArray();
                foreach (var element in (JsonArray)value)
                    Json(json, shape.Member!.Shape, shape.Member, element);
                json.WriteEndArray();
                break;
            case ShapeKind.Map:
                json.WriteStartObject();
                foreach (var (key, element) in (JsonObject)value)
                {
                    json.WritePropertyName(key);
                    Json(json, shape.Value!.Shape, shape.Value, element);
                }
                json.WriteEndObject();
                break;
            case ShapeKind.Timestamp:
                var format = use?.TimestampFormat ?? shape.TimestampFormat ?? "unixTimestamp";
                if (format == "unixTimestamp")
                    json.WriteRawValue(Time(value, format));
                else
                    json.WriteStringValue(Time(value, format));
                break;
            default:
                value.WriteTo(json);
                break;
        }
    }

    private static ShapeRef Member(Shape shape, string name) =>
        shape.FindMember(name) ?? throw new InvalidOperationException($"{shape.Name} has no member {name}.");

    private static byte[] Xml(string root, string? ns, Action<XmlWriter> content)
    {
        using var stream = new MemoryStream();
        using (var xml = XmlWriter.Create(stream, new XmlWriterSettings { Encoding = new UTF8Encoding(false) }))
        {
            // The prefix-free namespace is written as an attribute, as AWS does; children inherit it on reading.
            xml.WriteStartElement(root);
            if (!string.IsNullOrEmpty(ns))
                xml.WriteAttributeString("data-ns", ns);
            content(xml);
            xml.WriteEndElement();
        }
        var text = Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
        return Encoding.UTF8.GetBytes(string.IsNullOrEmpty(ns) ? text : ReplaceFirst(text, "data-ns=", "xmlns="));
    }

    private static string ReplaceFirst(string text, string what, string by)
    {
        var at = text.IndexOf(what, StringComparison.Ordinal);
        return string.Concat(text.AsSpan(0, at), by, text.AsSpan(at + what.Length));
    }

    private static void XmlMembers(XmlWriter xml, Shape shape, JsonObject value)
    {
        foreach (var (name, element) in value)
        {
            var member = Member(shape, name);
            if (!member.XmlAttribute || element is null)
                continue;
            var colon = member.WireName.Split(':');
            if (colon.Length == 2)
                xml.WriteAttributeString(colon[0], colon[1], "http://www.w3.org/2001/XMLSchema-instance", element.ToString());
            else
                xml.WriteAttributeString(member.WireName, element.ToString());
        }
        foreach (var (name, element) in value)
        {
            var member = Member(shape, name);
            if (!member.XmlAttribute && member.Location is null && element is not null)
                XmlMember(xml, member, element);
        }
    }

    private static void XmlMember(XmlWriter xml, ShapeRef member, JsonNode value)
    {
        var shape = member.Shape;
        if (shape.Kind == ShapeKind.List && (shape.Flattened || member.Flattened))
        {
            foreach (var element in (JsonArray)value)
                XmlElement(xml, shape.Member!.LocationName ?? member.WireName, shape.Member, element);
            return;
        }
        if (shape.Kind == ShapeKind.Map && (shape.Flattened || member.Flattened))
        {
            foreach (var (key, element) in (JsonObject)value)
                XmlEntry(xml, member.WireName, shape, key, element);
            return;
        }
        XmlElement(xml, member.WireName, member, value);
    }

    private static void XmlElement(XmlWriter xml, string name, ShapeRef use, JsonNode? value)
    {
        var shape = use.Shape;
        xml.WriteStartElement(name);
        switch (shape.Kind)
        {
            case ShapeKind.Structure:
                XmlMembers(xml, shape, (JsonObject?)value ?? []);
                break;
            case ShapeKind.List:
                foreach (var element in (JsonArray)value!)
                    XmlElement(xml, shape.Member!.LocationName ?? "member", shape.Member, element);
                break;
            case ShapeKind.Map:
                foreach (var (key, element) in (JsonObject)value!)
                    XmlEntry(xml, "entry", shape, key, element);
                break;
            default:
                xml.WriteString(value is null ? "" : Scalar(use, value, "iso8601"));
                break;
        }
        xml.WriteEndElement();
    }

    private static void XmlEntry(XmlWriter xml, string name, Shape shape, string key, JsonNode? value)
    {
        xml.WriteStartElement(name);
        xml.WriteElementString(shape.Key!.LocationName ?? "key", key);
        XmlElement(xml, shape.Value!.LocationName ?? "value", shape.Value, value);
        xml.WriteEndElement();
    }

    private static string Scalar(ShapeRef use, JsonNode value, string format) => use.Shape.Kind switch
    {
        ShapeKind.Timestamp => Time(value, use.TimestampFormat ?? use.Shape.TimestampFormat ?? format),
        ShapeKind.Boolean => value.GetValue<bool>() ? "true" : "false",
        // IAM sends policies URL-encoded.
        ShapeKind.String when use.Shape.Name == "policyDocumentType" => Uri.EscapeDataString(value.ToJsonString()),
        _ when value is JsonValue => value.ToString(),
        _ => throw new InvalidOperationException($"{use.Name} must be a text."),
    };

    private static string Time(JsonNode value, string format)
    {
        var utc = DateTimeOffset.Parse(value.ToString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal).UtcDateTime;
        return format switch
        {
            "unixTimestamp" => ((decimal)(utc - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerSecond).ToString("0.0######", CultureInfo.InvariantCulture),
            "rfc822" => utc.ToString("r", CultureInfo.InvariantCulture),
            _ => utc.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture),
        };
    }
}
