using System.Globalization;
using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Transform;

namespace Scanner.Aws.Client;

/// <summary>Hands the written request to the SDK in the SDK's own form, which signing works on.</summary>
internal sealed class SdkMarshaller : IMarshaller<IRequest, AmazonWebServiceRequest>
{
    /// <summary>The one instance; it has no state.</summary>
    public static SdkMarshaller Instance { get; } = new();

    public IRequest Marshall(AmazonWebServiceRequest input)
    {
        var source = (SdkRequest)input;
        var wire = source.Wire;
        var request = new DefaultRequest(input, source.Operation.Service.ServiceId)
        {
            HttpMethod = wire.Method,
            ResourcePath = wire.Path,
            UseQueryString = true,
            // S3 signs the path as it is sent, all others encode it once more.
            UseDoubleEncoding = source.Operation.Service.SigningName != "s3",
            OverrideSigningServiceName = source.Operation.Service.SigningName,
        };
        foreach (var (label, value) in wire.Labels)
            request.AddPathResource(label, value);
        foreach (var group in wire.Query.GroupBy(q => q.Key, StringComparer.Ordinal))
        {
            var values = group.ToList();
            if (values.Count > 1)
                request.ParameterCollection.Add(group.Key, [.. values.Select(v => v.Value ?? "")]);
            else if (values[0].Value is { } value)
                request.ParameterCollection.Add(group.Key, value);
            else
                request.AddSubResource(group.Key);
        }
        foreach (var (name, value) in wire.Headers)
            request.Headers[name] = value;
        if (wire.Body is { } body)
        {
            request.Content = body;
            // A parameter may say it.
            request.Headers.TryAdd("Content-Type", wire.ContentType!);
            request.Headers["Content-Length"] = body.Length.ToString(CultureInfo.InvariantCulture);
        }
        return request;
    }
}
