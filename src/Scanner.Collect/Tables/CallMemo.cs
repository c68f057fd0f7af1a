using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Scanner.Aws;

namespace Scanner.Collect.Tables;

/// <summary>
/// Makes identical calls once, shares those under way, and bounds how many of a service are under way in an account and region: who waits there for its
/// turn keeps no other waiting. Replies of an operation are
/// let go when the last unit that can ask for it has ended. Replies are shared: nobody may change them.
/// </summary>
internal sealed class CallMemo : IDisposable
{
    // An operation that only one unit uses gains from the memo only where many items name the same thing; there the
    // oldest replies go, so that the details of 100,000 items are not all held.
    private const int MostRepliesOfOneUnit = 1024;

    private readonly Dictionary<SlotKey, Slot> _slots = [];
    private readonly HashSet<(string Service, string Operation)> _roaming;
    private readonly ConcurrentDictionary<(string Account, string Service, string Region), SemaphoreSlim> _gates = new();
    private readonly int _parallelism;
    private readonly CancellationToken _cancellation;

    // The token is the run's own: a call that several wait for must not end because one of them does.
    public CallMemo(IReadOnlyCollection<CollectionUnit> units, int parallelism, CancellationToken cancellation)
    {
        _cancellation = cancellation;
        _parallelism = parallelism;
        _roaming = [.. units.Select(unit => unit.Table).Distinct().SelectMany(table => table.Operations)
            .Where(op => op.Roams).Select(op => (op.Service, op.Operation))];
        foreach (var key in units.SelectMany(KeysOf))
        {
            if (!_slots.TryGetValue(key, out var slot))
                _slots[key] = slot = new Slot();
            slot.Units++;
        }
        foreach (var slot in _slots.Values)
            slot.IsShared = slot.Units > 1;
    }

    /// <summary>Asks, or gives the answer that an identical call got or will get.</summary>
    public Task<JsonObject> CallAsync(IAwsApi api, AwsCall call) =>
        OnceAsync(api, call, () => AskAsync(api, call));

    /// <summary>Asks past the memo: for a call that is repeated until its answer changes.</summary>
    public async Task<JsonObject> AskAsync(IAwsApi api, AwsCall call)
    {
        var gate = _gates.GetOrAdd((api.Account, call.Service, call.Region), static (_, most) => new SemaphoreSlim(most), _parallelism);
        await gate.WaitAsync(_cancellation);
        try
        {
            return await api.CallAsync(call, _cancellation);
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>Does something once for a call's account, region, operation and parameters.</summary>
    public Task<JsonObject> OnceAsync(IAwsApi api, AwsCall call, Func<Task<JsonObject>> ask)
    {
        if (!_slots.TryGetValue(KeyOf(api.Account, call.Service, call.Operation, call.Region), out var slot))
            return ask();
        var key = (call.FirstPageOnly ? "1 " : "") + call.Region + " " + ParameterText.Of(call.Parameters);
        if (slot.Replies.TryGetValue(key, out var known))
            return known.Value;
        var made = new Lazy<Task<JsonObject>>(ask);
        var reply = slot.Replies.GetOrAdd(key, made);
        if (ReferenceEquals(reply, made) && !slot.IsShared)
        {
            slot.Order.Enqueue(key);
            if (slot.Order.Count > MostRepliesOfOneUnit && slot.Order.TryDequeue(out var oldest))
                slot.Replies.TryRemove(oldest, out _);
        }
        return reply.Value;
    }

    /// <summary>Says that a unit asks no more.</summary>
    public void Release(CollectionUnit unit)
    {
        foreach (var key in KeysOf(unit))
        {
            var slot = _slots[key];
            if (Interlocked.Decrement(ref slot.Units) == 0)
                slot.Replies.Clear();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var gate in _gates.Values)
            gate.Dispose();
    }

    private IEnumerable<SlotKey> KeysOf(CollectionUnit unit) =>
        unit.Table.Operations.Select(op => KeyOf(unit.Account.Api.Account, op.Service, op.Operation, unit.Region)).Distinct();

    private SlotKey KeyOf(string account, string service, string operation, string region) =>
        new(account, service, operation, _roaming.Contains((service, operation)) ? "" : region);

    private readonly record struct SlotKey(string Account, string Service, string Operation, string Region);

    private sealed class Slot
    {
        public int Units;

        public bool IsShared { get; set; }

        public ConcurrentDictionary<string, Lazy<Task<JsonObject>>> Replies { get; } = new(StringComparer.Ordinal);

        public ConcurrentQueue<string> Order { get; } = new();
    }
}
