using System.Globalization;
using System.Text.RegularExpressions;
using Scanner.Model;
using Scanner.Publish.Reports;
using Scanner.Publish.Text;

namespace Scanner.Publish.GitHub;

/// <summary>
/// One comment on the pull request that started the workflow, renewed in place. Which one it is is told by a hidden first line with a key of
/// workflow and name, so that the stacks of a matrix have one each, and by its author: nobody else's comment is taken for ours.
/// </summary>
internal sealed partial class PullRequestComment(GitHubApi api, GitHubOptions options)
{
    private const int Rows = 25;

    /// <summary>Writes the comment; where the event is no pull request, says so.</summary>
    /// <exception cref="InputException">GitHub refuses; for a gate also where the token may not comment: a verdict that nobody sees is not green.</exception>
    public async Task<PublishResult> PublishAsync(ScanReport report)
    {
        if (PullRequestEvent.Read(options.EventPath, options.Ref) is not { } pull)
            return Note("pr-comment: this run is not for a pull request, so there is none to comment on.");
        var text = report.Gate is null ? ScanText(report) : GateComment.Compose(report, Context(pull));
        // The hash leaves the line with the time of the scan out.
        var hash = IssueState.HashOf(report.Gate is null ? ScanText(report with { Scan = report.Scan with { Time = default } }) : text);
        var marker = $"<!-- scanner:{(report.Gate is null ? "pr-comment" : "gate")} key={Key(report)} ";
        var first = string.Create(CultureInfo.InvariantCulture, $"{marker}hash={hash} run={options.RunNumber} -->");
        try
        {
            var there = (await api.ListOwnCommentsAsync(pull.Number, marker)).FirstOrDefault();
            if (there is null)
            {
                if (report.Gate is not null && !GateComment.IsWorthStarting(report))
                    return new PublishResult { DryRun = options.DryRun };
                await api.CreateCommentOnceAsync(pull.Number, $"{first}\n{text}", async () => (await api.ListOwnCommentsAsync(pull.Number, marker)).FirstOrDefault()?.Id);
            }
            else if (State().Match(there.Body) is { Success: true } state && Run(state) > options.RunNumber)
            {
                // Runs may end in another order than they began: the older one must not have the last word.
                return Note(string.Create(CultureInfo.InvariantCulture, $"pr-comment: run {Run(state)} of this workflow has commented already, and this is run {options.RunNumber}: the comment is left as it is."));
            }
            else if (!there.Body.StartsWith($"{marker}hash={hash} ", StringComparison.Ordinal))
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
            return Refused(report, pull, e);
        }
        return new PublishResult
        {
            DryRun = options.DryRun,
            Actions = [string.Create(CultureInfo.InvariantCulture, $"comment on pull request #{pull.Number}")],
        };
    }

    private PublishResult Refused(ScanReport report, PullRequestEvent pull, InputException e)
    {
        if (report.Gate is null)
            return Note("pr-comment: the token may not comment (pull requests from forks get one that only reads), so the findings are in this summary only.");
        throw new InputException(pull.Fork is { } fork
            ? $"pr-comment: the pull request comes from a fork ({SafeText.Line(fork)}), whose workflow's token only reads, so the verdict cannot be shown there; a maintainer can push the reviewed commit to a branch of this repository, or leave `pr-comment` out of --publish"
            : string.Create(CultureInfo.InvariantCulture, $"pr-comment: the token may not comment on pull request #{pull.Number}, so the verdict cannot be shown there; give the job `permissions: pull-requests: write`, or leave `pr-comment` out of --publish"), e);
    }

    private string ScanText(ScanReport report) =>
        MarkdownFit.Join([.. MarkdownReport.Sections(report, Rows, Wording.WholeReport(options.Reports))],
            IssueText.MaxBody - 400, t => t.Length, "GitHub takes no more than 65,536 characters in a comment", Wording.WholeReport(options.Reports));

    private GateContext Context(PullRequestEvent pull)
    {
        var commit = pull.HeadSha ?? options.Sha;
        return new GateContext
        {
            Rows = GateComment.Rows,
            Whole = options.Reports.Count == 0 ? "the summary of the run" : Wording.WholeReport(options.Reports),
            Blob = options.RepositoryUrl is { } page && commit is not null ? $"{page.AbsoluteUri}blob/{commit}/" : null,
            Run = options.RunUrl?.AbsoluteUri,
            Commit = commit,
        };
    }

    /// <summary>What tells this comment from those of other gates and scans on the same pull request.</summary>
    private string Key(ScanReport report)
    {
        if (report.Gate is not { } gate)
            return IssueState.HashOf("scan", options.Workflow, options.Job, report.Scan.Source, string.Join(',', report.Scan.Accounts));
        // Without a name, where the plans are tells stacks apart.
        return gate.Name.Length > 0
            ? IssueState.HashOf("gate", options.Workflow, gate.Name)
            : IssueState.HashOf(["gate", options.Workflow, options.Job, .. gate.Plans.Select(plan => plan.File)]);
    }

    private PublishResult Note(string text) => new() { DryRun = options.DryRun, Notes = [text] };

    private static long Run(Match state) =>
        long.TryParse(state.Groups["run"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var run) ? run : 0;

    [GeneratedRegex("^<!-- scanner:[a-z-]+ key=[0-9a-f]+ hash=[0-9a-f]+ run=(?<run>[0-9]{1,18}) -->", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex State();
}
