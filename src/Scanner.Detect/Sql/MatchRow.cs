using System.Globalization;
using System.Text.Json.Nodes;
using Scanner.Detect.Correlation;
using Scanner.Detect.Logs;
using Scanner.Detect.Matching;
using Scanner.Detect.Rules;
using Scanner.Model;

namespace Scanner.Detect.Sql;

/// <summary>A row that an engine gave for a <see cref="QueryStatement"/>, as the matches that a local run would have reported.</summary>
public static class MatchRow
{
    /// <summary>Reads a row.</summary>
    /// <param name="statement">What was asked.</param>
    /// <param name="row">Column to value, as <see cref="ConvertedRule"/> names them; hostile text, null or empty for none.</param>
    /// <param name="place">What was asked about, as <see cref="DetectionMatch.File"/>.</param>
    /// <param name="number">Number of the row, from 1.</param>
    /// <exception cref="FormatException">It is not a row of that statement.</exception>
    /// <returns>A match for each rule that the row names.</returns>
    public static IReadOnlyList<DetectionMatch> Read(QueryStatement statement, IReadOnlyDictionary<string, string?> row, string place, long number)
    {
        var ids = RulesOf(row);
        // A rule alone may have any id.
        string[] named = statement.Rules.Count == 1 ? [ids] : ids.Split(QueryStatement.Separator);
        return [.. named.Select(id => Read(
            statement.Rules.FirstOrDefault(one => string.Equals(one.Id, id, StringComparison.Ordinal)) ?? throw new FormatException("the row names a rule that was not asked for"),
            row, place, number, statement.HasMaps))];
    }

    /// <summary>What the row says it matches.</summary>
    /// <exception cref="FormatException">It is no row of a statement.</exception>
    internal static string RulesOf(IReadOnlyDictionary<string, string?> row)
    {
        if (!row.TryGetValue("rule", out var ids) || string.IsNullOrEmpty(ids))
            throw new FormatException("the row names no rule");
        foreach (var column in new[] { "event_id", "event_time", "account", "region" })
        {
            if (!row.ContainsKey(column))
                throw new FormatException($"the row has no column '{column}'");
        }

        return ids;
    }

    /// <summary>The event as far as it was asked for, under its log's own names.</summary>
    /// <exception cref="FormatException">A column holds something else than was asked for.</exception>
    internal static string Kept(QueryStatement statement, IReadOnlyDictionary<string, string?> row, LogSource source)
    {
        if (statement.Kept is [{ Form: KeptForm.Event }])
            return row.GetValueOrDefault(statement.Kept[0].Name) ?? throw new FormatException("the row has no event");
        var json = new JsonObject();
        if (EventTimes.IdFieldOf(source) is { } id)
            Keep(json, id, row["event_id"]);
        Keep(json, EventTimes.FieldOf(source), row["event_time"]);
        Keep(json, CorrelationPlan.Account, row["account"]);
        Keep(json, CorrelationPlan.Region, row["region"]);
        foreach (var (name, field) in EventColumns.Of(source))
            Keep(json, field, row.GetValueOrDefault(name));
        foreach (var column in statement.Kept!)
        {
            if (!row.TryGetValue(column.Name, out var value))
                throw new FormatException($"the row has no column '{column.Name}'");
            if (value is null)
                continue;
            switch (column.Form)
            {
                case KeptForm.Text:
                    Keep(json, column.Field, value);
                    break;
                case KeptForm.List when value.Length > 0:
                    List(json, column.Field, value.Split(CorrelationPlan.Separator));
                    break;
                case KeptForm.Document or KeptForm.Texts:
                    json[column.Field] = MapText.Read(value, column.Form == KeptForm.Texts);
                    break;
            }
        }

        return json.ToJsonString();
    }

    /// <summary>Puts a value at a field with dots; null is none, an empty text is a value.</summary>
    private static void Keep(JsonObject json, string field, string? value)
    {
        if (value is null)
            return;
        var dot = field.IndexOf('.', StringComparison.Ordinal);
        if (dot < 0)
        {
            json[field] = value;
            return;
        }

        if (json[field[..dot]] is not JsonObject inner)
            json[field[..dot]] = inner = [];
        Keep(inner, field[(dot + 1)..], value);
    }

    /// <summary>A list of texts in a list of things: each value in a thing of its own.</summary>
    private static void List(JsonObject json, string field, string[] values)
    {
        var dot = field.IndexOf('.', StringComparison.Ordinal);
        if (dot < 0)
        {
            json[field] = new JsonArray([.. values.Select(value => (JsonNode?)value)]);
            return;
        }

        if (json[field[..dot]] is not JsonArray things)
            json[field[..dot]] = things = [];
        foreach (var value in values)
        {
            var thing = new JsonObject();
            Keep(thing, field[(dot + 1)..], value);
            things.Add((JsonNode)thing);
        }
    }

    internal static DetectionMatch Read(DetectionRule rule, IReadOnlyDictionary<string, string?> row, string place, long number, bool hasMaps)
    {
        var match = new DetectionMatch
        {
            Rule = rule,
            EventId = Text(row, "event_id"),
            EventTime = Text(row, "event_time"),
            File = place,
            Record = number,
            Account = Text(row, "account"),
            Region = Text(row, "region"),
        };
        if (rule.Correlation is not { } correlation)
            return match with { Event = Event(row, rule.LogSource.Kind ?? LogSource.CloudTrail, hasMaps) };
        if (!long.TryParse(Text(row, "event_count"), NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count < 1)
            throw new FormatException("the row says no number of events");
        var last = new EventReference(match.EventId, EventTimes.Parse(match.EventTime), place, number, rule.Id);
        return match with
        {
            // An empty text is a value here, null is none.
            Group = [.. correlation.GroupBy.Select((name, i) => KeyValuePair.Create(name, row.GetValueOrDefault(string.Create(CultureInfo.InvariantCulture, $"g{i}"))))],
            Events = count == 1 ? [last] : [new EventReference(Text(row, "first_event_id"), EventTimes.Parse(Text(row, "first_event_time")), place, number, rule.Id), last],
            EventCount = count,
        };
    }

    /// <summary>The event as far as the columns tell it, under its log's own names.</summary>
    private static string Event(IReadOnlyDictionary<string, string?> row, LogSource source, bool hasMaps)
    {
        var json = new JsonObject();
        if (source == LogSource.CloudTrail)
        {
            Keep(json, "eventID", Text(row, "event_id"));
            Keep(json, "eventTime", Text(row, "event_time"));
            Keep(json, "recipientAccountId", Text(row, "account"));
            Keep(json, "awsRegion", Text(row, "region"));
        }

        foreach (var (name, field) in EventColumns.Of(source))
            Keep(json, field, Text(row, name));
        if (source == LogSource.CloudTrail)
        {
            foreach (var (name, field) in EventColumns.Touched)
            {
                if (Text(row, name) is not { } value)
                    continue;
                if (field == "resources.ARN")
                    List(json, field, [value]);
                else if (field is not ("requestParameters" or "responseElements"))
                    Keep(json, field, value);
                else if (MapText.Read(value, hasMaps) is JsonObject document)
                    json[field] = document;
            }
        }

        return json.ToJsonString();
    }

    private static string? Text(IReadOnlyDictionary<string, string?> row, string column) =>
        row.TryGetValue(column, out var value) && !string.IsNullOrEmpty(value) ? value : null;
}
