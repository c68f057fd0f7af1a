using System.Globalization;
using System.Text.Json.Nodes;
using Scanner.Aws;
using Scanner.Catalog;
using Scanner.Model;

namespace Scanner.Collect.Tables;

/// <summary>
/// What CloudTrail's event history tells of changes in one account and region since a time: by event source and name, when the last was. One
/// question for all services, since a page costs half a second whatever is on it (LookupEvents: two requests a second, 50 events a page,
/// https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html), and one service alone cannot be asked for its changes without its reads.
/// </summary>
internal sealed class ChangeLog
{
    // tagging.amazonaws.com puts tags on the things of every service.
    private const string Tagging = "tagging.";

    // 500 events, five seconds. Where more has changed than that, reading is no dearer than finding out what.
    private const int MostPages = 10;

    // The client waits long for who is throttled; the tables can be read meanwhile.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    private readonly Dictionary<(string Source, string Name), DateTimeOffset> _last = [];
    private DateTimeOffset? _anything;

    private ChangeLog()
    {
    }

    /// <summary>Why nothing is known; null where the history could be read whole.</summary>
    public string? Unknown { get; private init; }

    /// <summary>Asks.</summary>
    /// <param name="api">The account.</param>
    /// <param name="region">The region.</param>
    /// <param name="since">The oldest event that matters.</param>
    /// <param name="cancellation">Ends it.</param>
    public static async Task<ChangeLog> ReadAsync(IAwsApi api, string region, DateTimeOffset since, CancellationToken cancellation)
    {
        var call = new AwsCall(region, "cloudtrail", "LookupEvents", new JsonObject
        {
            ["LookupAttributes"] = new JsonArray(new JsonObject { ["AttributeKey"] = "ReadOnly", ["AttributeValue"] = "false" }),
            ["StartTime"] = since.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            ["MaxResults"] = 50,
        })
        { MostPages = MostPages, RequiresLists = true };
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(Longest);
        try
        {
            var reply = await api.CallAsync(call, patience.Token);
            var log = new ChangeLog();
            foreach (var entry in reply["Events"] as JsonArray ?? throw new AwsApiException(call, CollectionOutcome.Error, ErrorClassification.MalformedReply, "the reply has no list 'Events'"))
                log.Add(entry as JsonObject);
            return log;
        }
        catch (AwsApiException e)
        {
            return new ChangeLog { Unknown = $"{e.Operation}: {e.Message}" };
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new ChangeLog { Unknown = $"cloudtrail:LookupEvents: no whole answer in {Longest.TotalSeconds:0} s" };
        }
    }

    /// <summary>Whether something may have changed the rows of a table since a time.</summary>
    public bool Tells(TableChanges changes, DateTimeOffset since) =>
        Unknown is not null || _anything >= since || _last.Any(one => one.Value >= since && changes.Has(one.Key.Source, one.Key.Name));

    private void Add(JsonObject? entry)
    {
        if (TextTemplate.ScalarText(entry?["ReadOnly"]) == "true")
            return;
        // What does not say when it was may have been now; of what no service is named, or one that changes what is of others, any table may be changed.
        var time = DateTimeOffset.TryParse(TextTemplate.ScalarText(entry?["EventTime"]), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at : DateTimeOffset.MaxValue;
        var source = TextTemplate.ScalarText(entry?["EventSource"]) ?? "";
        if (!TableChanges.IsEventSource(source) || source.StartsWith(Tagging, StringComparison.Ordinal))
        {
            _anything = _anything > time ? _anything : time;
            return;
        }
        var key = (source, TextTemplate.ScalarText(entry?["EventName"]) ?? "");
        if (!_last.TryGetValue(key, out var known) || known < time)
            _last[key] = time;
    }
}
