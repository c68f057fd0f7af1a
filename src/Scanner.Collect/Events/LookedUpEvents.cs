using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using Scanner.Aws;
using Scanner.Model;

namespace Scanner.Collect.Events;

/// <summary>
/// Recent management events by CloudTrail LookupEvents, which keeps 90 days and answers two calls a second per account
/// and region. Each event's <c>CloudTrailEvent</c> is its record as JSON text. Time is asked for in spans, the newest
/// first, each as long as the traffic before allows, so that a busy account's replies never stand in memory all at once.
/// </summary>
public sealed class LookedUpEvents(string table, DateTimeOffset since, DateTimeOffset until, IProgressSink progress)
{
    private const int RegionsAtOnce = 64;
    private const int FewEvents = 500;
    private const int ManyEvents = 4000;

    private static readonly TimeSpan FirstSpan = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan ShortestSpan = TimeSpan.FromMinutes(1);

    /// <summary>Looks up all accounts and regions at the same time.</summary>
    /// <param name="places">Accounts with a region each.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>In the order of the places: the events that could be read (null: there are none), and how it ended.</returns>
    public async Task<IReadOnlyList<(LogFile? File, CollectionStatus Status)>> ReadAsync(
        IReadOnlyList<(IAwsApi Api, string Region)> places, CancellationToken cancellation)
    {
        var results = new (LogFile?, CollectionStatus)[places.Count];
        // Global services' events are shown in the home region; whatever shows one twice, it happened once.
        var seen = places.Select(place => place.Api.Account).Distinct(StringComparer.Ordinal)
            .ToDictionary(account => account, _ => new HashSet<string>(StringComparer.Ordinal), StringComparer.Ordinal);
        var done = 0;
        progress.Report("Looking up events", 0, places.Count);
        await Parallel.ForEachAsync(
            Enumerable.Range(0, places.Count),
            new ParallelOptions { MaxDegreeOfParallelism = RegionsAtOnce, CancellationToken = cancellation },
            async (index, token) =>
            {
                var (api, region) = places[index];
                results[index] = await ReadAsync(api, region, seen[api.Account], token);
                progress.Report("Looking up events", Interlocked.Increment(ref done), places.Count);
            });
        return results;
    }

    private async Task<(LogFile? File, CollectionStatus Status)> ReadAsync(IAwsApi api, string region, HashSet<string> seen, CancellationToken cancellation)
    {
        var status = new CollectionStatus(table, api.Account, region, CollectionOutcome.Ok);
        var task = $"Looking up events of {api.Account} in {region}";
        using var memory = new MemoryStream();
        var any = false;
        var calls = 0;
        var nameless = 0;
        using (var packed = new GZipStream(memory, CompressionLevel.Fastest, leaveOpen: true))
        {
            // LookupEvents knows whole seconds only.
            var begin = DateTimeOffset.FromUnixTimeSeconds(since.ToUnixTimeSeconds());
            var to = DateTimeOffset.FromUnixTimeSeconds(until.ToUnixTimeSeconds() + 1);
            var span = FirstSpan;
            while (to > begin && status.Outcome == CollectionOutcome.Ok)
            {
                var from = to - begin <= span ? begin : to - span;
                JsonObject? reply;
                try
                {
                    reply = await api.CallAsync(new AwsCall(region, "cloudtrail", "LookupEvents", new JsonObject { ["StartTime"] = Text(from), ["EndTime"] = Text(to) }), cancellation);
                }
                catch (AwsApiException e)
                {
                    // What came before the failure is looked at all the same.
                    status = status with { Outcome = e.Outcome, Operation = e.Operation, Reason = e.Message };
                    reply = e.Partial;
                }

                var events = reply?["Events"] as JsonArray ?? [];
                foreach (var entry in events.Where(entry => (entry as JsonObject)?["EventId"] is not JsonValue id || IsNew(seen, id.ToString())))
                {
                    if (RecordOf(entry) is not { } record)
                    {
                        nameless++;
                        continue;
                    }

                    any = true;
                    packed.Write(Encoding.UTF8.GetBytes(record.ReplaceLineEndings(" ")));
                    packed.WriteByte((byte)'\n');
                }

                to = from;
                if (events.Count < FewEvents)
                    span *= 4;
                else if (events.Count > ManyEvents && span > ShortestSpan)
                    span /= 4;
                // A quiet region is done before a line about it could be read.
                if (++calls > 6)
                    progress.Report(task, (long)(until - to).TotalMinutes, (long)(until - begin).TotalMinutes);
            }
        }

        if (nameless > 0 && status.Outcome == CollectionOutcome.Ok)
            status = status with { Outcome = CollectionOutcome.Error, Operation = "cloudtrail:LookupEvents", Reason = string.Create(CultureInfo.InvariantCulture, $"{nameless} events came without their record (CloudTrailEvent)") };
        if (!any)
            return (null, status);
        var bytes = memory.ToArray();
        return (new LogFile($"lookup:{api.Account}/{region}", () => new MemoryStream(bytes, writable: false)), status);
    }

    private static string? RecordOf(JsonNode? entry) =>
        (entry as JsonObject)?["CloudTrailEvent"] is JsonValue record && record.TryGetValue(out string? text) && !string.IsNullOrWhiteSpace(text) ? text : null;

    private static bool IsNew(HashSet<string> seen, string id)
    {
        lock (seen)
            return seen.Add(id);
    }

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
