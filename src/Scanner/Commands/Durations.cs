using System.Globalization;
using Scanner.Model;

namespace Scanner.Commands;

/// <summary>Spans of time on the command line: <c>90m</c>, <c>24h</c>, <c>7d</c>.</summary>
internal static class Durations
{
    public static TimeSpan Parse(string option, string text)
    {
        var unit = text.Length > 1 ? char.ToLowerInvariant(text[^1]) : ' ';
        if (double.TryParse(text.AsSpan(0, Math.Max(0, text.Length - 1)), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value)
            && value > 0 && value <= 100_000)
        {
            switch (unit)
            {
                case 's': return TimeSpan.FromSeconds(value);
                case 'm': return TimeSpan.FromMinutes(value);
                case 'h': return TimeSpan.FromHours(value);
                case 'd': return TimeSpan.FromDays(value);
                default: break;
            }
        }
        throw new InputException($"{option} '{SafeText.Line(text)}' is not a span of time; write 90m, 24h or 7d");
    }
}
