namespace Scanner.Model;

/// <summary>A call, or calls one after another that are alike, around what a detection found. All texts are hostile.</summary>
/// <param name="Time">When; of several, the first.</param>
/// <param name="Action">What was called, such as <c>CreateUser</c>; of reads one after another, some of their names; of what is left out, how much that is.</param>
/// <param name="Touched">ARN or id of what was touched; null where that is not told.</param>
/// <param name="Source">Address that it came from, or the service that called; null where that is not told.</param>
/// <param name="Error">Error code; null where the call succeeded.</param>
/// <param name="Count">How many calls.</param>
/// <param name="IsMatch">Whether it is what the detection found.</param>
public sealed record TimelineEntry(DateTimeOffset Time, string Action, string? Touched, string? Source, string? Error, long Count, bool IsMatch);
