using System.Collections.Concurrent;
using Scanner.Model;

namespace Scanner.Collect.Tables;

/// <summary>Counts what a collection has done and knows that it has to do, and tells it once a second.</summary>
internal sealed class CollectionMeter : IDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    private readonly IProgressSink? _progress;
    private readonly IReadOnlyList<CollectionAccount> _accounts;
    private readonly ConcurrentDictionary<string, int> _left;
    private readonly ConcurrentDictionary<string, (long Waiting, long Answered)> _questions = new(StringComparer.Ordinal);
    private readonly Timer? _timer;
    private readonly int _all;
    private readonly Lock _lock = new();
    private int _done;
    private bool _isOver;

    /// <summary>Begins.</summary>
    /// <param name="accounts">Accounts that are collected from.</param>
    /// <param name="units">Everything that is to be collected.</param>
    /// <param name="progress">Who is told; null for nobody.</param>
    public CollectionMeter(IReadOnlyList<CollectionAccount> accounts, IReadOnlyCollection<CollectionUnit> units, IProgressSink? progress)
    {
        _progress = progress;
        _accounts = accounts;
        _all = units.Count;
        _left = new(units.CountBy(unit => unit.Account.Api.Account, StringComparer.Ordinal), StringComparer.Ordinal);
        Tell();
        if (progress is not null)
            _timer = new Timer(_ => Tell(), null, Every, Every);
    }

    /// <summary>Notes questions about items that are known now.</summary>
    public void Expect(string service, long questions) =>
        _questions.AddOrUpdate(service, static (_, more) => (more, 0), static (_, before, more) => (before.Waiting + more, before.Answered), questions);

    /// <summary>Notes the answer to one of them.</summary>
    public void Answered(string service) =>
        _questions.AddOrUpdate(service, static _ => (-1, 1), static (_, before) => (before.Waiting - 1, before.Answered + 1));

    /// <summary>Notes a unit that is collected.</summary>
    public void Done(CollectionUnit unit)
    {
        Interlocked.Increment(ref _done);
        _left.AddOrUpdate(unit.Account.Api.Account, 0, static (_, left) => left - 1);
    }

    /// <summary>Ends, and tells the last of it.</summary>
    public void Dispose()
    {
        _timer?.Dispose();
        Tell();
        lock (_lock)
            _isOver = true;
    }

    private void Tell()
    {
        lock (_lock)
        {
            if (_isOver)
                return;
            _progress?.Report(new CollectionProgress
            {
                Tables = Volatile.Read(ref _done),
                AllTables = _all,
                Accounts = _left.Count(pair => pair.Value == 0),
                AllAccounts = _accounts.Count,
                Account = _accounts is [{ Name: { } name }] ? name : null,
                Calls = _accounts.Sum(account => account.Api.CallCount),
                Questions = [.. _questions.Select(pair => (pair.Key, pair.Value.Waiting, pair.Value.Answered))],
            });
        }
    }
}
