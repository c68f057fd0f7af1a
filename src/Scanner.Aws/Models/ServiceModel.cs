using System.Collections.Concurrent;
using System.IO.Compression;
using System.Text.Json;

namespace Scanner.Aws.Models;

/// <summary>
/// Interface facts of one service: protocol, names, operations, shapes. They are AWS's own models (botocore, Apache-2.0,
/// see NOTICE), trimmed by <c>ServiceModels/generate.mjs</c>, embedded, and read when the service is first asked.
/// </summary>
public sealed class ServiceModel
{
    private static readonly ConcurrentDictionary<string, Lazy<ServiceModel?>> Models = new(StringComparer.Ordinal);

    private readonly JsonDocument _document;
    private readonly Dictionary<string, JsonElement> _operationJson = new(StringComparer.Ordinal);
    private readonly Dictionary<string, JsonElement> _shapeJson = new(StringComparer.Ordinal);
    private readonly Dictionary<string, JsonElement> _paginationJson = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Shape> _shapes = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, OperationModel> _operations = new(StringComparer.Ordinal);

    private ServiceModel(JsonDocument document)
    {
        _document = document;
        var root = document.RootElement;
        var metadata = root.GetProperty("metadata");
        Service = metadata.GetProperty("service").GetString()!;
        ProtocolName = metadata.GetProperty("protocol").GetString()!;
        Protocol = ProtocolName switch
        {
            "json" => Protocol.Json,
            "rest-json" => Protocol.RestJson,
            "query" => Protocol.Query,
            "ec2" => Protocol.Ec2,
            "rest-xml" => Protocol.RestXml,
            var other => throw new InvalidOperationException($"The model of {Service} has the protocol {other}, which is not known."),
        };
        ApiVersion = metadata.GetProperty("apiVersion").GetString()!;
        EndpointPrefix = metadata.GetProperty("endpointPrefix").GetString()!;
        ServiceId = metadata.GetProperty("serviceId").GetString()!;
        JsonVersion = Text("jsonVersion") ?? "1.0";
        TargetPrefix = Text("targetPrefix");
        SigningName = Text("signingName") ?? EndpointPrefix;
        XmlNamespace = Text("xmlNamespace");
        IsQueryCompatible = metadata.TryGetProperty("queryCompatible", out _);
        Index(root.GetProperty("operations"), _operationJson);
        Index(root.GetProperty("shapes"), _shapeJson);
        Index(root.GetProperty("pagination"), _paginationJson);

        string? Text(string name) => metadata.TryGetProperty(name, out var value) ? value.GetString() : null;
    }

    /// <summary>Services that shipped tables read, in order: every operation of them that reads, and hands out neither secrets nor the customer's own data.</summary>
    public static IReadOnlyList<string> ReadByTables { get; } =
        [.. Names("", ".json").Where(name => !name.Contains('/', StringComparison.Ordinal) && name is not ("endpoints" or "unoffered"))];

    /// <summary>
    /// The other services of AWS, in order, for tables of a user's own: what lists and describes, and what gets settings or what can be listed, without
    /// the members that AWS's model calls sensitive or that could hold a secret by their name (<c>ServiceModels/generate.mjs</c>).
    /// </summary>
    public static IReadOnlyList<string> Others { get; } = [.. Names(OthersFolder, PackedSuffix)];

    /// <summary>Services that have a model, in order.</summary>
    public static IReadOnlyList<string> Services { get; } = [.. ReadByTables.Concat(Others).Order(StringComparer.Ordinal)];

    /// <summary>Service id as the AWS CLI spells it.</summary>
    public string Service { get; }

    /// <summary>Wire protocol.</summary>
    internal Protocol Protocol { get; }

    /// <summary>Wire protocol as botocore names it.</summary>
    internal string ProtocolName { get; }

    /// <summary>Date of the interface, such as <c>2013-11-01</c>.</summary>
    internal string ApiVersion { get; }

    /// <summary>First label of the host name.</summary>
    public string EndpointPrefix { get; }

    /// <summary>Name for configuration: <c>AWS_ENDPOINT_URL_&lt;SERVICE ID&gt;</c>.</summary>
    internal string ServiceId { get; }

    /// <summary>json: version in the content type.</summary>
    internal string JsonVersion { get; }

    /// <summary>json: the service once spoke <c>query</c>, and gives its old error codes to whoever asks for them, as the AWS CLI does.</summary>
    internal bool IsQueryCompatible { get; }

    /// <summary>json: prefix of <c>X-Amz-Target</c>.</summary>
    internal string? TargetPrefix { get; }

    /// <summary>Service name in the signature's scope.</summary>
    internal string SigningName { get; }

    /// <summary>Default XML namespace.</summary>
    internal string? XmlNamespace { get; }

    /// <summary>Names of all operations.</summary>
    public IEnumerable<string> OperationNames => _operationJson.Keys;

    private const string ResourcePrefix = "ServiceModels/";

    private const string OthersFolder = "Others/";

    private const string PackedSuffix = ".json.br";

    /// <summary>The model of a service, or null when there is none.</summary>
    public static ServiceModel? Find(string service) =>
        Models.GetOrAdd(service, static name => new Lazy<ServiceModel?>(() => Load(name))).Value;

    /// <summary>Opens an embedded file of the models' folder, or null.</summary>
    internal static Stream? Open(string file) => typeof(ServiceModel).Assembly.GetManifestResourceStream(ResourcePrefix + file);

    private static IEnumerable<string> Names(string folder, string suffix) =>
        typeof(ServiceModel).Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(ResourcePrefix + folder, StringComparison.Ordinal) && name.EndsWith(suffix, StringComparison.Ordinal))
            .Select(name => name[(ResourcePrefix.Length + folder.Length)..^suffix.Length])
            .Order(StringComparer.Ordinal);

    /// <summary>The operation, or null when the model has none of that name: it is not read, or AWS does not offer it.</summary>
    public OperationModel? FindOperation(string name)
    {
        if (_operations.TryGetValue(name, out var operation))
            return operation;
        if (!_operationJson.TryGetValue(name, out var json))
            return null;
        var pagination = _paginationJson.TryGetValue(name, out var pages) ? new Pagination(pages) : null;
        return _operations.GetOrAdd(name, new OperationModel(this, name, json, pagination));
    }

    /// <summary>The shape of that name.</summary>
    internal Shape GetShape(string name) =>
        _shapes.TryGetValue(name, out var shape) ? shape : _shapes.GetOrAdd(name, new Shape(this, name, _shapeJson[name]));

    private static ServiceModel? Load(string service)
    {
        using var stream = Open(service + ".json");
        if (stream is not null)
            return Read(JsonDocument.Parse(stream));
        using var packed = Open(OthersFolder + service + PackedSuffix);
        if (packed is null)
            return null;
        using var unpacked = new BrotliStream(packed, CompressionMode.Decompress);
        return Read(JsonDocument.Parse(unpacked));
    }

    /// <summary>A model that is not embedded.</summary>
    /// <param name="document">In the form that <c>generate.mjs</c> writes; the model keeps it.</param>
    internal static ServiceModel Read(JsonDocument document) => new(document);

    private static void Index(JsonElement from, Dictionary<string, JsonElement> to)
    {
        foreach (var property in from.EnumerateObject())
            to[property.Name] = property.Value;
    }
}

/// <summary>The wire protocols of AWS that services of the models speak, as botocore names them.</summary>
internal enum Protocol
{
    /// <summary><c>json</c>: POST with <c>X-Amz-Target</c>, JSON 1.0 or 1.1.</summary>
    Json,

    /// <summary><c>rest-json</c>: verbs and paths, JSON bodies.</summary>
    RestJson,

    /// <summary><c>query</c>: form parameters, XML replies in a result wrapper.</summary>
    Query,

    /// <summary><c>ec2</c>: like query, with its own list and reply conventions.</summary>
    Ec2,

    /// <summary><c>rest-xml</c>: verbs and paths, XML bodies.</summary>
    RestXml,
}
