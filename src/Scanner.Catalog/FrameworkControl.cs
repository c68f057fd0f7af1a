namespace Scanner.Catalog;

/// <summary>A control of a framework.</summary>
/// <param name="Id">Control id within the framework.</param>
/// <param name="Title">Title in our words.</param>
/// <param name="Checks">Ids of the checks and detections that answer it; empty when none does yet.</param>
public sealed record FrameworkControl(string Id, string Title, IReadOnlyList<string> Checks);
