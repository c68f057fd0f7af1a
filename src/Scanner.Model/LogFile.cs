namespace Scanner.Model;

/// <summary>
/// A log of events to read, in any of the shapes and packings that <c>docs/events.md</c> lists.
/// </summary>
/// <param name="Name">As matches and messages name it.</param>
/// <param name="Open">Opens it for reading from its start; called once, from any thread. The stream is disposed after use.</param>
/// <param name="Source">What kind of events are in it.</param>
public sealed record LogFile(string Name, Func<Stream> Open, LogSource Source = LogSource.CloudTrail);
