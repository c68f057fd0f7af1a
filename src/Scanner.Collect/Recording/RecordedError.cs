using Scanner.Model;

namespace Scanner.Collect.Recording;

/// <summary>An error that AWS gave, or that there was instead of an answer.</summary>
/// <param name="Code">Error code.</param>
/// <param name="Message">Message without the code.</param>
/// <param name="Status">HTTP status; 0 when it is not known.</param>
/// <param name="Outcome">What it made of the collection.</param>
internal sealed record RecordedError(string Code, string Message, int Status, CollectionOutcome Outcome);
