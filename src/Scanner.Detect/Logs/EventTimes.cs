using System.Globalization;
using Scanner.Model;

namespace Scanner.Detect.Logs;

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
        if (text is [_, _, _, _, '-', _, _, '-', _, _, 'T', _, _, ':', _, _, ':', _, _, 'Z'] && TryUtc(text, out var utc))
            return utc;
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

    /// <summary>CloudTrail's own form, at once: every event that a correlation counts comes through here.</summary>
    private static bool TryUtc(string text, out DateTimeOffset time)
    {
        time = default;
        Span<int> parts = [0, 0, 0, 0, 0, 0];
        ReadOnlySpan<int> starts = [0, 5, 8, 11, 14, 17];
        for (var part = 0; part < parts.Length; part++)
        {
            for (var i = starts[part]; i < text.Length && char.IsAsciiDigit(text[i]); i++)
                parts[part] = (parts[part] * 10) + text[i] - '0';
        }

        if (parts[0] < 1 || parts[1] is < 1 or > 12 || parts[2] < 1 || parts[2] > DateTime.DaysInMonth(parts[0], parts[1]) || parts[3] > 23 || parts[4] > 59 || parts[5] > 59)
            return false;
        foreach (var i in (ReadOnlySpan<int>)[0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18])
        {
            if (!char.IsAsciiDigit(text[i]))
                return false;
        }

        time = new DateTimeOffset(parts[0], parts[1], parts[2], parts[3], parts[4], parts[5], TimeSpan.Zero);
        return true;
    }

    /// <summary>The field that holds an event's time.</summary>
    internal static string FieldOf(LogSource source) => source switch
    {
        LogSource.VpcFlow => "start",
        LogSource.S3Access => "time",
        _ => "eventTime",
    };

    /// <summary>The field that identifies an event, or null.</summary>
    internal static string? IdFieldOf(LogSource source) => source switch
    {
        LogSource.VpcFlow => null,
        LogSource.S3Access => "request_id",
        _ => "eventID",
    };
}
