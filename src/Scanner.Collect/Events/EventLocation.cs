using Scanner.Model;

namespace Scanner.Collect.Events;

/// <summary>
/// A value of <c>--events</c>: <c>lookup</c>, a file or folder, <c>s3://bucket/prefix</c>, <c>logs:log group</c>,
/// <c>athena:table</c> or <c>lake:event data store</c>; <c>vpcflow:</c> or <c>s3_access:</c> before a file, bucket or table says that the logs are not
/// CloudTrail's.
/// </summary>
/// <param name="Text">As it was typed.</param>
/// <param name="Source">What the logs hold.</param>
public sealed record EventLocation(string Text, LogSource Source)
{
    private const string Lookup = "lookup";

    /// <summary>For logs in S3.</summary>
    public LogBucketAddress? Bucket { get; private init; }

    /// <summary>For local logs.</summary>
    public string? Path { get; private init; }

    /// <summary>For a table in Athena.</summary>
    public AthenaTableAddress? Athena { get; private init; }

    /// <summary>For an event data store of CloudTrail Lake.</summary>
    public EventDataStoreAddress? Lake { get; private init; }

    /// <summary>For a log group of CloudWatch Logs.</summary>
    public LogGroupAddress? Group { get; private init; }

    /// <summary>Whether CloudTrail is asked itself (LookupEvents).</summary>
    public bool IsLookup => !IsEngine && Bucket is null && Path is null && Group is null;

    /// <summary>Whether the rules run where the log is.</summary>
    public bool IsEngine => Athena is not null || Lake is not null;

    /// <summary>Whether only AWS itself can answer.</summary>
    public bool NeedsAws => Path is null;

    /// <exception cref="InputException">It is none of these.</exception>
    public static EventLocation Parse(string text)
    {
        if (string.Equals(text, Lookup, StringComparison.Ordinal))
            return new EventLocation(text, LogSource.CloudTrail);
        if (text.StartsWith(AthenaTableAddress.Scheme, StringComparison.Ordinal))
            return new EventLocation(text, LogSource.CloudTrail) { Athena = Named(text, AthenaTableAddress.Parse) };
        if (text.StartsWith(EventDataStoreAddress.Scheme, StringComparison.Ordinal))
            return new EventLocation(text, LogSource.CloudTrail) { Lake = Named(text, EventDataStoreAddress.Parse) };
        if (text.StartsWith(LogGroupAddress.Scheme, StringComparison.Ordinal))
            return new EventLocation(text, LogSource.CloudTrail) { Group = Named(text, LogGroupAddress.Parse) };
        var (source, rest) = (LogSource.CloudTrail, text);
        if (text.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon
            && LogSources.TryParse(text[..colon], out var named))
            (source, rest) = (named, text[(colon + 1)..]);
        if (rest.StartsWith(AthenaTableAddress.Scheme, StringComparison.Ordinal))
            return new EventLocation(text, source) { Athena = Named(rest, AthenaTableAddress.Parse) };
        return rest.StartsWith(LogBucketAddress.Scheme, StringComparison.Ordinal)
            ? new EventLocation(text, source) { Bucket = LogBucketAddress.Parse(rest) }
            : new EventLocation(text, source) { Path = rest };
    }

    /// <summary>The complaint names the option too.</summary>
    private static T Named<T>(string text, Func<string, T> parse)
    {
        try
        {
            return parse(text);
        }
        catch (InputException e)
        {
            throw new InputException($"--events {e.Message}", e);
        }
    }
}
