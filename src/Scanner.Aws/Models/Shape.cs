using System.Text.Json;

namespace Scanner.Aws.Models;

/// <summary>A shape of a service model.</summary>
public sealed class Shape
{
    internal const string PolicyDocument = "policyDocumentType";

    private Dictionary<string, ShapeRef>? _byName;
    private Dictionary<string, ShapeRef>? _byWireName;
    private Dictionary<string, ShapeRef>? _byXmlName;

    internal Shape(ServiceModel model, string name, JsonElement json)
    {
        Name = name;
        Kind = json.GetProperty("type").GetString() switch
        {
            "structure" when json.TryGetProperty("document", out _) => ShapeKind.Document,
            "structure" => ShapeKind.Structure,
            "list" => ShapeKind.List,
            "map" => ShapeKind.Map,
            "integer" or "long" or "short" or "byte" or "biginteger" => ShapeKind.Integer,
            "float" or "double" or "bigdecimal" => ShapeKind.Number,
            "boolean" => ShapeKind.Boolean,
            "timestamp" => ShapeKind.Timestamp,
            "blob" => ShapeKind.Blob,
            _ => ShapeKind.String,
        };
        Flattened = json.TryGetProperty("flattened", out _);
        if (json.TryGetProperty("payload", out var payload))
            Payload = payload.GetString();
        if (json.TryGetProperty("timestampFormat", out var format))
            TimestampFormat = format.GetString();
        if (json.TryGetProperty("locationName", out var location))
            LocationName = location.GetString();
        if (json.TryGetProperty("member", out var member))
            Member = new ShapeRef(model, "", member);
        if (json.TryGetProperty("key", out var key))
            Key = new ShapeRef(model, "", key);
        if (json.TryGetProperty("value", out var value))
            Value = new ShapeRef(model, "", value);
        if (json.TryGetProperty("required", out var required))
            Required = [.. required.EnumerateArray().Select(element => element.GetString()!)];
        if (json.TryGetProperty("members", out var members))
        {
            var list = new List<ShapeRef>();
            foreach (var property in members.EnumerateObject())
                list.Add(new ShapeRef(model, property.Name, property.Value));
            Members = list;
        }
    }

    /// <summary>Shape name, such as <c>policyDocumentType</c>.</summary>
    public string Name { get; }

    /// <summary>What it is.</summary>
    public ShapeKind Kind { get; }

    /// <summary>Structures: members in the model's order.</summary>
    public IReadOnlyList<ShapeRef> Members { get; } = [];

    /// <summary>Structures of requests: the members that AWS does not do without. Replies say nothing of theirs.</summary>
    public IReadOnlyList<string> Required { get; } = [];

    /// <summary>
    /// Whether the shape does not tell what is in it: free JSON, and IAM's policy documents, which are URL-encoded text on
    /// the wire and JSON in our replies.
    /// </summary>
    public bool IsOpaque => Kind == ShapeKind.Document || Name == PolicyDocument;

    /// <summary>Lists: the element.</summary>
    public ShapeRef? Member { get; }

    /// <summary>Maps: the key.</summary>
    public ShapeRef? Key { get; }

    /// <summary>Maps: the value.</summary>
    public ShapeRef? Value { get; }

    /// <summary>Lists and maps whose elements stand where the list would.</summary>
    internal bool Flattened { get; }

    /// <summary>Name of the member that is the whole body.</summary>
    internal string? Payload { get; }

    /// <summary>Timestamps: format where it is not the protocol's own.</summary>
    internal string? TimestampFormat { get; }

    /// <summary>XML element name of a payload, and of a list wherever its use names none.</summary>
    internal string? LocationName { get; }

    /// <summary>The member of that name, or null.</summary>
    public ShapeRef? FindMember(string name)
    {
        if (_byName is null)
        {
            var index = new Dictionary<string, ShapeRef>(Members.Count, StringComparer.Ordinal);
            foreach (var member in Members)
                index[member.Name] = member;
            _byName = index;
        }
        return _byName.GetValueOrDefault(name);
    }

    /// <summary>The body member that stands in an element of that name, or null.</summary>
    internal ShapeRef? FindXml(string elementName)
    {
        if (_byXmlName is null)
        {
            var index = new Dictionary<string, ShapeRef>(Members.Count, StringComparer.Ordinal);
            foreach (var member in Members)
            {
                if (member.IsInReplyBody && !member.XmlAttribute)
                    index[member.XmlName] = member;
            }
            // Models made of Smithy's name flattened lists by the member, and still name the element; a list's shape may name it too.
            foreach (var member in Members)
            {
                if (member.IsInReplyBody && !member.XmlAttribute)
                    index.TryAdd(member.WireName, member);
                if (member.IsInReplyBody && member.Shape is { Kind: ShapeKind.List, LocationName: { } name })
                    index.TryAdd(name, member);
            }
            _byXmlName = index;
        }
        return _byXmlName.GetValueOrDefault(elementName);
    }

    /// <summary>The member that is an attribute of that name, without its prefix, or null. Few shapes have any.</summary>
    internal ShapeRef? FindXmlAttribute(string name)
    {
        foreach (var member in Members)
        {
            if (member.XmlAttribute && member.WireName.AsSpan(member.WireName.IndexOf(':') + 1).SequenceEqual(name))
                return member;
        }
        return null;
    }

    /// <summary>The body member with that name on the wire, or null.</summary>
    internal ShapeRef? FindWire(string wireName)
    {
        if (_byWireName is null)
        {
            var index = new Dictionary<string, ShapeRef>(Members.Count, StringComparer.Ordinal);
            foreach (var member in Members)
            {
                if (member.IsInReplyBody)
                    index[member.WireName] = member;
            }
            _byWireName = index;
        }
        return _byWireName.GetValueOrDefault(wireName);
    }
}
