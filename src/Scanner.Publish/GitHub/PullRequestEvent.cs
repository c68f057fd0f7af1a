using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Scanner.Model;

namespace Scanner.Publish.GitHub;

/// <summary>The pull request that started the workflow: from the event's file (<c>pull_request</c> webhook payload), else from <c>refs/pull/N/merge</c>.</summary>
/// <param name="Number">Its number.</param>
public sealed partial record PullRequestEvent(int Number)
{
    /// <summary>Commit of its head, 40 hexadecimal digits; null where the event does not say.</summary>
    public string? HeadSha { get; init; }

    /// <summary><c>OWNER/NAME</c> of the repository that its head is in, when that is another than the one it is to be merged into;
    /// null otherwise. Hostile text.</summary>
    public string? Fork { get; init; }

    /// <summary>Reads the event; null where the run is for no pull request.</summary>
    /// <param name="eventPath"><c>GITHUB_EVENT_PATH</c>; null outside of Actions.</param>
    /// <param name="reference"><c>GITHUB_REF</c>; null outside of Actions.</param>
    /// <exception cref="InputException">The event's file cannot be read.</exception>
    public static PullRequestEvent? Read(string? eventPath, string? reference)
    {
        if (eventPath is not null)
        {
            try
            {
                using var json = JsonDocument.Parse(File.ReadAllBytes(eventPath));
                if (json.RootElement.ValueKind == JsonValueKind.Object && Of(json.RootElement) is { } found)
                    return found;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException)
            {
                throw new InputException($"GITHUB_EVENT_PATH: the event cannot be read from '{eventPath}': {e.Message}", e);
            }
        }
        return reference is not null && PullRef().Match(reference) is { Success: true } match
            && int.TryParse(match.Groups["number"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? new PullRequestEvent(n) : null;
    }

    private static PullRequestEvent? Of(JsonElement payload)
    {
        if (Member(payload, "pull_request") is not { ValueKind: JsonValueKind.Object } pull
            || Member(pull, "number") is not { ValueKind: JsonValueKind.Number } number || !number.TryGetInt32(out var found) || found <= 0)
            return null;
        var head = Member(pull, "head");
        // The head's repository is null when the fork was deleted.
        var from = Text(Member(head, "repo"), "full_name");
        var into = Text(Member(Member(pull, "base"), "repo"), "full_name");
        return new PullRequestEvent(found)
        {
            HeadSha = Text(head, "sha") is { Length: 40 } sha && sha.All(char.IsAsciiHexDigit) ? sha : null,
            Fork = into is not null && !string.Equals(from, into, StringComparison.OrdinalIgnoreCase) ? from ?? "a repository that is gone" : null,
        };
    }

    private static JsonElement? Member(JsonElement? parent, string name) =>
        parent is { ValueKind: JsonValueKind.Object } value && value.TryGetProperty(name, out var member) ? member : null;

    private static string? Text(JsonElement? parent, string name) => Member(parent, name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    [GeneratedRegex("^refs/pull/(?<number>[0-9]+)/(merge|head)$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex PullRef();
}
