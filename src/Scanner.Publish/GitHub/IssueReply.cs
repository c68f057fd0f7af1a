using Octokit;

namespace Scanner.Publish.GitHub;

/// <summary>
/// What publishing needs of an issue as GitHub sends it. Octokit's own type leaves <c>author_association</c> out, and
/// cannot be derived from: its serializer does not reach the setters of a base class.
/// </summary>
internal sealed class IssueReply
{
    /// <summary>Id among all issues of GitHub.</summary>
    public long Id { get; set; }

    /// <summary>Id in GraphQL.</summary>
    public string? NodeId { get; set; }

    /// <summary>What the organization's fields of issues hold; empty where there are none.</summary>
    public IReadOnlyList<FieldValueReply>? IssueFieldValues { get; set; }

    /// <summary>Number within the repository.</summary>
    public int Number { get; set; }

    /// <summary><c>open</c> or <c>closed</c>.</summary>
    public string State { get; set; } = "";

    /// <summary><c>completed</c>, <c>not_planned</c>, <c>reopened</c>, <c>duplicate</c> or null.</summary>
    public string? StateReason { get; set; }

    /// <summary>Title.</summary>
    public string Title { get; set; } = "";

    /// <summary>Whether its conversation is locked: a job's token may not comment then.</summary>
    public bool Locked { get; set; }

    /// <summary>Text.</summary>
    public string? Body { get; set; }

    /// <summary>Who opened it.</summary>
    public User? User { get; set; }

    /// <summary>What the author is to the repository: OWNER, MEMBER, COLLABORATOR, CONTRIBUTOR, NONE ...</summary>
    public string? AuthorAssociation { get; set; }

    /// <summary>Who closed it: sent for a single issue only.</summary>
    public User? ClosedBy { get; set; }

    /// <summary>Whom it is assigned to.</summary>
    public IReadOnlyList<User> Assignees { get; set; } = [];

    /// <summary>Labels.</summary>
    public IReadOnlyList<Label> Labels { get; set; } = [];

    /// <summary>Not null where this is a pull request.</summary>
    public PullRequest? PullRequest { get; set; }
}
