using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Scanner.Collect.Events;

/// <summary>
/// Which partitions of a table hold a span of time, as far as GetTableMetadata tells: the tables of Athena's user guide for
/// CloudTrail ("partition projection" with one text of day, and "manual partitioning" with year, month and day). Athena does
/// not read the others. A partition is the day that a log file was delivered, which is not before its events.
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

        // A day more at both ends: clocks differ, and some people cut their days by another time zone.
        var (first, last) = (since.UtcDateTime.Date.AddDays(-1), until.UtcDateTime.Date.AddDays(1));
        if (keys.TryGetValue("year", out var year) && keys.TryGetValue("month", out var month))
            return ByParts(first, last, year, month, keys.GetValueOrDefault("day"));
        var parameters = (table as JsonObject)?["Parameters"];
        foreach (var name in DayNames.Where(keys.ContainsKey))
        {
            if (keys[name] == "date")
                return string.Create(CultureInfo.InvariantCulture, $"\"{name}\" >= date '{first:yyyy-MM-dd}' and \"{name}\" <= date '{last:yyyy-MM-dd}'");
            if (IsText(keys[name]) && Format(Text(parameters, $"projection.{name}.format")) is { } format)
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

    /// <summary>A number, or a text with and without a leading zero, since people write both.</summary>
    private static string Value(int number, string type)
    {
        var text = number.ToString(CultureInfo.InvariantCulture);
        if (!IsText(type))
            return text;
        return text.Length == 1 ? $"'{text}', '0{text}'" : $"'{text}'";
    }

    private static bool IsText(string type) => type == "string" || type.StartsWith("varchar", StringComparison.Ordinal) || type.StartsWith("char", StringComparison.Ordinal);

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
