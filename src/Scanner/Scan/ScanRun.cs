using System.Diagnostics;
using System.Reflection;
using Scanner.Catalog;
using Scanner.Catalog.Terraform;
using Scanner.Collect.Events;
using Scanner.Collect.Plans;
using Scanner.Collect.Recording;
using Scanner.Collect.Tables;
using Scanner.Evaluate;
using Scanner.Model;
using Scanner.Store;
using Scanner.Terminal;

namespace Scanner.Scan;

/// <summary>One scan: collect, store, evaluate. What it finds is a <see cref="ScanReport"/>; publishing comes after.</summary>
internal sealed class ScanRun : IDisposable
{
    private readonly ScanOptions _options;
    private readonly CatalogFolders _folders;
    private readonly RuleSelection _selection;
    private readonly CheckEvaluator _evaluator;
    private readonly ScanRecorder? _recorder;
    private readonly Baseline? _baseline;
    private readonly StateSource? _written;
    private readonly List<InputException> _notKept = [];

    // Judging what little is known takes longer than judging all: after a timeout it has a time of its own.
    private readonly CancellationTokenSource _late = CancellationTokenSource.CreateLinkedTokenSource(StopSignal.Deadline);

    /// <summary>Reads the catalog and proves the chosen checks of the user, before anything is asked of AWS.</summary>
    /// <param name="options">What is asked for.</param>
    /// <param name="folders">The catalog, where it was read before for the same options; null: it is read now.</param>
    /// <exception cref="InputException">A file or an option is wrong.</exception>
    public ScanRun(ScanOptions options, CatalogFolders? folders = null)
    {
        _options = options;
        foreach (var location in options.Events)
        {
            if (location.Path is { } path && !File.Exists(path) && !Directory.Exists(path))
                throw new InputException($"--events '{SafeText.Line(location.Text)}': there is no such file or folder; {(Spelling.IsNear(path, "lookup") ? "did you mean 'lookup'? " : "")}it is lookup, a file or folder, s3://bucket/prefix, logs:GROUP, athena:TABLE or lake:ID");
            if (location.NeedsAws && options.From is not null)
                throw new InputException($"--events '{SafeText.Line(location.Text)}' asks AWS, and --from does not: leave it out (the recording's own events are read) or name a folder");
        }
        // Before the scan, whose own store may be the same file.
        _baseline = options.Baseline is { } earlier ? BaselineFile.Read(earlier) : null;
        if (options.SinceLast is not null)
            SinceLast.Require(options.Baseline!);
        if (options.Store is { } store)
            ScanStore.RequireReplaceable(store);
        _recorder = options.Record is { } folder ? new ScanRecorder(folder, Audience) : null;
        _folders = folders ?? new CatalogFolders(options.Checks, locked: options.LockChecks);
        if (options.TerraformStates.Count > 0)
            _written = new StateSource(options.TerraformStates, options.Sources, TerraformNames.Of(_folders.Catalog.Tables.Values).Attributes, GateRun.Checkout);
        _selection = new RuleSelection(_folders.Catalog, options.Framework, options.Severity, options.Only);
        Checks = options.Evidence ? [.. _selection.Checks(_folders.Catalog)]
            : [.. _selection.Checks(_folders.Catalog).Where(check => !IsEvidence(_folders.Catalog, check)).Select(Unproven)];
        _evaluator = new CheckEvaluator(_folders.Catalog, proven: _folders.IsShipped, engine: OwnProgram.Engine) { Deadline = _late.Token };
        _evaluator.Validate(Checks);
        _evaluator.ValidateTables(_folders.Catalog.Tables.Values);
    }

    public static string Version { get; } =
        typeof(ScanRun).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "";

    public IReadOnlyList<CheckDefinition> Checks { get; }

    public async Task<ScanReport> RunAsync(AccountSource source, IReadOnlyList<AcceptedRisk> accepted, IProgressSink progress, CancellationToken cancellation)
    {
        // Before an hour of reading, not after it.
        _baseline?.RequireSame([.. source.Accounts.Select(account => account.Api.Account), .. source.Unreachable.Select(status => status.Account)]);
        var watch = Stopwatch.StartNew();
        var started = DateTimeOffset.UtcNow;
        using var over = cancellation.Register(() =>
        {
            if (_options.Timeout is { } timeout)
                _late.CancelAfter(TimeSpan.FromSeconds(Math.Clamp(timeout.TotalSeconds / 4, 5, 30)));
        });
        var judged = _evaluator.TablesOf(Checks);
        // A kept store is for questions that nobody has asked yet: it gets every table, whole.
        IEnumerable<TableDefinition> tables = _options.Store is not null && SelectsAll ? _folders.Catalog.Tables.Values : judged;
        // For what is kept, and for what is taken from what was kept: they are of every table's file.
        var fingerprints = _options.Store is null && _options.SinceLast is null ? new Dictionary<string, string>() : TableFingerprints.Of(tables, _folders.Catalog);
        using var store = OpenStore(source, [.. tables], fingerprints, progress, out var kept);
        var collected = await CollectAsync(source, store, tables, fingerprints, kept, progress, cancellation);
        store.Add(source.Unreachable);
        Keep(() => _recorder?.Save(source.Time, source.Accounts, collected));

        var detected = await DetectAsync(source, store, collected, progress, cancellation);
        store.Add(detected.Statuses);

        var scope = new ScanScope(
            collected.Regions.Keys.Union(source.Unreachable.Select(status => status.Account), StringComparer.Ordinal)
                .Select(account => KeyValuePair.Create(account, RegionsOf(collected, account))));
        detected.AddRows(scope.Accounts, store);
        // Not the scan's own token: what is there is judged, as far as the time after a signal reaches.
        var posture = _evaluator.Evaluate(store, Checks, source.Time, scope, progress, CancellationToken.None);
        var muted = Muting.Apply(
            detected.Findings.Count == 0 ? posture : new FindingList(posture.Concat(detected.Findings)), _folders.Catalog.Mutes, accepted, DateOnly.FromDateTime(source.Time.UtcDateTime), Checks);
        foreach (var note in muted.Notes.Concat(_folders.IdleMutes()).Concat(_written?.Notes ?? []))
            progress.Note(note);

        var owned = FindingOrder.Sorted(Ownership.Assign(muted.Findings, _folders.Catalog.Owners, () => store.ReadResources()));
        var collection = store.ReadCollection();
        var findings = SinceLast.Mark(_written is null ? owned : [.. owned.Select(_written.Place)], collection, Checks, _folders.Catalog);
        var endings = Endings(collection, cancellation).ToList();
        var summary = Summary(source, scope, judged) with { Tables = fingerprints, Resources = store.CountResources(), Events = detected.Events, Started = started, Duration = watch.Elapsed, EndedEarly = endings.Count > 0 };
        var report = new ScanReport
        {
            Scan = summary,
            Rules = Checks.Select(check => check.Info).Concat(detected.Rules).ToDictionary(rule => rule.Id, StringComparer.Ordinal),
            Findings = findings,
            Collection = collection,
            Frameworks = Frameworks(_folders.Catalog, _options.Framework, SelectsAll, findings, Checks),
            DueDays = _folders.Catalog.DueDays,
            Notices = [.. _folders.Notices, .. Aged(collection, findings, source.Time), .. Unproven(_folders.Catalog, Checks, collection), .. Deaf(summary, Checks, findings, detected.Rules), .. endings],
        };
        report = _baseline?.Compare(report) ?? Baseline.Begin(report);
        Keep(() =>
        {
            store.Save(report);
            store.Commit();
        });
        return report;
    }

    private async Task<CollectionResult> CollectAsync(
        AccountSource source, ScanStore store, IEnumerable<TableDefinition> tables, IReadOnlyDictionary<string, string> fingerprints, IReadOnlyList<CollectionStatus> kept,
        IProgressSink progress, CancellationToken cancellation)
    {
        // Closed before the new store takes its place, which may be the same.
        using var last = _options.SinceLast is { } age ? SinceLast.Open(_options.Baseline!, age, fingerprints, progress) : null;
        var asking = new CollectorOptions
        {
            Kept = kept,
            Earlier = last?.Scan,
            Regions = _options.Regions,
            DefaultRegion = source.Session?.Region,
            Rows = table => _evaluator.RowsOf(store, table, source.Time),
        };
        return await new Collector(tables, asking, progress).CollectAsync(Watched(source.Accounts), store, cancellation);
    }

    /// <summary>The store to write: a new one, or that of the scan to go on with.</summary>
    /// <param name="source">What is scanned; gets the time of the scan that is gone on with.</param>
    /// <param name="tables">Tables that are collected.</param>
    /// <param name="fingerprints">How they are asked.</param>
    /// <param name="progress">Hears that a scan is gone on with.</param>
    /// <param name="kept">What need not be asked again.</param>
    /// <exception cref="InputException">The scan that was cut off was another one, or it is too old.</exception>
    private ScanStore OpenStore(
        AccountSource source, IReadOnlyList<TableDefinition> tables, IReadOnlyDictionary<string, string> fingerprints, IProgressSink progress, out IReadOnlyList<CollectionStatus> kept)
    {
        kept = [];
        if (_options.Store is not { } path)
            return ScanStore.InMemory(_folders.Catalog.Tables.Values);
        var begin = new ScanBegin(source.Time, Version, _options.Asked, ResumedScan.Fingerprint(fingerprints));
        if (_options.Resume && ScanStore.Resume(path, Audience) is { } resumed)
        {
            try
            {
                source.Time = ResumedScan.Require(path, resumed.ReadBegin()!, begin);
                kept = resumed.DropUnfinished(tables);
                progress.Note(string.Create(System.Globalization.CultureInfo.InvariantCulture,
                    $"Going on with the scan of {source.Time.UtcDateTime:yyyy-MM-dd HH:mm} UTC: {resumed.CountResources()} resources of {kept.Select(status => (status.Table, status.Account, status.Region)).Distinct().Count()} tables are there"));
                return resumed;
            }
            catch
            {
                resumed.Dispose();
                throw;
            }
        }
        if (_options.Resume)
            progress.Note($"No scan was cut off while it wrote {SafeText.Line(path)}: scanning from the beginning");
        var store = ScanStore.Create(path, _folders.Catalog.Tables.Values, Audience);
        store.Begin(begin);
        return store;
    }

    // Why it ended early, once each, however many reads are missing because of it.
    private IEnumerable<string> Endings(IReadOnlyList<CollectionStatus> collection, CancellationToken cancellation)
    {
        if (StopSignal.Name is { } by)
            yield return $"The scan was stopped by {by} before its end. What it had not looked at is unknown, and nothing was published to GitHub.";
        else if (_options.Timeout is { } timeout && cancellation.IsCancellationRequested)
            yield return string.Create(System.Globalization.CultureInfo.InvariantCulture, $"The scan reached its --timeout of {timeout.TotalSeconds:0} s. What it had not looked at by then is unknown.");
        foreach (var group in collection.Where(status => status.Outcome == CollectionOutcome.Expired).GroupBy(status => status.Reason ?? "", StringComparer.Ordinal))
        {
            var reads = group.Count();
            yield return string.Create(System.Globalization.CultureInfo.InvariantCulture,
                $"{group.Key.Split(": ", 2)[^1].TrimEnd('.')}: {reads} {(reads == 1 ? "read is" : "reads are")} missing. Give the job credentials that last longer, or a role that it can assume again.");
        }
    }

    private ScanSummary Summary(AccountSource source, ScanScope scope, IReadOnlyList<TableDefinition> judged) => new()
    {
        Time = source.Time,
        Source = source.Name,
        Accounts = [.. scope.Accounts],
        AccountNames = source.Names,
        Regions = [.. scope.Accounts.SelectMany(scope.RegionsOf).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
        ApiCalls = source.Accounts.Sum(account => account.Api.CallCount),
        Version = Version,
        Caller = source.Session?.CallerArn ?? "",
        Parameters = _options.Asked,
        Scope = _options.ScopeOf(source.Session is not null && scope.Accounts.Count() == 1 ? scope.Accounts.First() : null),
        AccountsNamed = _options.Accounts.Count > 0,
        Framework = _options.Framework,
        Run = Consoles.InActions ? $"{Environment.GetEnvironmentVariable("GITHUB_REPOSITORY")}/{Environment.GetEnvironmentVariable("GITHUB_RUN_ID")}" : "",
        Workflow = JudgedBy.Workflow(Environment.GetEnvironmentVariable) ?? "",
        // The program's own tables are of no service of AWS.
        Services = [.. judged.Where(table => table.Name.StartsWith("aws_", StringComparison.Ordinal)).Select(table => table.Service).OfType<string>().Where(service => service.Length > 0).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
    };

    // That a part of what is said was read earlier.
    internal static IEnumerable<string> Aged(IReadOnlyList<CollectionStatus> collection, IReadOnlyList<Finding> findings, DateTimeOffset time)
    {
        if (EarlierReadings.Of(collection, findings) is { } earlier)
            yield return earlier.Notice(time);
    }

    // What a role without the rights of evidence would have been shown; the checks themselves are unknown, each with its cause.
    internal static IEnumerable<string> Unproven(CheckCatalog catalog, IReadOnlyList<CheckDefinition> all, IReadOnlyList<CollectionStatus> collection)
    {
        var checks = all.Count(check => IsEvidence(catalog, check));
        var denied = collection.Where(status => status.Outcome == CollectionOutcome.Denied && catalog.Tables.TryGetValue(status.Table, out var table) && table.IsEvidence)
            .Select(status => status.Operation).OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        if (checks > 0 && denied.Count > 0)
            yield return $"Whether logs arrive could not be seen everywhere, because the role may not {string.Join(", ", denied)}: {checks} checks would show which sources are silent. Grant it (terraform: evidence, evidence_buckets; scanner policy --evidence-buckets), or leave it out with --evidence off.";
    }

    // Whether a check rests on what only the rights of evidence let be seen.
    private static bool IsEvidence(CheckCatalog catalog, CheckDefinition check) =>
        check.Evidence is not null || check.Tables.Any(name => catalog.Tables.TryGetValue(name, out var table) && table.IsEvidence);

    // Without evidence nobody is asked about a bucket that no account of the scan lists.
    internal static CheckDefinition Unproven(CheckDefinition check) => check.Target is { } target ? check with { Target = target with { IsUnproven = true } } : check;

    // Where a log that detections read is silent, that they match nothing says nothing. A risk that is accepted is silent all the same.
    internal static IEnumerable<string> Deaf(ScanSummary scan, IReadOnlyList<CheckDefinition> checks, IReadOnlyList<Finding> findings, IEnumerable<RuleInfo> rules)
    {
        if (!rules.Any(rule => rule.Kind == FindingKind.Detection || rule.Id == EventDetection.LogsRule))
            yield break;
        foreach (var log in checks.Where(check => check.Evidence?.Feeds is not null).GroupBy(check => check.Evidence!.Feeds!.Value).OrderBy(group => group.Key))
        {
            var ids = log.Select(check => check.Id).ToHashSet(StringComparer.Ordinal);
            var silent = findings.Where(finding => ids.Contains(finding.Check) && finding.Status is (FindingStatus.Fail or FindingStatus.Muted)).ToList();
            if (silent.Count == 0)
                continue;
            var words = log.Key switch { LogSource.VpcFlow => "VPC flow logs", LogSource.S3Access => "S3 access logs", _ => "CloudTrail" };
            yield return SafeText.Line($"Detections over {words} may be blind: {(silent.Count == 1 ? "a source is" : $"{silent.Count} sources are")} silent, such as in {scan.Called(silent[0].Account)}, {silent[0].Region}: {silent[0].Message}");
        }
    }

    // Secrets are taken out before anything keeps a reply, the recording included.
    private IReadOnlyList<CollectionAccount> Watched(IReadOnlyList<CollectionAccount> accounts)
    {
        var secrets = new SecretMembers(_folders.Catalog.Tables.Values);
        var without = accounts.Select(account => account with { Api = new SecretlessAwsApi(account.Api, secrets) });
        return [.. _recorder is null ? without : without.Select(_recorder.Record)];
    }

    /// <summary>What could not be kept, store or recording: the scan itself is none the worse for it.</summary>
    public IReadOnlyList<InputException> NotKept => _notKept;

    private void Keep(Action work)
    {
        try
        {
            work();
        }
        catch (InputException e)
        {
            _notKept.Add(e);
        }
    }

    public void Dispose()
    {
        _evaluator.Dispose();
        _late.Dispose();
    }

    /// <summary>The controls of the framework that was asked for; of all, where every check ran. Of some checks, what a benchmark says is no answer.</summary>
    internal static IReadOnlyList<FrameworkResult> Frameworks(CheckCatalog catalog, string? framework, bool all, IReadOnlyList<Finding> findings, IReadOnlyList<CheckDefinition> checks)
    {
        var ran = checks.Select(check => check.Id).ToHashSet(StringComparer.Ordinal);
        var asked = framework is not null ? [catalog.Frameworks[framework]] : all ? catalog.Frameworks.Values : Enumerable.Empty<FrameworkDefinition>();
        return [.. asked.Select(one => ControlAssessment.Of(one, findings, ran))];
    }

    // In Actions the next step reads the files, under another user perhaps; the machine is the job's alone.
    internal static FileAudience Audience => Consoles.InActions ? FileAudience.Everybody : FileAudience.Owner;

    private bool SelectsAll => _options.Framework is null && _options.Severity is null && _options.Only.Count == 0;

    private async Task<DetectedEvents> DetectAsync(AccountSource source, ScanStore store, CollectionResult collected, IProgressSink progress, CancellationToken cancellation)
    {
        var places = _options.Events.Count > 0 ? _options.Events : source.RecordedEvents is { } recorded ? [EventLocation.Parse(recorded)] : [];
        if (places.Count == 0)
            return DetectedEvents.None;
        var rules = _folders.LoadDetections(PipelineRoles.Of(store.ReadResources("aws_iam_role"), source.Session?.CallerArn));
        return await new EventDetection(rules, _folders.Catalog, _selection, progress)
            .RunAsync(places, _options, source, collected, cancellation);
    }

    private static IReadOnlyCollection<string> RegionsOf(CollectionResult collected, string account) =>
        [.. collected.Regions.GetValueOrDefault(account, []), .. collected.Disabled.GetValueOrDefault(account, [])];
}
