using System.Text.Json.Nodes;
using Scanner.Aws;

namespace Scanner.Collect.Recording;

/// <summary>Passes calls on and keeps what comes back, as <see cref="RecordedAwsApi"/> reads it.</summary>
public sealed class RecordingAwsApi : IAwsApi
{
    private readonly IAwsApi _inner;
    private readonly ScanRecorder _recorder;

    internal RecordingAwsApi(IAwsApi inner, ScanRecorder recorder)
    {
        _inner = inner;
        _recorder = recorder;
    }

    /// <inheritdoc/>
    public string Account => _inner.Account;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, long> CallsByRegion => _inner.CallsByRegion;

    /// <inheritdoc/>
    public async Task<JsonObject> CallAsync(AwsCall call, CancellationToken cancellation)
    {
        try
        {
            var reply = await _inner.CallAsync(call, cancellation);
            _recorder.Keep(Account, call, new RecordedAnswer(call.Parameters, reply, null));
            return reply;
        }
        catch (AwsApiException e)
        {
            var prefix = e.Code + ": ";
            var message = e.Message.StartsWith(prefix, StringComparison.Ordinal) ? e.Message[prefix.Length..] : e.Message;
            _recorder.Keep(Account, call, new RecordedAnswer(call.Parameters, e.Partial, new RecordedError(e.Code, message, 0, e.Outcome)));
            throw;
        }
    }
}
