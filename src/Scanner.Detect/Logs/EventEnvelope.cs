using System.Text.Json;
using System.Text.Json.Nodes;
using Scanner.Model;

namespace Scanner.Detect.Logs;

/// <summary>
/// Finds the events in a record that is none itself: what queues, exports and search engines wrap around them. The usual logs never come
/// here, and a record that holds no event is named by what it seems to be, so that nobody takes it for a quiet account.
/// </summary>
internal sealed class EventEnvelope(LogSource source)
{
    private const int MostDepth = 12;
    private const int JsonDepth = 200;

    // Texts that hold an event, or a list of them, as JSON.
    private static readonly string[] Texts =
    [
        "CloudTrailEvent", "message", "@message", "Message", "body", "Body", "eventJson", "_raw", "raw", "event.original", "raw_data", "rawData",
    ];

    private static readonly string[] Objects = ["detail", "_source", "result", "Sns", "hits", "fields"];

    private static readonly string[] Lists =
    [
        "Records", "records", "Events", "events", "logEvents", "results", "Results", "rows", "Messages", "QueryResultRows", "hits", "Items",
    ];

    /// <summary>Type of a record that counts data events of five minutes (CloudTrail user guide, "CloudTrail record contents for aggregated events").</summary>
    internal static ReadOnlySpan<byte> Aggregated => "AwsAggregatedEvent"u8;

    private readonly List<byte[]> _events = [];
    private readonly FlowLogFormat _flowFormat = new();

    /// <summary>What the record seems to be, where there is no event in it; null: there is.</summary>
    internal string? Strange { get; private set; }

    /// <summary>Whether that is a record of CloudTrail's own besides events (digest, Insights): it is no gap.</summary>
    internal bool IsBesides { get; private set; }

    /// <summary>Whether an event comes from the console's event history as a table, which leaves out parameters, answers and who it was.</summary>
    internal bool IsThin { get; private set; }

    /// <summary>The events in a record, as JSON.</summary>
    /// <param name="record">One JSON object.</param>
    internal IReadOnlyList<byte[]> Open(ReadOnlyMemory<byte> record)
    {
        _events.Clear();
        Strange = null;
        IsBesides = false;
        IsThin = false;
        try
        {
            using var document = JsonDocument.Parse(JsonText.Readable(record), new JsonDocumentOptions { MaxDepth = JsonDepth });
            Visit(document.RootElement, 0);
        }
        catch (JsonException)
        {
            Strange ??= "JSON that is broken, or nested very deep";
        }

        if (_events.Count > 0)
            Strange = null;
        else
            Strange ??= "empty";
        return _events;
    }

    private void Visit(JsonElement element, int depth)
    {
        if (depth > MostDepth)
        {
            Strange ??= "wrapped more than a dozen times";
            return;
        }

        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                VisitObject(element, depth);
                break;
            case JsonValueKind.Array:
                if (AsRow(element) is { } row)
                    VisitText(row.ToJsonString(), depth);
                else
                    foreach (var item in element.EnumerateArray())
                        Visit(item, depth + 1);
                break;
            case JsonValueKind.String:
                VisitText(element.GetString()!, depth);
                break;
        }
    }

    private void VisitText(string text, int depth)
    {
        var start = text.AsSpan().TrimStart();
        if (start.Length > 0 && start[0] is '{' or '[')
        {
            try
            {
                using var document = JsonDocument.Parse(JsonText.ReplaceLoneSurrogates(text), new JsonDocumentOptions { MaxDepth = JsonDepth });
                Visit(document.RootElement, depth + 1);
                return;
            }
            catch (JsonException)
            {
                Strange ??= "text that begins as JSON and is none";
                return;
            }
        }

        if (source == LogSource.VpcFlow && FlowRecord(text) is { } flow)
            _events.Add(flow);
        else if (text.StartsWith("CWL CONTROL MESSAGE", StringComparison.Ordinal))
            (Strange, IsBesides) = ("CloudWatch Logs' test of a subscription", true);
        else
            Strange ??= "text that is no JSON";
    }

    private void VisitObject(JsonElement element, int depth)
    {
        if (IsEvent(element))
        {
            _events.Add(JsonSerializer.SerializeToUtf8Bytes(element));
            return;
        }

        if (source == LogSource.CloudTrail && CloudTrailShape.Of(element) is { } shaped)
        {
            IsThin = IsThin || (!shaped.ContainsKey("requestParameters") && CloudTrailShape.IsHistory(element));
            _events.Add(JsonSerializer.SerializeToUtf8Bytes(shaped));
            return;
        }

        var before = _events.Count;
        var strange = Strange;
        foreach (var name in Texts)
        {
            if (element.TryGetProperty(name, out var text) && text.ValueKind is JsonValueKind.String or JsonValueKind.Object)
                Visit(text, depth + 1);
            if (_events.Count > before)
                return;
        }

        // Elastic Common Schema keeps the event as it came; Splunk's collector puts it whole under this name.
        if (element.TryGetProperty("event", out var inner) && inner.ValueKind == JsonValueKind.Object)
        {
            if (inner.TryGetProperty("original", out var original))
                Visit(original, depth + 1);
            else if (IsEvent(inner))
                Visit(inner, depth + 1);
        }

        foreach (var name in Objects)
        {
            if (_events.Count == before && element.TryGetProperty(name, out var held) && held.ValueKind == JsonValueKind.Object)
                Visit(held, depth + 1);
        }

        var hasList = false;
        foreach (var name in Lists)
        {
            if (_events.Count == before && element.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array)
            {
                hasList = hasList || list.GetArrayLength() == 0;
                Visit(list, depth + 1);
            }
        }

        if (_events.Count > before)
            return;
        (var kind, IsBesides) = KindOf(element);
        // A reply without a result is a result.
        if (hasList && strange is null && kind is null)
            (Strange, IsBesides) = ("an empty list of events", true);
        else
            Strange = strange ?? kind ?? Strange ?? ObjectWith(element);
    }

    private bool IsEvent(JsonElement element) => source switch
    {
        LogSource.VpcFlow => FlowLogFormat.IsRecord(element),
        LogSource.S3Access => AccessLogFormat.IsRecord(element),
        _ => element.TryGetProperty("eventName", out _)
            // Shortened ones, as tests and exports of a few fields have them; Insights events have both too.
            || (element.TryGetProperty("eventTime", out _) && element.TryGetProperty("eventID", out _) && !element.TryGetProperty("insightDetails", out _))
            || (element.TryGetProperty("eventSource", out _) && (element.TryGetProperty("eventType", out var type) ? !IsAggregated(type) : element.TryGetProperty("userIdentity", out _))),
    };

    private static bool IsAggregated(JsonElement type) => type.ValueKind == JsonValueKind.String && type.ValueEquals(Aggregated);

    private static string ObjectWith(JsonElement element)
    {
        var names = string.Join(", ", element.EnumerateObject().Take(4).Select(member => SafeText.Line(member.Name.Length > 40 ? member.Name[..40] : member.Name)));
        return names.Length == 0 ? "an empty object" : $"an object with {names}";
    }

    private byte[]? FlowRecord(string line)
    {
        using var memory = new MemoryStream();
        using var json = new Utf8JsonWriter(memory);
        if (_flowFormat.Convert(System.Text.Encoding.UTF8.GetBytes(line.TrimEnd()), json) is not null)
            return null;
        json.Flush();
        return memory.Length == 0 ? null : memory.ToArray();
    }

    /// <summary>A row of a result: Logs Insights has pairs of field and value, CloudTrail Lake objects of one member each.</summary>
    private static JsonObject? AsRow(JsonElement list)
    {
        if (list.GetArrayLength() == 0)
            return null;
        var row = new JsonObject();
        foreach (var item in list.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Object)
                return null;
            if (item.TryGetProperty("field", out var field) && field.ValueKind == JsonValueKind.String)
                row[field.GetString()!] = item.TryGetProperty("value", out var value) ? JsonText.Node(value.GetRawText()) : null;
            else if (item.EnumerateObject().Count() == 1 && item.EnumerateObject().First() is { Value.ValueKind: JsonValueKind.String or JsonValueKind.Null } only)
                row[only.Name] = JsonText.Node(only.Value.GetRawText());
            else
                return null;
        }

        return row;
    }

    /// <summary>Other logs of AWS, by a member that only they have.</summary>
    private static (string? Kind, bool IsBesides) KindOf(JsonElement element)
    {
        if (Has("digestS3Bucket"))
            return ("a CloudTrail digest", true);
        if (Has("insightDetails") || Is("eventCategory", "Insight") || Is("eventType", "AwsCloudTrailInsight"))
            return ("a CloudTrail Insights event", true);
        // Nobody knows whether the events that it counts are in the log too.
        if (Is("eventType", "AwsAggregatedEvent") || Is("eventCategory", "Aggregated") || Has("aggregationDetails"))
            return ("an aggregated CloudTrail event, which counts data events and holds none", false);
        if (Has("s3ObjectKey"))
            return ("CloudTrail's notification of a log file, and not the file", false);
        if (Has("webaclId"))
            return ("a log record of AWS WAF", false);
        if (Has("query_name") || Has("query_timestamp"))
            return ("a Route 53 Resolver query", false);
        if (Has("auditID"))
            return ("an audit event of Kubernetes", false);
        if (Has("configurationItems") || Has("configurationItem"))
            return ("a configuration item of AWS Config", false);
        if (Has("class_uid"))
            return ("an OCSF event that is no API call of CloudTrail", false);
        if (FlowLogFormat.IsRecord(element))
            return ("a VPC flow log record; give it with --source vpcflow", false);
        if (Has("eventName") || Has("eventSource"))
            return ("a CloudTrail event; give it with --source cloudtrail", false);
        return (null, false);

        bool Has(string name) => element.TryGetProperty(name, out _);
        bool Is(string name, string text) => element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.ValueEquals(text);
    }
}
