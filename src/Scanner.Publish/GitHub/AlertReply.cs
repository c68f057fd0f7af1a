namespace Scanner.Publish.GitHub;

/// <summary>An alert of code scanning, as far as we read it ("List code scanning alerts for a repository").</summary>
internal sealed class AlertReply
{
    /// <summary>Rule of the alert.</summary>
    public AlertRule? Rule { get; set; }

    /// <summary>Where and how it was seen last.</summary>
    public AlertInstance? MostRecentInstance { get; set; }

    /// <summary>Rule of an alert.</summary>
    internal sealed class AlertRule
    {
        /// <summary>Id, as the SARIF has it.</summary>
        public string? Id { get; set; }
    }

    /// <summary>One instance of an alert.</summary>
    internal sealed class AlertInstance
    {
        /// <summary>Category of the analysis, which is the SARIF run's <c>automationDetails.id</c> without what follows its last slash.</summary>
        public string? Category { get; set; }

        /// <summary>What the alert says.</summary>
        public AlertMessage? Message { get; set; }
    }

    /// <summary>Message of an alert.</summary>
    internal sealed class AlertMessage
    {
        /// <summary>Plain text.</summary>
        public string? Text { get; set; }
    }
}
