using System.Collections.Concurrent;
using System.Collections.ObjectModel;
using System.Text.Json;
using System.Text.Json.Nodes;
using Scanner.Aws;
using Scanner.Collect.Tables;
using Scanner.Model;

namespace Scanner.Collect.Recording;

/// <summary>
/// Answers from a recorded account. What is not recorded is an error and never an empty reply; what is recorded as an
/// error is that error again.
/// </summary>
public sealed class RecordedAwsApi : IAwsApi
{
    private readonly string _folder;
    private readonly ConcurrentDictionary<string, Lazy<IReadOnlyDictionary<string, RecordedAnswer>>> _files = new(StringComparer.Ordinal);

    /// <summary>Made by <see cref="RecordedScan"/>, which has checked the account id.</summary>
    internal RecordedAwsApi(string folder, string account)
    {
        _folder = folder;
        Account = account;
    }

    /// <inheritdoc/>
    public string Account { get; }

    /// <summary>Always 0: nothing reaches the wire.</summary>
    public long CallCount => 0;

    /// <inheritdoc/>
    public Task<JsonObject> CallAsync(AwsCall call, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (RecordedFile.PathOf(Account, call) is not { } name)
            return Fail(call, ErrorClassification.NotRecorded, $"no answer can be recorded for region '{call.Region}', {call.Service}:{call.Operation}");
        IReadOnlyDictionary<string, RecordedAnswer> answers;
        try
        {
            answers = _files.GetOrAdd(name, file => new(() => Read(file))).Value;
        }
        catch (Exception e) when (e is JsonException or FormatException or ArgumentException or InvalidOperationException or IOException or UnauthorizedAccessException)
        {
            return Fail(call, ErrorClassification.MalformedReply, $"{name}: {e.Message}");
        }
        if (!answers.TryGetValue(ParameterText.Of(call.Parameters), out var answer))
            return Fail(call, ErrorClassification.NotRecorded, $"{name} holds no answer for the parameters {call.Parameters.ToJsonString()}");
        return answer.Error is { } error
            ? Task.FromException<JsonObject>(new AwsApiException(call, error.Outcome, error.Code, error.Message, answer.Reply))
            : Task.FromResult(answer.Reply!);
    }

    private static Task<JsonObject> Fail(AwsCall call, string code, string message) =>
        Task.FromException<JsonObject>(new AwsApiException(call, CollectionOutcome.Error, code, message));

    private IReadOnlyDictionary<string, RecordedAnswer> Read(string name)
    {
        // A recording may come from somebody else: a link in it must not lead to this machine's other files.
        var path = _folder;
        foreach (var part in name.Split('/'))
        {
            path = Path.Combine(path, part);
            var info = new FileInfo(path);
            if (info.LinkTarget is not null)
                throw new FormatException($"'{part}' is a link, which a recording may not hold");
        }
        return File.Exists(path) ? RecordedFile.Read(File.ReadAllBytes(path)) : ReadOnlyDictionary<string, RecordedAnswer>.Empty;
    }
}
