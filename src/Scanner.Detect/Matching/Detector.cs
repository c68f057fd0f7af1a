using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
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
    public async Task<DetectionRunResult> RunAsync(IReadOnlyList<LogFile> files, Action<DetectionMatch> onMatch, CancellationToken cancellation = default)
    {
        using var log = MakeLog(_options);
        var reports = new FileReport[files.Count];
        var perSource = new ConcurrentDictionary<LogSource, long>();
        var ruleErrors = new ConcurrentDictionary<string, string>(StringComparer.Ordinal);
        var newest = new ConcurrentDictionary<string, DateTimeOffset>(StringComparer.Ordinal);
        using var output = new OrderedOutput(files.Count, onMatch);
        long events = 0, bytes = 0;
        var next = -1;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        // One log may keep all processors busy.
        var threads = Math.Clamp(_options.Parallelism, 1, Math.Max(files.Count, Environment.ProcessorCount));
        var shared = new SharedLogs(files.Count);
        var work = Enumerable.Range(0, threads).Select(_ => Task.Factory.StartNew(Work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)).ToList();
        await Task.WhenAll(work).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        // The others' cancellation is a consequence of the first failure, which is what the caller should hear of.
        if (work.SelectMany(task => task.Exception?.InnerExceptions ?? []).FirstOrDefault(e => e is not OperationCanceledException) is { } failure)
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
        cancellation.ThrowIfCancellationRequested();
        var correlated = Correlate(log, [.. files.Select(file => file.Name)]);
        correlated.ForEach(onMatch);
        return new DetectionRunResult(
            files.Count, events, bytes, output.Count + correlated.Count,
            [.. files.Zip(reports).SelectMany(pair => pair.Second.Errors.Select(error => new EventFileError(pair.First.Name, error.ReplaceLineEndings(" "))))],
            [.. ruleErrors.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => pair.Value)])
        {
            NewestEvents = newest,
            EventsBySource = perSource,
            FilesBySource = files.GroupBy(file => file.Source).ToDictionary(group => group.Key, group => group.Count()),
            Besides = [.. files.Zip(reports).SelectMany(pair => pair.Second.Besides.Select(one => $"{pair.First.Name}: {one}"))],
        };

        void Work()
        {
            var workers = new Dictionary<LogSource, DetectionWorker>();
            var helpers = new Dictionary<LogSource, DetectionWorker>();
            try
            {
                for (var index = Interlocked.Increment(ref next); index < files.Count; index = Interlocked.Increment(ref next))
                {
                    stop.Token.ThrowIfCancellationRequested();
                    var file = files[index];
                    if (!workers.TryGetValue(file.Source, out var worker))
                        workers.Add(file.Source, worker = MakeWorker(file.Source, log, _options, ruleErrors));
                    // Towards the end there are threads without a file: they help.
                    reports[index] = Read(file, index, worker, output, threads > 1 && files.Count - index <= threads ? Share : null, stop.Token);
                    Interlocked.Add(ref events, reports[index].Events);
                    perSource.AddOrUpdate(file.Source, reports[index].Events, (_, before) => before + reports[index].Events);
                    Interlocked.Add(ref bytes, reports[index].Bytes);
                    output.Complete(index);
                    shared.Complete();

                    SharedLog Share(ReadOnlyMemory<byte> head, Stream rest)
                    {
                        var one = new SharedLog(index, file, new LineLog(head.Span, rest, _options.PartBytes), log, output);
                        shared.Add(one);
                        Help(one);
                        one.Wait();
                        stop.Token.ThrowIfCancellationRequested();
                        return one;
                    }
                }
                while (shared.Next() is { } other)
                    Help(other);
                foreach (var (account, time) in workers.Values.Concat(helpers.Values).SelectMany(worker => worker.Newest))
                    newest.AddOrUpdate(account, time, (_, other) => time > other ? time : other);
            }
            catch
            {
                // Another thread may wait for this one's file: it must not wait for ever.
                stop.Cancel();
                output.Abandon();
                shared.Abandon();
                throw;
            }

            void Help(SharedLog one)
            {
                if (!helpers.TryGetValue(one.Source, out var worker))
                    helpers.Add(one.Source, worker = MakeWorker(one.Source, log, _options, ruleErrors));
                one.Work(worker, stop.Token);
            }
        }
    }

    private static FileReport Read(
        LogFile file, int index, DetectionWorker worker, OrderedOutput output, Func<ReadOnlyMemory<byte>, Stream, SharedLog>? share, CancellationToken stop)
    {
        if (!TryOpen(file, out var stream, out var error))
            return new FileReport(0, 0, [error!], []);

        void OnMatch(DetectionMatch match) => output.Add(index, match, mayWait: !worker.Reader.HoldsLargeBuffer);
        worker.Begin();
        var wrong = worker.Reader.Read(stream, place =>
        {
            stop.ThrowIfCancellationRequested();
            return worker.Read(index, file.Name, place, OnMatch);
        }, share is null ? null : (head, rest) =>
        {
            var one = share(head, rest);
            worker.Add(one);
            return one.Result;
        });
        return FileReport.Of(worker, wrong);
    }

    private static bool TryOpen(LogFile file, [NotNullWhen(true)] out Stream? stream, out string? error)
    {
        (stream, error) = (null, null);
        try
        {
            stream = file.Open();
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            error = $"cannot be read: {e.Message}";
            return false;
        }
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
                Account = source.Values[fields.IndexOf(CorrelationPlan.Account)],
                Region = source.Values[fields.IndexOf(CorrelationPlan.Region)],
                Group = found.Match.Group,
                Events = [.. found.Match.Recent.Select(hit => Told(hit, files))],
                EventCount = found.Match.Count,
            };
        });
    }

    private EventReference Told(Hit hit, IReadOnlyList<string> files)
    {
        var rule = _plan.Rules[hit.Rule];
        var (actor, source, action, touched) = ShownFacts.Of(hit, _plan.FieldsOf(rule));
        return new EventReference(hit.EventId, EventTimes.Parse(hit.EventTime), files[hit.File], hit.Record, RuleIdOf(rule))
        {
            Actor = actor,
            Source = source,
            Action = action,
            Touched = touched,
        };
    }

    private static string RuleIdOf(DetectionRule rule) => rule.PartOf ?? rule.Id;
}
