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
    public long CallCount => _inner.CallCount;

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
            _recorder.Keep(Account, call, new RecordedAnswer(call.Parameters, e.Partial, new RecordedError(e.Code, e.Detail, 0, e.Outcome)));
            throw;
        }
    }
}
