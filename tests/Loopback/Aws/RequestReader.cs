using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Microsoft.AspNetCore.Http;
using Scanner.Aws.Models;

namespace Loopback.Aws;

/// <summary>From an HTTP request to operation and parameters, as a service would see them. Shares only the models' data with the client.</summary>
internal static class RequestReader
{
    private static readonly ILookup<string, ServiceModel> BySigningName =
        ServiceModel.ReadByTables.Select(s => ServiceModel.Find(s)!).ToLookup(m => m.SigningName, StringComparer.Ordinal);

    // Read where nobody else answers to a name: there are hundreds.
    private static readonly Lazy<ILookup<string, ServiceModel>> OthersBySigningName =
        new(() => ServiceModel.Others.Select(s => ServiceModel.Find(s)!).ToLookup(m => m.SigningName, StringComparer.Ordinal));

    private static readonly ConcurrentDictionary<string, Route[]> Routes = new(StringComparer.Ordinal);

    private sealed record Route(OperationModel Operation, string[] Segments, string[] FixedQuery)
    {
        public int Literals { get; } = Segments.Count(s => !s.StartsWith('{'));
    }

    /// <summary>Which operation, and with which parameters; null when no model knows it.</summary>
    public static (OperationModel Operation, JsonObject Parameters)? Read(string? signingName, HttpRequest request, string rawTarget, byte[] body)
    {
        var candidates = signingName is null ? [ServiceModel.Find("sts")!] : BySigningName.Contains(signingName) ? BySigningName[signingName].ToArray() : [.. OthersBySigningName.Value[signingName]];
        if (request.Headers.TryGetValue("x-amz-target", out var target))
        {
            foreach (var model in candidates)
            {
                if (model.TargetPrefix is { } prefix && target.ToString().StartsWith(prefix + ".", StringComparison.Ordinal)
                    && model.FindOperation(target.ToString()[(prefix.Length + 1)..]) is { } operation)
                {
                    var json = body.Length == 0 ? [] : (JsonObject)JsonNode.Parse(body)!;
                    return (operation, FromJson(operation.Input?.Shape, json));
                }
            }
            return null;
        }
        if (request.ContentType?.StartsWith("application/x-www-form-urlencoded", StringComparison.Ordinal) == true)
        {
            var form = Pairs(Encoding.UTF8.GetString(body)).ToDictionary(p => p.Key, p => p.Value, StringComparer.Ordinal);
            var model = candidates.FirstOrDefault(m => m.ApiVersion == form.GetValueOrDefault("Version") && m.Protocol is Protocol.Query or Protocol.Ec2);
            return model?.FindOperation(form.GetValueOrDefault("Action") ?? "") is { } operation
                ? (operation, FromForm(operation, form))
                : null;
        }
        return signingName is null ? null : FromRest(signingName, candidates, request, rawTarget, body);
    }

    private static IEnumerable<KeyValuePair<string, string>> Pairs(string text) =>
        text.Split('&', StringSplitOptions.RemoveEmptyEntries).Select(p =>
        {
            var equals = p.IndexOf('=', StringComparison.Ordinal);
            return equals < 0
                ? new KeyValuePair<string, string>(Uri.UnescapeDataString(p), "")
                : new KeyValuePair<string, string>(Uri.UnescapeDataString(p[..equals]), Uri.UnescapeDataString(p[(equals + 1)..]));
        });

    private static JsonObject FromJson(Shape? shape, JsonObject json)
    {
        var result = new JsonObject();
        foreach (var (name, value) in json)
        {
            var member = shape?.FindWire(name) ?? throw new InvalidOperationException($"The request has a member {name} that the model does not know.");
            result[member.Name] = FromJson(member.Shape, member, value);
        }
        return result;
    }

    private static JsonNode? FromJson(Shape shape, ShapeRef use, JsonNode? value) => shape.Kind switch
    {
        _ when value is null => null,
        ShapeKind.Structure => FromJson(shape, (JsonObject)value),
        ShapeKind.List => new JsonArray([.. ((JsonArray)value).Select(e => FromJson(shape.Member!.Shape, shape.Member, e))]),
        ShapeKind.Map => new JsonObject(((JsonObject)value).Select(p => KeyValuePair.Create(p.Key, FromJson(shape.Value!.Shape, shape.Value, p.Value)))),
        ShapeKind.Timestamp => FromTimestamp(value.ToString(), use.TimestampFormat ?? shape.TimestampFormat ?? "unixTimestamp"),
        _ => value.DeepClone(),
    };

    private static JsonNode FromTimestamp(string text, string format)
    {
        var time = format switch
        {
            "unixTimestamp" => DateTimeOffset.UnixEpoch.AddMilliseconds((double)(decimal.Parse(text, CultureInfo.InvariantCulture) * 1000)),
            "rfc822" => DateTimeOffset.ParseExact(text, "r", CultureInfo.InvariantCulture),
            _ => DateTimeOffset.ParseExact(text, ["yyyy-MM-dd'T'HH:mm:ss'Z'", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'"], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal),
        };
        return time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);
    }

    private static JsonNode? FromText(ShapeRef use, string text, string format) => use.Shape.Kind switch
    {
        ShapeKind.Boolean => text switch { "true" => true, "false" => false, _ => throw new InvalidOperationException($"{use.Name}: {text} is no flag.") },
        ShapeKind.Integer => long.Parse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture),
        ShapeKind.Number => double.Parse(text, CultureInfo.InvariantCulture),
        ShapeKind.Timestamp => FromTimestamp(text, use.TimestampFormat ?? use.Shape.TimestampFormat ?? format),
        ShapeKind.String or ShapeKind.Blob => text,
        _ => throw new InvalidOperationException($"{use.Name} is no text."),
    };

    private static JsonObject FromForm(OperationModel operation, Dictionary<string, string> form)
    {
        var left = new HashSet<string>(form.Keys, StringComparer.Ordinal);
        left.Remove("Action");
        left.Remove("Version");
        var ec2 = operation.Service.Protocol == Protocol.Ec2;
        var result = operation.Input is { } input ? (JsonObject)FormStructure(input.Shape, "", form, left, ec2)! : [];
        return left.Count == 0 ? result : throw new InvalidOperationException($"{operation.Name} has no parameter {left.First()}.");
    }

    private static JsonNode? FormValue(ShapeRef use, string prefix, Dictionary<string, string> form, HashSet<string> left, bool ec2)
    {
        var shape = use.Shape;
        switch (shape.Kind)
        {
            case ShapeKind.Structure:
                return FormStructure(shape, prefix + ".", form, left, ec2);
            case ShapeKind.List:
                var flat = ec2 || shape.Flattened || use.Flattened;
                var start = flat ? prefix : prefix + "." + (shape.Member!.LocationName ?? "member");
                if (flat && !ec2 && shape.Member!.LocationName is { } own)
                    start = prefix.Contains('.', StringComparison.Ordinal) ? prefix[..(prefix.LastIndexOf('.') + 1)] + own : own;
                JsonArray? list = form.ContainsKey(prefix) && left.Remove(prefix) ? [] : null;
                for (var i = 1; Any(form, $"{start}.{i}"); i++)
                    (list ??= []).Add(FormValue(shape.Member!, $"{start}.{i}", form, left, ec2));
                return list;
            case ShapeKind.Map:
                var entry = shape.Flattened || use.Flattened ? prefix : prefix + ".entry";
                JsonObject? map = null;
                for (var i = 1; Any(form, $"{entry}.{i}"); i++)
                {
                    var key = $"{entry}.{i}." + (shape.Key!.LocationName ?? "key");
                    left.Remove(key);
                    (map ??= [])[form[key]] = FormValue(shape.Value!, $"{entry}.{i}." + (shape.Value!.LocationName ?? "value"), form, left, ec2);
                }
                return map;
            default:
                return form.TryGetValue(prefix, out var text) && left.Remove(prefix) ? FromText(use, text, "iso8601") : null;
        }
    }

    private static JsonNode? FormStructure(Shape shape, string prefix, Dictionary<string, string> form, HashSet<string> left, bool ec2)
    {
        JsonObject? result = prefix.Length == 0 ? [] : null;
        foreach (var member in shape.Members)
        {
            var name = ec2
                ? member.QueryName ?? (member.LocationName is { } l ? char.ToUpperInvariant(l[0]) + l[1..] : member.Name)
                : member.WireName;
            // A flattened list goes by its element's name.
            var probe = !ec2 && member.Shape.Kind == ShapeKind.List && (member.Shape.Flattened || member.Flattened) ? member.Shape.Member!.LocationName ?? name : name;
            if (Any(form, prefix + probe) && FormValue(member, prefix + name, form, left, ec2) is { } value)
                (result ??= [])[member.Name] = value;
        }
        return result;
    }

    private static bool Any(Dictionary<string, string> form, string prefix)
    {
        if (form.ContainsKey(prefix))
            return true;
        foreach (var key in form.Keys)
        {
            if (key.Length > prefix.Length && key[prefix.Length] == '.' && key.StartsWith(prefix, StringComparison.Ordinal))
                return true;
        }
        return false;
    }

    private static (OperationModel, JsonObject)? FromRest(string signingName, ServiceModel[] candidates, HttpRequest request, string rawTarget, byte[] body)
    {
        var routes = Routes.GetOrAdd(signingName, _ =>
        [
            .. from model in candidates
               where model.Protocol is Protocol.RestJson or Protocol.RestXml
               from name in model.OperationNames
               let operation = model.FindOperation(name)!
               // S3 has two names for some requests (GetBucketLifecycle), of which the longer is the one of today.
               where !(model.OperationNames.Contains(name + "Configuration", StringComparer.Ordinal) && model.FindOperation(name + "Configuration")!.RequestUri == operation.RequestUri)
               let uri = operation.RequestUri.Split('?', 2)
               select new Route(operation, uri[0].Split('/')[1..], uri.Length > 1 ? uri[1].Split('&') : []),
        ]);
        var mark = rawTarget.IndexOf('?', StringComparison.Ordinal);
        var path = mark < 0 ? rawTarget : rawTarget[..mark];
        var query = mark < 0 ? [] : Pairs(rawTarget[(mark + 1)..]).ToList();
        // S3 takes a bucket with and without a slash behind it.
        if (signingName == "s3" && path.Length > 1)
            path = path.TrimEnd('/');
        var segments = path.Split('/')[1..];
        Route? best = null;
        foreach (var route in routes)
        {
            if (route.Operation.Method != request.Method || !Fits(route, segments))
                continue;
            if (!route.FixedQuery.All(f => query.Exists(q => f.Contains('=', StringComparison.Ordinal) ? $"{q.Key}={q.Value}" == f : q.Key == f)))
                continue;
            if (best is null || route.Literals > best.Literals || (route.Literals == best.Literals && route.FixedQuery.Length > best.FixedQuery.Length))
                best = route;
        }
        if (best is null)
            return null;

        var parameters = new JsonObject();
        var shape = best.Operation.Input?.Shape;
        var known = new HashSet<string>(best.FixedQuery.Select(f => f.Split('=')[0]), StringComparer.Ordinal);
        foreach (var member in shape?.Members ?? [])
        {
            switch (member.Location)
            {
                case "uri":
                    var at = Array.FindIndex(best.Segments, s => s == '{' + member.WireName + '}' || s == '{' + member.WireName + "+}");
                    var raw = best.Segments[at].EndsWith("+}", StringComparison.Ordinal) ? string.Join('/', segments[at..]) : segments[at];
                    parameters[member.Name] = FromText(member, Uri.UnescapeDataString(raw), "iso8601");
                    break;
                case "querystring" when member.Shape.Kind == ShapeKind.List:
                    var several = query.Where(q => q.Key == member.WireName).Select(q => FromText(member.Shape.Member!, q.Value, "iso8601")).ToArray();
                    if (several.Length > 0)
                        parameters[member.Name] = new JsonArray(several);
                    known.Add(member.WireName);
                    break;
                case "querystring" when member.Shape.Kind == ShapeKind.Map:
                    parameters[member.Name] = new JsonObject(query.Where(q => !known.Contains(q.Key)).Select(q => KeyValuePair.Create(q.Key, (JsonNode?)q.Value)));
                    known.UnionWith(query.Select(q => q.Key));
                    break;
                case "querystring":
                    known.Add(member.WireName);
                    foreach (var pair in query)
                    {
                        if (pair.Key == member.WireName)
                            parameters[member.Name] = FromText(member, pair.Value, "iso8601");
                    }
                    break;
                case "header" when request.Headers.TryGetValue(member.WireName, out var header):
                    parameters[member.Name] = member.Shape.Kind == ShapeKind.List
                        ? new JsonArray([.. header.ToString().Split(',').Select(h => FromText(member.Shape.Member!, h, "rfc822"))])
                        : FromText(member, header.ToString(), "rfc822");
                    break;
                default:
                    break;
            }
        }
        if (query.Find(q => !known.Contains(q.Key)) is { Key: { } unknown })
            throw new InvalidOperationException($"{best.Operation.Name} has no query parameter {unknown}.");
        if (body.Length > 0 && shape is not null)
        {
            var into = shape.Payload is { } payload ? shape.FindMember(payload)!.Shape : shape;
            var content = best.Operation.Service.Protocol == Protocol.RestJson
                ? FromJson(into, (JsonObject)JsonNode.Parse(body)!)
                : FromXml(into, XElement.Parse(Encoding.UTF8.GetString(body)));
            if (shape.Payload is { } name)
            {
                parameters[name] = content;
            }
            else
            {
                foreach (var (member, value) in content)
                    parameters[member] = value?.DeepClone();
            }
        }
        return (best.Operation, parameters);
    }

    private static bool Fits(Route route, string[] segments)
    {
        for (var i = 0; i < route.Segments.Length; i++)
        {
            var wanted = route.Segments[i];
            if (wanted.EndsWith("+}", StringComparison.Ordinal))
                return i < segments.Length && segments[i].Length > 0;
            if (i >= segments.Length || (wanted.StartsWith('{') ? segments[i].Length == 0 : wanted != segments[i]))
                return false;
        }
        return route.Segments.Length == segments.Length;
    }

    private static JsonObject FromXml(Shape shape, XElement element)
    {
        var result = new JsonObject();
        foreach (var member in shape.Members)
        {
            var children = element.Elements().Where(e => e.Name.LocalName == member.WireName).ToArray();
            if (children.Length == 0)
                continue;
            result[member.Name] = member.Shape.Kind switch
            {
                ShapeKind.Structure => FromXml(member.Shape, children[0]),
                ShapeKind.List => new JsonArray([
                    .. (member.Shape.Flattened || member.Flattened ? children : [.. children[0].Elements()])
                        .Select(e => member.Shape.Member!.Shape.Kind == ShapeKind.Structure ? FromXml(member.Shape.Member.Shape, e) : FromText(member.Shape.Member, e.Value, "iso8601"))]),
                _ => FromText(member, children[0].Value, "iso8601"),
            };
        }
        return result;
    }
}
