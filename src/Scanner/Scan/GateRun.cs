using System.Diagnostics;
using System.Globalization;
using Scanner.Catalog;
using Scanner.Collect.Plans;
using Scanner.Evaluate;
using Scanner.Evaluate.Gates;
using Scanner.Model;
using Scanner.Store;

namespace Scanner.Scan;

/// <summary>Judges Terraform plans: reads them, makes rows of both sides, asks the checks, and says what is different.</summary>
internal sealed class GateRun : IDisposable
{
    /// <summary>How the source of what was planned begins, in reports and stores.</summary>
    private const string PlannedSource = "plan: ";

    private readonly GateOptions _options;
    private readonly CatalogFolders _folders;
    private readonly CheckEvaluator _evaluator;
    private readonly Gate _gate;
    private readonly GateBaseline? _baseline;
    private readonly Dictionary<Plan, Dictionary<string, string>> _types = new(ReferenceEqualityComparer.Instance);

    // What the earlier scan found.
    private IReadOnlyList<Finding> _scanned = [];
    private readonly Dictionary<string, string[]> _lines = new(StringComparer.Ordinal);

    /// <summary>Reads the catalog and proves the chosen checks of the user.</summary>
    /// <exception cref="InputException">A file or an option is wrong.</exception>
    public GateRun(GateOptions options)
    {
        _options = options;
        _folders = new CatalogFolders(options.Checks, locked: options.LockChecks);
        Checks = new RuleSelection(_folders.Catalog, options.Framework, options.Severity, options.Only).Checks(_folders.Catalog);
        _evaluator = new CheckEvaluator(_folders.Catalog, proven: _folders.IsShipped, engine: OwnProgram.Engine);
        _evaluator.Validate(Checks);
        _gate = new Gate(_folders.Catalog, _evaluator);
        _baseline = options.Baseline is { } path ? GateBaseline.Read(path) : null;
    }

    public IReadOnlyList<CheckDefinition> Checks { get; }

    /// <summary>Whether a plan that was read had errored: then nothing is ever clean.</summary>
    public bool Errored { get; private set; }

    /// <summary>Reads and judges the plans.</summary>
    /// <exception cref="InputException">A file is no plan, or a store no store.</exception>
    public ScanReport Run(IProgressSink progress, CancellationToken cancellation)
    {
        var watch = Stopwatch.StartNew();
        var (plans, results, tables, scan, time) = JudgeAll(whole: false, state: false, progress, cancellation);
        LargeHeap.LetGo();
        var secrets = new Redaction(plans.SelectMany(plan => plan.Secrets));
        var today = DateOnly.FromDateTime(DateTime.UtcNow);
        var ignores = new InlineIgnores(_folders.Catalog, today, _options.ForeignIgnores);
        var placed = results.SelectMany(pair => pair.Result.Findings.Select(finding => Place(finding, pair.Plan, plans.Count > 1, ignores))).ToList();
        var muted = Muting.Apply(placed, _folders.Catalog.Mutes, [], today, Checks);
        foreach (var note in muted.Notes)
            progress.Note(secrets.Of(note));
        // What was muted is nobody's news; what is not silenced may be known already.
        var counted = muted.Findings.Select(finding => finding.Status == FindingStatus.Muted ? finding with { Change = null } : _baseline?.Apply(finding) ?? finding).ToList();
        if (_options.WriteBaseline is { } baseline)
            GateBaseline.Write(baseline, counted.Select(secrets.Of));
        var findings = FindingOrder.Sorted(counted).Select(secrets.Of).ToList();
        IReadOnlyList<GateIgnore> ignored =
        [
            .. ignores.Applied,
            .. counted.Where(finding => finding.Status == FindingStatus.Muted && !ignores.Applied.Any(one => one.Check == finding.Check && one.Address == finding.Address))
                .Select(finding => new GateIgnore(finding.Check, finding.Address ?? finding.Resource, "mute", finding.MutedReason ?? "", null, null)
                {
                    Change = muted.Findings.FirstOrDefault(one => one.Key == finding.Key)?.Change,
                }),
        ];
        return new ScanReport
        {
            Scan = ScanOf(plans, time, watch.Elapsed),
            // Only those that have something to say: the rest is another stack's business.
            Rules = Checks.Where(check => findings.Exists(finding => finding.Check == check.Id)).ToDictionary(check => check.Id, check => check.Info, StringComparer.Ordinal),
            Findings = findings,
            Collection = [],
            Notices = _folders.Notices,
            Gate = Summary(plans, results.ConvertAll(pair => pair.Result), tables, scan, [.. ignored.Select(secrets.Of)], ignores.Notes, secrets),
        };
    }

    /// <summary>Judges the state that the plans lead to, as a scan would (<c>scan --from plan.json</c>).</summary>
    /// <param name="store">File to keep the rows and findings in; null for none. What it holds is planned, and it says so.</param>
    /// <param name="progress">Hears how far it is.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="InputException">A file is no plan.</exception>
    public ScanReport RunState(string? store, IProgressSink progress, CancellationToken cancellation)
    {
        var watch = Stopwatch.StartNew();
        var (plans, results, tables, _, time) = JudgeAll(whole: store is not null, state: true, progress, cancellation);
        var secrets = new Redaction(plans.SelectMany(plan => plan.Secrets));
        var several = plans.Count > 1;
        var muted = Muting.Apply(
            [.. results.SelectMany(pair => pair.Result.State.Select(finding => several ? finding with { Plan = pair.Plan.Name } : finding))],
            _folders.Catalog.Mutes, [], DateOnly.FromDateTime(DateTime.UtcNow), Checks);
        foreach (var note in muted.Notes.Concat(plans.SelectMany(plan => plan.Incomplete.Concat(plan.Notes).Concat(plan.Source?.Notes ?? []))))
            progress.Note(secrets.Of(note));
        var report = new ScanReport
        {
            Scan = ScanOf(plans, time, watch.Elapsed),
            Rules = Checks.ToDictionary(check => check.Id, check => check.Info, StringComparer.Ordinal),
            Findings = [.. FindingOrder.Sorted(muted.Findings).Select(secrets.Of)],
            Collection = [],
            Notices = _folders.Notices,
        };
        if (store is not null)
            Keep(store, plans, tables, report, secrets);
        return report;
    }

    public void Dispose() => _evaluator.Dispose();

    private (IReadOnlyList<Plan> Plans, List<(Plan Plan, GateResult Result)> Results, PlanTables Tables, ScanSummary? Scan, DateTimeOffset Time) JudgeAll(
        bool whole, bool state, IProgressSink progress, CancellationToken cancellation)
    {
        using var scanned = _options.Scan is { } path ? ScanStore.Open(path) : null;
        var known = scanned?.ReadReport();
        var scan = known?.Scan;
        _scanned = known?.Findings ?? [];
        if (known?.Earlier is { } earlier)
            progress.Note(string.Create(CultureInfo.InvariantCulture, $"The scan of the account took {earlier.Tables:N0} of its {earlier.AllTables:N0} tables from earlier ones (--since-last), the oldest of {earlier.Oldest.UtcDateTime:yyyy-MM-dd HH:mm} UTC"));
        if (scan?.Source.StartsWith(PlannedSource, StringComparison.Ordinal) == true)
            throw new InputException($"--scan {_options.Scan}: this store was made of a plan and not of an account; use the store of 'scanner scan'");
        var time = scan?.Time ?? DateTimeOffset.UtcNow;
        // To know which columns the checks read costs more than to keep those of a plan of usual size.
        var keep = whole || !PlanReader.IsLarge(_options.Plan);
        // Nor is anything kept for those that no plan can answer.
        IReadOnlyList<CheckDefinition> asked = keep ? [] : [.. Checks.Where(check => !_gate.IsBeyondPlans(check))];
        var tables = new PlanTables(_folders.Catalog.Tables.Values.Select(table => keep ? table : GateColumns.Needed(table, _evaluator, asked)), time);
        progress.Report("Reading plans", 0, 1);
        var plans = PlanReader.ReadAll(_options.Plan, new PlanReadOptions
        {
            Names = tables.Names,
            Owners = tables.Owners,
            Account = _options.Account ?? (scan?.Accounts is [var only] ? only : null),
            Source = _options.Source,
            Name = _options.Name,
        });
        Errored = plans.Any(plan => plan.Errored);
        var collected = scanned is null ? null : new GateScan(scanned.ReadResources(), scanned.ReadCollection());
        return (plans, [.. plans.Select(plan => (plan, Judge(plan, tables, whole, state, collected, time, progress, cancellation)))], tables, scan, time);
    }

    private void Keep(string path, IReadOnlyList<Plan> plans, PlanTables tables, ScanReport report, Redaction secrets)
    {
        using var store = ScanStore.Create(path, _folders.Catalog.Tables.Values);
        foreach (var row in plans.SelectMany(plan => tables.Of(plan).After))
        {
            store.Add(row.Resource with
            {
                Id = secrets.Of(row.Resource.Id),
                Item = secrets.OfJson(row.Resource.Item),
                Failures = [.. row.Resource.Failures.Select(failure => failure with { Reason = secrets.Of(failure.Reason) })],
            });
        }
        store.Save(report);
        store.Commit();
    }

    private ScanSummary ScanOf(IReadOnlyList<Plan> plans, DateTimeOffset time, TimeSpan duration) => new()
    {
        Time = time,
        Source = PlannedSource + _options.Plan,
        Accounts = [.. plans.SelectMany(plan => plan.After.Concat(plan.Before)).Select(one => one.Account).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
        Regions = [.. plans.SelectMany(plan => plan.After.Concat(plan.Before)).Select(one => one.Region).Where(region => region != Plan.UnknownRegion).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
        Resources = plans.Sum(plan => AwsInstances(plan).Count()),
        Duration = duration,
        Workflow = JudgedBy.Workflow(Environment.GetEnvironmentVariable) ?? "",
        Version = ScanRun.Version,
    };

    private GateResult Judge(
        Plan plan, PlanTables tables, bool keep, bool state, GateScan? scan, DateTimeOffset time, IProgressSink progress, CancellationToken cancellation)
    {
        var rows = tables.Of(plan);
        var notes = rows.Notes;
        if (!keep)
            plan.LetGo();
        LargeHeap.LetGo();
        var result = _gate.Judge(new GateRequest
        {
            Before = [.. rows.Before.Select(RowOf)],
            After = [.. rows.After.Select(RowOf)],
            Instances = plan.Before.Concat(plan.After).GroupBy(one => one.Address, StringComparer.Ordinal)
                .ToDictionary(group => group.Key, group => InstanceOf(group.First(), plan), StringComparer.Ordinal),
            Checks = Checks,
            Time = time,
            Scan = scan,
            WantsState = state,
        }, progress, cancellation);
        return result with { Notes = [.. notes, .. result.Notes] };
    }

    // Where it is written, and whether somebody wrote there that it is known.
    private Finding Place(Finding finding, Plan plan, bool several, InlineIgnores ignores)
    {
        if (several)
            finding = finding with { Plan = plan.Name };
        if (finding.Address is not { } address)
            return finding;
        // The text that stands for an id until apply is the address and the attribute: people know the address.
        finding = finding with { Message = WithoutAttribute(finding.Message, address) };
        if (plan.Source is null)
            return finding;
        var type = TypeOf(plan, address);
        var check = _folders.Catalog.Checks[finding.Check];
        var arguments = _gate.ArgumentsOf(check, type);
        finding = finding with { Location = plan.Source.Locate(address, arguments, Repository) };
        if (finding.Location is { } at)
            finding = SuggestedFix.Add(finding, type, check.Info.Fix.Terraform, arguments, LinesOf(at.File));
        return ignores.Apply(finding, plan.Source.CommentsOf(address, Repository));
    }

    private static string WithoutAttribute(string message, string address)
    {
        for (var at = message.IndexOf(address + "#", StringComparison.Ordinal); at >= 0; at = message.IndexOf(address + "#", at, StringComparison.Ordinal))
        {
            var end = at + address.Length + 1;
            while (end < message.Length && (char.IsAsciiLetterLower(message[end]) || message[end] == '_'))
                end++;
            message = message[..(at + address.Length)] + message[end..];
            at += address.Length;
        }
        return message;
    }

    private string TypeOf(Plan plan, string address)
    {
        if (!_types.TryGetValue(plan, out var types))
        {
            _types[plan] = types = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var instance in plan.After.Concat(plan.Before))
                types.TryAdd(instance.Address, instance.Type);
        }
        return types.GetValueOrDefault(address, "");
    }

    private string[] LinesOf(string file)
    {
        if (!_lines.TryGetValue(file, out var lines))
        {
            try
            {
                lines = File.ReadAllLines(Path.Combine(Repository, file));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It was readable a moment ago; without it there is no line to suggest.
                lines = [];
            }
            _lines[file] = lines;
        }
        return lines;
    }

    private string Repository => _options.Repository ?? Checkout;

    // In Actions the checkout; elsewhere the folder that the run was started in.
    internal static string Checkout =>
        Environment.GetEnvironmentVariable("GITHUB_WORKSPACE") is { Length: > 0 } workspace && CatalogFolders.IsBelow(Path.GetFullPath(workspace), Directory.GetCurrentDirectory())
            ? Path.GetFullPath(workspace)
            : Directory.GetCurrentDirectory();

    // A control holds when something of it was judged and none of its checks fails. Of checks that the plans do not touch, the scan's own
    // findings stand; of several plans together, what one fixes is fixed and what one introduces is there.
    private List<GateScore> Scores(List<GateResult> results)
    {
        var touched = results.SelectMany(result => result.Before.Concat(result.After)).Select(finding => finding.Check).ToHashSet(StringComparer.Ordinal);
        var rest = _scanned.Where(finding => !touched.Contains(finding.Check)).ToList();
        var before = Fails(rest.Concat(results.SelectMany(result => result.Before)));
        var after = before.ToHashSet();
        var changes = results.ConvertAll(result => (Before: Fails(result.Before), After: Fails(result.After)));
        foreach (var change in changes)
            after.ExceptWith(change.Before.Except(change.After));
        foreach (var change in changes)
            after.UnionWith(change.After.Except(change.Before));
        var judged = rest.Concat(results.SelectMany(result => result.Before.Concat(result.After)))
            .Where(finding => finding.Status is FindingStatus.Pass or FindingStatus.Fail).Select(finding => finding.Check).ToHashSet(StringComparer.Ordinal);
        var (failing, willFail) = (before.Select(key => key.Check).ToHashSet(StringComparer.Ordinal), after.Select(key => key.Check).ToHashSet(StringComparer.Ordinal));
        var scores = new List<GateScore>();
        foreach (var framework in _folders.Catalog.Frameworks.Values.Where(framework => _options.Framework is null || framework.Id == _options.Framework))
        {
            var controls = framework.Controls.Where(control => control.Checks.Any(judged.Contains)).ToList();
            if (controls.Count > 0)
                scores.Add(new GateScore(framework.Id, controls.Count(control => !control.Checks.Any(failing.Contains)), controls.Count(control => !control.Checks.Any(willFail.Contains)), controls.Count));
        }
        return scores;

        static HashSet<(string Check, string Account, string Region, string Resource)> Fails(IEnumerable<Finding> findings) =>
            [.. findings.Where(finding => finding.Status == FindingStatus.Fail).Select(finding => finding.Identity)];
    }

    // Of a row that may not be there nothing is known for sure.
    private static GateRow RowOf(PlanRow row) => new(
        row.Uncertain
            ? row.Resource with
            {
                Failures = [.. row.Resource.Failures, new ResourceFailure("", CollectionOutcome.Planned, $"terraform:{row.Address}", WhyUncertain(row))],
            }
            : row.Resource,
        row.Address)
    {
        Sources = row.Sources,
        Assumed = row.Assumed,
        Implied = row.Implied,
        Alternatives = CasesOf(row),
        HasManyCases = row.HasManyCases,
        Apart = row.Apart,
    };

    private static string WhyUncertain(PlanRow row) => row.Implied is null
        ? $"whether {row.Address} will be there is known after apply"
        : $"whether {row.Implied} manages what AWS creates with {row.Address} is not known";

    // A row that may not be there is one more case: none.
    private static List<Resource?> CasesOf(PlanRow row)
    {
        List<Resource?> cases = [.. row.Alternatives];
        if (row.Uncertain && cases.Count == 0)
            cases.Add(row.Resource);
        if (row.Uncertain)
            cases.Add(null);
        return cases;
    }

    private static GateInstance InstanceOf(PlanInstance instance, Plan plan) => new(instance.Address, instance.IsChanged || !instance.IsCertain)
    {
        PreviousAddress = instance.PreviousAddress,
        IsCreated = instance.IsCreated,
        IsDeleted = instance.IsDeleted,
        IsDrifted = plan.Drifted.Contains(instance.Address),
    };

    private static IEnumerable<PlanInstance> AwsInstances(Plan plan) =>
        plan.Before.Concat(plan.After).Where(one => one.Type.StartsWith("aws_", StringComparison.Ordinal)).DistinctBy(one => one.Address, StringComparer.Ordinal);

    private GateSummary Summary(
        IReadOnlyList<Plan> plans, List<GateResult> results, PlanTables tables, ScanSummary? scan, IReadOnlyList<GateIgnore> ignored, IReadOnlyList<string> ignoreNotes, Redaction secrets) => new()
        {
            Name = _options.Name ?? "",
            Plans = [.. plans.Select(PlanOf)],
            Judgements = results.Sum(result => result.Judgements),
            Passed = results.Sum(result => result.Passed),
            Resources = plans.Sum(plan => AwsInstances(plan).Count(one => tables.Types.Contains(one.Type))),
            TypesNotJudged = plans.SelectMany(AwsInstances).Where(one => !tables.Types.Contains(one.Type))
            .GroupBy(one => one.Type, StringComparer.Ordinal).OrderBy(group => group.Key, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.Count(), StringComparer.Ordinal),
            ChecksNotJudged = results.Count > 0 ? results[0].NotJudged : [],
            ScanTime = scan?.Time,
            Ignored = ignored,
            Scores = scan is null ? [] : Scores(results),
            Notes = [.. plans.SelectMany(plan => plan.Notes.Concat(plan.Source?.Notes ?? [])).Concat(ignoreNotes).Concat(results.SelectMany(result => result.Notes)).Concat(Left(results)).Distinct(StringComparer.Ordinal).Select(secrets.Of)],
        };

    private static IEnumerable<string> Left(List<GateResult> results) =>
    [
        .. Left(results.Sum(result => result.LeftToAws), "on what AWS decides by itself, and not on this plan: the next scan will say"),
        .. Left(results.Sum(result => result.LeftToAccount), "on what else there is in the account, and not on this plan: --scan would tell"),
    ];

    private static IEnumerable<string> Left(int count, string on) =>
        count == 0 ? [] : [string.Create(CultureInfo.InvariantCulture, $"{count} {(count == 1 ? "answer hangs" : "answers hang")} {on}")];

    private static GatePlan PlanOf(Plan plan)
    {
        var all = AwsInstances(plan).ToList();
        return new GatePlan(plan.Name, plan.File)
        {
            Complete = plan.Complete,
            Errored = plan.Errored,
            Account = plan.Account,
            TerraformVersion = plan.TerraformVersion,
            Resources = all.Count,
            Created = all.Count(one => one.IsCreated && !one.Actions.HasFlag(PlanActions.Delete)),
            Changed = all.Count(one => one.Actions.HasFlag(PlanActions.Update)),
            Replaced = all.Count(one => one.IsCreated && one.Actions.HasFlag(PlanActions.Delete)),
            Destroyed = all.Count(one => one.IsDeleted),
            Incomplete = plan.Incomplete,
        };
    }
}
