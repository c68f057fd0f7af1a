using System.Text.Json.Nodes;

namespace Loopback;

/// <summary>What goes wrong with a request.</summary>
public enum GitHubFault
{
    None,

    /// <summary>HTTP 502, not processed.</summary>
    ServerError,

    /// <summary>HTTP 502 from a gateway that lost the reply: the request was carried out.</summary>
    ServerErrorAfter,

    /// <summary>The connection breaks before anything is done.</summary>
    Reset,

    /// <summary>The request is carried out, and the connection breaks before the reply.</summary>
    ResetAfter,

    /// <summary>403 with Retry-After.</summary>
    SecondaryLimit,

    /// <summary>403 that only its text tells from a refusal.</summary>
    SecondaryLimitWithoutHeader,

    /// <summary>429 with Retry-After.</summary>
    TooManyRequests,

    /// <summary>403 with x-ratelimit-remaining: 0.</summary>
    PrimaryLimit,

    /// <summary>A proxy's page with status 200.</summary>
    Page,

    /// <summary>Status 200 without a body.</summary>
    Empty,

    /// <summary>Status 200 with <c>{}</c>.</summary>
    EmptyObject,

    /// <summary>Status 200 with <c>null</c>.</summary>
    Null,

    /// <summary>A list of things that are no issues.</summary>
    Junk,

    /// <summary>418 with a page.</summary>
    Teapot,

    /// <summary>451.</summary>
    Unavailable,

    /// <summary>409.</summary>
    Conflict,
}

/// <summary>An issue.</summary>
public sealed class GitHubIssue
{
    public required int Number { get; init; }
    public required string Title { get; set; }
    public required string Body { get; set; }
    public string State { get; set; } = "open";
    public string? StateReason { get; set; }
    public long? DuplicateOf { get; set; }
    public (string Login, string Type) User { get; set; }
    public string Association { get; set; } = "NONE";

    /// <summary>What the organization's fields hold, by name.</summary>
    public Dictionary<string, JsonObject> Fields { get; } = new(StringComparer.Ordinal);

    public (string Login, string Type)? ClosedBy { get; set; }
    public int? Milestone { get; set; }
    public bool IsPullRequest { get; set; }

    /// <summary>Its conversation is locked: a job's token may not comment.</summary>
    public bool IsLocked { get; set; }

    /// <summary>Deleted: every request about it is answered 410, and no list shows it.</summary>
    public bool IsDeleted { get; set; }

    /// <summary>Transferred to another repository: every request about it is answered 301 with its new place, which this token cannot see.</summary>
    public bool IsMoved { get; set; }

    /// <summary>Index of the request from which on lists show it.</summary>
    public int VisibleFrom { get; set; }
    public List<string> Labels { get; } = [];
    public List<string> Assignees { get; } = [];
    public List<GitHubComment> Comments { get; } = [];
    public DateTimeOffset CreatedAt { get; set; }
    public DateTimeOffset UpdatedAt { get; set; }

    /// <summary>As the API sends it; who closed it is said only of a single issue.</summary>
    public JsonObject ToJson(bool single)
    {
        var json = new JsonObject
        {
            ["id"] = 10_000 + Number,
            ["node_id"] = "I_" + Number,
            ["number"] = Number,
            ["state"] = State,
            ["state_reason"] = StateReason,
            ["title"] = Title,
            ["body"] = Body,
            ["user"] = GitHubServer.User(User),
            ["labels"] = new JsonArray([.. Labels.Select(l => new JsonObject { ["name"] = l, ["color"] = "ededed" })]),
            ["assignees"] = new JsonArray([.. Assignees.Select(a => GitHubServer.User((a, "User")))]),
            ["locked"] = IsLocked,
            ["comments"] = Comments.Count,
            ["created_at"] = CreatedAt.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture),
            ["updated_at"] = CreatedAt.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture),
            ["author_association"] = Association,
        };
        if (Fields.Count > 0)
            json["issue_field_values"] = new JsonArray([.. Fields.Values.Select(field => field.DeepClone())]);
        if (IsPullRequest)
            json["pull_request"] = new JsonObject { ["url"] = "https://api.github.com/x" };
        if (single && ClosedBy is { } by)
            json["closed_by"] = GitHubServer.User(by);
        return json;
    }
}

/// <summary>A comment.</summary>
public sealed class GitHubComment
{
    public required long Id { get; init; }
    public required string Body { get; set; }
    public (string Login, string Type) User { get; set; }
    public string Association { get; set; } = "NONE";
    public DateTimeOffset CreatedAt { get; set; }

    public JsonObject ToJson() => new()
    {
        ["id"] = Id,
        ["body"] = Body,
        ["user"] = GitHubServer.User(User),
        ["author_association"] = Association,
        ["created_at"] = CreatedAt.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture),
    };
}

internal sealed record GitHubReply(int Status, JsonNode Body, params (string Name, string Value)[] Headers);
