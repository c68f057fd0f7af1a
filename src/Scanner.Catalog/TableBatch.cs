namespace Scanner.Catalog;

/// <summary>Asks for many parents in one call.</summary>
/// <param name="Parameter">Input member that takes the list.</param>
/// <param name="From">Text with <c>{paths}</c> that gives one element, such as <c>{value}</c> of the innermost parent.</param>
/// <param name="Size">Most elements that AWS takes in one call.</param>
public sealed record TableBatch(string Parameter, string From, int Size);
