using System.Text;
using Scanner.Model;

namespace Scanner.Detect.Logs;

/// <summary>The shapes of logs that are read: the table in <c>docs/events.md</c> is made of it, and each has a test.</summary>
public static class LogShapes
{
    /// <summary>All shapes.</summary>
    public static IReadOnlyList<LogShape> All { get; } =
    [
        new("CloudTrail log file", "a trail's bucket: `{\"Records\":[...]}`"),
        new("JSON array of events", "`jq '.Records'`"),
        new("JSON lines", "one event a line, or events one after another"),
        new("EventBridge event", "a rule's target: the event under `detail`"),
        new("LookupEvents reply", "`aws cloudtrail lookup-events`; also the console's event history as JSON"),
        new("LookupEvents texts", "`aws cloudtrail lookup-events --query 'Events[].CloudTrailEvent'`"),
        new("CloudWatch Logs subscription", "Firehose or Lambda: `logEvents`, `message`"),
        new("CloudWatch Logs reply", "`aws logs filter-log-events`"),
        new("CloudWatch Logs export task", "files in S3: a time before each event; also `aws logs tail`"),
        new("CloudWatch Logs Insights reply", "`aws logs get-query-results`"),
        new("CloudWatch Logs Insights CSV", "the console's export: `@timestamp,@message`"),
        new("CloudTrail Lake reply", "`aws cloudtrail get-query-results`: `QueryResultRows`, with `eventJson` or columns"),
        new("CloudTrail Lake CSV", "saved query results"),
        new("Athena CSV", "query results of the table that AWS documents"),
        new("Console event history CSV", "the console's download; it has no parameters and no identity, which is said, and the answer is not complete"),
        new("SNS notification", "the event, or an envelope of it, as text under `Message`"),
        new("SQS message", "`aws sqs receive-message`, or what Lambda is given: text under `Body` or `body`"),
        new("Elastic Common Schema", "Elastic's AWS integration, with `event.original` or without"),
        new("Elasticsearch hits", "a search's reply: `hits.hits[]._source`"),
        new("Splunk export", "search results as JSON: text under `result._raw`"),
        new("OCSF", "Security Lake, as JSON"),
        new("OCSF in Parquet", "Security Lake's files"),
        new("VPC flow log", "text in S3 or CloudWatch Logs, default or custom format", LogSource.VpcFlow),
        new("VPC flow log in Parquet", "files in S3", LogSource.VpcFlow),
        new("VPC flow log as JSON", "with the names that AWS writes (`flow-direction`) or with underscores", LogSource.VpcFlow),
        new("VPC flow log CSV", "query results of Athena", LogSource.VpcFlow),
        new("Transit gateway flow log", "text, default or custom format; it has no `action`", LogSource.VpcFlow),
        new("S3 server access log", "text in S3", LogSource.S3Access),
        new("S3 server access log as JSON", "vended logs (`bucket_name`, `key_name`, `request_time`), and JSON lines with the names of the text", LogSource.S3Access),
        new("S3 server access log in Parquet", "vended logs in S3", LogSource.S3Access),
    ];

    /// <summary>The table for people.</summary>
    public static string ToMarkdown()
    {
        var text = new StringBuilder("| Log | Shape | Where it comes from |\n|---|---|---|\n");
        foreach (var shape in All)
            text.Append("| ").Append(shape.Source switch { LogSource.VpcFlow => "flow log", LogSource.S3Access => "S3 access log", _ => "CloudTrail" }).Append(" | ").Append(shape.Name).Append(" | ").Append(shape.From).Append(" |\n");
        return text.ToString();
    }
}

/// <summary>A shape of logs.</summary>
/// <param name="Name">Its name.</param>
/// <param name="From">Where people have it from, in markdown.</param>
/// <param name="Source">What is in it.</param>
public sealed record LogShape(string Name, string From, LogSource Source = LogSource.CloudTrail);
