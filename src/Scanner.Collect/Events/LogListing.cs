using Scanner.Model;

namespace Scanner.Collect.Events;

/// <summary>The log files of a span of time.</summary>
/// <param name="Objects">In the order of their keys.</param>
/// <param name="Failures">What could not be listed. Empty: the objects are all there are.</param>
public sealed record LogListing(IReadOnlyList<LogObject> Objects, IReadOnlyList<CollectionStatus> Failures);
