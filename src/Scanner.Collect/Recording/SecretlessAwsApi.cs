using System.Text.Json.Nodes;
using Scanner.Aws;
using Scanner.Model;

namespace Scanner.Collect.Recording;

/// <summary>Passes calls on and takes the secrets out of what comes back: whoever asks through it can keep the reply.</summary>
/// <param name="inner">Whom to ask.</param>
/// <param name="secrets">What is secret.</param>
public sealed class SecretlessAwsApi(IAwsApi inner, SecretMembers secrets) : IAwsApi
{
    /// <inheritdoc/>
    public string Account => inner.Account;

    /// <inheritdoc/>
    public long CallCount => inner.CallCount;

    /// <inheritdoc/>
    public async Task<JsonObject> CallAsync(AwsCall call, CancellationToken cancellation)
    {
        try
        {
            return secrets.Without(call.Service, call.Operation, await inner.CallAsync(call, cancellation));
        }
        catch (AwsApiException e)
        {
            var partial = e.Partial is null ? null : secrets.Without(call.Service, call.Operation, e.Partial);
            var detail = SecretText.Of(e.Detail);
            if (ReferenceEquals(partial, e.Partial) && detail == e.Detail)
                throw;
            throw new AwsApiException(call, e.Outcome, e.Code, detail, partial, e.InnerException);
        }
    }
}
