using System.Text.Json.Nodes;

namespace Scanner.Evaluate.Gaps;

/// <summary>How the select list of a grouped query is rewritten.</summary>
/// <param name="Keys">The keys, each by the text of its rewritten expression.</param>
/// <param name="Extra">Mask of a row that holds what rows without a known key may change in its group; null for nothing.</param>
/// <param name="Aggregates">Where something is missing, the aggregates with their masks are made in a query of their own; null elsewhere.</param>
internal sealed record Grouping(IReadOnlyDictionary<string, Term> Keys, JsonNode? Extra, Computed? Aggregates);
