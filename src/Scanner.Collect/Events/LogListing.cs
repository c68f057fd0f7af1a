using Scanner.Model;

namespace Scanner.Collect.Events;

/// <summary>The log files of a span of time.</summary>
/// <param name="Files">In the order of their keys.</param>
/// <param name="Failures">What could not be listed. Empty: the files are all there are.</param>
public sealed record LogListing(IReadOnlyList<LogFile> Files, IReadOnlyList<CollectionStatus> Failures);
