namespace Scanner.Publish;

/// <summary>What publishing to GitHub did, or would have done.</summary>
public sealed record PublishResult
{
    /// <summary>Nothing was changed, because it was only to be said what would be.</summary>
    public bool DryRun { get; init; }

    /// <summary>Issues opened.</summary>
    public int Created { get; init; }

    /// <summary>Issues whose text was renewed, and that stayed open or closed.</summary>
    public int Updated { get; init; }

    /// <summary>Issues reopened.</summary>
    public int Reopened { get; init; }

    /// <summary>Issues closed.</summary>
    public int Closed { get; init; }

    /// <summary>Issues that would have been opened but for the cap of the run.</summary>
    public int OverCap { get; init; }

    /// <summary>Addresses of the issues there are, by check and account.</summary>
    public IReadOnlyDictionary<(string Check, string Account), Uri> Issues { get; init; } = new Dictionary<(string, string), Uri>();

    /// <summary>One line for each thing done, in order; plain text that may hold text from AWS and check files: hostile.</summary>
    public IReadOnlyList<string> Actions { get; init; } = [];

    /// <summary>What a reader of the summary should know; plain text, hostile.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>What could not be published, one line each; what is counted above was published nevertheless. Plain text, hostile.</summary>
    public IReadOnlyList<string> Errors { get; init; } = [];

    /// <summary>Both together: counts added, texts one after the other.</summary>
    public PublishResult And(PublishResult other) => new()
    {
        DryRun = DryRun || other.DryRun,
        Created = Created + other.Created,
        Updated = Updated + other.Updated,
        Reopened = Reopened + other.Reopened,
        Closed = Closed + other.Closed,
        OverCap = OverCap + other.OverCap,
        Issues = Issues.Concat(other.Issues).DistinctBy(pair => pair.Key).ToDictionary(),
        Actions = [.. Actions, .. other.Actions],
        Notes = [.. Notes, .. other.Notes],
        Errors = [.. Errors, .. other.Errors],
    };
}
