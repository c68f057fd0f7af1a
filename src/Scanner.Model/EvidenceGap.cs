namespace Scanner.Model;

/// <summary>Days on which a source was not proven alive although there may have been something to log.</summary>
/// <param name="From">The first (UTC).</param>
/// <param name="To">The last.</param>
/// <param name="State"><see cref="EvidenceState.Silent"/>, <see cref="EvidenceState.Unknown"/>, or null where no scan looked.</param>
public sealed record EvidenceGap(DateOnly From, DateOnly To, EvidenceState? State);
