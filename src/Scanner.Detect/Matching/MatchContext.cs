using System.Text;
using Scanner.Detect.Logs;

namespace Scanner.Detect.Matching;

/// <summary>What one thread needs to match events: the captured event, the answers so far, and room to decode text.</summary>
internal sealed class MatchContext
{
    private readonly uint[] _answers;
    private readonly uint[][] _found;
    private readonly FoundNeedles[] _lately;
    private readonly uint[] _searched;
    private uint _generation = 2;
    private char[] _characters = new char[1024];

    internal MatchContext(CompiledRules rules)
    {
        _found = [.. rules.Indexes.Select(index => new uint[index.Needles])];
        _lately = [.. rules.Indexes.Select(index => new FoundNeedles(index))];
        _searched = new uint[rules.Indexes.Count];
        Capture = new EventCapture(rules.Trie, rules.TellingSlots);
        Known = new bool[rules.Trie.SlotCount];
        foreach (var slot in rules.TellingSlots)
            Known[slot] = true;
        _answers = new uint[rules.AtomCount];
    }

    internal EventCapture Capture { get; }

    /// <summary>By slot: whether the field's values count as known in partial evaluation.</summary>
    internal bool[] Known { get; }

    /// <summary>Forgets the answers about the event before.</summary>
    internal void Begin()
    {
        _generation += 2;
        if (_generation < 2)
        {
            Array.Clear(_answers);
            Array.Clear(_searched);
            foreach (var found in _found)
                Array.Clear(found);
            _generation = 2;
        }
    }

    internal bool? Remembered(int atom)
    {
        var answer = _answers[atom];
        return (answer & ~1U) == _generation ? (answer & 1) != 0 : null;
    }

    internal void Remember(int atom, bool answer) => _answers[atom] = _generation | (answer ? 1U : 0);

    /// <summary>Whether a needle of an index is in any value of the field; the values are searched once for all needles.</summary>
    internal bool Contains(ContainsIndex index, int needle, int slot)
    {
        var found = _found[index.Number];
        if (_searched[index.Number] != _generation)
        {
            _searched[index.Number] = _generation;
            for (var value = Capture.First(slot); value >= 0; value = Capture.Next(value))
            {
                if (Capture.KindOf(value) is not (EventCapture.Kind.Null or EventCapture.Kind.EmptyArray))
                    _lately[index.Number].Find(Capture.TextOf(value), found, _generation);
            }
        }

        return found[needle] == _generation;
    }

    /// <summary>The text as characters; valid until the next call.</summary>
    internal ReadOnlySpan<char> Decode(ReadOnlySpan<byte> text)
    {
        if (_characters.Length < text.Length)
            _characters = new char[Math.Max(text.Length, _characters.Length * 2)];
        return _characters.AsSpan(0, Encoding.UTF8.GetChars(text, _characters));
    }
}
