using System.Globalization;

namespace Scanner.Evaluate.Detections;

/// <summary>Reads the times that logs give their events.</summary>
internal static class EventTimes
{
    private static readonly string[] AccessLog = ["dd/MMM/yyyy:HH:mm:ss zzz", "'['dd/MMM/yyyy:HH:mm:ss zzz']'"];

    /// <summary>ISO 8601 (CloudTrail; UTC where no zone is given), seconds or milliseconds since 1970 (VPC flow logs,
    /// CloudWatch), or an access log's date.</summary>
    internal static DateTimeOffset? Parse(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return null;
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return number switch
            {
                < 100_000_000_000 => DateTimeOffset.FromUnixTimeSeconds(number),
                < 100_000_000_000_000 => DateTimeOffset.FromUnixTimeMilliseconds(number),
                _ => null,
            };
        }

        if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
            return time.ToUniversalTime();
        return DateTimeOffset.TryParseExact(text, AccessLog, CultureInfo.InvariantCulture, DateTimeStyles.None, out time) ? time.ToUniversalTime() : null;
    }

    /// <summary>The field that holds an event's time.</summary>
    internal static string FieldOf(EventSource source) => source switch
    {
        EventSource.VpcFlow => "start",
        EventSource.S3Access => "time",
        _ => "eventTime",
    };

    /// <summary>The field that identifies an event, or null.</summary>
    internal static string? IdFieldOf(EventSource source) => source switch
    {
        EventSource.VpcFlow => null,
        EventSource.S3Access => "request_id",
        _ => "eventID",
    };
}
