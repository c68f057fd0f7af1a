namespace Scanner.Model;

/// <summary>What changed since an earlier scan.</summary>
/// <param name="Time">When that scan looked.</param>
/// <param name="New">Findings that fail now and did not then.</param>
/// <param name="Fixed">Findings that failed then and no longer do: they pass, or what failed is gone.</param>
/// <param name="Still">Findings that failed then and do so still.</param>
/// <param name="Unknown">Findings that failed then and could not be looked at now: neither fixed nor failing.</param>
public sealed record SinceBaseline(DateTimeOffset Time, int New, int Fixed, int Still, int Unknown)
{
    /// <summary>Findings that failed then, and whose risk is accepted now: not fixed.</summary>
    public int Accepted { get; init; }

    /// <summary>Of the findings that fail, those that flap (<see cref="FindingPast.Flaps"/>).</summary>
    public int Flapping { get; init; }

    /// <summary>When the oldest of the findings that still fail was first seen to; null where none is.</summary>
    public DateTimeOffset? Oldest { get; init; }
}
