using System.Globalization;

namespace Scanner.Aws.Wire;

/// <summary>The three timestamp formats of AWS's protocols, and the one that Scanner keeps.</summary>
internal static class Timestamps
{
    private const DateTimeStyles Utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal | DateTimeStyles.AllowWhiteSpaces;

    /// <summary>ISO 8601 in UTC, with a fraction only where there is one.</summary>
    public static string Iso(DateTime utc) =>
        utc.Ticks % TimeSpan.TicksPerSecond == 0
            ? utc.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)
            : utc.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);

    /// <summary>Reads any of the formats: seconds since 1970 with or without fraction, ISO 8601, RFC 822.</summary>
    public static bool TryParse(string text, out DateTime utc)
    {
        if (decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds))
            return TryFromUnix(seconds, out utc);
        return DateTime.TryParse(text, CultureInfo.InvariantCulture, Utc, out utc);
    }

    /// <summary>Seconds since 1970 as a time.</summary>
    public static bool TryFromUnix(decimal seconds, out DateTime utc)
    {
        utc = default;
        // Years 1 to 9999; what is outside is not a time.
        if (seconds is < -62135596800m or >= 253402300799m)
            return false;
        // To the microsecond, as the AWS CLI: what follows in a reply is noise of binary fractions.
        utc = DateTime.UnixEpoch.AddTicks((long)decimal.Round(seconds * 1_000_000m) * TimeSpan.TicksPerMicrosecond);
        return true;
    }

    /// <summary>As a service wants it.</summary>
    /// <param name="utc">The time.</param>
    /// <param name="format"><c>iso8601</c>, <c>rfc822</c> or <c>unixTimestamp</c>.</param>
    public static string Write(DateTime utc, string format) => format switch
    {
        "rfc822" => utc.ToString("R", CultureInfo.InvariantCulture),
        "unixTimestamp" => Unix(utc),
        _ => Iso(utc),
    };

    /// <summary>Seconds since 1970, with a fraction only where there is one.</summary>
    public static string Unix(DateTime utc) =>
        ((utc - DateTime.UnixEpoch).Ticks / (decimal)TimeSpan.TicksPerSecond).ToString("0.#######", CultureInfo.InvariantCulture);
}
