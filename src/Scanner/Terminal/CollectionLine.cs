using System.Globalization;
using Scanner.Model;

namespace Scanner.Terminal;

/// <summary>Says in one line how far a collection is, how fast it goes, and what it will wait for longest.</summary>
internal sealed class CollectionLine(TimeProvider time)
{
    // Long enough that a moment's silence is no rate, short enough that a service that has slowed down is seen.
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(30);

    private readonly Queue<(long At, CollectionProgress Progress)> _seen = new();

    /// <summary>The line.</summary>
    /// <param name="progress">How far it is now.</param>
    public string Of(CollectionProgress progress)
    {
        var now = time.GetTimestamp();
        while (_seen.Count > 1 && time.GetElapsedTime(_seen.Peek().At, now) > Window)
            _seen.Dequeue();
        var (at, before) = _seen.Count > 0 ? _seen.Peek() : (now, progress);
        _seen.Enqueue((now, progress));
        var seconds = time.GetElapsedTime(at, now).TotalSeconds;
        var name = progress.Account is { } account ? SafeText.LogLine(account) + ", " : progress.AllAccounts > 1 ? Number($"{progress.Accounts:N0} of {progress.AllAccounts:N0} accounts, ") : "";
        var calls = progress.Calls == 0 ? "" : Number($", {progress.Calls:N0} calls") + (seconds >= 1 ? Number($", {(progress.Calls - before.Calls) / seconds:N0} a second") : "");
        return Number($"Collecting: {name}{progress.Tables:N0} of {progress.AllTables:N0} tables{calls}") + Slowest(progress, before, seconds);
    }

    // A bound from below is all that is known: what a list will hold is not, before it is read.
    private static string Slowest(CollectionProgress progress, CollectionProgress before, double seconds)
    {
        var earlier = before.Questions.ToDictionary(one => one.Service, one => one.Answered, StringComparer.Ordinal);
        var slowest = progress.Questions.Where(one => one.Waiting > 0)
            .Select(one => (one.Service, one.Waiting, Left: seconds < 1 ? double.PositiveInfinity : one.Waiting / ((one.Answered - earlier.GetValueOrDefault(one.Service)) / seconds)))
            .OrderByDescending(one => one.Left).ThenByDescending(one => one.Waiting).FirstOrDefault();
        if (slowest.Service is null)
            return "";
        var left = double.IsFinite(slowest.Left) ? slowest.Left : 0;
        return Number($"; slowest is {slowest.Service}, with {slowest.Waiting:N0} answers to come")
            + (left < 1 ? "" : left < 90 ? Number($", at least {left:0} s more") : Number($", at least {left / 60:0} min more"));
    }

    private static string Number(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
