namespace Scanner.Catalog;

/// <summary>A framework such as a version of the CIS AWS Foundations Benchmark: controls and the checks that answer them.</summary>
/// <param name="Id">Framework id, such as <c>cis-aws-5.0</c>.</param>
/// <param name="Title">Full name.</param>
/// <param name="File">File, relative to the catalog's root.</param>
/// <param name="Controls">Its controls, in order.</param>
public sealed record FrameworkDefinition(string Id, string Title, string File, IReadOnlyList<FrameworkControl> Controls);

/// <summary>A control of a framework.</summary>
/// <param name="Id">Control id within the framework.</param>
/// <param name="Title">Title in our words.</param>
/// <param name="Checks">Ids of the checks and detections that answer it; empty when none does yet.</param>
public sealed record FrameworkControl(string Id, string Title, IReadOnlyList<string> Checks);
