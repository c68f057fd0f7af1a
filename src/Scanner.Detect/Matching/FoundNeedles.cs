using System.Buffers.Binary;

namespace Scanner.Detect.Matching;

/// <summary>
/// Which needles of an index are in texts that came lately: user agents and ARNs come again and again, and comparing one is quicker than
/// going through it byte by byte. For one thread.
/// </summary>
/// <param name="index">The index.</param>
internal sealed class FoundNeedles(ContainsIndex index)
{
    private const int Kept = 1024;
    private const int LongestText = 512;

    private Entry[]? _entries;
    private readonly uint[] _own = new uint[index.Needles];
    private uint _round;

    /// <summary>As <see cref="ContainsIndex.Find"/>.</summary>
    internal void Find(ReadOnlySpan<byte> text, uint[] marks, uint mark)
    {
        if (text.Length is 0 or > LongestText)
        {
            index.Find(text, marks, mark);
            return;
        }

        ref var entry = ref (_entries ??= new Entry[Kept])[Hash(text) % Kept];
        if (entry.Length != text.Length || !text.SequenceEqual(entry.Text.AsSpan(0, entry.Length)))
            Keep(ref entry, text);
        foreach (var needle in entry.Needles)
            marks[needle] = mark;
    }

    private void Keep(ref Entry entry, ReadOnlySpan<byte> text)
    {
        if (++_round == 0)
        {
            Array.Clear(_own);
            _round = 1;
        }

        index.Find(text, _own, _round);
        var found = 0;
        foreach (var one in _own)
            found += one == _round ? 1 : 0;
        var needles = found == 0 ? [] : new int[found];
        for (var (i, at) = (0, 0); at < found; i++)
        {
            if (_own[i] == _round)
                needles[at++] = i;
        }

        if (entry.Text is null || entry.Text.Length < text.Length)
            entry.Text = new byte[text.Length];
        text.CopyTo(entry.Text);
        (entry.Length, entry.Needles) = (text.Length, needles);
    }

    private static uint Hash(ReadOnlySpan<byte> text)
    {
        var hash = (ulong)text.Length;
        for (; text.Length >= sizeof(ulong); text = text[sizeof(ulong)..])
            hash = Mixed(hash ^ BinaryPrimitives.ReadUInt64LittleEndian(text));
        foreach (var c in text)
            hash = Mixed(hash ^ c);
        return (uint)(hash >> 32);
    }

    private static ulong Mixed(ulong hash) => (hash ^ (hash >> 29)) * 0x9E3779B97F4A7C15;

    private struct Entry
    {
        internal byte[] Text;
        internal int Length;
        internal int[] Needles;
    }
}
