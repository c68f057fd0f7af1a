namespace Scanner.Detect.Correlation;

/// <summary>What a correlation found, besides its last hit.</summary>
internal sealed record CorrelationMatch(IReadOnlyList<KeyValuePair<string, string?>> Group, IReadOnlyList<Hit> Recent, long Count);
