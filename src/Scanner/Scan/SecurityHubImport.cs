using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Scanner.Aws;
using Scanner.Aws.Session;
using Scanner.Model;
using Scanner.Publish.Reports;

namespace Scanner.Scan;

/// <summary>
/// What a scan found, imported into Security Hub of the accounts that it is about (<c>--send-security-hub</c>): the one thing that Scanner writes into AWS. It needs
/// the right that <c>scanner policy --security-hub</c> prints. Throttled calls are sent again by the client.
/// </summary>
internal sealed class SecurityHubImport(ScanReport report)
{
    // Security Hub takes ten calls a second of an account and region; these are of different ones.
    private const int AtOnce = 8;
    private const int MostReasons = 3;

    private readonly ConcurrentQueue<string> _problems = new();
    private long _taken;

    /// <summary>How many findings Security Hub took.</summary>
    public long Taken => Interlocked.Read(ref _taken);

    /// <summary>What it did not take, and why: one line an account and region.</summary>
    public IReadOnlyList<string> Problems => [.. _problems.Order(StringComparer.Ordinal)];

    /// <summary>How many findings there are to send.</summary>
    public int Planned => SecurityHubBatch.Of(report).Sum(batch => batch.Findings.Count);

    /// <summary>Sends all of them; what one account or region refuses keeps back nothing of the others.</summary>
    /// <param name="session">Opens the accounts.</param>
    /// <param name="cancellation">Ends it.</param>
    public Task SendAsync(AwsSession session, CancellationToken cancellation) =>
        Parallel.ForEachAsync(
            SecurityHubBatch.Of(report).GroupBy(batch => (batch.Account, batch.Region)),
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation },
            async (place, token) => await SendAsync(session, place.Key.Account, place.Key.Region, [.. place], token));

    private async Task SendAsync(AwsSession session, string account, string region, IReadOnlyList<SecurityHubBatch> batches, CancellationToken cancellation)
    {
        var (refused, reasons) = (0L, new List<string>());
        for (var i = 0; i < batches.Count; i++)
        {
            try
            {
                var reply = await session.ImportFindingsAsync(account, region, batches[i].ToJson(report), cancellation);
                var failed = reply["FailedFindings"] as JsonArray ?? [];
                refused += failed.Count;
                Interlocked.Add(ref _taken, batches[i].Findings.Count - failed.Count);
                reasons.AddRange(failed.OfType<JsonObject>().Select(one => $"{one["ErrorCode"]}: {one["ErrorMessage"]}"));
            }
            catch (Exception e) when (e is AwsApiException or InputException)
            {
                // It would say the same of the others.
                refused += batches.Skip(i).Sum(batch => batch.Findings.Count);
                reasons.Add(e.Message);
                break;
            }
        }
        if (refused == 0)
            return;
        var said = reasons.Distinct(StringComparer.Ordinal).Take(MostReasons).Select(reason => SafeText.Cut(SafeText.Line(reason), 300).TrimEnd('.'));
        _problems.Enqueue(string.Create(System.Globalization.CultureInfo.InvariantCulture,
            $"Security Hub of {account} in {region} did not take {refused:N0} of {batches.Sum(batch => batch.Findings.Count):N0} findings: {string.Join("; ", said)}"));
    }
}
