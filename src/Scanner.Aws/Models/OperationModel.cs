using System.Text.Json;

namespace Scanner.Aws.Models;

/// <summary>An operation of a service model.</summary>
public sealed class OperationModel
{
    internal OperationModel(ServiceModel service, string name, JsonElement json, Pagination? pagination)
    {
        Service = service;
        Name = name;
        Pagination = pagination;
        var http = json.GetProperty("http");
        Method = http.GetProperty("method").GetString()!;
        RequestUri = http.TryGetProperty("requestUri", out var uri) ? uri.GetString()! : "/";
        if (json.TryGetProperty("input", out var input))
            Input = new ShapeRef(service, "", input);
        if (json.TryGetProperty("output", out var output))
            Output = new ShapeRef(service, "", output);
        if (json.TryGetProperty("resultWrapper", out var wrapper))
            ResultWrapper = wrapper.GetString();
        if (json.TryGetProperty("hostPrefix", out var prefix))
            HostPrefix = prefix.GetString();
        Unsigned = json.TryGetProperty("unsigned", out _);
        NeedsChecksum = json.TryGetProperty("checksum", out _);
    }

    /// <summary>The service.</summary>
    public ServiceModel Service { get; }

    /// <summary>Operation name.</summary>
    public string Name { get; }

    /// <summary>HTTP verb.</summary>
    internal string Method { get; }

    /// <summary>Path with <c>{labels}</c> and, after a question mark, fixed parameters.</summary>
    internal string RequestUri { get; }

    /// <summary>Input structure; null when there is none.</summary>
    public ShapeRef? Input { get; }

    /// <summary>Output structure; null when the reply has no content.</summary>
    public ShapeRef? Output { get; }

    /// <summary>query: element inside the root that holds the output.</summary>
    internal string? ResultWrapper { get; }

    /// <summary>Prefix of the host name, with <c>{labels}</c>.</summary>
    internal string? HostPrefix { get; }

    /// <summary>The request carries no signature (AssumeRoleWithWebIdentity).</summary>
    internal bool Unsigned { get; }

    /// <summary>The request must carry a body checksum.</summary>
    internal bool NeedsChecksum { get; }

    /// <summary>How pages are followed; null when there is one page only.</summary>
    internal Pagination? Pagination { get; }
}
