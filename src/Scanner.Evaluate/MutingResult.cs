using Scanner.Model;

namespace Scanner.Evaluate;

/// <summary>Findings after accepted risks have been applied.</summary>
/// <param name="Findings">All findings, in the order in which they came.</param>
/// <param name="Notes">One line for each mute or accepted risk that has expired.</param>
public sealed record MutingResult(IReadOnlyList<Finding> Findings, IReadOnlyList<string> Notes);
