using System.Text.Json;

namespace Scanner.Aws.Models;

/// <summary>An operation of a service model.</summary>
internal sealed class OperationModel
{
    public OperationModel(ServiceModel service, string name, JsonElement json, Pagination? pagination)
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
    public string Method { get; }

    /// <summary>Path with <c>{labels}</c> and, after a question mark, fixed parameters.</summary>
    public string RequestUri { get; }

    /// <summary>Input structure; null when there is none.</summary>
    public ShapeRef? Input { get; }

    /// <summary>Output structure; null when the reply has no content.</summary>
    public ShapeRef? Output { get; }

    /// <summary>query: element inside the root that holds the output.</summary>
    public string? ResultWrapper { get; }

    /// <summary>Prefix of the host name, with <c>{labels}</c>.</summary>
    public string? HostPrefix { get; }

    /// <summary>The request carries no signature (AssumeRoleWithWebIdentity).</summary>
    public bool Unsigned { get; }

    /// <summary>The request must carry a body checksum.</summary>
    public bool NeedsChecksum { get; }

    /// <summary>How pages are followed; null when there is one page only.</summary>
    public Pagination? Pagination { get; }
}
