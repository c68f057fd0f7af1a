namespace Scanner.Detect.Rules;

/// <summary>Sigma correlation rules specification, Correlation Types.</summary>
internal enum CorrelationKind
{
    EventCount,
    ValueCount,
    ValueSum,
    ValueAverage,
    ValuePercentile,
    Temporal,
    TemporalOrdered,
}
