using System.Globalization;
using Scanner.Model;

namespace Scanner.Publish.GitHub;

/// <summary>
/// One issue that says how the accounts are: what to do first, the counts, and when it was looked. It is found by its hidden key, whatever people call it
/// and write around it, and renewed by each run. It is pinned once, as it is opened: REST pins no issue, so that this is GraphQL's <c>pinIssue</c>, which
/// needs a token that may; a person who unpins it is heard.
/// </summary>
internal sealed class Dashboard(GitHubApi api, GitHubOptions options)
{
    private const string Title = "Scanner: how the accounts are";

    private static IssueState State { get; } = new() { Check = "scanner dashboard", Account = "all", TitleHash = IssueState.HashOfTitle(Title) };

    /// <summary>Opens or renews it.</summary>
    /// <param name="report">A scan.</param>
    /// <param name="issues">Addresses of the issues there are, by check and account.</param>
    public async Task<PublishResult> PublishAsync(ScanReport report, IReadOnlyDictionary<(string Check, string Account), Uri>? issues)
    {
        var (found, open) = await FindAsync();
        string Text(int room) => DashboardText.Of(report, issues, open, options, room);
        if (found is not { } there)
        {
            await api.EnsureLabelsAsync([LabelSpec.Scanner]);
            var number = await api.CreateIssueAsync(Title, Body("", State, Text), [LabelSpec.Scanner.Name], issue => IssueState.Parse(issue.Body)?.Key == State.Key);
            var notes = new List<string>();
            if (number is { } made && await api.PinAsync(made) is { } refusal)
                notes.Add($"dashboard: #{made.ToString(CultureInfo.InvariantCulture)} is not pinned ({refusal}); pin it by hand, on its page");
            return new PublishResult { DryRun = options.DryRun, Created = 1, Actions = [number is { } opened ? string.Create(CultureInfo.InvariantCulture, $"open #{opened}: dashboard") : "open: dashboard"], Notes = notes };
        }
        if (there.State == "closed")
            return new PublishResult { DryRun = options.DryRun, Notes = [string.Create(CultureInfo.InvariantCulture, $"dashboard: #{there.Number} is closed, and stays as it is; reopen it to have it kept")] };
        var state = IssueState.Parse(there.Body)!;
        var members = new Dictionary<string, object>(StringComparer.Ordinal) { ["body"] = Body(there.Body ?? "", State with { Revision = state.Revision + 1 }, Text) };
        await api.PatchIssueAsync(there.Number, members);
        return new PublishResult { DryRun = options.DryRun, Updated = 1, Actions = [string.Create(CultureInfo.InvariantCulture, $"update #{there.Number}: dashboard")] };
    }

    private async Task<(IssueReply? Own, IReadOnlyList<IssueReply> Open)> FindAsync()
    {
        var own = await api.LoginAsync();
        var listed = await api.ListIssuesAsync(LabelSpec.Scanner.Name);
        var all = listed.Concat(await api.SearchIssuesAsync());
        var found = all.Where(issue => IssueState.Parse(issue.Body)?.Key == State.Key && GitHubApi.IsTrusted(issue.User, issue.AuthorAssociation, own)).MinBy(issue => issue.Number)
            // Before it is opened: what lists do not show yet.
            ?? (options.DryRun ? null : (await api.ListNewestIssuesAsync()).Find(issue => IssueState.Parse(issue.Body)?.Key == State.Key && GitHubApi.IsTrusted(issue.User, issue.AuthorAssociation, own)));
        return (found, [.. listed.Where(issue => issue.State == "open" && issue.Number != found?.Number && IssueState.Parse(issue.Body) is not null && GitHubApi.IsTrusted(issue.User, issue.AuthorAssociation, own))]);
    }

    private static string Body(string there, IssueState state, Func<int, string> text)
    {
        var (above, below) = IssueState.Theirs(there);
        if (above.Length + below.Length > IssueText.MaxBody / 2)
            (above, below) = (SafeText.Cut(above, IssueText.MaxBody / 4), SafeText.Cut(below, IssueText.MaxBody / 4));
        var room = IssueText.MaxBody - above.Length - below.Length - state.Line().Length - state.LastLine().Length - 2;
        return $"{above}{state.Line()}\n{text(room)}{state.LastLine()}\n{below}";
    }
}
