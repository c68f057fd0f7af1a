using Scanner.Catalog;
using Scanner.Collect;
using Scanner.CommandLine;
using Scanner.Evaluate;
using Scanner.Evaluate.Detections;
using Scanner.Model;

namespace Scanner.Scanning;

/// <summary>Runs the detections of a scan over its event logs: LookupEvents, files, or a trail's bucket.</summary>
internal sealed class EventDetection(RuleSet rules, CheckCatalog catalog, RuleSelection selection, IProgressSink progress)
{
    /// <summary>The rule that stands for "the event logs could be read", so that a log that could not be is a finding.</summary>
    private const string LogsRule = "event-logs-readable";

    /// <summary>Name of the event logs among the collected tables.</summary>
    private const string Table = "aws_cloudtrail_event";

    public async Task<DetectedEvents> RunAsync(
        IReadOnlyList<string> places, ScanOptions options, AccountSource source, CollectionResult collected, CancellationToken cancellation)
    {
        var statuses = new List<CollectionStatus>();
        var files = new List<EventFile>();
        var account = source.Accounts[0].Api.Account;
        foreach (var place in places)
        {
            if (string.Equals(place, "lookup", StringComparison.Ordinal))
                await foreach (var file in LookupAsync(source, collected, source.Time - options.Since, statuses, cancellation))
                    files.Add(file);
            else
                files.AddRange(EventFile.Find([place]));
        }

        var infos = new Dictionary<string, RuleInfo>(StringComparer.Ordinal);
        foreach (var rule in rules.Rules.Where(rule => rule.Reports))
        {
            var info = RuleFindings.ToRuleInfo(rule) is var made ? made with { Controls = catalog.ControlsOf(made.Id) } : made;
            if (selection.Includes(info))
                infos[info.Id] = info;
        }
        var findings = new List<Finding>();
        var result = await new Detector(rules, new DetectorOptions { IncludeEvents = true }).RunAsync(files, match =>
        {
            if (!infos.TryGetValue(match.Rule.Id, out var info))
                return;
            lock (findings)
                findings.Add(RuleFindings.ToFinding(match, account) with { Controls = [.. info.Controls.Select(control => control.ToString())], Mitre = info.Mitre });
        }, cancellation);
        progress.Report("Detections", result.Files, files.Count);

        foreach (var error in result.FileErrors)
            statuses.Add(new CollectionStatus(Table, account, CollectionStatus.Global, CollectionOutcome.Error, "read", error.ToString()));
        foreach (var error in result.RuleErrors)
            statuses.Add(new CollectionStatus(Table, account, CollectionStatus.Global, CollectionOutcome.Error, "match", error));
        foreach (var status in statuses.Where(status => status.Outcome != CollectionOutcome.Ok))
            findings.Add(Unread(status));
        if (statuses.TrueForAll(status => status.Outcome == CollectionOutcome.Ok))
            statuses.Add(new CollectionStatus(Table, account, CollectionStatus.Global, CollectionOutcome.Ok));
        infos[LogsRule] = new RuleInfo
        {
            Id = LogsRule,
            Title = "The event logs that detections read could be read whole",
            Kind = FindingKind.Posture,
            Severity = Severity.High,
            Service = "cloudtrail",
            Why = "A detection that did not see an event says nothing about it: silence is not safety.",
        };
        // The same rule may match an event twice over two sources (LookupEvents and files): one finding.
        return new DetectedEvents([.. findings.DistinctBy(finding => finding.Key)], [.. infos.Values], statuses, result.Events);
    }

    private async IAsyncEnumerable<EventFile> LookupAsync(
        AccountSource source, CollectionResult collected, DateTimeOffset since, List<CollectionStatus> statuses,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (var account in source.Accounts)
        {
            foreach (var region in collected.Regions.GetValueOrDefault(account.Api.Account, []))
            {
                var (file, status) = await LookedUpEvents.ReadAsync(account.Api, region, since, source.Time, Table, cancellation);
                statuses.Add(status);
                yield return file;
            }
        }
    }

    private static Finding Unread(CollectionStatus status) => new()
    {
        Check = LogsRule,
        Status = FindingStatus.Unknown,
        Severity = Severity.High,
        Account = status.Account,
        Region = status.Region,
        Resource = status.Account,
        Message = $"Events could not be read: {status.Operation}: {status.Reason}",
        Causes = [status],
    };
}
