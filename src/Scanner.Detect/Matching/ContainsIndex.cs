using System.Text;

namespace Scanner.Detect.Matching;

/// <summary>
/// Finds many texts in one at once, without case (Aho-Corasick): what rules look for in a user agent or an ARN costs one
/// pass, however many rules there are. Needles are ASCII. Immutable and shared by threads.
/// </summary>
internal sealed class ContainsIndex
{
    private readonly byte[] _classes = new byte[256];
    private readonly int _classCount;

    /// <summary>By state (its number times the classes) and class of the byte: the next state; its complement where a needle ends there.</summary>
    private readonly int[] _next;

    /// <summary>By number of the state: the needles that end there; empty for most.</summary>
    private readonly int[][] _ends;

    internal ContainsIndex(int number, IReadOnlyList<string> needles)
    {
        Number = number;
        Needles = needles.Count;
        var lower = needles.Select(needle => Encoding.ASCII.GetBytes(needle.ToLowerInvariant())).ToList();
        var used = lower.SelectMany(needle => needle).Distinct().Order().ToList();
        _classCount = used.Count + 1; // 0: a byte that no needle has
        for (var i = 0; i < used.Count; i++)
        {
            _classes[used[i]] = (byte)(i + 1);
            if (used[i] is >= (byte)'a' and <= (byte)'z')
                _classes[used[i] & ~0x20] = (byte)(i + 1);
        }

        var next = new List<int[]> { NewState() };
        var ends = new List<List<int>> { new() };
        for (var n = 0; n < lower.Count; n++)
        {
            var state = 0;
            foreach (var c in lower[n])
            {
                ref var target = ref next[state][_classes[c]];
                if (target < 0)
                {
                    target = next.Count;
                    next.Add(NewState());
                    ends.Add([]);
                }

                state = next[state][_classes[c]];
            }

            ends[state].Add(n);
        }

        Complete(next, ends);
        _next = [.. next.SelectMany(state => state).Select(state => ends[state].Count == 0 ? state * _classCount : ~(state * _classCount))];
        _ends = [.. ends.Select(found => found.ToArray())];

        int[] NewState()
        {
            var state = new int[_classCount];
            Array.Fill(state, -1);
            return state;
        }
    }

    /// <summary>Number of the index among those of a rule set.</summary>
    internal int Number { get; }

    internal int Needles { get; }

    /// <summary>Marks the needles that are in the text.</summary>
    internal void Find(ReadOnlySpan<byte> text, uint[] marks, uint mark)
    {
        var (next, classes, state) = (_next, _classes, 0);
        foreach (var c in text)
        {
            state = next[state + classes[c]];
            if (state >= 0)
                continue;
            state = ~state;
            foreach (var needle in _ends[state / _classCount])
                marks[needle] = mark;
        }
    }

    /// <summary>Says for each state where a byte leads that goes on with none of its needles.</summary>
    private void Complete(List<int[]> next, List<List<int>> ends)
    {
        // Breadth first, so that the state that a failure leads to is complete already.
        var fail = new int[next.Count];
        var queue = new Queue<int>([0]);
        while (queue.TryDequeue(out var state))
        {
            for (var c = 0; c < _classCount; c++)
            {
                var target = next[state][c];
                var fallback = state == 0 ? 0 : next[fail[state]][c];
                if (target < 0)
                {
                    next[state][c] = state == 0 ? 0 : fallback;
                    continue;
                }

                fail[target] = fallback;
                ends[target].AddRange(ends[fallback]);
                queue.Enqueue(target);
            }
        }
    }
}
