namespace Scanner.Catalog;

/// <summary>A framework such as a version of the CIS AWS Foundations Benchmark: controls and the checks that answer them.</summary>
/// <param name="Id">Framework id, such as <c>cis-aws-5.0</c>.</param>
/// <param name="Title">Full name.</param>
/// <param name="File">File, relative to the catalog's root.</param>
/// <param name="Controls">Its controls, in order.</param>
public sealed record FrameworkDefinition(string Id, string Title, string File, IReadOnlyList<FrameworkControl> Controls);
