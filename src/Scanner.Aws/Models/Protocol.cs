namespace Scanner.Aws.Models;

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
