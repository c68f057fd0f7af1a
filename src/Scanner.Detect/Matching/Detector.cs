using System.Collections.Concurrent;
using Scanner.Detect.Correlation;
using Scanner.Detect.Logs;
using Scanner.Detect.Rules;
using Scanner.Model;

namespace Scanner.Detect.Matching;

/// <summary>
/// Runs a rule set over event logs: one pass over the bytes, in which only the fields that rules use are looked at.
/// Thread-safe; compiles the rules of a source when it meets the source first.
/// </summary>
public sealed class Detector
{
    private readonly RuleSet _rules;
    private readonly DetectorOptions _options;
    private readonly CorrelationPlan _plan;
    private readonly ConcurrentDictionary<LogSource, CompiledRules> _compiled = new();

    /// <summary>Makes a detector.</summary>
    /// <param name="rules">Rules for other sources than the logs' are passed over.</param>
    /// <param name="options">Null: as many threads as processors.</param>
    public Detector(RuleSet rules, DetectorOptions? options = null)
    {
        _rules = rules;
        _options = options ?? new DetectorOptions();
        _plan = new CorrelationPlan(rules);
    }

    /// <summary>Starts matching events that come one by one.</summary>
    public DetectionSession Begin() => new(this, _options);

    /// <summary>The rules that one event matches; correlations need <see cref="Begin"/> or <see cref="RunAsync"/>.</summary>
    /// <param name="json">One JSON object, UTF-8.</param>
    /// <param name="source">What kind of event it is.</param>
    /// <exception cref="FormatException">It is not a JSON object.</exception>
    public IReadOnlyList<DetectionMatch> Match(ReadOnlySpan<byte> json, LogSource source = LogSource.CloudTrail)
    {
        using var session = Begin();
        return session.Add(json, "event", source);
    }

    /// <summary>Reads logs and reports what matches.</summary>
    /// <param name="files">Read in this order, several at the same time.</param>
    /// <param name="onMatch">Called for one match at a time, from any thread: matches of rules by file, then place in the file, then
    /// rule, and after them those of correlations by time. The order does not depend on the number of threads.</param>
    /// <param name="cancellation">Ends the run between two events.</param>
    /// <returns>Counts, and what was wrong with files; bad files are no exception.</returns>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    /// <exception cref="InputException">The temporary folder cannot be written to.</exception>
    public Task<DetectionRunResult> RunAsync(IReadOnlyList<LogFile> files, Action<DetectionMatch> onMatch, CancellationToken cancellation = default) =>
        RunAsync(files, static match => match, onMatch, cancellation);

    /// <summary>Reads logs and reports what is made of each match, where making it takes time that one thread alone has not.</summary>
    /// <param name="files">Read in this order, several at the same time.</param>
    /// <param name="make">Makes something of a match: called by several threads at the same time and in any order, also for matches of an event
    /// that is delivered twice, of which one is passed on.</param>
    /// <param name="onMatch">As of the other <see cref="RunAsync(IReadOnlyList{LogFile}, Action{DetectionMatch}, CancellationToken)"/>, for what was made.</param>
    /// <param name="cancellation">Ends the run between two events.</param>
    /// <returns>Counts, and what was wrong with files; bad files are no exception.</returns>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    /// <exception cref="InputException">The temporary folder cannot be written to.</exception>
    public async Task<DetectionRunResult> RunAsync<T>(IReadOnlyList<LogFile> files, Func<DetectionMatch, T> make, Action<T> onMatch, CancellationToken cancellation = default)
    {
        using var log = MakeLog(_options);
        using var output = new OrderedOutput<T>(files.Count, make, onMatch);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var run = new DetectionRun(this, _options, files, log, output, stop);
        await run.ReadAsync();
        cancellation.ThrowIfCancellationRequested();
        var correlated = Correlate(log, [.. files.Select(file => file.Name)]);
        correlated.ForEach(match => onMatch(make(match)));
        var reports = files.Zip(run.Reports).ToList();
        return new DetectionRunResult(
            files.Count, reports.Sum(pair => pair.Second.Events), reports.Sum(pair => pair.Second.Bytes), output.Count + correlated.Count,
            [.. reports.SelectMany(pair => pair.Second.Errors.Select(error => new EventFileError(pair.First.Name, error.ReplaceLineEndings(" "))))],
            [.. run.RuleErrors.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => pair.Value)])
        {
            NewestEvents = run.Newest,
            EventsBySource = reports.GroupBy(pair => pair.First.Source).ToDictionary(group => group.Key, group => group.Sum(pair => pair.Second.Events)),
            FilesBySource = files.GroupBy(file => file.Source).ToDictionary(group => group.Key, group => group.Count()),
            Besides = [.. reports.SelectMany(pair => pair.Second.Besides.Select(one => $"{pair.First.Name}: {one}"))],
        };
    }

    internal HitLog MakeLog(DetectorOptions options) => new(_plan, options.TemporaryFolder, options.HitBytes);

    internal DetectionWorker MakeWorker(LogSource source, HitLog log, DetectorOptions options, ConcurrentDictionary<string, string> ruleErrors)
    {
        var compiled = _compiled.GetOrAdd(source, wanted =>
        {
            var rules = _rules.All.Where(rule => rule.Expression is not null && rule.LogSource.Kind == wanted).ToList();
            return new CompiledRules(wanted, rules, DetectionWorker.AlsoCaptured(_plan, rules));
        });
        return new DetectionWorker(compiled, _plan, log, options,
            (rule, message) => ruleErrors[rule.Id] = new InputException(rule.File, rule.Line, $"{rule.Title}: {message}").Message);
    }

    internal List<DetectionMatch> Correlate(HitLog log, IReadOnlyList<string> files, bool all = false)
    {
        if (_plan.Correlations.Count == 0)
            return [];
        using var spool = log.Sort(all);
        return CorrelationEngine.Run(_plan, spool).ConvertAll(found =>
        {
            var source = found.Match.Recent[^1];
            var fields = _plan.FieldsOf(_plan.Rules[source.Rule]).ToList();
            return new DetectionMatch
            {
                Rule = found.Rule,
                EventId = found.Last.EventId,
                EventTime = found.Last.EventTime,
                File = files[found.Last.File],
                Record = found.Last.Record,
                Offset = found.Last.Offset,
                Account = source[fields.IndexOf(CorrelationPlan.Account)],
                Region = source[fields.IndexOf(CorrelationPlan.Region)],
                Group = found.Match.Group,
                Events = [.. found.Match.Recent.Select(hit => Told(hit, files))],
                EventCount = found.Match.Count,
            };
        });
    }

    private EventReference Told(Hit hit, IReadOnlyList<string> files)
    {
        var rule = _plan.Rules[hit.Rule];
        var (actor, source, action, key, error, touched) = ShownFacts.Of(hit, _plan.FieldsOf(rule));
        return new EventReference(hit.EventId, EventTimes.Parse(hit.EventTime), files[hit.File], hit.Record, RuleIdOf(rule))
        {
            Actor = actor,
            Source = source,
            Action = action,
            AccessKeyId = key,
            Error = error,
            Touched = touched,
        };
    }

    private static string RuleIdOf(DetectionRule rule) => rule.PartOf ?? rule.Id;
}
