using System.Globalization;
using Scanner.Catalog;
using Scanner.Collect.Events;
using Scanner.Collect.Tables;
using Scanner.Detect;
using Scanner.Detect.Matching;
using Scanner.Detect.Rules;
using Scanner.Detect.Sql;
using Scanner.Evaluate;
using Scanner.Model;

namespace Scanner.Scan;

/// <summary>Runs the detections of a scan over its event logs: LookupEvents, files, a trail's bucket, a log group, or an engine that holds the log.</summary>
internal sealed class EventDetection(RuleSet rules, CheckCatalog catalog, RuleSelection selection, IProgressSink progress)
{
    /// <summary>The rule that stands for "the event logs could be read", so that a log that could not be is a finding.</summary>
    internal const string LogsRule = "event-logs-readable";

    /// <summary>Name of the event logs among the collected tables.</summary>
    private const string Table = "aws_cloudtrail_event";

    private const int ObjectsAtOnce = 16;

    /// <summary>A query of Logs Insights has 10,000 characters at most, of which some are not its condition.</summary>
    private const int MostFilterBytes = 9_000;

    private const int MostNames = 10;

    private readonly Dictionary<string, RuleInfo> _infos = new(StringComparer.Ordinal);
    private readonly List<Finding> _findings = [];
    private readonly FindingGroups _matches = new();

    public async Task<DetectedEvents> RunAsync(
        IReadOnlyList<EventLocation> places, ScanOptions options, AccountSource source, CollectionResult collected, CancellationToken cancellation)
    {
        var statuses = new List<CollectionStatus>();
        var asked = new List<CollectionStatus>();
        var files = new List<LogFile>();
        Select();
        foreach (var note in rules.Notes)
            progress.Note(SafeText.Line(note));
        var account = source.Accounts[0].Api.Account;
        var buckets = new List<LogBucket>();
        // AWS was asked for all events until now: a quiet account is watched too.
        var watched = new Dictionary<string, DateTimeOffset>(StringComparer.Ordinal);
        try
        {
            var locations = places.Distinct().ToList();
            try
            {
                foreach (var place in locations)
                {
                    if (place.IsEngine)
                        asked.AddRange(await AskAsync(source, place, options, cancellation));
                    else if (place.Group is { } group)
                        asked.AddRange(await ReadGroupAsync(source, group, options, files, cancellation));
                    else if (place.IsLookup)
                        await LookupAsync(source, collected, source.Time - options.Since, files, statuses, cancellation);
                    else if (place.Bucket is { } address)
                        buckets.Add(await ListAsync(source, place.Source, address, source.Time - options.Since, files, statuses, cancellation));
                    else
                    {
                        var found = LogFiles.Find([place.Path!], place.Source);
                        files.AddRange(found.Files);
                        statuses.AddRange(found.Missing.Select(reason => new CollectionStatus(Table, account, CollectionStatus.Global, CollectionOutcome.Error, "read", reason)));
                        if (found.PassedOver.Count > 0)
                            progress.Note(SafeText.Line($"{place.Path}: {Count(found.PassedOver.Count, "file")} passed over, no logs by their names: {string.Join(", ", found.PassedOver.Take(5).Select(Path.GetFileName))}"));
                    }
                }
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                // What matches in what was read so far is told; MatchAsync says that the rest was not read.
            }

            foreach (var place in asked.Concat(locations.Exists(place => place.IsLookup) ? statuses : []).ToLookup(status => status.Account, StringComparer.Ordinal))
            {
                if (place.All(status => status.Outcome == CollectionOutcome.Ok))
                    watched[place.Key] = source.Time;
            }
            var hasLooked = asked.Count > 0 || locations.Exists(place => !place.IsEngine);
            return await MatchAsync(files, buckets, account, statuses, asked, watched, hasLooked, cancellation);
        }
        finally
        {
            foreach (var bucket in buckets)
                bucket.Dispose();
        }
    }

    private async Task<DetectedEvents> MatchAsync(
        List<LogFile> files, List<LogBucket> buckets, string account, List<CollectionStatus> statuses, List<CollectionStatus> asked, Dictionary<string, DateTimeOffset> watched,
        bool hasLooked, CancellationToken cancellation)
    {
        if (files.Count > 0)
            progress.Report("Detections", 0, files.Count);
        var detection = new DetectorOptions { IncludeEvents = true };
        // Reading from S3 is waiting for the most part.
        if (buckets.Count > 0)
            detection = detection with { Parallelism = Math.Max(detection.Parallelism, ObjectsAtOnce) };
        DetectionRunResult? result = null;
        try
        {
            cancellation.ThrowIfCancellationRequested();
            result = await new Detector(rules, detection).RunAsync(files, match => FindingOf(match, account), Add, cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            statuses.Add(new CollectionStatus(Table, account, CollectionStatus.Global, CollectionOutcome.Stopped, "read", "the scan was stopped before all events were read"));
        }
        if (files.Count > 0 && result is not null)
        {
            progress.Report("Detections", result.Files, files.Count);
            NoteRead(result, account, statuses);
        }

        foreach (var error in result?.FileErrors ?? [])
            statuses.Add(buckets.Select(bucket => bucket.FailureOf(error.File)).FirstOrDefault(status => status is not null)
                ?? new CollectionStatus(Table, account, CollectionStatus.Global, CollectionOutcome.Error, "read", error.ToString()));
        foreach (var error in result?.RuleErrors ?? [])
            statuses.Add(new CollectionStatus(Table, account, CollectionStatus.Global, CollectionOutcome.Error, "match", error));
        var summary = Summarize(statuses);
        // Each of these names its rules: none may be left out for another.
        summary.AddRange(asked);
        _findings.AddRange(summary.Where(status => status.Outcome != CollectionOutcome.Ok)
            .GroupBy(status => (status.Account, status.Region)).Select(place => Unread([.. place])));
        // Where no rule fits the engines' logs, nothing was read, and nothing may be said to have been.
        if (hasLooked)
        {
            if (summary.Count == 0)
                summary.Add(new CollectionStatus(Table, account, CollectionStatus.Global, CollectionOutcome.Ok));
            _infos[LogsRule] = new RuleInfo
            {
                Id = LogsRule,
                Title = "The event logs that detections read could be read whole",
                Kind = FindingKind.Posture,
                Severity = Severity.High,
                Service = "cloudtrail",
                Why = "A detection that did not see an event says nothing about it: silence is not safety.",
            };
        }

        _findings.InsertRange(0, await PrincipalTimelines.AddAsync(_matches.Findings, files, detection.Parallelism, cancellation));
        FillNames();
        // The same rule may match an event twice over two sources (LookupEvents and files): one finding.
        foreach (var (watchedAccount, newest) in result?.NewestEvents ?? new Dictionary<string, DateTimeOffset>())
            watched.TryAdd(watchedAccount, newest);
        // A scan that was stopped has not watched.
        if (cancellation.IsCancellationRequested)
            watched.Clear();
        return new DetectedEvents([.. _findings.DistinctBy(finding => finding.Key)], [.. _infos.Values], summary, result?.Events ?? 0) { ReadUntil = watched };
    }

    /// <summary>The rules that report and are selected.</summary>
    private void Select()
    {
        foreach (var rule in rules.Rules.Where(rule => rule.Reports))
        {
            var info = CatalogFolders.Describe(catalog, rule);
            if (selection.Includes(info))
                _infos[info.Id] = info;
        }
    }

    /// <summary>Says what was read, and what was passed over: silence would look like a quiet account.</summary>
    private void NoteRead(DetectionRunResult result, string account, List<CollectionStatus> statuses)
    {
        progress.Note(SafeText.Line($"Detections read {result.Read}."));
        foreach (var one in result.Besides.Take(5))
            progress.Note(SafeText.Line($"Passed over: {one}"));
        if (result.HasOnlyOtherRecords)
            statuses.Add(new CollectionStatus(Table, account, CollectionStatus.Global, CollectionOutcome.Error, "read", $"no event is among what was read: {result.Besides[0]}"));
    }

    /// <summary>Commands that are ready to paste, where all matches of a rule give the same ones.</summary>
    private void FillNames()
    {
        foreach (var matches in _findings.Where(finding => finding.Kind == FindingKind.Detection).GroupBy(finding => finding.Check, StringComparer.Ordinal))
        {
            var info = _infos[matches.Key];
            var filled = matches.Select(finding => NextSteps.Of(info.Response, finding)).DistinctBy(steps => string.Join('\n', steps), StringComparer.Ordinal).ToList();
            if (filled is [var only])
                _infos[matches.Key] = info with { Response = only };
        }
    }

    /// <summary>A match as a finding; null where its rule is not selected.</summary>
    private Finding? FindingOf(DetectionMatch match, string account) => _infos.TryGetValue(match.Rule.Id, out var info)
        ? RuleFindings.ToFinding(match, account) with { Controls = [.. info.Controls.Select(control => control.ToString())], Mitre = info.Mitre }
        : null;

    private void Add(Finding? finding)
    {
        if (finding is not null)
            _matches.Add(finding);
    }

    /// <summary>Lets the engine run the rules about the log that it holds, and says which rules are about something else.</summary>
    private async Task<IReadOnlyList<CollectionStatus>> AskAsync(AccountSource source, EventLocation place, ScanOptions options, CancellationToken cancellation)
    {
        var session = source.Session ?? throw new InputException("--events athena: and lake: ask AWS, and --from does not: leave it out");
        LogQueries queries = place.Athena is { } table
            ? new AthenaQueries(session.Api, session.Region, table, options.Queries, place.Source)
            : new LakeQueries(session.Api, session.Region, place.Lake!, options.Queries);
        var chosen = rules.Rules.Where(rule => _infos.ContainsKey(rule.Id)).ToList();
        var fitting = chosen.Where(rule => rule.LogSources.Any(log => log.Kind == place.Source)).ToList();
        foreach (var others in chosen.Except(fitting).GroupBy(rule => rule.LogSource.ToString(), StringComparer.Ordinal))
            progress.Note(SafeText.Line($"{queries.Place} holds {HoldsOf(place.Source)}: {Count(others.Count(), "detection")} about {others.Key} did not run over it"));
        // Nothing is asked, so nothing is known of the log, and no words about its partitions are called for.
        if (fitting.Count == 0)
            return [];
        var account = session.AccountId;
        var failures = await new QueriedEvents(queries, place.Athena is null ? SqlDialect.CloudTrailLake : SqlDialect.Athena, options.Queries, progress)
            .RunAsync(fitting, source.Time - options.Since, source.Time, match => Add(FindingOf(match, account)), cancellation);
        return failures.Count == 0
            ? [new CollectionStatus(Table, account, queries.Region, CollectionOutcome.Ok)]
            : [.. failures.Select(one => new CollectionStatus(Table, account, queries.Region, one.Failure.Outcome, one.Failure.Operation,
                $"{one.Failure.Reason} ({queries.Place}; without a whole answer: {one.Rules})"))];
    }

    /// <summary>Reads a log group; of what is too large to fetch, what the chosen rules may match.</summary>
    private async Task<IReadOnlyList<CollectionStatus>> ReadGroupAsync(
        AccountSource source, LogGroupAddress address, ScanOptions options, List<LogFile> files, CancellationToken cancellation)
    {
        var session = source.Session ?? throw new InputException("--events logs: asks AWS, and --from does not: leave it out");
        var region = address.Region ?? session.Region;
        var chosen = rules.Rules.Where(rule => _infos.ContainsKey(rule.Id) && rule.LogSources.Any(log => log.Kind == LogSource.CloudTrail)).ToList();
        var filter = InsightsFilter.Make(chosen, MostFilterBytes);
        var read = await new LogGroupEvents(session.Api, region, address, options.Queries, progress)
            .ReadAsync(source.Time - options.Since, source.Time, filter.Filters, cancellation);
        if (read.File is { } file)
            files.Add(file);
        var statuses = read.Failures.Select(failure => new CollectionStatus(Table, session.AccountId, region, failure.Outcome, failure.Operation, $"{failure.Reason} ({address})")).ToList();
        if (read.Asked && filter.Refused.Count > 0)
        {
            var names = string.Join(", ", filter.Refused.Take(MostNames).Select(rule => $"'{rule.Title}'"));
            var more = filter.Refused.Count > MostNames ? string.Create(CultureInfo.InvariantCulture, $" and {filter.Refused.Count - MostNames} more") : "";
            statuses.Add(new CollectionStatus(Table, session.AccountId, region, CollectionOutcome.Error, "convert",
                $"{address} is too large to fetch, and any event may match these, so that Logs Insights was not asked for them: {names}{more}; narrow --since, or write ?read=fetch"));
        }

        return statuses.Count > 0 ? statuses : [new CollectionStatus(Table, session.AccountId, region, CollectionOutcome.Ok)];
    }

    private static string HoldsOf(LogSource source) => source switch
    {
        LogSource.VpcFlow => "flow logs",
        LogSource.S3Access => "S3 access logs",
        _ => "CloudTrail events",
    };

    private static string Count(int number, string noun) => string.Create(CultureInfo.InvariantCulture, $"{number} {noun}{(number == 1 ? "" : "s")}");

    private async Task LookupAsync(
        AccountSource source, CollectionResult collected, DateTimeOffset since, List<LogFile> files, List<CollectionStatus> statuses, CancellationToken cancellation)
    {
        // Events of IAM, STS and console sign-in are shown in the home region alone, whatever regions are scanned.
        var places = source.Accounts
            .SelectMany(account => collected.Regions.GetValueOrDefault(account.Api.Account, [])
                .Append(AwsPartition.Named(account.Partition).HomeRegion)
                .Distinct(StringComparer.Ordinal)
                .Select(region => (account.Api, region)))
            .ToList();
        foreach (var (file, status) in await new LookedUpEvents(Table, since, source.Time, progress).ReadAsync(places, cancellation))
        {
            statuses.Add(status);
            if (file is not null)
                files.Add(file);
        }

        foreach (var account in source.Unreachable)
            statuses.Add(account with { Table = Table });
    }

    private static async Task<LogBucket> ListAsync(
        AccountSource source, LogSource kind, LogBucketAddress address, DateTimeOffset since, List<LogFile> files, List<CollectionStatus> statuses, CancellationToken cancellation)
    {
        var session = source.Session ?? throw new InputException($"--events {address} reads AWS, and --from does not: copy the logs into a folder and name that");
        var bucket = await LogBucket.OpenAsync(session, address, kind, Table, cancellation);
        var listing = await bucket.ListAsync(since, source.Time);
        files.AddRange(listing.Files);
        statuses.AddRange(listing.Failures);
        return bucket;
    }

    /// <summary>A thousand objects that were refused for one reason are one line.</summary>
    private static List<CollectionStatus> Summarize(List<CollectionStatus> statuses) =>
    [
        .. statuses.Where(status => status.Outcome != CollectionOutcome.Ok)
            .GroupBy(status => (status.Account, status.Region, status.Outcome, status.Operation))
            .Select(group => group.Count() == 1
                ? group.First()
                : group.First() with { Reason = string.Create(CultureInfo.InvariantCulture, $"{group.First().Reason} (and {group.Count() - 1} more)") }),
        .. statuses.Where(status => status.Outcome == CollectionOutcome.Ok).Distinct(),
    ];

    private static Finding Unread(IReadOnlyList<CollectionStatus> causes) => new()
    {
        Check = LogsRule,
        Status = FindingStatus.Unknown,
        Severity = Severity.High,
        Account = causes[0].Account,
        Region = causes[0].Region,
        Resource = causes[0].Account,
        Message = "Events could not be read: " + string.Join("; ", causes.Select(cause => $"{cause.Operation}: {cause.Reason}")),
        Causes = causes,
    };
}
