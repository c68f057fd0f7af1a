namespace Scanner.Publish.GitHub;

/// <summary>GraphQL's reply to <c>query { viewer { login } }</c>.</summary>
internal sealed class ViewerReply
{
    /// <summary>The data; null with errors.</summary>
    public ViewerData? Data { get; set; }

    /// <summary>The data's only member.</summary>
    internal sealed class ViewerData
    {
        /// <summary>Who asks.</summary>
        public ViewerLogin? Viewer { get; set; }
    }

    /// <summary>Who asks.</summary>
    internal sealed class ViewerLogin
    {
        /// <summary>Such as <c>github-actions[bot]</c>.</summary>
        public string? Login { get; set; }
    }
}
