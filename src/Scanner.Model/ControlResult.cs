namespace Scanner.Model;

/// <summary>One control of a framework, as a scan answers it.</summary>
public sealed record ControlResult
{
    /// <summary>Control id within the framework, such as <c>3.1</c>.</summary>
    public required string Id { get; init; }

    /// <summary>Title in our words.</summary>
    public required string Title { get; init; }

    /// <summary>The benchmark's profile, 1 or 2; null where it has none.</summary>
    public int? Level { get; init; }

    /// <summary>The worst that its checks say.</summary>
    public required ControlStatus Status { get; init; }

    /// <summary>Ids of the checks that answer it.</summary>
    public IReadOnlyList<string> Checks { get; init; } = [];

    /// <summary>Number of findings of its checks, by status; statuses that do not occur are left out.</summary>
    public IReadOnlyDictionary<FindingStatus, int> Findings { get; init; } = new Dictionary<FindingStatus, int>();

    /// <summary>What a person has to look at, or why nothing was assessed; empty where the findings say it all.</summary>
    public string Reason { get; init; } = "";

    /// <summary>Number of findings with a status.</summary>
    /// <param name="status">The status.</param>
    public int this[FindingStatus status] => Findings.GetValueOrDefault(status);
}
