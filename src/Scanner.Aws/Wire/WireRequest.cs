namespace Scanner.Aws.Wire;

/// <summary>An HTTP request before endpoint and signature.</summary>
internal sealed class WireRequest
{
    /// <summary>Verb.</summary>
    public required string Method { get; init; }

    /// <summary>Path, labels still in it.</summary>
    public required string Path { get; set; }

    /// <summary>Labels as they stand in the path (<c>{Bucket}</c>, <c>{Key+}</c>), and their values.</summary>
    public List<KeyValuePair<string, string>> Labels { get; } = [];

    /// <summary>Query parameters; a null value is a name alone (<c>?acl</c>).</summary>
    public List<KeyValuePair<string, string?>> Query { get; } = [];

    /// <summary>Headers of the operation.</summary>
    public List<KeyValuePair<string, string>> Headers { get; } = [];

    /// <summary>Body; null when there is none.</summary>
    public byte[]? Body { get; set; }

    /// <summary>Media type of the body.</summary>
    public string? ContentType { get; set; }

    /// <summary>Host prefix with its labels filled in; null when there is none.</summary>
    public string? HostPrefix { get; set; }
}
