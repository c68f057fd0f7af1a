namespace Scanner.Detect.Matching;

/// <summary>How logs are read.</summary>
public sealed record DetectorOptions
{
    /// <summary>How many files are read at the same time; at least 1. Matches come in the same order whatever it is.</summary>
    public int Parallelism { get; init; } = Math.Max(1, Environment.ProcessorCount);

    /// <summary>Whether matches carry their event's JSON.</summary>
    public bool IncludeEvents { get; init; }

    /// <summary>Larger records are reported, and looked at all the same. CloudTrail's own limit is 256 KiB, and 1 MiB
    /// for enriched events.</summary>
    public int LargeRecordBytes { get; init; } = 16 << 20;

    /// <summary>Larger records are skipped and reported.</summary>
    public int MaxRecordBytes { get; init; } = 120 << 20;

    /// <summary>Where matches wait for correlation when they are too many for memory; null: the system's temporary folder.</summary>
    public string? TemporaryFolder { get; init; }

    /// <summary>Bytes of hits that are kept in memory before correlating; more go to a temporary file.</summary>
    internal int HitBytes { get; init; } = 96 << 20;

    /// <summary>About how many bytes of one log a thread takes at a time, where several read it.</summary>
    internal int PartBytes { get; init; } = 1 << 20;
}
