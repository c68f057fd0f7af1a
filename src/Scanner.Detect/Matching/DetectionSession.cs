using System.Collections.Concurrent;
using Scanner.Detect.Correlation;
using Scanner.Detect.Logs;
using Scanner.Model;

namespace Scanner.Detect.Matching;

/// <summary>
/// Matches events that come one by one (LookupEvents, rule tests), correlations included. For one thread. Dispose it: it
/// may hold temporary files.
/// </summary>
public sealed class DetectionSession : IDisposable
{
    private readonly Detector _detector;
    private readonly Dictionary<LogSource, DetectionWorker> _workers = [];
    private readonly HitLog _log;
    private readonly List<string> _origins = [];
    private readonly Dictionary<string, int> _originIndexes = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _ruleErrors = new(StringComparer.Ordinal);
    private readonly DetectorOptions _options;
    private byte[] _buffer = new byte[4096];
    private long _records;

    internal DetectionSession(Detector detector, DetectorOptions options)
    {
        _detector = detector;
        _options = options;
        _log = detector.MakeLog(options);
    }

    /// <summary>One a rule that could not judge an event.</summary>
    public IReadOnlyList<string> RuleErrors => [.. _ruleErrors.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => pair.Value)];

    /// <summary>Looks at an event.</summary>
    /// <param name="json">One JSON object, UTF-8.</param>
    /// <param name="origin">Where it comes from, as matches name it in <see cref="DetectionMatch.File"/>.</param>
    /// <param name="source">What kind of event it is.</param>
    /// <returns>Matches of rules; those of correlations come from <see cref="Complete"/>.</returns>
    /// <exception cref="FormatException">It is not a JSON object.</exception>
    public IReadOnlyList<DetectionMatch> Add(ReadOnlySpan<byte> json, string origin, LogSource source = LogSource.CloudTrail)
    {
        var (file, worker) = Capture(json, origin, source);
        var matches = new List<DetectionMatch>();
        if (source == LogSource.CloudTrail && !worker.HasName)
            worker.Unwrap();
        worker.Look(file, origin, new EventPlace(++_records, 0), matches.Add);
        return matches;
    }

    /// <summary>Takes an event, of which only some fields need be there, as one that matches rules.</summary>
    internal void AddMatched(ReadOnlySpan<byte> json, string origin, LogSource source, IEnumerable<Rules.DetectionRule> matched)
    {
        var (file, worker) = Capture(json, origin, source);
        worker.Take(file, new EventPlace(++_records, 0), matched);
    }

    private (int File, DetectionWorker Worker) Capture(ReadOnlySpan<byte> json, string origin, LogSource source)
    {
        if (!_originIndexes.TryGetValue(origin, out var file))
        {
            file = _origins.Count;
            _originIndexes.Add(origin, file);
            _origins.Add(origin);
        }

        if (!_workers.TryGetValue(source, out var worker))
        {
            worker = _detector.MakeWorker(source, _log, _options, _ruleErrors);
            _workers.Add(source, worker);
        }

        if (_buffer.Length < json.Length)
            _buffer = new byte[Math.Max(json.Length, _buffer.Length * 2)];
        json.CopyTo(_buffer);
        var start = JsonSkip.White(_buffer.AsSpan(0, json.Length), 0);
        if (start >= json.Length || _buffer[start] != (byte)'{' || worker.Capture.Scan(_buffer, start, json.Length, wrappers: false) != JsonEnd.Complete)
            throw new FormatException("the event is not a JSON object");
        worker.Capture.ReadAll();
        if (worker.Capture.BrokenAt >= 0)
            throw new FormatException("the event is not a JSON object");
        return (file, worker);
    }

    /// <summary>The matches of correlations over all events so far, in order of time.</summary>
    public IReadOnlyList<DetectionMatch> Complete() => Correlated(all: false);

    /// <param name="all">Correlates every hit, also those that can be part of no match.</param>
    internal IReadOnlyList<DetectionMatch> Correlated(bool all) => _detector.Correlate(_log, _origins, all);

    /// <summary>How many hits correlations are given.</summary>
    internal long CountHits(bool all)
    {
        using var hits = _log.Sort(all);
        return hits.Count;
    }

    /// <inheritdoc/>
    public void Dispose() => _log.Dispose();
}
