namespace Scanner.Publish.GitHub;

/// <summary>GitHub's reply to a search for issues.</summary>
internal sealed class SearchReply
{
    /// <summary>A page of what was found; null where the reply is another one.</summary>
    public IReadOnlyList<IssueReply>? Items { get; set; }
}
