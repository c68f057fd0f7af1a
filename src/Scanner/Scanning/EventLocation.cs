using Scanner.Collect.Events;
using Scanner.Evaluate.Detections;
using Scanner.Model;

namespace Scanner.Scanning;

/// <summary>
/// A value of <c>--events</c>: <c>lookup</c>, a file or folder, or <c>s3://bucket/prefix</c>; before the latter two
/// <c>vpcflow:</c> or <c>s3_access:</c> says that the logs are not CloudTrail's.
/// </summary>
/// <param name="Source">What the logs hold.</param>
/// <param name="Bucket">For logs in S3.</param>
/// <param name="Path">For local logs. Neither: LookupEvents.</param>
internal sealed record EventLocation(EventSource Source, LogBucketAddress? Bucket, string? Path)
{
    private const string Lookup = "lookup";

    public bool IsLookup => Bucket is null && Path is null;

    /// <summary>Whether only AWS itself can answer.</summary>
    public bool NeedsAws => Path is null;

    /// <exception cref="InputException">It is none of these.</exception>
    public static EventLocation Parse(string text)
    {
        if (string.Equals(text, Lookup, StringComparison.Ordinal))
            return new EventLocation(EventSource.CloudTrail, null, null);
        if (text.StartsWith("athena:", StringComparison.Ordinal) || text.StartsWith("lake:", StringComparison.Ordinal))
            throw new InputException($"--events '{Safe.Line(text)}' cannot be read; print the queries with 'scanner rules convert', or read the logs from s3://bucket/prefix");
        var (source, rest) = (EventSource.CloudTrail, text);
        if (text.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon
            && new SigmaLogSource("aws", text[..colon], null).EventSource is { } named)
            (source, rest) = (named, text[(colon + 1)..]);
        return rest.StartsWith(LogBucketAddress.Scheme, StringComparison.Ordinal)
            ? new EventLocation(source, LogBucketAddress.Parse(rest), null)
            : new EventLocation(source, null, rest);
    }
}
