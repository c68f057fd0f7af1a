using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml;
using Scanner.Aws.Models;

namespace Scanner.Aws.Wire;

/// <summary>
/// Parameters, by the names of the service model, to an HTTP request of the service's protocol. Timestamps are given
/// as ISO 8601 text, blobs as base64, as in the AWS CLI's JSON.
/// </summary>
internal static class RequestWriter
{
    /// <summary>Writes the request.</summary>
    /// <exception cref="ParameterException">A parameter is not known, has the wrong kind, or is missing from the path.</exception>
    public static WireRequest Write(OperationModel operation, JsonObject parameters)
    {
        var service = operation.Service;
        var shape = operation.Input?.Shape;
        foreach (var (name, _) in parameters)
        {
            if (shape?.FindMember(name) is null)
                throw new ParameterException($"{operation.Name} has no parameter {name}.");
        }

        var (path, fixedQuery) = Split(operation.RequestUri);
        var request = new WireRequest { Method = operation.Method, Path = path };
        foreach (var pair in fixedQuery)
            request.Query.Add(pair);

        switch (service.Protocol)
        {
            case Protocol.Json:
                request.ContentType = "application/x-amz-json-" + service.JsonVersion;
                request.Headers.Add(new("X-Amz-Target", $"{service.TargetPrefix}.{operation.Name}"));
                if (service.IsQueryCompatible)
                    request.Headers.Add(new("x-amzn-query-mode", "true"));
                request.Body = WriteJson(shape, parameters);
                break;
            case Protocol.Query or Protocol.Ec2:
                request.ContentType = "application/x-www-form-urlencoded; charset=utf-8";
                request.Body = WriteForm(operation, shape, parameters);
                break;
            default:
                WriteRest(request, operation, shape, parameters);
                break;
        }
        if (operation.HostPrefix is { } prefix)
            request.HostPrefix = FillHostPrefix(prefix, shape, parameters);
        // API Gateway answers with hypertext (HAL) unless asked not to.
        if (service.EndpointPrefix == "apigateway" || service.Protocol == Protocol.RestJson)
            request.Headers.Add(new("Accept", "application/json"));
        if (operation.NeedsChecksum && request.Body is { } body)
#pragma warning disable CA5351 // AWS's protocol asks for MD5 as a checksum, not for security.
            request.Headers.Add(new("Content-MD5", Convert.ToBase64String(MD5.HashData(body))));
#pragma warning restore CA5351
        return request;
    }

    private static (string Path, List<KeyValuePair<string, string?>> Query) Split(string uri)
    {
        var query = new List<KeyValuePair<string, string?>>();
        var mark = uri.IndexOf('?', StringComparison.Ordinal);
        if (mark < 0)
            return (uri, query);
        foreach (var part in uri[(mark + 1)..].Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            query.Add(equals < 0 ? new(part, null) : new(part[..equals], part[(equals + 1)..]));
        }
        return (uri[..mark], query);
    }

    private static string FillHostPrefix(string prefix, Shape? shape, JsonObject parameters)
    {
        foreach (var member in shape?.Members ?? [])
        {
            if (!member.HostLabel || !prefix.Contains('{' + member.Name + '}', StringComparison.Ordinal))
                continue;
            var value = parameters[member.Name]?.ToString();
            // The value becomes part of a host name that gets signed requests: nothing but one DNS label.
            if (string.IsNullOrEmpty(value) || value.Length > 63 || !value.All(c => char.IsAsciiLetterOrDigit(c) || c == '-'))
                throw new ParameterException($"{member.Name} must be letters, digits and hyphens.");
            prefix = prefix.Replace('{' + member.Name + '}', value, StringComparison.Ordinal);
        }
        return prefix;
    }

    private static void WriteRest(WireRequest request, OperationModel operation, Shape? shape, JsonObject parameters)
    {
        var named = (shape?.Members ?? []).Where(m => m.Location == "querystring" && m.Shape.Kind != ShapeKind.Map && parameters[m.Name] is not null)
            .Select(m => m.WireName).Concat(request.Query.Select(q => q.Key)).ToHashSet(StringComparer.Ordinal);
        foreach (var member in shape?.Members ?? [])
        {
            var value = parameters[member.Name];
            switch (member.Location)
            {
                case "uri":
                    var label = request.Path.Contains('{' + member.WireName + "+}", StringComparison.Ordinal)
                        ? '{' + member.WireName + "+}"
                        : '{' + member.WireName + '}';
                    var text = value is null ? null : Scalar(member, value, "iso8601");
                    if (string.IsNullOrEmpty(text))
                        throw new ParameterException($"{operation.Name} needs the parameter {member.Name}.");
                    request.Labels.Add(new(label, text));
                    break;
                case "querystring" when value is not null:
                    WriteQueryString(request, member, value, named);
                    break;
                case "header" when value is JsonArray { Count: 0 }:
                    break;
                case "header" when value is JsonArray list:
                    request.Headers.Add(new(member.WireName, string.Join(", ", list.Select(e => HeaderElement(member.Shape.Member ?? member, e)))));
                    break;
                case "header" when value is not null:
                    request.Headers.Add(new(member.WireName, Scalar(member, value, "rfc822")));
                    break;
                case "headers" when value is JsonObject map:
                    foreach (var (key, element) in map)
                        request.Headers.Add(new(member.LocationName + key, element?.ToString() ?? ""));
                    break;
                default:
                    break;
            }
        }

        if (shape is not null)
            WriteRestBody(request, operation, shape, parameters);
    }

    // A text in a list is quoted where it would fall apart or look quoted.
    private static string HeaderElement(ShapeRef use, JsonNode? value)
    {
        var text = Scalar(use, value, "rfc822");
        return use.Shape.Kind == ShapeKind.String && text.AsSpan().ContainsAny(',', '"')
            ? '"' + text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + '"'
            : text;
    }

    private static void WriteQueryString(WireRequest request, ShapeRef member, JsonNode value, HashSet<string> named)
    {
        switch (value)
        {
            case JsonArray list:
                foreach (var element in list)
                    request.Query.Add(new(member.WireName, Scalar(member.Shape.Member ?? member, element, "iso8601")));
                break;
            case JsonObject map:
                foreach (var (key, element) in map)
                {
                    // What a parameter of its own says is not said twice.
                    if (named.Contains(key))
                        continue;
                    if (element is not JsonArray several)
                        request.Query.Add(new(key, element?.ToString() ?? ""));
                    else
                        request.Query.AddRange(several.Select(one => KeyValuePair.Create(key, one?.ToString())));
                }
                break;
            default:
                request.Query.Add(new(member.WireName, Scalar(member, value, "iso8601")));
                break;
        }
    }

    private static void WriteRestBody(WireRequest request, OperationModel operation, Shape shape, JsonObject parameters)
    {
        var xml = operation.Service.Protocol == Protocol.RestXml;
        if (shape.Payload is { } payloadName)
        {
            var payload = shape.FindMember(payloadName)!;
            var value = parameters[payloadName];
            if (value is null && !xml && payload.Shape.Kind == ShapeKind.Structure && request.Method is not ("GET" or "HEAD"))
                value = new JsonObject();
            if (value is null)
                return;
            request.ContentType = payload.Shape.Kind switch
            {
                ShapeKind.Blob => "application/octet-stream",
                ShapeKind.String => "text/plain",
                _ => xml ? "application/xml" : "application/json",
            };
            if (payload.Shape.Kind is ShapeKind.Blob)
                request.Body = FromBase64(payload, value);
            else if (payload.Shape.Kind is ShapeKind.String)
                request.Body = Encoding.UTF8.GetBytes(value.ToString());
            else if (value is not JsonObject payloadObject)
                throw new ParameterException($"{payloadName} must be an object.");
            else if (xml)
                request.Body = WriteXml(payload.LocationName ?? payload.Shape.LocationName ?? payload.Shape.Name, payload.XmlNamespace ?? operation.Service.XmlNamespace, payload.Shape, payloadObject);
            else
                request.Body = WriteJson(payload.Shape, payloadObject);
            return;
        }
        var given = shape.Members.Any(m => m.Location is null && parameters[m.Name] is not null);
        if (!given && (xml || request.Method is "GET" or "HEAD" || !shape.Members.Any(m => m.Location is null)))
            return;
        if (xml)
        {
            request.Body = WriteXml(operation.Input!.LocationName ?? shape.Name, operation.Input.XmlNamespace ?? operation.Service.XmlNamespace, shape, parameters);
            request.ContentType = "application/xml";
        }
        else
        {
            request.Body = WriteJson(shape, parameters);
            request.ContentType = "application/json";
        }
    }

    private static byte[] WriteJson(Shape? shape, JsonObject value)
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
                WriteJson(json, shape, null, value);
            }
        }
        return stream.ToArray();
    }

    private static void WriteJson(Utf8JsonWriter json, Shape shape, ShapeRef? use, JsonNode? value)
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
                foreach (var (name, element) in Members(shape, value))
                {
                    if (name.Location is not null || element is null)
                        continue;
                    json.WritePropertyName(name.WireName);
                    WriteJson(json, name.Shape, name, element);
                }
                json.WriteEndObject();
                break;
            case ShapeKind.List:
                json.WriteStartArray();
                foreach (var element in Elements(shape, value))
                    WriteJson(json, shape.Member!.Shape, shape.Member, element);
                json.WriteEndArray();
                break;
            case ShapeKind.Map:
                json.WriteStartObject();
                foreach (var (key, element) in AsObject(shape, value))
                {
                    json.WritePropertyName(key);
                    WriteJson(json, shape.Value!.Shape, shape.Value, element);
                }
                json.WriteEndObject();
                break;
            case ShapeKind.Timestamp:
                var format = use?.TimestampFormat ?? shape.TimestampFormat ?? "unixTimestamp";
                var text = Timestamps.Write(Time(shape.Name, value), format);
                if (format == "unixTimestamp")
                    json.WriteRawValue(text);
                else
                    json.WriteStringValue(text);
                break;
            case ShapeKind.Integer or ShapeKind.Number:
                json.WriteRawValue(NumberText(shape, value));
                break;
            case ShapeKind.Boolean:
                json.WriteBooleanValue(Bool(shape, value));
                break;
            case ShapeKind.Document:
                value.WriteTo(json);
                break;
            default:
                json.WriteStringValue(value.ToString());
                break;
        }
    }

    private static byte[] WriteForm(OperationModel operation, Shape? shape, JsonObject parameters)
    {
        var form = new StringBuilder();
        form.Append("Action=").Append(operation.Name).Append("&Version=").Append(operation.Service.ApiVersion);
        if (shape is not null)
        {
            if (operation.Service.Protocol == Protocol.Ec2)
                WriteEc2(form, "", shape, null, parameters);
            else
                WriteQuery(form, "", shape, null, parameters);
        }
        return Encoding.UTF8.GetBytes(form.ToString());
    }

    private static void Pair(StringBuilder form, string name, string value) =>
        form.Append('&').Append(Uri.EscapeDataString(name)).Append('=').Append(Uri.EscapeDataString(value));

    private static string Join(string prefix, string name) => prefix.Length == 0 ? name : prefix + "." + name;

    private static void WriteQuery(StringBuilder form, string prefix, Shape shape, ShapeRef? use, JsonNode? value)
    {
        if (value is null)
            return;
        switch (shape.Kind)
        {
            case ShapeKind.Structure:
                foreach (var (member, element) in Members(shape, value))
                    WriteQuery(form, Join(prefix, member.WireName), member.Shape, member, element);
                break;
            case ShapeKind.List:
                var elements = Elements(shape, value);
                if (elements.Count == 0)
                {
                    Pair(form, prefix, "");
                    break;
                }
                string start;
                if (shape.Flattened || use?.Flattened == true)
                {
                    // The element's own name takes the place of the list's.
                    var own = shape.Member!.LocationName;
                    var dot = prefix.LastIndexOf('.');
                    start = own is null ? prefix : dot < 0 ? own : string.Concat(prefix.AsSpan(0, dot + 1), own);
                }
                else
                {
                    start = Join(prefix, shape.Member!.LocationName ?? "member");
                }
                for (var i = 0; i < elements.Count; i++)
                    WriteQuery(form, string.Create(CultureInfo.InvariantCulture, $"{start}.{i + 1}"), shape.Member!.Shape, shape.Member, elements[i]);
                break;
            case ShapeKind.Map:
                var entry = shape.Flattened || use?.Flattened == true ? prefix : prefix + ".entry";
                var n = 0;
                foreach (var (key, element) in AsObject(shape, value))
                {
                    n++;
                    var at = string.Create(CultureInfo.InvariantCulture, $"{entry}.{n}.");
                    Pair(form, at + (shape.Key!.LocationName ?? "key"), key);
                    WriteQuery(form, at + (shape.Value!.LocationName ?? "value"), shape.Value.Shape, shape.Value, element);
                }
                break;
            default:
                Pair(form, prefix, Scalar(shape, use, value, "iso8601"));
                break;
        }
    }

    private static void WriteEc2(StringBuilder form, string prefix, Shape shape, ShapeRef? use, JsonNode? value)
    {
        if (value is null)
            return;
        switch (shape.Kind)
        {
            case ShapeKind.Structure:
                foreach (var (member, element) in Members(shape, value))
                {
                    var name = member.QueryName ?? (char.ToUpperInvariant(member.WireName[0]) + member.WireName[1..]);
                    WriteEc2(form, Join(prefix, name), member.Shape, member, element);
                }
                break;
            case ShapeKind.List:
                var elements = Elements(shape, value);
                for (var i = 0; i < elements.Count; i++)
                    WriteEc2(form, string.Create(CultureInfo.InvariantCulture, $"{prefix}.{i + 1}"), shape.Member!.Shape, shape.Member, elements[i]);
                break;
            default:
                Pair(form, prefix, Scalar(shape, use, value, "iso8601"));
                break;
        }
    }

    private static byte[] WriteXml(string root, string? xmlNamespace, Shape shape, JsonObject value)
    {
        using var stream = new MemoryStream();
        using (var xml = XmlWriter.Create(stream, new XmlWriterSettings { Encoding = new UTF8Encoding(false), OmitXmlDeclaration = true }))
        {
            xml.WriteStartElement("", root, xmlNamespace ?? "");
            WriteXmlMembers(xml, shape, value, xmlNamespace ?? "");
            xml.WriteEndElement();
        }
        return stream.ToArray();
    }

    private static void WriteXmlMembers(XmlWriter xml, Shape shape, JsonNode value, string ns)
    {
        foreach (var (member, element) in Members(shape, value))
        {
            if (member.XmlAttribute && element is not null)
            {
                var colon = member.WireName.IndexOf(':', StringComparison.Ordinal);
                if (colon < 0)
                    xml.WriteAttributeString(member.WireName, element.ToString());
                else
                    xml.WriteAttributeString(member.WireName[..colon], member.WireName[(colon + 1)..], "http://www.w3.org/2001/XMLSchema-instance", element.ToString());
            }
        }
        foreach (var (member, element) in Members(shape, value))
        {
            if (!member.XmlAttribute && member.Location is null && element is not null)
                WriteXml(xml, member.WireName, member.Shape, member, element, ns);
        }
    }

    private static void WriteXml(XmlWriter xml, string name, Shape shape, ShapeRef use, JsonNode? value, string ns)
    {
        if (value is null)
            return;
        switch (shape.Kind)
        {
            case ShapeKind.Structure:
                xml.WriteStartElement("", name, ns);
                WriteXmlMembers(xml, shape, value, ns);
                xml.WriteEndElement();
                break;
            case ShapeKind.List when shape.Flattened || use.Flattened:
                foreach (var element in Elements(shape, value))
                    WriteXml(xml, name, shape.Member!.Shape, shape.Member, element, ns);
                break;
            case ShapeKind.List:
                xml.WriteStartElement("", name, ns);
                foreach (var element in Elements(shape, value))
                    WriteXml(xml, shape.Member!.LocationName ?? "member", shape.Member.Shape, shape.Member, element, ns);
                xml.WriteEndElement();
                break;
            case ShapeKind.Map:
                var flattened = shape.Flattened || use.Flattened;
                if (!flattened)
                    xml.WriteStartElement("", name, ns);
                foreach (var (key, element) in AsObject(shape, value))
                {
                    xml.WriteStartElement("", flattened ? name : "entry", ns);
                    xml.WriteElementString("", shape.Key!.LocationName ?? "key", ns, key);
                    WriteXml(xml, shape.Value!.LocationName ?? "value", shape.Value.Shape, shape.Value, element, ns);
                    xml.WriteEndElement();
                }
                if (!flattened)
                    xml.WriteEndElement();
                break;
            default:
                xml.WriteElementString("", name, ns, Scalar(shape, use, value, "iso8601"));
                break;
        }
    }

    private static string Scalar(ShapeRef use, JsonNode? value, string timestampFormat) => Scalar(use.Shape, use, value, timestampFormat);

    private static string Scalar(Shape shape, ShapeRef? use, JsonNode? value, string timestampFormat) => shape.Kind switch
    {
        ShapeKind.Timestamp => Timestamps.Write(Time(shape.Name, value), use?.TimestampFormat ?? shape.TimestampFormat ?? timestampFormat),
        ShapeKind.Boolean => Bool(shape, value) ? "true" : "false",
        ShapeKind.Integer or ShapeKind.Number => NumberText(shape, value),
        ShapeKind.String or ShapeKind.Blob when value is JsonValue => value.ToString(),
        _ => throw new ParameterException($"A value of {shape.Name} must be a text."),
    };

    private static DateTime Time(string name, JsonNode? value) =>
        value is JsonValue && Timestamps.TryParse(value.ToString(), out var utc)
            ? utc
            : throw new ParameterException($"{name} must be a time, such as 2026-01-31T12:00:00Z.");

    private static bool Bool(Shape shape, JsonNode? value) => value switch
    {
        JsonValue v when v.GetValueKind() == JsonValueKind.True => true,
        JsonValue v when v.GetValueKind() == JsonValueKind.False => false,
        JsonValue v when bool.TryParse(v.ToString(), out var parsed) => parsed,
        _ => throw new ParameterException($"{shape.Name} must be true or false."),
    };

    private static string NumberText(Shape shape, JsonNode? value)
    {
        var text = value is JsonValue ? value.ToString() : "";
        var valid = shape.Kind == ShapeKind.Integer
            ? long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _)
            : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number);
        return valid ? text : throw new ParameterException($"{shape.Name} must be a number.");
    }

    private static byte[] FromBase64(ShapeRef member, JsonNode value)
    {
        try
        {
            return Convert.FromBase64String(value.ToString());
        }
        catch (FormatException)
        {
            throw new ParameterException($"{member.Name} must be base64.");
        }
    }

    private static JsonObject AsObject(Shape shape, JsonNode value) =>
        value as JsonObject ?? throw new ParameterException($"{shape.Name} must be an object.");

    private static JsonArray Elements(Shape shape, JsonNode value) =>
        value as JsonArray ?? throw new ParameterException($"{shape.Name} must be a list.");

    private static IEnumerable<(ShapeRef Member, JsonNode? Value)> Members(Shape shape, JsonNode value)
    {
        foreach (var (name, element) in AsObject(shape, value))
            yield return (shape.FindMember(name) ?? throw new ParameterException($"{shape.Name} has no member {name}."), element);
    }
}

/// <summary>Parameters that do not fit the operation's input; the call is not sent.</summary>
internal sealed class ParameterException(string message) : Exception(message);
