using Scanner.Detect.Rules;
using Scanner.Model;

namespace Scanner.Detect.Matching;

/// <summary>
/// Passes on the matches of files that are read at the same time in the order of the files. The first unfinished file's
/// matches go straight through; a file ahead of it that has many waits until it is the first.
/// </summary>
/// <param name="files">How many files there are.</param>
/// <param name="make">Makes of a match what is passed on, on the thread that found it.</param>
/// <param name="onMatch">Takes what was made, one at a time.</param>
internal sealed class OrderedOutput<T>(int files, Func<DetectionMatch, T> make, Action<T> onMatch) : MatchOutput, IDisposable
{
    private const int MaxWaiting = 2_000;

    private readonly object _lock = new();
    private readonly List<MadeMatch>?[] _waiting = new List<MadeMatch>?[files];
    private readonly bool[] _complete = new bool[files];
    private readonly HashSet<(DetectionRule Rule, Guid Id, string? Other)> _seen = new(SeenComparer.Instance);
    private int _first;
    private bool _abandoned;

    internal long Count { get; private set; }

    internal override MadeMatch Make(DetectionMatch match) => new Made(match, make(match));

    internal override void Add(int file, MadeMatch match, bool mayWait)
    {
        lock (_lock)
        {
            while (mayWait && file != _first && _waiting[file] is { Count: >= MaxWaiting })
            {
                if (_abandoned)
                    throw new OperationCanceledException("another file's thread failed");
                Monitor.Wait(_lock);
            }

            if (file != _first)
            {
                (_waiting[file] ??= []).Add(match);
                return;
            }

            Pass(match);
        }
    }

    internal override void Complete(int file)
    {
        lock (_lock)
        {
            _complete[file] = true;
            while (_first < files && _complete[_first])
            {
                _first++;
                // What the new first file has waiting comes before what it still finds.
                if (_first < files)
                    Flush(_first);
            }

            Monitor.PulseAll(_lock);
        }
    }

    internal override void Abandon()
    {
        lock (_lock)
        {
            _abandoned = true;
            Monitor.PulseAll(_lock);
        }
    }

    public void Dispose() => Abandon();

    private void Flush(int file)
    {
        if (_waiting[file] is not { } matches)
            return;
        _waiting[file] = null;
        matches.ForEach(Pass);
    }

    /// <summary>
    /// CloudTrail delivers at least once, and two trails that log the same account both do: the first delivery is the match.
    /// </summary>
    private bool IsNew(DetectionMatch match)
    {
        if (match.EventId is not { } id || match.Rule.LogSource.Kind != LogSource.CloudTrail)
            return true;
        return Guid.TryParseExact(id, "D", out var guid)
            ? _seen.Add((match.Rule, guid, null))
            : _seen.Add((match.Rule, Guid.Empty, $"{id} {match.EventTime}"));
    }

    private void Pass(MadeMatch match)
    {
        if (!IsNew(match.Match))
            return;
        Count++;
        onMatch(((Made)match).Value);
    }

    private sealed record Made(DetectionMatch Match, T Value) : MadeMatch(Match);

    /// <summary>A rule is compared as the object that it is: its contents are much.</summary>
    private sealed class SeenComparer : IEqualityComparer<(DetectionRule Rule, Guid Id, string? Other)>
    {
        internal static readonly SeenComparer Instance = new();

        public bool Equals((DetectionRule Rule, Guid Id, string? Other) x, (DetectionRule Rule, Guid Id, string? Other) y) =>
            ReferenceEquals(x.Rule, y.Rule) && x.Id == y.Id && string.Equals(x.Other, y.Other, StringComparison.Ordinal);

        public int GetHashCode((DetectionRule Rule, Guid Id, string? Other) obj) =>
            HashCode.Combine(System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(obj.Rule), obj.Id, obj.Other);
    }
}
