using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Scanner.Model;
using Scanner.Publish.Text;
using Scanner.Publish.Reports;

namespace Scanner.Publish.GitHub;

/// <summary>One comment on the pull request that started the workflow, renewed in place when something changed.</summary>
internal sealed partial class PullRequestComment(GitHubApi api, GitHubOptions options)
{
    private const string Marker = "<!-- scanner:pr-comment ";
    private const int Rows = 25;

    /// <summary>Writes the comment; where the event is no pull request, or the token may not write (a fork's), says so.</summary>
    public async Task<PublishResult> PublishAsync(ScanReport report)
    {
        if (Number(options) is not { } number)
            return Note("pr-comment: this run is not for a pull request, so there is none to comment on.");
        var text = MarkdownFit.Join([.. MarkdownReport.Sections(report, Rows, Wording.WholeReport(options.Reports))],
            IssueText.MaxBody - 200, t => t.Length, "GitHub takes no more than 65,536 characters in a comment", Wording.WholeReport(options.Reports));
        // The hash leaves the line with the time of the scan out.
        var hash = IssueState.HashOf(string.Join('\n', MarkdownReport.Sections(report with { Scan = report.Scan with { Time = default } }, Rows, "").Select(s => s.Text)));
        var first = $"{Marker}hash={hash} -->";
        try
        {
            var there = (await api.ListCommentsAsync(number)).Find(c => c.Body?.StartsWith(Marker, StringComparison.Ordinal) == true);
            if (there is null)
            {
                await api.CreateCommentOnceAsync(number, $"{first}\n{text}", async () =>
                    (await api.ListCommentsAsync(number)).Find(c => c.Body?.StartsWith(Marker, StringComparison.Ordinal) == true)?.Id);
            }
            else if (!there.Body.StartsWith(first, StringComparison.Ordinal))
            {
                await api.UpdateCommentAsync(there.Id, $"{first}\n{text}");
            }
            else
            {
                return new PublishResult { DryRun = options.DryRun };
            }
        }
        catch (InputException e) when (e.InnerException is Octokit.ForbiddenException)
        {
            return Note("pr-comment: the token may not comment (pull requests from forks get one that only reads), so the findings are in this summary only.");
        }
        return new PublishResult
        {
            DryRun = options.DryRun,
            Actions = [string.Create(CultureInfo.InvariantCulture, $"comment on pull request #{number}")],
        };
    }

    /// <summary>Number of the pull request: from the event, else from <c>refs/pull/N/merge</c>; null when there is none.</summary>
    internal static int? Number(GitHubOptions options)
    {
        if (options.EventPath is { } path)
        {
            try
            {
                using var json = JsonDocument.Parse(File.ReadAllBytes(path));
                if (json.RootElement.ValueKind == JsonValueKind.Object
                    && json.RootElement.TryGetProperty("pull_request", out var pull) && pull.ValueKind == JsonValueKind.Object
                    && pull.TryGetProperty("number", out var number) && number.TryGetInt32(out var found) && found > 0)
                    return found;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException)
            {
                throw new InputException($"GITHUB_EVENT_PATH: the event cannot be read from '{path}': {e.Message}", e);
            }
        }
        return options.Ref is { } reference && PullRef().Match(reference) is { Success: true } match
            && int.TryParse(match.Groups["number"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : null;
    }

    private PublishResult Note(string text) => new() { DryRun = options.DryRun, Notes = [text] };

    [GeneratedRegex("^refs/pull/(?<number>[0-9]+)/(merge|head)$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex PullRef();
}
