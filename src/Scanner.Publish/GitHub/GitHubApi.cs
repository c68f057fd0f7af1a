using System.Globalization;
using System.Net;
using Octokit;
using Octokit.Internal;
using Scanner.Model;

namespace Scanner.Publish.GitHub;

/// <summary>
/// The requests that publishing makes, on Octokit. Requests that create something are made so that the same one, made
/// again after it failed half-way, does not create it twice. In a dry run nothing that changes something is sent.
/// </summary>
internal sealed class GitHubApi
{
    private const int Attempts = 4;

    /// <summary>Whom comments with a job's own token are by. Nobody can register a login with brackets.</summary>
    private const string ActionsBot = "github-actions[bot]";

    private readonly GitHubOptions _options;
    private readonly GitHubClient _client;
    private readonly string _repository;
    private HashSet<string>? _labels;
    private string? _login;
    private bool _askedForLogin;
    private int _highest;
    private bool _isOrganizations;
    private IssueFields? _fields;

    /// <summary>Makes the client; sends nothing yet.</summary>
    public GitHubApi(GitHubOptions options)
    {
        _options = options;
        // Octokit adds /api/v3/ to other hosts than github.com in GitHubClient's own constructors, not in Connection's:
        // this way the address is used as it is given.
        var address = new Uri(options.ApiUrl.AbsoluteUri.TrimEnd('/') + "/");
        var connection = new Connection(
            new ProductHeaderValue("aws-scanner"),
            address,
            new InMemoryCredentialStore(new Credentials(options.Token)),
            new PatientHttpClient(new HttpClientAdapter(() => new GitHubHandler(options, options.IsOffline ? new EmptyRepository() : new SocketsHttpHandler { AllowAutoRedirect = false }))),
            new SimpleJsonSerializer());
        connection.SetRequestTimeout(PatientHttpClient.Longest);
        _client = new GitHubClient(connection);
        _repository = $"repos/{options.Owner}/{options.Name}";
    }

    /// <summary>In a dry run, the texts that would have been written, in order.</summary>
    public List<PublishDraft> Drafts { get; } = [];

    /// <summary>Whether changes are only to be said.</summary>
    public bool DryRun => _options.DryRun;

    /// <summary>Fails with one clear line where the repository, the token or its issues are not there.</summary>
    /// <param name="issues">Issues are needed.</param>
    public Task CheckAsync(bool issues) => Explained(async () =>
    {
        var repository = await _client.Repository.Get(_options.Owner, _options.Name);
        _isOrganizations = repository.Owner?.Type == AccountType.Organization;
        if (issues && !repository.HasIssues)
            throw new InputException($"{_options.Owner}/{_options.Name} has its issues switched off: switch them on in the repository's settings, or leave `issues` out of --publish");
        return true;
    });

    /// <summary>All issues that carry our label, whatever their state, oldest first; pull requests left out.</summary>
    public Task<List<IssueReply>> ListIssuesAsync(string label) => Explained(async () =>
    {
        var parameters = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["labels"] = label,
            ["state"] = "all",
            ["sort"] = "created",
            ["direction"] = "asc",
        };
        var issues = await new ApiConnection(_client.Connection).GetAll<IssueReply>(
            new Uri(_repository + "/issues", UriKind.Relative), parameters, new ApiOptions { PageSize = 100 });
        // A page may show an issue again that moved while the pages were read.
        return OfIssues(issues);
    });

    /// <summary>
    /// Issues that hold our hidden line and that the list by label leaves out: somebody took the label away. GitHub's search may lag, and has
    /// a limit of its own: where it does not answer, there is no second look.
    /// </summary>
    public async Task<List<IssueReply>> SearchIssuesAsync()
    {
        try
        {
            var found = new List<IssueReply>();
            // Search tells of a thousand at most.
            for (var page = 1; page <= 10; page++)
            {
                var reply = await Explained<SearchReply?>(async () => await new ApiConnection(_client.Connection).Get<SearchReply>(new Uri("search/issues", UriKind.Relative), new Dictionary<string, string>(StringComparer.Ordinal)
                {
                    ["q"] = $"repo:{_options.Owner}/{_options.Name} is:issue in:body \"scanner:v1 key\"",
                    ["per_page"] = "100",
                    ["page"] = page.ToString(CultureInfo.InvariantCulture),
                }));
                found.AddRange(reply?.Items ?? []);
                if (reply?.Items is not { Count: 100 })
                    break;
            }
            return OfIssues(found);
        }
        catch (InputException)
        {
            return [];
        }
    }

    /// <summary>
    /// The newest issues, whatever their labels, and those behind them that the list does not show yet: each is asked for by its number.
    /// </summary>
    public async Task<List<IssueReply>> ListNewestIssuesAsync()
    {
        var parameters = new Dictionary<string, string>(StringComparer.Ordinal) { ["state"] = "all", ["sort"] = "created", ["direction"] = "desc" };
        var newest = (await Explained(() => new ApiConnection(_client.Connection).GetAll<IssueReply>(
            new Uri(_repository + "/issues", UriKind.Relative), parameters, new ApiOptions { PageSize = 100, PageCount = 1 }))).ToList();
        _highest = newest.Select(issue => issue.Number).Append(_highest).Max();
        const int Most = 50;
        for (var i = 0; i < Most; i++)
        {
            try
            {
                newest.Add(await GetIssueAsync(_highest + 1));
            }
            catch (InputException e) when (e.InnerException is NotFoundException)
            {
                break;
            }
            catch (InputException e) when (e.InnerException is ApiException { StatusCode: HttpStatusCode.Gone })
            {
                // Deleted; the next number may be there.
            }
            _highest++;
        }
        return OfIssues(newest);
    }

    private List<IssueReply> OfIssues(IEnumerable<IssueReply> issues)
    {
        var ours = issues.Where(i => i is { Number: > 0, PullRequest: null }).DistinctBy(i => i.Number).OrderBy(i => i.Number).ToList();
        _highest = ours.Select(issue => issue.Number).Append(_highest).Max();
        return ours;
    }

    /// <summary>One issue with everything that lists leave out (who closed it).</summary>
    public Task<IssueReply> GetIssueAsync(int number) => Explained(() =>
        new ApiConnection(_client.Connection).Get<IssueReply>(new Uri(FormattableString.Invariant($"{_repository}/issues/{number}"), UriKind.Relative)));

    /// <summary>
    /// Opens an issue. Where the reply got lost, looks whether the issue is there before it tries again.
    /// </summary>
    /// <param name="title">Title.</param>
    /// <param name="body">Body, with the hidden key in it: the one request is all there is to a new issue.</param>
    /// <param name="labels">Labels; they exist.</param>
    /// <param name="find">Finds the issue among those that carry our label.</param>
    /// <param name="fields">Values of the organization's fields of issues.</param>
    /// <param name="assignees">Logins; issues may be assigned to them.</param>
    public async Task<int?> CreateIssueAsync(string title, string body, IReadOnlyList<string> labels, Func<IssueReply, bool> find, object[]? fields = null, IReadOnlyList<string>? assignees = null)
    {
        if (DryRun)
        {
            Drafts.Add(new PublishDraft(title, labels, assignees ?? [], body));
            return null;
        }
        var uri = new Uri(_repository + "/issues", UriKind.Relative);
        var request = new Dictionary<string, object>(StringComparer.Ordinal) { ["title"] = title, ["body"] = body, ["labels"] = labels.ToArray() };
        if (fields is { Length: > 0 })
            request["issue_field_values"] = fields;
        if (assignees is { Count: > 0 })
            request["assignees"] = assignees.ToArray();
        return await CreateOnceAsync(
            async () =>
            {
                var number = (await _client.Connection.Post<IssueReply>(uri, request, "application/vnd.github+json", "application/json")).Body?.Number ?? 0;
                _highest = Math.Max(_highest, number);
                return number > 0 ? number : throw new HttpRequestException("GitHub's answer names no issue");
            },
            // Lists may lag behind: the newest are asked for by their numbers too.
            async () => (await ListIssuesAsync(labels[0])).Find(i => find(i))?.Number ?? (await ListNewestIssuesAsync()).Find(i => find(i))?.Number);
    }

    /// <summary>Whether issues of the repository may be assigned to somebody ("Check if a user can be assigned").</summary>
    public Task<bool> IsAssignableAsync(string login) => Explained(() => _client.Issue.Assignee.CheckAssignee(_options.Owner, _options.Name, login));

    /// <summary>Changes the given members of an issue and no others.</summary>
    public async Task PatchIssueAsync(int number, IReadOnlyDictionary<string, object> members)
    {
        if (DryRun)
        {
            Drafts.Add(new PublishDraft(
                string.Create(CultureInfo.InvariantCulture, $"#{number}{(members.TryGetValue("title", out var title) ? $": {title}" : "")}"),
                members.GetValueOrDefault("labels") as string[] ?? [], members.GetValueOrDefault("assignees") as string[] ?? [], members.GetValueOrDefault("body") as string ?? ""));
            return;
        }
        // Not IssueUpdate: it would send a milestone of null, and take the one that somebody set away.
        var uri = new Uri(FormattableString.Invariant($"{_repository}/issues/{number}"), UriKind.Relative);
        await Explained(() => _client.Connection.Patch<IssueReply>(uri, new Dictionary<string, object>(members, StringComparer.Ordinal)), issue: number);
    }

    /// <summary>Comments on an issue or pull request; does nothing when a comment of ours begins with the same marker.</summary>
    /// <param name="number">Number of the issue.</param>
    /// <param name="marker">Hidden first line that tells this comment from all others.</param>
    /// <param name="text">The rest; safe markdown.</param>
    public async Task CommentOnceAsync(int number, string marker, string text)
    {
        if (DryRun)
        {
            Drafts.Add(new PublishDraft(string.Create(CultureInfo.InvariantCulture, $"comment on #{number}"), [], [], text));
            return;
        }
        async Task<long?> Find() => (await ListCommentsAsync(number)).Find(c => c.Body is { } b && b.StartsWith(marker, StringComparison.Ordinal))?.Id;
        if (await Find() is not null)
            return;
        await CreateOnceAsync(() => CreateCommentAsync(number, $"{marker}\n{text}"), Find, number);
    }

    /// <summary>Comments of an issue or pull request that we, or people whom the repository trusts, wrote.</summary>
    public Task<List<IssueComment>> ListCommentsAsync(int number) => Explained(async () =>
    {
        var comments = await _client.Issue.Comment.GetAllForIssue(_options.Owner, _options.Name, number, new ApiOptions { PageSize = 100 });
        var own = await LoginAsync();
        return comments.Where(c => IsTrusted(c.User, c.AuthorAssociation.StringValue, own)).ToList();
    }, issue: number);

    /// <summary>
    /// Comments that the identity behind the token wrote and that begin with a marker, oldest first. Whose comments they are is asked
    /// only where there are any: an installation's token cannot ask for itself by REST (403), but GraphQL's <c>viewer</c> tells;
    /// where that fails too, it is taken for the job's own token.
    /// </summary>
    /// <param name="number">Number of the issue or pull request.</param>
    /// <param name="marker">What the comments begin with.</param>
    public async Task<List<IssueComment>> ListOwnCommentsAsync(int number, string marker)
    {
        var marked = (await Explained(() => _client.Issue.Comment.GetAllForIssue(_options.Owner, _options.Name, number, new ApiOptions { PageSize = 100 })))
            .Where(c => c.Body?.StartsWith(marker, StringComparison.Ordinal) == true && c.User is not null).OrderBy(c => c.Id).ToList();
        if (marked.Count == 0)
            return marked;
        var own = await LoginAsync();
        if (own is null)
            own = marked.Exists(c => c.User.Type == AccountType.Bot && c.User.Login != ActionsBot) ? await ViewerAsync() ?? ActionsBot : ActionsBot;
        return [.. marked.Where(c => c.User.Login == own)];
    }

    /// <summary>What the pull request changes; null where the token may not read that, or GitHub does not tell.</summary>
    /// <param name="number">Number of the pull request.</param>
    public async Task<PullRequestDiff?> ReadDiffAsync(int number)
    {
        try
        {
            var files = await Explained(() => _client.PullRequest.Files(_options.Owner, _options.Name, number, new ApiOptions { PageSize = 100 }));
            var diff = new PullRequestDiff();
            foreach (var file in files.Where(file => file.FileName is not null))
                diff.Add(file.FileName, file.PreviousFileName, file.Patch);
            return diff;
        }
        catch (InputException)
        {
            // Only the order of annotations, and one sentence, hang on it.
            return null;
        }
    }

    /// <summary>Comments, whatever comments there are.</summary>
    public async Task<long?> CreateCommentOnceAsync(int number, string body, Func<Task<long?>> find) =>
        DryRun ? Drafted(number, body) : await CreateOnceAsync(() => CreateCommentAsync(number, body), find);

    private long? Drafted(int number, string body)
    {
        Drafts.Add(new PublishDraft(string.Create(CultureInfo.InvariantCulture, $"comment on #{number}"), [], [], body));
        return null;
    }

    /// <summary>Renews a comment.</summary>
    public async Task UpdateCommentAsync(long id, string body)
    {
        if (DryRun)
        {
            Drafts.Add(new PublishDraft("the comment that is there", [], [], body));
            return;
        }
        var uri = new Uri(FormattableString.Invariant($"{_repository}/issues/comments/{id}"), UriKind.Relative);
        await Explained(() => _client.Connection.Patch<IssueComment>(uri, new Dictionary<string, object>(StringComparer.Ordinal) { ["body"] = body }));
    }

    /// <summary>The fields of issues that the repository's organization has; none where it is a person's, or the token may not see them. Asked once.</summary>
    public async Task<IssueFields> FieldsAsync()
    {
        if (_fields is not null || !_isOrganizations)
            return _fields ?? IssueFields.None;
        try
        {
            _fields = new IssueFields(await Explained(() => new ApiConnection(_client.Connection).GetAll<FieldReply>(
                new Uri($"orgs/{_options.Owner}/issue-fields", UriKind.Relative), new Dictionary<string, string>(StringComparer.Ordinal), new ApiOptions { PageSize = 100 })));
        }
        catch (InputException)
        {
            // Not switched on for the organization, or not for this token: labels say it.
            _fields = IssueFields.None;
        }
        return _fields;
    }

    /// <summary>Pins an issue to the repository's list, which GraphQL alone can.</summary>
    /// <param name="number">Number of the issue.</param>
    /// <returns>Why it was not done, in words of GitHub's that may be hostile; null where it was.</returns>
    public async Task<string?> PinAsync(int number)
    {
        const string Mutation = "mutation ($issue: ID!) { pinIssue(input: {issueId: $issue}) { issue { number } } }";
        try
        {
            if ((await GetIssueAsync(number)).NodeId is not { Length: > 0 } id)
                return "GitHub does not tell its id";
            var request = new Dictionary<string, object>(StringComparer.Ordinal) { ["query"] = Mutation, ["variables"] = new Dictionary<string, object>(StringComparer.Ordinal) { ["issue"] = id } };
            var reply = await _client.Connection.Post<PinReply>(_options.GraphQlUrl, request, "application/json", "application/json");
            return reply.Body?.Errors is { Count: > 0 } errors ? SafeText.Cut(SafeText.Words(errors[0].Message ?? "GitHub refuses it"), 200) : null;
        }
        catch (ApiException e)
        {
            return Said(e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or InputException)
        {
            return SafeText.Cut(SafeText.Words(e.Message), 200);
        }
    }

    /// <summary>Makes labels that are missing.</summary>
    public async Task EnsureLabelsAsync(IEnumerable<LabelSpec> labels)
    {
        if (DryRun)
            return;
        _labels ??= (await Explained(() => _client.Issue.Labels.GetAllForRepository(_options.Owner, _options.Name, new ApiOptions { PageSize = 100 })))
            .Select(l => l.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var label in labels)
        {
            if (_labels.Contains(label.Name))
                continue;
            await CreateOnceAsync<long>(async () =>
            {
                try
                {
                    return (await _client.Issue.Labels.Create(_options.Owner, _options.Name, new NewLabel(label.Name, label.Color) { Description = label.Description })).Id;
                }
                catch (ApiValidationException e) when (e.ApiError?.Errors?.Any(x => x.Code == "already_exists") == true)
                {
                    return 0;
                }
            });
            _labels.Add(label.Name);
        }
    }

    /// <summary>Open alerts of code scanning that are ours; none where nothing was ever uploaded.</summary>
    public async Task<IReadOnlyList<AlertReply>> ListAlertsAsync()
    {
        try
        {
            return await Explained(() => new ApiConnection(_client.Connection).GetAll<AlertReply>(new Uri(_repository + "/code-scanning/alerts", UriKind.Relative),
                new Dictionary<string, string>(StringComparer.Ordinal) { ["tool_name"] = "Scanner", ["state"] = "open" }, new ApiOptions { PageSize = 100 }));
        }
        catch (InputException e) when (e.InnerException is NotFoundException)
        {
            return [];
        }
    }

    /// <summary>Uploads SARIF to code scanning.</summary>
    public async Task UploadSarifAsync(string commit, string reference, string sarif)
    {
        if (DryRun)
            return;
        var uri = new Uri(_repository + "/code-scanning/sarifs", UriKind.Relative);
        var request = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["commit_sha"] = commit,
            ["ref"] = reference,
            ["sarif"] = sarif,
            ["tool_name"] = "Scanner",
        };
        // The same analysis twice is one analysis: it may be sent again.
        await CreateOnceAsync<bool>(async () =>
        {
            await _client.Connection.Post<object>(uri, request, "application/vnd.github+json", "application/json");
            return true;
        });
    }

    /// <summary>
    /// The login behind the token; null where the token is an installation's, which may not ask (its issues are a bot's).
    /// </summary>
    public async Task<string?> LoginAsync()
    {
        if (_askedForLogin)
            return _login;
        try
        {
            _login = (await Explained(() => _client.User.Current()))?.Login;
        }
        catch (InputException e) when (e.InnerException is ForbiddenException or NotFoundException)
        {
            _login = null;
        }
        _askedForLogin = true;
        return _login;
    }

    private async Task<string?> ViewerAsync()
    {
        try
        {
            var reply = await _client.Connection.Post<ViewerReply>(_options.GraphQlUrl, new Dictionary<string, object>(StringComparer.Ordinal) { ["query"] = "query { viewer { login } }" },
                "application/json", "application/json");
            return reply.Body?.Data?.Viewer?.Login;
        }
        catch (Exception e) when (e is ApiException or HttpRequestException or IOException)
        {
            return null;
        }
    }

    /// <summary>
    /// Whether a text is ours, or of somebody who may write to the repository anyway. Anybody can open an issue or
    /// comment, and an issue template may put our label on it: such text must not steer what we do.
    /// </summary>
    public static bool IsTrusted(User? author, string? association, string? own) =>
        author is not null
        && (author.Login == own
            || author.Type == AccountType.Bot
            || association?.ToUpperInvariant() is "OWNER" or "MEMBER" or "COLLABORATOR");

    private async Task<long> CreateCommentAsync(int number, string body)
    {
        var uri = new Uri(FormattableString.Invariant($"{_repository}/issues/{number}/comments"), UriKind.Relative);
        var reply = await _client.Connection.Post<IssueComment>(uri,
            new Dictionary<string, object>(StringComparer.Ordinal) { ["body"] = body }, "application/vnd.github+json", "application/json");
        return reply.Body?.Id is > 0 and var id ? id : throw new HttpRequestException("GitHub's answer names no comment");
    }

    /// <param name="create">Sends it.</param>
    /// <param name="find">Says whether a request whose reply was lost was carried out; null where it may be sent twice.</param>
    /// <param name="issue">The issue that it is about; 0 for none.</param>
    private async Task<T> CreateOnceAsync<T>(Func<Task<T>> create, Func<Task<T?>>? find = null, int issue = 0) where T : struct
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await Explained(create, keepTransient: attempt < Attempts, issue);
            }
            catch (Exception e) when (attempt < Attempts && IsTransient(e))
            {
                await _options.Wait(TimeSpan.FromSeconds(Math.Pow(2, attempt)), _options.Stop);
                if (find is not null && await find() is { } there)
                    return there;
            }
        }
    }

    private static bool IsTransient(Exception e) =>
        e is HttpRequestException or IOException || e is ApiException { StatusCode: >= HttpStatusCode.InternalServerError };

    /// <summary>Turns what only the user can correct into one clear line.</summary>
    /// <param name="request">The request.</param>
    /// <param name="keepTransient">Whether what may be tried again is left to the caller.</param>
    /// <param name="issue">The issue that it is about; 0 for none.</param>
    private async Task<T> Explained<T>(Func<Task<T>> request, bool keepTransient = false, int issue = 0)
    {
        var repository = $"{_options.Owner}/{_options.Name}";
        try
        {
            return await request();
        }
        catch (AuthorizationException e)
        {
            throw new InputException($"GitHub refuses the token (GITHUB_TOKEN): {Said(e)}; give a valid one", e);
        }
        catch (ApiException e) when (issue > 0 && e.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Gone or HttpStatusCode.MovedPermanently)
        {
            throw new InputException($"issue #{issue} of {repository} was deleted or moved to another repository; the next run opens another one where something still fails", e);
        }
        catch (NotFoundException e)
        {
            throw new InputException($"GitHub does not know {repository}, or the token (GITHUB_TOKEN) may not see it: check GITHUB_REPOSITORY and the token's access", e);
        }
        catch (ForbiddenException e)
        {
            throw new InputException($"GitHub forbids it in {repository}: {Said(e)}; the job needs `permissions: issues: write` (issues), `pull-requests: write` (pr-comment), `security-events: write` (sarif)", e);
        }
        catch (ApiException e) when (e.StatusCode == HttpStatusCode.Gone)
        {
            throw new InputException($"{repository} has its issues switched off: switch them on in the repository's settings, or leave `issues` out of --publish", e);
        }
        catch (ApiValidationException e)
        {
            throw new InputException($"GitHub does not take what it was sent for {repository}: {Said(e)} {string.Join(", ", e.ApiError?.Errors?.Select(x => $"{x.Field} {x.Code} {x.Message}") ?? [])}", e);
        }
        catch (Exception e) when (!keepTransient && IsTransient(e))
        {
            throw new InputException($"GitHub could not be reached at {_options.ApiUrl}: {SafeText.Cut(SafeText.Words(e.Message), 300)}; run again: nothing is published twice", e);
        }
        catch (Exception e) when (e is not (InputException or OperationCanceledException) && !(keepTransient && IsTransient(e)))
        {
            // Whatever a proxy answers, and whatever the library makes of it.
            throw new InputException($"GitHub's answer from {_options.ApiUrl} was not understood ({(e is ApiException api ? $"HTTP {(int)api.StatusCode}: {Said(api)}" : e.GetType().Name)}); check GITHUB_API_URL, and run again: nothing is published twice", e);
        }
    }

    private static string Said(ApiException e)
    {
        var text = e.ApiError?.Message is { Length: > 0 } message ? message : e.Message;
        return SafeText.Cut(SafeText.Words(text), 300);
    }
}
