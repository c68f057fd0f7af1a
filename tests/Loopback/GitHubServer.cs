using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Loopback;

/// <summary>
/// The part of GitHub's REST API that publishing uses, with memory: issues, labels, comments, code scanning uploads. It
/// refuses what GitHub refuses (lengths, missing labels' form, tokens), pages with Link headers, and can be told to fail.
/// </summary>
public sealed partial class GitHubServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly string _prefix;
    private readonly Lock _lock = new();
    private readonly Dictionary<int, GitHubFault> _faults = [];
    private int _requests;
    private int? _deadAfter;
    private bool _deadAfterProcessing;
    private int _clock;

    private GitHubServer(WebApplication app, string prefix)
    {
        _app = app;
        _prefix = prefix;
    }

    public const string Owner = "acme";
    public const string Name = "security";
    public const string Token = "ghs_loopback";

    /// <summary>Base address to give as GITHUB_API_URL.</summary>
    public Uri ApiUrl { get; private set; } = null!;

    /// <summary>Issues and pull requests, by number from 1.</summary>
    public List<GitHubIssue> Issues { get; } = [];

    /// <summary>Labels of the repository.</summary>
    public Dictionary<string, (string Color, string Description)> Labels { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Uploads to code scanning: the request bodies.</summary>
    public List<JsonObject> Sarifs { get; } = [];

    /// <summary>All requests: method, path without prefix, body.</summary>
    public List<(string Method, string Path, string Body)> Log { get; } = [];

    /// <summary>Requests that change something: a question in GraphQL is a POST too.</summary>
    public IEnumerable<(string Method, string Path, string Body)> Writes => Log.Where(r => r.Method != "GET" && r.Path != "/graphql");

    /// <summary>Files of every pull request: name, name before, unified diff.</summary>
    public List<(string Name, string? Previous, string? Patch)> Files { get; } = [];

    /// <summary>The token may read the files of pull requests.</summary>
    public bool MayReadFiles { get; set; } = true;

    /// <summary>Told every body with its method and path template; its answers are collected in <see cref="SchemaErrors"/>.</summary>
    public Func<string, string, string, IEnumerable<string>>? ValidateBody { get; set; }

    /// <summary>What <see cref="ValidateBody"/> said.</summary>
    public List<string> SchemaErrors { get; } = [];

    /// <summary>Issues are switched on.</summary>
    public bool HasIssues { get; set; } = true;

    /// <summary>The repository exists.</summary>
    public bool Exists { get; set; } = true;

    /// <summary>Fields of issues that the organization has, as REST tells them; null where it has none.</summary>
    public IReadOnlyList<JsonObject>? Fields { get; set; }

    /// <summary>Logins that issues may be assigned to; others are refused.</summary>
    public HashSet<string> Assignable { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Numbers of issues that were pinned, in order.</summary>
    public List<int> Pinned { get; } = [];

    /// <summary>The token may pin issues.</summary>
    public bool MayPin { get; set; } = true;

    /// <summary>The token may write.</summary>
    public bool MayWrite { get; set; } = true;

    /// <summary>Login of the token's identity; an installation's token (type Bot) may not ask for it.</summary>
    public (string Login, string Type) Actor { get; set; } = ("github-actions[bot]", "Bot");

    /// <summary>The time.</summary>
    public Func<DateTimeOffset> Now { get; set; } = () => DateTimeOffset.UtcNow;

    /// <summary>Told method and path of every request before it is answered.</summary>
    public Action<string, string>? BeforeAnswer { get; set; }

    /// <summary>How many requests long lists and searches do not show a new issue.</summary>
    public int Lag { get; set; }

    /// <summary>Seconds until the end that a primary rate limit reports.</summary>
    public int ResetSeconds { get; set; } = 30;

    public static async Task<GitHubServer> StartAsync(string prefix = "")
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.WebHost.ConfigureKestrel(k => k.Limits.MaxRequestBodySize = null);
        var app = builder.Build();
        var server = new GitHubServer(app, prefix);
        app.Run(server.HandleAsync);
        await app.StartAsync();
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        server.ApiUrl = new Uri(address + prefix);
        return server;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    /// <summary>The request of that index (from 0, all requests counted) goes wrong.</summary>
    public void Fail(int index, GitHubFault fault) => _faults[index] = fault;

    /// <summary>From the request of that index on, every connection breaks; that request itself is carried out or not.</summary>
    public void DieAt(int index, bool afterProcessing)
    {
        _deadAfter = index;
        _deadAfterProcessing = afterProcessing;
    }

    /// <summary>Works again, and counts requests from 0 again.</summary>
    public void Revive()
    {
        _deadAfter = null;
        _faults.Clear();
        _requests = 0;
        Log.Clear();
    }

    /// <summary>A person closes an issue.</summary>
    public void Close(int number, string reason, string login = "octocat", string type = "User")
    {
        var issue = Issues[number - 1];
        (issue.State, issue.StateReason, issue.ClosedBy) = ("closed", reason, (login, type));
    }

    /// <summary>A person reopens an issue.</summary>
    public void Reopen(int number)
    {
        var issue = Issues[number - 1];
        (issue.State, issue.StateReason, issue.ClosedBy) = ("open", "reopened", null);
    }

    /// <summary>Everything that a reader sees, without times and numbers of requests: to compare two runs.</summary>
    public string Picture()
    {
        var made = new StringBuilder();
        foreach (var issue in Issues)
        {
            made.Append(CultureInfo.InvariantCulture, $"#{issue.Number} {issue.State} {issue.StateReason} {issue.Title} [{string.Join(' ', issue.Labels.Order(StringComparer.Ordinal))}]\n{issue.Body}\n");
            foreach (var comment in issue.Comments)
                made.Append("-- ").Append(comment.Body).Append('\n');
        }
        made.AppendJoin(' ', Labels.Keys.Order(StringComparer.Ordinal));
        return made.ToString();
    }

    private async Task HandleAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var body = await reader.ReadToEndAsync();
        var path = context.Request.Path.Value!;
        GitHubReply reply;
        var abort = false;
        lock (_lock)
        {
            var index = _requests++;
            BeforeAnswer?.Invoke(context.Request.Method, path);
            Log.Add((context.Request.Method, path.StartsWith(_prefix, StringComparison.Ordinal) ? path[_prefix.Length..] : path, body));
            var dead = _deadAfter is { } at && index >= at;
            _faults.TryGetValue(index, out var fault);
            if (dead && !(index == _deadAfter && _deadAfterProcessing) || fault == GitHubFault.Reset)
            {
                context.Abort();
                return;
            }
            abort = dead || fault == GitHubFault.ResetAfter;
            if (Raw(fault) is { } raw)
            {
                context.Response.StatusCode = raw.Status;
                context.Response.ContentType = raw.Type;
                context.Items["raw"] = raw.Body;
            }
            reply = Refusal(fault) ?? (context.Response.StatusCode >= 400 ? new GitHubReply(context.Response.StatusCode, new JsonObject()) : null) ?? (path.StartsWith(_prefix + "/", StringComparison.Ordinal) || _prefix.Length == 0
                ? Answer(context.Request, path[_prefix.Length..], body)
                : new GitHubReply(404, Message("Not Found")));
            if (fault == GitHubFault.ServerErrorAfter)
                reply = new GitHubReply(502, Message("Server Error"));
        }
        if (abort)
        {
            context.Abort();
            return;
        }
        if (context.Items.TryGetValue("raw", out var instead))
        {
            await context.Response.WriteAsync((string)instead!);
            return;
        }
        context.Response.StatusCode = reply.Status;
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.Headers["x-ratelimit-limit"] = "5000";
        context.Response.Headers["x-ratelimit-remaining"] = "4999";
        foreach (var (name, value) in reply.Headers)
            context.Response.Headers[name] = value;
        if (reply.Status != 204)
            await context.Response.WriteAsync(reply.Body.ToJsonString());
    }

    private static (int Status, string Type, string Body)? Raw(GitHubFault fault) => fault switch
    {
        GitHubFault.Page => (200, "text/html", "<html>sign in</html>"),
        GitHubFault.Empty => (200, "application/json; charset=utf-8", ""),
        GitHubFault.EmptyObject => (200, "application/json; charset=utf-8", "{}"),
        GitHubFault.Null => (200, "application/json; charset=utf-8", "null"),
        GitHubFault.Junk => (200, "application/json; charset=utf-8", "[1, \"a\", null, {\"number\": \"x\"}]"),
        GitHubFault.Teapot => (418, "text/html", "<html>teapot</html>"),
        GitHubFault.Unavailable => (451, "application/json; charset=utf-8", "{\"message\": \"Repository access blocked\", \"block\": {\"reason\": \"dmca\"}}"),
        GitHubFault.Conflict => (409, "application/json; charset=utf-8", "{\"message\": \"Git Repository is empty.\"}"),
        _ => null,
    };

    private GitHubReply? Refusal(GitHubFault fault) => fault switch
    {
        GitHubFault.ServerError => new GitHubReply(502, Message("Server Error")),
        GitHubFault.SecondaryLimit => new GitHubReply(403, Message("You have exceeded a secondary rate limit. Please wait a few minutes before you try again."), ("retry-after", "7")),
        GitHubFault.SecondaryLimitWithoutHeader => new GitHubReply(403, Message("You have exceeded a secondary rate limit. Please wait a few minutes before you try again.")),
        GitHubFault.TooManyRequests => new GitHubReply(429, Message("Too many requests"), ("retry-after", "3")),
        GitHubFault.PrimaryLimit => new GitHubReply(403, Message("API rate limit exceeded"), ("x-ratelimit-remaining", "0"),
            ("x-ratelimit-reset", Now().AddSeconds(ResetSeconds).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture))),
        _ => null,
    };

    private GitHubReply Answer(HttpRequest request, string path, string body)
    {
        if (request.Headers.Authorization != $"Token {Token}" && request.Headers.Authorization != $"Bearer {Token}")
            return new GitHubReply(401, Message("Bad credentials"));
        if (path == "/user")
            return Actor.Type == "Bot" ? new GitHubReply(403, Message("Resource not accessible by integration")) : new GitHubReply(200, User(Actor));
        if (path == "/graphql" && body.Contains("pinIssue", StringComparison.Ordinal))
            return Pin(body);
        if (path == "/graphql")
            return new GitHubReply(200, new JsonObject { ["data"] = new JsonObject { ["viewer"] = new JsonObject { ["login"] = Actor.Login } } });
        if (path == $"/orgs/{Owner}/issue-fields" && request.Method == "GET")
            return Fields is null ? new GitHubReply(404, Message("Not Found")) : Page(request, [.. Fields.Select(field => field.DeepClone().AsObject())]);
        if (path == "/search/issues")
            return Search(request);
        var root = $"/repos/{Owner}/{Name}";
        if (!Exists || path != root && !path.StartsWith(root + "/", StringComparison.Ordinal))
            return new GitHubReply(404, Message("Not Found"));
        path = path[root.Length..];
        JsonObject? sent = null;
        if (request.Method != "GET")
        {
            if (!MayWrite)
                return new GitHubReply(403, Message("Resource not accessible by integration"));
            try
            {
                sent = JsonNode.Parse(body) as JsonObject;
            }
            catch (JsonException)
            {
            }
            if (sent is null)
                return new GitHubReply(400, Message("Problems parsing JSON"));
            if (ValidateBody is { } validate)
                SchemaErrors.AddRange(validate(request.Method, Template(path), body));
        }
        return (request.Method, Template(path)) switch
        {
            ("GET", "") => new GitHubReply(200, Repository()),
            ("GET", "/issues") => HasIssues ? ListIssues(request) : Gone(),
            ("GET", _) when path.StartsWith("/assignees/", StringComparison.Ordinal) => Assignable.Contains(path["/assignees/".Length..]) ? new GitHubReply(204, new JsonObject()) : new GitHubReply(404, Message("Not Found")),
            ("POST", "/issues") => HasIssues ? CreateIssue(sent!) : Gone(),
            ("GET", "/issues/{issue_number}") => WithIssue(path, i => new GitHubReply(200, i.ToJson(single: true))),
            ("PATCH", "/issues/{issue_number}") => WithIssue(path, i => UpdateIssue(i, sent!)),
            ("GET", "/issues/{issue_number}/comments") => WithIssue(path, i => Page(request, [.. i.Comments.Select(c => c.ToJson())])),
            ("POST", "/issues/{issue_number}/comments") => WithIssue(path, i => CreateComment(i, sent!)),
            ("PATCH", "/issues/comments/{comment_id}") => UpdateComment(path, sent!),
            ("GET", "/pulls/{pull_number}/files") => MayReadFiles ? Page(request, [.. Files.Select(FileOf)]) : new GitHubReply(403, Message("Resource not accessible by integration")),
            ("GET", "/labels") => Page(request, [.. Labels.Select(l => Label(l.Key))]),
            ("POST", "/labels") => CreateLabel(sent!),
            ("POST", "/code-scanning/sarifs") => Upload(sent!),
            ("GET", "/code-scanning/alerts") => Page(request, [.. Alerts.Where(alert => alert.IsOpen).Select(AlertOf)]),
            _ => new GitHubReply(404, Message("Not Found")),
        };
    }

    // As GraphQL answers: 200, with what was done or why it was not.
    private GitHubReply Pin(string body)
    {
        var id = (string?)JsonNode.Parse(body)!["variables"]?["issue"] ?? "";
        var refusal = !MayPin ? "Resource not accessible by integration" : Pinned.Count >= 3 ? "Maximum 3 pinned issues per repository" : null;
        if (refusal is not null)
            return new GitHubReply(200, new JsonObject { ["data"] = new JsonObject { ["pinIssue"] = null }, ["errors"] = new JsonArray(new JsonObject { ["type"] = "FORBIDDEN", ["message"] = refusal }) });
        Pinned.Add(int.Parse(id[2..], CultureInfo.InvariantCulture));
        return new GitHubReply(200, new JsonObject { ["data"] = new JsonObject { ["pinIssue"] = new JsonObject { ["issue"] = new JsonObject { ["number"] = Pinned[^1] } } } });
    }

    private static JsonObject FileOf((string Name, string? Previous, string? Patch) file)
    {
        var json = new JsonObject { ["sha"] = "bbcd538c8e72b8c175046e27cc8f907076331401", ["filename"] = file.Name, ["status"] = file.Previous is null ? "modified" : "renamed", ["additions"] = 1, ["deletions"] = 0, ["changes"] = 1 };
        if (file.Previous is not null)
            json["previous_filename"] = file.Previous;
        if (file.Patch is not null)
            json["patch"] = file.Patch;
        return json;
    }

    private static string Template(string path) =>
        PullFiles().IsMatch(path) ? "/pulls/{pull_number}/files" : Comment().IsMatch(path) ? "/issues/comments/{comment_id}" : Number().Replace(path, "/issues/{issue_number}");

    private GitHubReply WithIssue(string path, Func<GitHubIssue, GitHubReply> answer)
    {
        var number = int.Parse(Number().Match(path).Groups["number"].ValueSpan, CultureInfo.InvariantCulture);
        if (number < 1 || number > Issues.Count)
            return new GitHubReply(404, Message("Not Found"));
        if (Issues[number - 1].IsMoved)
            return new GitHubReply(301, Message("Moved Permanently"), ("location", new Uri(ApiUrl, "/repositories/99/issues/7").ToString()));
        return Issues[number - 1].IsDeleted ? new GitHubReply(410, Message("This issue was deleted")) : answer(Issues[number - 1]);
    }

    // By the words of the query that are no qualifiers, as GitHub's index does, which knows no punctuation.
    private GitHubReply Search(HttpRequest request)
    {
        var words = Word().Matches(request.Query["q"].ToString().Split("in:body")[^1]).Select(word => word.Value).ToList();
        var found = Issues.Where(i => !i.IsDeleted && i.VisibleFrom <= _requests && Word().Matches(i.Body).Select(word => word.Value).ToHashSet(StringComparer.OrdinalIgnoreCase).IsSupersetOf(words));
        var page = Page(request, [.. found.Select(i => i.ToJson(single: false))]);
        return new GitHubReply(200, new JsonObject { ["total_count"] = found.Count(), ["incomplete_results"] = false, ["items"] = page.Body }, page.Headers);
    }

    private GitHubReply ListIssues(HttpRequest request)
    {
        var state = request.Query["state"].FirstOrDefault() ?? "open";
        var labels = (request.Query["labels"].FirstOrDefault() ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries);
        var found = Issues
            .Where(i => (state == "all" || i.State == state) && !i.IsDeleted && i.VisibleFrom <= _requests)
            .Where(i => labels.All(l => i.Labels.Contains(l, StringComparer.OrdinalIgnoreCase)));
        // GitHub: newest first unless asked otherwise.
        found = request.Query["direction"] == "asc" ? found.OrderBy(i => i.Number) : found.OrderByDescending(i => i.Number);
        return Page(request, [.. found.Select(i => i.ToJson(single: false))]);
    }

    private GitHubReply Page(HttpRequest request, List<JsonObject> all)
    {
        var size = int.TryParse(request.Query["per_page"], CultureInfo.InvariantCulture, out var s) ? Math.Min(s, 100) : 30;
        var page = int.TryParse(request.Query["page"], CultureInfo.InvariantCulture, out var p) ? p : 1;
        var reply = new JsonArray([.. all.Skip((page - 1) * size).Take(size)]);
        if (page * size >= all.Count)
            return new GitHubReply(200, reply);
        var query = string.Join('&', request.Query.Where(q => q.Key != "page").Select(q => $"{q.Key}={Uri.EscapeDataString(q.Value.ToString())}"));
        return new GitHubReply(200, reply, ("link", $"<{request.Scheme}://{request.Host}{request.Path}?{query}&page={page + 1}>; rel=\"next\""));
    }

    /// <summary>Whether an issue can be closed as a duplicate; older GitHub Enterprise Servers do not know that.</summary>
    public bool KnowsDuplicates { get; set; } = true;

    private GitHubReply CreateIssue(JsonObject sent)
    {
        if (Refuse(sent) is { } refused)
            return refused;
        var issue = new GitHubIssue
        {
            Number = Issues.Count + 1,
            Title = (string)sent["title"]!,
            Body = (string?)sent["body"] ?? "",
            User = Actor,
            Association = Actor.Type == "Bot" ? "NONE" : "OWNER",
            CreatedAt = Tick(),
            VisibleFrom = Lag == 0 ? 0 : _requests + Lag,
        };
        issue.Labels.AddRange((sent["labels"] as JsonArray ?? []).Select(l => (string)l!));
        issue.Assignees.AddRange((sent["assignees"] as JsonArray ?? []).Select(a => (string)a!));
        SetFields(issue, sent);
        foreach (var label in issue.Labels)
            Labels.TryAdd(label, ("ededed", ""));
        Issues.Add(issue);
        return new GitHubReply(201, issue.ToJson(single: true));
    }

    private GitHubReply UpdateIssue(GitHubIssue issue, JsonObject sent)
    {
        if (Refuse(sent) is { } refused)
            return refused;
        if ((string?)sent["state_reason"] == "duplicate" && !KnowsDuplicates)
            return Invalid("Issue", "state_reason", "invalid");
        SetFields(issue, sent);
        issue.DuplicateOf = (long?)sent["duplicate_issue_id"] ?? issue.DuplicateOf;
        issue.Title = (string?)sent["title"] ?? issue.Title;
        issue.Body = (string?)sent["body"] ?? issue.Body;
        if (sent["labels"] is JsonArray labels)
        {
            issue.Labels.Clear();
            issue.Labels.AddRange(labels.Select(l => (string)l!));
        }
        if (sent["assignees"] is JsonArray assignees)
        {
            issue.Assignees.Clear();
            issue.Assignees.AddRange(assignees.Select(a => (string)a!));
        }
        // A milestone that is sent as null is taken away, as GitHub does.
        if (sent.ContainsKey("milestone"))
            issue.Milestone = (int?)sent["milestone"];
        if ((string?)sent["state"] is { } state && state != issue.State)
        {
            issue.State = state;
            issue.StateReason = state == "closed" ? (string?)sent["state_reason"] ?? "completed" : "reopened";
            issue.ClosedBy = state == "closed" ? Actor : null;
        }
        issue.UpdatedAt = Tick();
        return new GitHubReply(200, issue.ToJson(single: true));
    }

    // "Field values are silently dropped" where there are no fields.
    private void SetFields(GitHubIssue issue, JsonObject sent)
    {
        foreach (var one in sent["issue_field_values"] as JsonArray ?? [])
        {
            if (Fields?.FirstOrDefault(field => (long)field["id"]! == (long)one!["field_id"]!) is not { } known)
                continue;
            var value = (string)one!["value"]!;
            var isSelect = (string)known["data_type"]! == "single_select";
            issue.Fields[(string)known["name"]!] = new JsonObject
            {
                ["issue_field_id"] = (long)known["id"]!,
                ["issue_field_name"] = (string)known["name"]!,
                ["node_id"] = "IFT_1",
                ["data_type"] = (string)known["data_type"]!,
                ["value"] = value,
                ["single_select_option"] = isSelect ? new JsonObject { ["id"] = 1, ["name"] = value, ["color"] = "red" } : null,
            };
        }
    }

    private GitHubReply CreateComment(GitHubIssue issue, JsonObject sent)
    {
        if (issue.IsLocked)
            return new GitHubReply(403, Message("Unable to create comment because issue is locked."));
        if (Refuse(sent) is { } refused)
            return refused;
        var comment = new GitHubComment
        {
            Id = 1000 + Issues.Sum(i => i.Comments.Count),
            Body = (string)sent["body"]!,
            User = Actor,
            Association = Actor.Type == "Bot" ? "NONE" : "OWNER",
            CreatedAt = Tick(),
        };
        issue.Comments.Add(comment);
        return new GitHubReply(201, comment.ToJson());
    }

    private GitHubReply UpdateComment(string path, JsonObject sent)
    {
        var id = long.Parse(Comment().Match(path).Groups["id"].ValueSpan, CultureInfo.InvariantCulture);
        if (Issues.SelectMany(i => i.Comments).FirstOrDefault(c => c.Id == id) is not { } comment)
            return new GitHubReply(404, Message("Not Found"));
        if (Refuse(sent) is { } refused)
            return refused;
        comment.Body = (string)sent["body"]!;
        return new GitHubReply(200, comment.ToJson());
    }

    private GitHubReply CreateLabel(JsonObject sent)
    {
        var name = (string?)sent["name"] ?? "";
        if (name.Length is 0 or > 50)
            return Invalid("Label", "name", "invalid");
        if (((string?)sent["description"])?.Length > 100)
            return Invalid("Label", "description", "too_long");
        if (!Labels.TryAdd(name, ((string?)sent["color"] ?? "ededed", (string?)sent["description"] ?? "")))
            return Invalid("Label", "name", "already_exists");
        return new GitHubReply(201, Label(name));
    }

    /// <summary>Alerts of code scanning, open and closed.</summary>
    public List<GitHubAlert> Alerts { get; } = [];

    private static JsonObject AlertOf(GitHubAlert alert) => new()
    {
        ["state"] = "open",
        ["rule"] = new JsonObject { ["id"] = alert.Rule },
        ["most_recent_instance"] = new JsonObject { ["category"] = alert.Category, ["message"] = new JsonObject { ["text"] = alert.Text } },
    };

    // As "Uploading a SARIF file to GitHub" has it: what an analysis of a category leaves out is fixed, and other categories are left alone.
    private void Analyze(JsonObject sent)
    {
        using var unpacked = new System.IO.Compression.GZipStream(new MemoryStream(Convert.FromBase64String((string)sent["sarif"]!)), System.IO.Compression.CompressionMode.Decompress);
        foreach (var run in JsonNode.Parse(unpacked)!["runs"]!.AsArray())
        {
            var id = (string?)run!["automationDetails"]?["id"] ?? "";
            var category = id[..(id.LastIndexOf('/') + 1)];
            var results = run["results"]!.AsArray().Where(result => (string?)result!["kind"] == "fail")
                .Select(result => (Rule: (string)result!["ruleId"]!, Print: (string)result["partialFingerprints"]!["primaryLocationLineHash"]!, Text: (string)result["message"]!["text"]!)).ToList();
            foreach (var alert in Alerts.Where(alert => alert.Category == category))
                alert.IsOpen = results.Exists(result => (result.Rule, result.Print) == (alert.Rule, alert.Print));
            foreach (var (rule, print, text) in results.Where(result => !Alerts.Exists(alert => (alert.Category, alert.Rule, alert.Print) == (category, result.Rule, result.Print))))
                Alerts.Add(new GitHubAlert(category, rule, print, text));
        }
    }

    private GitHubReply Upload(JsonObject sent)
    {
        Sarifs.Add(sent);
        Analyze(sent);
        return new GitHubReply(202, new JsonObject { ["id"] = "47177e22-5596-11eb-80a1-c1e54ef945c6", ["url"] = "https://api.github.com/x" });
    }

    // GitHub counts characters, not UTF-16 units.
    private GitHubReply? Refuse(JsonObject sent)
    {
        if ((string?)sent["title"] is { } title && title.EnumerateRunes().Count() > 256)
            return Invalid("Issue", "title", "title is too long (maximum is 256 characters)");
        if ((string?)sent["body"] is { } body && body.EnumerateRunes().Count() > 65_536)
            return Invalid("Issue", "body", "body is too long (maximum is 65536 characters)");
        if ((sent["assignees"] as JsonArray)?.Any(a => !Assignable.Contains((string)a!)) == true)
            return Invalid("Issue", "assignees", "invalid");
        return (sent["labels"] as JsonArray)?.Any(l => ((string)l!).Length > 50) == true ? Invalid("Label", "name", "invalid") : null;
    }

    private static GitHubReply Invalid(string resource, string field, string code) => new(422, new JsonObject
    {
        ["message"] = "Validation Failed",
        ["errors"] = new JsonArray(new JsonObject { ["resource"] = resource, ["field"] = field, ["code"] = code }),
    });

    private static GitHubReply Gone() => new(410, Message("Issues are disabled for this repo"));

    private JsonObject Repository() => new()
    {
        ["id"] = 1,
        ["name"] = Name,
        ["full_name"] = $"{Owner}/{Name}",
        ["has_issues"] = HasIssues,
        ["private"] = false,
        ["owner"] = User((Owner, "Organization")),
    };

    private JsonObject Label(string name) => new()
    {
        ["id"] = 1 + Labels.Keys.ToList().IndexOf(name),
        ["name"] = name,
        ["color"] = Labels[name].Color,
        ["description"] = Labels[name].Description,
    };

    internal static JsonObject User((string Login, string Type) user) => new()
    {
        ["login"] = user.Login,
        ["id"] = 7,
        ["type"] = user.Type,
    };

    internal static JsonObject Message(string text) => new() { ["message"] = text };

    private DateTimeOffset Tick() => new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).AddSeconds(_clock++);

    [GeneratedRegex("/issues/(?<number>[0-9]+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Number();

    [GeneratedRegex("[A-Za-z0-9]+", RegexOptions.None, 1000)]
    private static partial Regex Word();

    [GeneratedRegex("^/pulls/[0-9]+/files$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex PullFiles();

    [GeneratedRegex("^/issues/comments/(?<id>[0-9]+)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Comment();
}
