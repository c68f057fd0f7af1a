using System.Globalization;
using Scanner.Model;

namespace Scanner.Publish.GitHub;

/// <summary>Where and how to publish to GitHub.</summary>
public sealed record GitHubOptions
{
    /// <summary>Token of the API: <c>GITHUB_TOKEN</c>.</summary>
    public required string Token { get; init; }

    /// <summary>Owner of the repository.</summary>
    public required string Owner { get; init; }

    /// <summary>Name of the repository.</summary>
    public required string Name { get; init; }

    /// <summary>Base address of the REST API, taken literally (<c>GITHUB_API_URL</c>): <c>https://api.github.com</c>,
    /// <c>https://ghe.example/api/v3</c>, <c>http://127.0.0.1:8080</c>.</summary>
    public Uri ApiUrl { get; init; } = new("https://api.github.com");

    /// <summary>Address of GraphQL, beside that of REST: <c>https://api.github.com/graphql</c>, <c>https://ghe.example/api/graphql</c>.</summary>
    internal Uri GraphQlUrl => new(ApiUrl.AbsoluteUri.TrimEnd('/') is var rest && rest.EndsWith("/api/v3", StringComparison.Ordinal) ? $"{rest[..^3]}/graphql" : $"{rest}/graphql");

    /// <summary><c>GITHUB_EVENT_PATH</c>: the event that started the workflow, as JSON; null outside of Actions.</summary>
    public string? EventPath { get; init; }

    /// <summary><c>GITHUB_REF</c>; null outside of Actions.</summary>
    public string? Ref { get; init; }

    /// <summary><c>GITHUB_SHA</c>; null outside of Actions.</summary>
    public string? Sha { get; init; }

    /// <summary><c>GITHUB_WORKFLOW</c>: name of the workflow; empty outside of Actions.</summary>
    public string Workflow { get; init; } = "";

    /// <summary><c>GITHUB_JOB</c>: id of the job, the same for all jobs of a matrix; empty outside of Actions.</summary>
    public string Job { get; init; } = "";

    /// <summary><c>GITHUB_RUN_NUMBER</c>: counts the runs of the workflow; 0 outside of Actions.</summary>
    public long RunNumber { get; init; }

    /// <summary>Address of the run's page, from <c>GITHUB_SERVER_URL</c> and <c>GITHUB_RUN_ID</c>; null outside of Actions.</summary>
    public Uri? RunUrl { get; init; }

    /// <summary>Address of the repository's page, with a slash at its end; null where <c>GITHUB_SERVER_URL</c> is not set.</summary>
    public Uri? RepositoryUrl { get; init; }

    /// <summary>How many issues a run may open at most.</summary>
    public int MaxNewIssues { get; init; } = 50;

    /// <summary>In how many accounts a check may fail before they share one issue; 0: never.</summary>
    public int GroupIssues { get; init; } = 10;

    /// <summary>Address of a picture of the coverage matrix (<c>--report svg=FILE</c>, put where GitHub can load it); null for none.</summary>
    public Uri? DashboardImage { get; init; }

    /// <summary>There is no token: what would be done is said as for a repository without issues, and nothing is asked of GitHub.</summary>
    public bool IsOffline { get; init; }

    /// <summary>Say what would be done, change nothing.</summary>
    public bool DryRun { get; init; }

    /// <summary>Least time between two requests that change something (GitHub: "Best practices for using the REST
    /// API" asks for one second).</summary>
    public TimeSpan WriteInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a run waits for rate limits to end, all waits together.</summary>
    public TimeSpan MaxWait { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>Most requests in an hour that make or change content: GitHub's secondary limit is 500 ("Rate limits for the REST API"), and we are not its only user.</summary>
    public int WritesPerHour { get; init; } = 480;

    /// <summary>How long one request may take.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(100);

    /// <summary>Set when the program is to stop: no further change is sent, and no wait goes on.</summary>
    public CancellationToken Stop { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Paths of reports that hold everything; named where a text had to be shortened.</summary>
    public IReadOnlyList<string> Reports { get; init; } = [];

    /// <summary>How waiting is done; tests do not wait.</summary>
    internal Func<TimeSpan, CancellationToken, Task> Wait { get; init; } = Task.Delay;

    /// <summary>Reads <c>GITHUB_TOKEN</c>, <c>GITHUB_REPOSITORY</c>, <c>GITHUB_API_URL</c>, <c>GITHUB_EVENT_PATH</c>,
    /// <c>GITHUB_REF</c>, <c>GITHUB_SHA</c>, and what names the workflow's run.</summary>
    /// <param name="variable">Value of an environment variable, or null.</param>
    /// <param name="dryRun">Only to say what would be done: without a token that is done offline.</param>
    /// <exception cref="InputException">Something is missing or cannot be read.</exception>
    public static GitHubOptions FromEnvironment(Func<string, string?> variable, bool dryRun = false)
    {
        var isOffline = dryRun && Given(variable, "GITHUB_TOKEN") is null;
        var token = isOffline ? "none" : Needed(variable, "GITHUB_TOKEN", "give the step `github-token: ${{ github.token }}`, or export a token");
        var repository = isOffline ? Given(variable, "GITHUB_REPOSITORY") ?? "OWNER/NAME" : Needed(variable, "GITHUB_REPOSITORY", "set it to OWNER/NAME");
        var parts = repository.Split('/');
        if (parts.Length != 2 || parts.Any(p => p.Length == 0 || p is "." or ".." || !p.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')))
            throw new InputException($"GITHUB_REPOSITORY is '{repository}'; it must be OWNER/NAME");
        var address = variable("GITHUB_API_URL") is { Length: > 0 } given ? given : "https://api.github.com";
        if (!Uri.TryCreate(address, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
            throw new InputException($"GITHUB_API_URL is '{address}'; it must be an address such as https://api.github.com");
        if (token.Any(c => c is <= ' ' or > '~'))
            throw new InputException("GITHUB_TOKEN holds a space, a line break or another character that no token has");
        var page = Page(variable, parts[0], parts[1]);
        return new GitHubOptions
        {
            Token = token,
            IsOffline = isOffline,
            DryRun = dryRun,
            Owner = parts[0],
            Name = parts[1],
            ApiUrl = url,
            EventPath = Given(variable, "GITHUB_EVENT_PATH"),
            Ref = Given(variable, "GITHUB_REF"),
            Sha = Given(variable, "GITHUB_SHA"),
            Workflow = Given(variable, "GITHUB_WORKFLOW") ?? "",
            Job = Given(variable, "GITHUB_JOB") ?? "",
            RunNumber = long.TryParse(Given(variable, "GITHUB_RUN_NUMBER"), NumberStyles.None, CultureInfo.InvariantCulture, out var run) ? run : 0,
            RepositoryUrl = page,
            RunUrl = page is not null && Given(variable, "GITHUB_RUN_ID") is { } id && id.All(char.IsAsciiDigit) ? new Uri(page, $"actions/runs/{id}") : null,
        };
    }

    // Only links hang on it: an address that is none leaves them out.
    private static Uri? Page(Func<string, string?> variable, string owner, string name) =>
        Given(variable, "GITHUB_SERVER_URL") is { } server && Uri.TryCreate($"{server.TrimEnd('/')}/{owner}/{name}/", UriKind.Absolute, out var page)
            && page.Scheme is "http" or "https" ? page : null;

    private static string Needed(Func<string, string?> variable, string name, string how) =>
        Given(variable, name) ?? throw new InputException($"{name} is not set: publishing to GitHub needs it; {how}");

    private static string? Given(Func<string, string?> variable, string name) =>
        variable(name) is { } value && !string.IsNullOrWhiteSpace(value) ? value.Trim() : null;
}
