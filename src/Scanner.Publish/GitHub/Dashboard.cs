using System.Globalization;
using System.Text;
using Scanner.Model;
using Scanner.Publish.Reports;
using Scanner.Publish.Text;

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
        var text = Text(report, issues);
        if (await FindAsync() is not { } there)
        {
            await api.EnsureLabelsAsync([LabelSpec.Scanner]);
            var number = await api.CreateIssueAsync(Title, Body("", State, text), [LabelSpec.Scanner.Name], issue => IssueState.Parse(issue.Body)?.Key == State.Key);
            var notes = new List<string>();
            if (number is { } made && await api.PinAsync(made) is { } refusal)
                notes.Add($"dashboard: #{made.ToString(CultureInfo.InvariantCulture)} is not pinned ({refusal}); pin it by hand, on its page");
            return new PublishResult { DryRun = options.DryRun, Created = 1, Actions = [number is { } opened ? string.Create(CultureInfo.InvariantCulture, $"open #{opened}: dashboard") : "open: dashboard"], Notes = notes };
        }
        if (there.State == "closed")
            return new PublishResult { DryRun = options.DryRun, Notes = [string.Create(CultureInfo.InvariantCulture, $"dashboard: #{there.Number} is closed, and stays as it is; reopen it to have it kept")] };
        var state = IssueState.Parse(there.Body)!;
        var members = new Dictionary<string, object>(StringComparer.Ordinal) { ["body"] = Body(there.Body ?? "", State with { Revision = state.Revision + 1 }, text) };
        await api.PatchIssueAsync(there.Number, members);
        return new PublishResult { DryRun = options.DryRun, Updated = 1, Actions = [string.Create(CultureInfo.InvariantCulture, $"update #{there.Number}: dashboard")] };
    }

    private async Task<IssueReply?> FindAsync()
    {
        var own = await api.LoginAsync();
        var all = (await api.ListIssuesAsync(LabelSpec.Scanner.Name)).Concat(await api.SearchIssuesAsync());
        return all.Where(issue => IssueState.Parse(issue.Body)?.Key == State.Key && GitHubApi.IsTrusted(issue.User, issue.AuthorAssociation, own)).MinBy(issue => issue.Number)
            // Before it is opened: what lists do not show yet.
            ?? (options.DryRun ? null : (await api.ListNewestIssuesAsync()).Find(issue => IssueState.Parse(issue.Body)?.Key == State.Key && GitHubApi.IsTrusted(issue.User, issue.AuthorAssociation, own)));
    }

    private string Text(ScanReport report, IReadOnlyDictionary<(string Check, string Account), Uri>? issues)
    {
        var made = MarkdownReport.FirstScreenOf(report, issues) + Owners(report);
        if (options.RepositoryUrl is { } page)
            made += $"\n[Open issues]({page.AbsoluteUri}issues?q=is%3Aissue+is%3Aopen+label%3A{LabelSpec.Scanner.Name})";
        if (options.RunUrl is { } run)
            made += $" · [the run]({run.AbsoluteUri})";
        return made + "\n\n---\n\n<sub>Kept up to date by Scanner: each run writes this text anew, and leaves what stands above and below it. Close the issue to have it left alone.</sub>\n";
    }

    // Whose what fails is, those with the most urgent first; nothing where no owners.yml says it.
    private static string Owners(ScanReport report)
    {
        const int Most = 20;
        var groups = report.Findings.Where(finding => finding is { Status: FindingStatus.Fail, Kind: FindingKind.Posture }).GroupBy(finding => OwnerText.Of(finding.Owner), StringComparer.Ordinal)
            .OrderByDescending(group => group.Count(finding => finding.Severity == Severity.Critical)).ThenByDescending(group => group.Count(finding => finding.Severity == Severity.High))
            .ThenByDescending(group => group.Count()).ThenBy(group => group.Key, StringComparer.Ordinal).ToList();
        if (groups.TrueForAll(group => group.Key.Length == 0))
            return "";
        var made = new StringBuilder("\n## Whose it is\n\n| Owner | critical | high | all that fails |\n|---|--:|--:|--:|\n");
        foreach (var group in groups.Take(Most))
        {
            made.Append("| ").Append(group.Key.Length > 0 ? Markdown.Code(group.Key) : "nobody").Append(CultureInfo.InvariantCulture,
                $" | {group.Count(finding => finding.Severity == Severity.Critical)} | {group.Count(finding => finding.Severity == Severity.High)} | {group.Count()} |\n");
        }
        if (groups.Count > Most)
            made.Append(CultureInfo.InvariantCulture, $"\nand {groups.Count - Most} more\n");
        return made.ToString();
    }

    private static string Body(string there, IssueState state, string text)
    {
        var (above, below) = IssueState.Theirs(there);
        if (above.Length + below.Length > IssueText.MaxBody / 2)
            (above, below) = (SafeText.Cut(above, IssueText.MaxBody / 4), SafeText.Cut(below, IssueText.MaxBody / 4));
        var room = IssueText.MaxBody - above.Length - below.Length - state.Line().Length - state.LastLine().Length - 2;
        return $"{above}{state.Line()}\n{SafeText.Cut(text, room)}{(text.Length > room ? "\n" : "")}{state.LastLine()}\n{below}";
    }
}
