using System.Text.Json.Nodes;

namespace Loopback.Aws;

/// <summary>A request as the server understood it.</summary>
/// <param name="Service">Service id as the AWS CLI spells it.</param>
/// <param name="Region">Region of the signature's scope; empty for an unsigned request.</param>
/// <param name="Operation">Operation name.</param>
/// <param name="Parameters">Input members by their model names.</param>
/// <param name="Account">Account of the access key that signed.</param>
/// <param name="AccessKeyId">The access key that signed; empty for an unsigned request.</param>
/// <param name="Method">HTTP verb.</param>
/// <param name="Target">Path and query as they were sent.</param>
/// <param name="Host">Host header.</param>
/// <param name="At">When it came.</param>
public sealed record AwsRequest(
    string Service,
    string Region,
    string Operation,
    JsonObject Parameters,
    string Account,
    string AccessKeyId,
    string Method,
    string Target,
    string Host,
    DateTimeOffset At)
{
    /// <summary>A text parameter, or null.</summary>
    public string? this[string parameter] => Parameters[parameter]?.ToString();
}
