using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Scanner.Detect.Correlation;
using Scanner.Detect.Logs;
using Scanner.Model;

namespace Scanner.Detect.Matching;

/// <summary>The reading of files by several threads: each takes the next one, and who finds none left helps with those that are of JSON lines.</summary>
/// <param name="detector">Makes what a thread needs.</param>
/// <param name="options">How logs are read.</param>
/// <param name="files">The files.</param>
/// <param name="log">Takes the hits.</param>
/// <param name="output">Takes the matches.</param>
/// <param name="stop">Ends all threads.</param>
internal sealed class DetectionRun(Detector detector, DetectorOptions options, IReadOnlyList<LogFile> files, HitLog log, MatchOutput output, CancellationTokenSource stop)
{
    // One log may keep all processors busy.
    private readonly int _threads = Math.Clamp(options.Parallelism, 1, Math.Max(files.Count, Environment.ProcessorCount));
    private readonly SharedLogs _shared = new(files.Count);
    private int _next = -1;

    internal FileReport[] Reports { get; } = new FileReport[files.Count];

    /// <summary>One a rule that could not judge an event.</summary>
    internal ConcurrentDictionary<string, string> RuleErrors { get; } = new(StringComparer.Ordinal);

    /// <summary>Time of the newest event of each account.</summary>
    internal ConcurrentDictionary<string, DateTimeOffset> Newest { get; } = new(StringComparer.Ordinal);

    /// <summary>Reads all files.</summary>
    /// <exception cref="InputException">The temporary folder cannot be written to.</exception>
    internal async Task ReadAsync()
    {
        var work = Enumerable.Range(0, _threads).Select(_ => Task.Factory.StartNew(Work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)).ToList();
        await Task.WhenAll(work).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        // The others' cancellation is a consequence of the first failure, which is what the caller should hear of.
        if (work.SelectMany(task => task.Exception?.InnerExceptions ?? []).FirstOrDefault(e => e is not OperationCanceledException) is { } failure)
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
    }

    private void Work()
    {
        var workers = new Dictionary<LogSource, DetectionWorker>();
        var helpers = new Dictionary<LogSource, DetectionWorker>();
        try
        {
            for (var index = Interlocked.Increment(ref _next); index < files.Count; index = Interlocked.Increment(ref _next))
            {
                stop.Token.ThrowIfCancellationRequested();
                Reports[index] = Read(index, WorkerOf(workers, files[index].Source), helpers);
                output.Complete(index);
                _shared.Complete();
            }
            while (_shared.Next() is { } other)
                other.Work(WorkerOf(workers, other.Source), stop.Token);
            foreach (var (account, time) in workers.Values.Concat(helpers.Values).SelectMany(worker => worker.Newest))
                Newest.AddOrUpdate(account, time, (_, other) => time > other ? time : other);
        }
        catch
        {
            // Another thread may wait for this one's file: it must not wait for ever.
            stop.Cancel();
            output.Abandon();
            _shared.Abandon();
            throw;
        }
    }

    private DetectionWorker WorkerOf(Dictionary<LogSource, DetectionWorker> own, LogSource source)
    {
        if (!own.TryGetValue(source, out var worker))
            own.Add(source, worker = detector.MakeWorker(source, log, options, RuleErrors));
        return worker;
    }

    private FileReport Read(int index, DetectionWorker worker, Dictionary<LogSource, DetectionWorker> helpers)
    {
        var file = files[index];
        if (!TryOpen(file, out var stream, out var error))
            return new FileReport(0, 0, [error!], []);

        // Towards the end there are threads without a file: they help.
        var mayShare = _threads > 1 && files.Count - index <= _threads;
        Action<DetectionMatch> onMatch = match => output.Add(index, output.Make(match), mayWait: !worker.Reader.HoldsLargeBuffer);
        worker.Begin();
        var wrong = worker.Reader.Read(stream, place =>
        {
            stop.Token.ThrowIfCancellationRequested();
            return worker.Read(index, file.Name, place, onMatch);
        }, mayShare ? Share : null);
        return FileReport.Of(worker, wrong);

        PartsRead Share(ReadOnlyMemory<byte> head, Stream rest)
        {
            var shared = new SharedLog(index, file, new LineLog(head.Span, rest, options.PartBytes), log, output);
            _shared.Add(shared);
            shared.Work(WorkerOf(helpers, file.Source), stop.Token);
            shared.Wait();
            stop.Token.ThrowIfCancellationRequested();
            worker.Add(shared);
            return shared.Result;
        }
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
}
