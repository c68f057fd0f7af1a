using Scanner.Model;
using Scanner.Publish;
using Scanner.Publish.Actions;
using Scanner.Publish.GitHub;
using Scanner.Publish.Reports;
using Scanner.Terminal;
using Spectre.Console;

namespace Scanner.Scan;

/// <summary>
/// What becomes of a scan's report, in this order: report files, issues and comments, then the summary and outputs, which
/// tell of both. What cannot work (an unwritable path, a refused token) is found before the scan.
/// </summary>
internal sealed class Publication
{
    private readonly ScanOptions _options;
    private readonly GitHubPublisher? _github;
    private readonly bool _isOffline;
    private readonly Webhook? _webhook;
    private bool _hasFailed;

    private Publication(ScanOptions options, GitHubPublisher? github, bool isOffline = false)
    {
        _isOffline = isOffline;
        _webhook = Wants(options, PublishTargets.Webhook) ? Webhook.FromEnvironment(Environment.GetEnvironmentVariable) : null;
        _options = options;
        _github = github;
    }

    public static async Task<Publication> PrepareAsync(ScanOptions options)
    {
        foreach (var (format, path) in options.Reports)
            ReportWriter.Validate(format, path);
        if (!Wants(options, PublishTargets.Issues | PublishTargets.Dashboard | PublishTargets.PrComment | PublishTargets.Sarif))
        {
            // Annotations need no token; with one, those on lines of the pull request go first.
            var mayAsk = Wants(options, PublishTargets.Annotations) && Environment.GetEnvironmentVariable("GITHUB_TOKEN") is { Length: > 0 } && Environment.GetEnvironmentVariable("GITHUB_REPOSITORY") is { Length: > 0 };
            return new Publication(options, mayAsk ? new GitHubPublisher(GitHubOptions.FromEnvironment(Environment.GetEnvironmentVariable)) : null);
        }
        var settings = GitHubOptions.FromEnvironment(Environment.GetEnvironmentVariable, options.DryRun) with
        {
            MaxNewIssues = options.MaxIssues,
            GroupIssues = options.GroupIssues,
            DashboardImage = options.DashboardImage,
            Reports = [.. options.Reports.Select(report => report.Path)],
            Stop = StopSignal.Token,
        };
        var publication = new Publication(options, new GitHubPublisher(settings), settings.IsOffline);
        await publication._github!.CheckAsync(Wants(options, PublishTargets.Issues | PublishTargets.Dashboard));
        if (Wants(options, PublishTargets.Issues))
            publication.Accepted = await publication._github.LoadAcceptedRisksAsync();
        return publication;
    }

    /// <summary>Risks that people accepted by closing issues as not planned.</summary>
    public IReadOnlyList<AcceptedRisk> Accepted { get; private set; } = [];

    /// <summary>Marks what the pull request changes: lines of findings, and what it is judged by. The report as it is where nobody tells.</summary>
    /// <param name="report">Report of a gate.</param>
    /// <param name="rules">Files and folders that it is judged by, as paths in the repository.</param>
    public async Task<ScanReport> MarkAsync(ScanReport report, IReadOnlyList<string> rules) =>
        _github is not null && await _github.ReadDiffAsync() is { } diff ? diff.Mark(report, rules) : report;

    /// <summary>Writes and publishes all that was asked; what cannot be is one line each, and the rest goes on.</summary>
    /// <returns>The exit code: the one given, or that of bad input where something could not be written or published.</returns>
    public async Task<int> PublishAsync(ScanReport report, int exitCode, IAnsiConsole console, CancellationToken cancellation)
    {
        var paths = new List<string>();
        foreach (var (format, path) in _options.Reports)
        {
            if (await DoneAsync(() => ReportWriter.WriteAsync(report, format, path)))
                paths.Add(path);
        }

        PublishResult? published = null;
        await OnGitHubAsync(PublishTargets.Issues, () => _github!.PublishIssuesAsync(report));
        await OnGitHubAsync(PublishTargets.Dashboard, () => _github!.PublishDashboardAsync(report, published?.Issues));
        await OnGitHubAsync(PublishTargets.PrComment, () => _github!.PublishPullRequestCommentAsync(report));
        await OnGitHubAsync(PublishTargets.Sarif, () => _github!.UploadSarifAsync(report, cancellation));
        // What people read leads to the issues, which there were not before; written first without, so that nothing that GitHub does keeps them back.
        if (published is { Issues.Count: > 0 })
        {
            foreach (var (format, path) in _options.Reports.Where(one => one.Format is "html" or "markdown" && paths.Contains(one.Path)))
                await DoneAsync(() => ReportWriter.WriteAsync(report with { Issues = published.Issues }, format, path));
        }
        foreach (var error in published?.Errors ?? [])
        {
            _hasFailed = true;
            Consoles.Complain(error);
        }
        foreach (var line in (published?.Actions ?? []).Concat(published?.Notes ?? []))
            Consoles.WriteLine(console, (_options.DryRun ? "would " : "") + line);

        foreach (var draft in _github?.Drafts ?? [])
            Show(console, draft);
        if (_isOffline)
            console.WriteLine("GITHUB_TOKEN is not set: this is what a repository without issues would get.");

        report = report with { Issues = published?.Issues ?? report.Issues };
        Lead(console, report);
        if (_webhook is not null && !cancellation.IsCancellationRequested)
            await TellAsync(_webhook, report, console);

        if (_options.SendSecurityHub && !cancellation.IsCancellationRequested)
            await DoneAsync(() => ImportAsync(report, console));

        if (Wants(_options, PublishTargets.Summary))
            await DoneAsync(() => StepSummary.WriteAsync(Environment.GetEnvironmentVariable("GITHUB_STEP_SUMMARY"), report, paths, published));
        if (Wants(_options, PublishTargets.Annotations) || (Consoles.InActions && Wants(_options, PublishTargets.Summary)))
        {
            foreach (var annotation in Annotations.Of(report))
                Console.Out.WriteLine(annotation);
        }
        await DoneAsync(() => StepOutputs.WriteAsync(Environment.GetEnvironmentVariable("GITHUB_OUTPUT"), report, paths, published, StopSignal.ExitCode ?? (_hasFailed ? ExitCode.BadInput : exitCode)));
        foreach (var (format, path) in _options.Reports.Where(one => paths.Contains(one.Path)))
            console.WriteLine($"{format}: {SafeText.Line(path)}");
        return _hasFailed ? ExitCode.BadInput : exitCode;

        // One that fails does not stop the others. Half a scan is no state of the account: nothing on GitHub follows it.
        async Task OnGitHubAsync(PublishTargets target, Func<Task<PublishResult>> work)
        {
            if (Wants(_options, target) && !cancellation.IsCancellationRequested)
                await DoneAsync(async () => published = Join(published, await work()));
        }
    }

    // From what to do first to where it is talked of.
    private static void Lead(IAnsiConsole console, ScanReport report)
    {
        if (report.Issues.Count == 0)
            return;
        foreach (var line in FirstScreen.Of(report).Lines)
        {
            if (FirstScreen.IssueOf(report.Issues, line) is { } issue)
                Consoles.WriteLine(console, $"{SafeText.Cut(line.What, 200)}: {issue.AbsoluteUri}");
        }
    }

    private async Task ImportAsync(ScanReport report, IAnsiConsole console)
    {
        var import = new SecurityHubImport(report);
        if (_options.DryRun)
        {
            Consoles.WriteLine(console, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"would send {import.Planned:N0} findings to Security Hub"));
            return;
        }
        using var session = await AccountSource.OpenSessionAsync(_options, StopSignal.Token);
        await import.SendAsync(session, StopSignal.Token);
        Consoles.WriteLine(console, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"Security Hub took {import.Taken:N0} findings"));
        foreach (var problem in import.Problems)
        {
            _hasFailed = true;
            Consoles.Complain(problem);
        }
    }

    // A chat that cannot be told is said, and is no fault of the scan.
    private async Task TellAsync(Webhook webhook, ScanReport report, IAnsiConsole console)
    {
        var body = webhook.Body(report, RunPage());
        if (_options.DryRun)
            Consoles.WriteLine(console, "would tell the webhook: " + body);
        else if (await webhook.SendAsync(body, StopSignal.Token) is { } why)
            Consoles.Complain(why);
    }

    private static Uri? RunPage() => Environment.GetEnvironmentVariable("GITHUB_RUN_ID") is { Length: > 0 } id && id.All(char.IsAsciiDigit)
        && Uri.TryCreate($"{Environment.GetEnvironmentVariable("GITHUB_SERVER_URL")}/{Environment.GetEnvironmentVariable("GITHUB_REPOSITORY")}/actions/runs/{id}", UriKind.Absolute, out var page) ? page : null;

    // Line by line: none may begin with a workflow command.
    private static void Show(IAnsiConsole console, PublishDraft draft)
    {
        Consoles.WriteLine(console, $"---- {draft.Title}");
        if (draft.Labels.Count > 0)
            Consoles.WriteLine(console, $"labels: {string.Join(", ", draft.Labels)}");
        if (draft.Assignees.Count > 0)
            Consoles.WriteLine(console, $"assignees: {string.Join(", ", draft.Assignees)}");
        foreach (var line in draft.Body.Split('\n'))
            Consoles.WriteLine(console, line.TrimEnd('\r'));
    }

    private async Task<bool> DoneAsync(Func<Task> work)
    {
        try
        {
            await work();
            return true;
        }
        catch (InputException e)
        {
            _hasFailed = true;
            Consoles.Fail(e.Message);
            return false;
        }
#pragma warning disable CA1031 // Whatever one target brings up, the others, the summary and the outputs are written.
        catch (Exception e) when (e is not OperationCanceledException)
#pragma warning restore CA1031
        {
            _hasFailed = true;
            Consoles.Fail(Failure.Describe(e));
            return false;
        }
    }

    private static bool Wants(ScanOptions options, PublishTargets target) => (options.Publish & target) != PublishTargets.None;

    private static PublishResult Join(PublishResult? one, PublishResult other) => one is null ? other : one.And(other);
}
