namespace Scanner.Model;

/// <summary>The run itself: when, of what, with what.</summary>
public sealed record ScanSummary
{
    /// <summary>When the scan looked; a recorded account keeps the time of its recording.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>Where the resources came from: <c>aws</c>, or the path given to <c>--from</c>.</summary>
    public required string Source { get; init; }

    /// <summary>Accounts that were scanned, twelve digits each.</summary>
    public IReadOnlyList<string> Accounts { get; init; } = [];

    /// <summary>Regions that were scanned.</summary>
    public IReadOnlyList<string> Regions { get; init; } = [];

    /// <summary>Number of resources in the store.</summary>
    public long Resources { get; init; }

    /// <summary>Number of AWS API calls made (attempts that reached the wire, retries included).</summary>
    public long ApiCalls { get; init; }

    /// <summary>Number of events that detections looked at.</summary>
    public long Events { get; init; }

    /// <summary>Wall time of the scan.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>Version of the program.</summary>
    public string Version { get; init; } = "";
}
