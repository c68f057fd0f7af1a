namespace Scanner.Evaluate;

/// <summary>A row that a check's query returned, as it came.</summary>
internal sealed record CheckRow(string? Account, string? Region, string? Resource, string? Status, string? Message);
