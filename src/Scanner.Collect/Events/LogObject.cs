namespace Scanner.Collect.Events;

/// <summary>A log file in a bucket.</summary>
/// <param name="Name">Its address, <c>s3://bucket/key</c>; hostile text.</param>
/// <param name="Account">Account that the key says the events are of; the caller's where it does not say.</param>
/// <param name="Region">Region that the key says, or <c>global</c>.</param>
/// <param name="Open">Begins to read it (S3 GetObject), as it is stored. Throws <see cref="IOException"/> with the reason.</param>
public sealed record LogObject(string Name, string Account, string Region, Func<Stream> Open);
