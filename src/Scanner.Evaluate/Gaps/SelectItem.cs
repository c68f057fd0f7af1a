using System.Text.Json.Nodes;

namespace Scanner.Evaluate.Gaps;

/// <summary>An item of a select list.</summary>
/// <param name="Name">Name in the result.</param>
/// <param name="Expression">The expression as it came; null for a column that a star stands for.</param>
/// <param name="Term">The column that a star stands for; null for an expression.</param>
internal sealed record SelectItem(string Name, JsonNode? Expression, Term? Term);
