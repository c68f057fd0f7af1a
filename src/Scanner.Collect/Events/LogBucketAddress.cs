using System.Text.RegularExpressions;
using Scanner.Model;

namespace Scanner.Collect.Events;

/// <summary>A place of log files in S3: <c>s3://bucket/prefix?region=eu-west-1</c>.</summary>
/// <param name="Bucket">Bucket name.</param>
/// <param name="Prefix">Empty, or ends with a slash.</param>
/// <param name="Region">Region of the bucket; null: ask S3.</param>
public sealed partial record LogBucketAddress(string Bucket, string Prefix, string? Region)
{
    /// <summary>How an address begins.</summary>
    public const string Scheme = "s3://";

    /// <summary>Reads an address.</summary>
    /// <exception cref="InputException">It is not one.</exception>
    public static LogBucketAddress Parse(string text)
    {
        var match = Address().Match(text);
        if (!match.Success)
            throw new InputException($"'{text}' is not a place of log files in S3; write s3://bucket/prefix or s3://bucket/prefix?region=eu-west-1");
        var prefix = match.Groups["prefix"].Value.TrimStart('/');
        if (prefix.Length > 0 && !prefix.EndsWith('/'))
            prefix += "/";
        return new LogBucketAddress(match.Groups["bucket"].Value, prefix, match.Groups["region"] is { Success: true, Value: var region } ? region : null);
    }

    /// <summary>The address as it is written.</summary>
    public override string ToString() => $"{Scheme}{Bucket}/{Prefix}";

    [GeneratedRegex(@"\As3://(?<bucket>[a-z0-9][a-z0-9.\-]{1,61}[a-z0-9])(/(?<prefix>[^?\p{Cc}]{0,1024}))?(\?region=(?<region>[a-z]{2,5}(-[a-z]+)+-[0-9]{1,2}))?\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Address();
}
