using System.Text;

namespace Scanner.Detect.Logs;

/// <summary>
/// The fields that rules use, as a tree over path segments: while an event is scanned, everything off the tree is skipped
/// without being looked at. Slots are numbered from 0.
/// </summary>
/// <param name="hyphens">Whether <c>flow-direction</c> and <c>flow_direction</c> are one field, as of flow logs.</param>
/// <param name="others">Other names of fields to the names by which rules know them; null: there are none.</param>
internal sealed class FieldTrie(bool hyphens = false, IReadOnlyDictionary<string, string>? others = null)
{
    private readonly Dictionary<string, int> _slots = new(StringComparer.Ordinal);

    internal Node Root { get; } = new(0);

    internal int SlotCount => _slots.Count;

    internal int NodeCount { get; private set; } = 1;

    /// <summary>The slot of a field (dotted path); the field is added when it is new.</summary>
    internal int SlotOf(string field)
    {
        if (hyphens)
            field = field.Replace('-', '_');
        if (others?.GetValueOrDefault(field) is { } known)
            field = known;
        if (_slots.TryGetValue(field, out var slot))
            return slot;
        slot = _slots.Count;
        _slots.Add(field, slot);
        var node = Root;
        foreach (var segment in field.Split('.'))
            node = GetOrAdd(node, segment);
        node.Slot = slot;
        if (hyphens && field.Contains('_', StringComparison.Ordinal))
            GetOrAdd(Root, field.Replace('_', '-')).Slot = slot;
        foreach (var other in others?.Where(pair => pair.Value == field) ?? [])
            GetOrAdd(Root, other.Key).Slot = slot;
        return slot;
    }

    private Node GetOrAdd(Node parent, string segment)
    {
        var child = parent.GetOrAdd(segment, NodeCount);
        if (child.Number == NodeCount)
            NodeCount++;
        return child;
    }

    internal sealed class Node(int number)
    {
        private const int MaxLength = 64;

        // By name length: a name that no rule uses is told apart by its length alone most of the time.
        private readonly (byte[] Name, Node Child)[]?[] _byLength = new (byte[], Node)[]?[MaxLength];
        private readonly Dictionary<string, Node> _children = new(StringComparer.Ordinal);

        /// <summary>Number of the node in its tree; 0 is the root.</summary>
        internal int Number { get; } = number;

        internal int Slot { get; set; } = -1;

        internal bool HasChildren => _children.Count > 0;

        internal IEnumerable<Node> Children => _children.Values;

        internal Node GetOrAdd(string segment, int ifNew)
        {
            if (_children.TryGetValue(segment, out var child))
                return child;
            child = new Node(ifNew);
            _children.Add(segment, child);
            var name = Encoding.UTF8.GetBytes(segment);
            if (name.Length < MaxLength)
                _byLength[name.Length] = [.. _byLength[name.Length] ?? [], (name, child)];
            return child;
        }

        internal Node? Find(ReadOnlySpan<byte> name)
        {
            if (name.Length >= MaxLength)
                return _children.TryGetValue(Encoding.UTF8.GetString(name), out var found) ? found : null;
            var candidates = _byLength[name.Length];
            if (candidates is null)
                return null;
            foreach (var (candidate, child) in candidates)
            {
                if (name.SequenceEqual(candidate))
                    return child;
            }

            return null;
        }
    }
}
