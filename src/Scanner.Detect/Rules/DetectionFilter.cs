namespace Scanner.Detect.Rules;

/// <summary>A Sigma filter: tuning that is laid over rules without changing their files (Sigma filters specification).</summary>
internal sealed record DetectionFilter
{
    internal required string Title { get; init; }

    internal required string File { get; init; }

    internal required int Line { get; init; }

    internal required SigmaLogSource LogSource { get; init; }

    /// <summary>Ids or names of rules; null: every rule of the same log source.</summary>
    internal required IReadOnlyList<string>? Rules { get; init; }

    /// <summary>What an event must be besides, for a match to stand.</summary>
    internal required Expression Keep { get; init; }
}
