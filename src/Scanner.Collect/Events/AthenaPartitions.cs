using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Scanner.Collect.Events;

/// <summary>
/// Which partitions of a table hold a span of time, as far as GetTableMetadata tells: whole numbers of year, month and day,
/// and days of a partition projection as in Athena's user guide for CloudTrail. Athena does not read the others. Names alone
/// say nothing: a text <c>month</c> may be <c>nov</c>, a date may be the Monday of a week, and a condition on it would hide
/// events. A partition is the day that a log file was delivered, which is not before its events.
/// </summary>
internal static partial class AthenaPartitions
{
    private static readonly string[] DayNames = ["timestamp", "date", "day", "dt", "datehour", "eventday", "event_date", "event_day", "partition_date"];

    /// <summary>Beyond this many days whole months are named.</summary>
    private const int MostDays = 40;

    /// <summary>A condition on the partition columns that every event of the span meets.</summary>
    /// <param name="table">TableMetadata of the reply; hostile.</param>
    /// <param name="since">First moment.</param>
    /// <param name="until">Last moment.</param>
    /// <returns>Null where the table has no partitions that are known to be days.</returns>
    public static string? Condition(JsonNode? table, DateTimeOffset since, DateTimeOffset until)
    {
        var keys = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var key in (table as JsonObject)?["PartitionKeys"] as JsonArray ?? [])
        {
            if (Text(key, "Name") is { } name && ColumnName().IsMatch(name))
                keys[name.ToLowerInvariant()] = (Text(key, "Type") ?? "string").ToLowerInvariant();
        }

        var parameters = (table as JsonObject)?["Parameters"];
        // A projection that is switched off says nothing of the partitions that were added by hand.
        var projection = string.Equals(Text(parameters, "projection.enabled"), "true", StringComparison.OrdinalIgnoreCase) ? parameters : null;
        // A day more at both ends: clocks differ, and some people cut their days by another time zone.
        var (first, last) = (since.UtcDateTime.Date.AddDays(-1), until.UtcDateTime.Date.AddDays(1));
        if (keys.TryGetValue("year", out var year) && keys.TryGetValue("month", out var month)
            && IsNumber(projection, "year", year, 9999) && IsNumber(projection, "month", month, 12))
        {
            return ByParts(first, last, year, month, keys.GetValueOrDefault("day") is { } day && IsNumber(projection, "day", day, 31) ? day : null);
        }

        foreach (var name in DayNames.Where(keys.ContainsKey))
        {
            if (Text(projection, $"projection.{name}.type") != "date" || !IsDaily(projection, name) || Format(Text(projection, $"projection.{name}.format")) is not { } format)
                continue;
            if (keys[name] == "date")
                return string.Create(CultureInfo.InvariantCulture, $"\"{name}\" >= date '{first:yyyy-MM-dd}' and \"{name}\" <= date '{last:yyyy-MM-dd}'");
            if (IsText(keys[name]))
                return $"\"{name}\" >= '{first.ToString(format, CultureInfo.InvariantCulture)}' and \"{name}\" <= '{last.AddDays(1).AddSeconds(-1).ToString(format, CultureInfo.InvariantCulture)}'";
        }

        return null;
    }

    private static string ByParts(DateTime first, DateTime last, string year, string month, string? day)
    {
        var days = new List<DateTime>();
        for (var at = first; at <= last; at = at.AddDays(1))
            days.Add(at);
        var months = days.GroupBy(at => (at.Year, at.Month)).Select(group =>
        {
            var condition = $"\"year\" in ({Value(group.Key.Year, year)}) and \"month\" in ({Value(group.Key.Month, month)})";
            if (day is not null && days.Count <= MostDays)
                condition += $" and \"day\" in ({string.Join(", ", group.Select(at => Value(at.Day, day)))})";
            return $"({condition})";
        });
        return $"({string.Join(" or ", months)})";
    }

    /// <summary>A number, or a text with and without a leading zero, as a projection's digits may be.</summary>
    private static string Value(int number, string type)
    {
        var text = number.ToString(CultureInfo.InvariantCulture);
        if (!IsText(type))
            return text;
        return text.Length == 1 ? $"'{text}', '0{text}'" : $"'{text}'";
    }

    private static bool IsText(string type) => type == "string" || type.StartsWith("varchar", StringComparison.Ordinal) || type.StartsWith("char", StringComparison.Ordinal);

    /// <summary>Whether a key is a whole number of at most <paramref name="most"/>, each with a partition of its own, as its
    /// type or its projection says.</summary>
    private static bool IsNumber(JsonNode? projection, string name, string type, int most)
    {
        var isProjected = Text(projection, $"projection.{name}.type") is "integer";
        if (type is not ("int" or "integer" or "bigint" or "smallint" or "tinyint") && !(IsText(type) && isProjected))
            return false;
        if (!isProjected)
            return true;
        return Text(projection, $"projection.{name}.interval") is null or "1"
            && (Text(projection, $"projection.{name}.digits") is not { } digits || digits is "1" or "2" || (digits == "4" && most == 9999))
            && Text(projection, $"projection.{name}.range")?.Split(',') is [_, var upper]
            && int.TryParse(upper, NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var highest) && highest <= most;
    }

    /// <summary>Whether a projected date has a partition for each day at least: one for a week begins before its events.</summary>
    private static bool IsDaily(JsonNode? projection, string name)
    {
        var interval = Text(projection, $"projection.{name}.interval") ?? "1";
        return (Text(projection, $"projection.{name}.interval.unit") ?? "DAYS").ToUpperInvariant() switch
        {
            "DAYS" => interval == "1",
            "HOURS" => int.TryParse(interval, NumberStyles.None, CultureInfo.InvariantCulture, out var hours) && hours is >= 1 and <= 24,
            _ => false,
        };
    }

    /// <summary>A projection's Java date format as .NET's, where the order of its texts is that of the days; null where not.</summary>
    private static string? Format(string? java)
    {
        if (java is null || !DayFormat().IsMatch(java))
            return null;
        return string.Concat(java.Select(c => c is 'y' or 'M' or 'd' or 'H' ? c.ToString() : $"'{c}'"));
    }

    private static string? Text(JsonNode? parent, string member) =>
        parent is JsonObject item && item[member] is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    [GeneratedRegex(@"\Ayyyy[/\-]?MM[/\-]?dd([/\-]?HH)?\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex DayFormat();

    [GeneratedRegex(@"\A[A-Za-z0-9_]{1,128}\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex ColumnName();
}
