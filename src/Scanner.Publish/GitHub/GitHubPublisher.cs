using System.IO.Compression;
using Scanner.Model;
using Scanner.Publish.Reports;

namespace Scanner.Publish.GitHub;

/// <summary>
/// Publishes a scan to a GitHub repository. Everything that only the user can correct (a refused token, a repository that is
/// not there, missing permissions) is an <see cref="InputException"/> of one line; <see cref="CheckAsync"/> finds most of
/// it before the scan begins.
/// </summary>
public sealed class GitHubPublisher
{
    private readonly GitHubOptions _options;
    private readonly GitHubApi _api;
    private readonly IssuePublisher _issues;

    /// <summary>Makes a publisher; sends nothing yet.</summary>
    public GitHubPublisher(GitHubOptions options)
    {
        _options = options;
        _api = new GitHubApi(options);
        _issues = new IssuePublisher(_api, options);
    }

    /// <summary>In a dry run, the texts that would have been written so far, in order.</summary>
    public IReadOnlyList<PublishDraft> Drafts => _api.Drafts;

    /// <summary>Asks whether the repository can be reached with the token.</summary>
    /// <param name="issues">Issues are going to be published: they must be switched on.</param>
    /// <exception cref="InputException">401, 404, 410, or GitHub cannot be reached.</exception>
    public Task CheckAsync(bool issues = true) => _api.CheckAsync(issues);

    /// <summary>
    /// What people accepted by closing issues as not planned, and detections they closed, as far as it holds today.
    /// To be handed to the evaluation, so that it mutes those findings before the exit code is decided.
    /// </summary>
    public Task<IReadOnlyList<AcceptedRisk>> LoadAcceptedRisksAsync() => _issues.LoadAcceptedRisksAsync();

    /// <summary>Opens, renews, closes and reopens issues. Running it again changes nothing more.</summary>
    /// <param name="report">The scan, with accepted findings as <see cref="FindingStatus.Muted"/>.</param>
    public Task<PublishResult> PublishIssuesAsync(ScanReport report) => _issues.PublishAsync(report);

    /// <summary>Opens or renews the one issue that says how the accounts are.</summary>
    /// <param name="report">The scan.</param>
    /// <param name="issues">Addresses of the issues there are, by check and account; null for none.</param>
    public Task<PublishResult> PublishDashboardAsync(ScanReport report, IReadOnlyDictionary<(string Check, string Account), Uri>? issues = null) =>
        new Dashboard(_api, _options).PublishAsync(report, issues);

    /// <summary>Writes or renews the one comment on the pull request of the run.</summary>
    /// <param name="report">The scan.</param>
    public Task<PublishResult> PublishPullRequestCommentAsync(ScanReport report) =>
        new PullRequestComment(_api, _options).PublishAsync(report);

    /// <summary>What the pull request of the run changes; null where the run is for none, or GitHub does not tell.</summary>
    /// <exception cref="InputException">The event's file cannot be read.</exception>
    public async Task<PullRequestDiff?> ReadDiffAsync() =>
        PullRequestEvent.Read(_options.EventPath, _options.Ref) is { } pull ? await _api.ReadDiffAsync(pull.Number) : null;

    /// <summary>Uploads the findings to code scanning, for the commit and ref of the run.</summary>
    /// <param name="report">The scan.</param>
    /// <param name="cancellation">Ends the work before the upload.</param>
    /// <exception cref="InputException"><c>GITHUB_SHA</c> or <c>GITHUB_REF</c> is missing, or code scanning refuses.</exception>
    public async Task<PublishResult> UploadSarifAsync(ScanReport report, CancellationToken cancellation = default)
    {
        if (_options.Sha is not { Length: 40 } sha || !sha.All(char.IsAsciiHexDigit))
            throw new InputException("--publish sarif needs GITHUB_SHA, the commit of the run (40 hexadecimal digits)");
        if (_options.Ref is not { } reference || !reference.StartsWith("refs/", StringComparison.Ordinal))
            throw new InputException("--publish sarif needs GITHUB_REF, such as refs/heads/main");
        var notes = new List<string>();
        if (report.Gate is null && report.Findings.Any(finding => finding.Status == FindingStatus.Unknown))
        {
            try
            {
                report = KeptAlerts.Keep(report, await _api.ListAlertsAsync());
            }
            catch (InputException e)
            {
                notes.Add($"sarif: the open alerts could not be read ({e.Message}), so alerts of checks that could not be assessed may be closed by this upload");
            }
        }
        using var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionLevel.SmallestSize, leaveOpen: true))
            await ReportWriter.WriteAsync(report.Gate is null ? report : Uploaded(report), "sarif", gzip, cancellation);
        if (packed.Length > 10_000_000)
            throw new InputException("--publish sarif: the findings are over the 10 MB (packed) that code scanning takes; scan fewer accounts in a run");
        await _api.UploadSarifAsync(sha, reference, Convert.ToBase64String(packed.GetBuffer().AsSpan(0, (int)packed.Length)));
        return new PublishResult { DryRun = _options.DryRun, Actions = ["upload SARIF to code scanning"], Notes = notes };
    }

    // Code scanning makes an alert of every result: what fails after the change, on its line. What is fixed, cannot be told, or has no line is none.
    private static ScanReport Uploaded(ScanReport report) =>
        report with { Findings = [.. report.Findings.Where(finding => finding is { Location: not null, Status: FindingStatus.Fail or FindingStatus.Muted, Change: FindingChange.Introduced or FindingChange.Existing })] };
}
