using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

using Scanner.Collect;
using Scanner.Evaluate.Detections;
using Scanner.Model;

namespace Scanner.Scanning;

/// <summary>
/// Recent management events of one account and region by CloudTrail LookupEvents, which keeps 90 days and answers two
/// calls a second per region. Each event's <c>CloudTrailEvent</c> is its record as JSON text.
/// </summary>
internal static class LookedUpEvents
{
    public static async Task<(EventFile File, CollectionStatus Status)> ReadAsync(
        IAwsApi api, string region, DateTimeOffset since, DateTimeOffset until, string table, CancellationToken cancellation)
    {
        var call = new AwsCall(region, "cloudtrail", "LookupEvents", new JsonObject
        {
            ["StartTime"] = since.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
            ["EndTime"] = until.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
        });
        var status = new CollectionStatus(table, api.Account, region, CollectionOutcome.Ok);
        JsonObject? reply;
        try
        {
            reply = await api.CallAsync(call, cancellation);
        }
        catch (AwsApiException e)
        {
            // What came before the failure is looked at all the same.
            status = status with { Outcome = e.Outcome, Operation = e.Operation, Reason = e.Message };
            reply = e.Partial;
        }
        var lines = new StringBuilder();
        foreach (var entry in reply?["Events"] as JsonArray ?? [])
        {
            if (entry?["CloudTrailEvent"]?.GetValue<string>() is { } text)
                lines.Append(text.ReplaceLineEndings(" ")).Append('\n');
        }
        var bytes = Encoding.UTF8.GetBytes(lines.ToString());
        return (new EventFile($"lookup:{api.Account}/{region}", () => new MemoryStream(bytes, writable: false)), status);
    }
}
