namespace Scanner.Publish.GitHub;

/// <summary>GraphQL's reply to <c>pinIssue</c>: GitHub answers 200 with errors too.</summary>
internal sealed class PinReply
{
    /// <summary>Why it was not done; null where it was.</summary>
    public IReadOnlyList<PinError>? Errors { get; set; }

    /// <summary>One reason.</summary>
    internal sealed class PinError
    {
        /// <summary>In words, such as "Resource not accessible by integration".</summary>
        public string? Message { get; set; }
    }
}
