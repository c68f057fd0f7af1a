using System.Text.Json;

namespace Scanner.Aws.Models;

/// <summary>A use of a shape: a member of a structure, the element of a list, key or value of a map, input or output.</summary>
public sealed class ShapeRef
{
    private readonly ServiceModel _model;
    private readonly string _shapeName;
    private Shape? _shape;

    internal ShapeRef(ServiceModel model, string name, JsonElement json)
    {
        _model = model;
        Name = name;
        _shapeName = json.GetProperty("shape").GetString()!;
        foreach (var property in json.EnumerateObject())
        {
            switch (property.Name)
            {
                case "location": Location = property.Value.GetString(); break;
                case "locationName": LocationName = property.Value.GetString(); break;
                case "queryName": QueryName = property.Value.GetString(); break;
                case "flattened": Flattened = true; break;
                case "xmlAttribute": XmlAttribute = true; break;
                case "timestampFormat": TimestampFormat = property.Value.GetString(); break;
                case "hostLabel": HostLabel = true; break;
                case "xmlNamespace": XmlNamespace = property.Value.GetString(); break;
                default: break;
            }
        }
    }

    /// <summary>Member name; empty for elements, keys and values.</summary>
    public string Name { get; }

    /// <summary>The shape; resolved on first use, because a scan touches a small part of a model.</summary>
    public Shape Shape => _shape ??= _model.GetShape(_shapeName);

    /// <summary><c>uri</c>, <c>querystring</c>, <c>header</c>, <c>headers</c>, <c>statusCode</c>; null: in the body.</summary>
    internal string? Location { get; }

    /// <summary>Whether it stands in the body of a reply: what only requests have elsewhere does.</summary>
    internal bool IsInReplyBody => Location is null or "uri" or "querystring";

    /// <summary>Name on the wire where it is not <see cref="Name"/>.</summary>
    internal string? LocationName { get; }

    /// <summary>ec2: name in requests.</summary>
    internal string? QueryName { get; }

    /// <summary>The list's elements stand where the list would.</summary>
    internal bool Flattened { get; }

    /// <summary>The member is an attribute of the element.</summary>
    internal bool XmlAttribute { get; }

    /// <summary><c>iso8601</c>, <c>rfc822</c> or <c>unixTimestamp</c> where it is not the protocol's own.</summary>
    internal string? TimestampFormat { get; }

    /// <summary>The member's value stands in the host name.</summary>
    internal bool HostLabel { get; }

    /// <summary>XML namespace of the element.</summary>
    internal string? XmlNamespace { get; }

    /// <summary>Whether use or shape is flattened.</summary>
    internal bool IsFlattened => Flattened || Shape.Flattened;

    /// <summary>Name of the element in XML: a flattened list goes by its element's name, where that has one.</summary>
    internal string XmlName => IsFlattened && Shape.Kind == ShapeKind.List ? Shape.Member?.LocationName ?? WireName : WireName;

    /// <summary>Name on the wire.</summary>
    internal string WireName => LocationName ?? Name;
}
