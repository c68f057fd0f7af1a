using System.Text;

namespace Scanner.Detect.Correlation;

/// <summary>Texts of blocks as strings: one that several hits share becomes one string, as long as others do not take its place. For one thread.</summary>
internal sealed class HitStrings
{
    private const int Bits = 13;

    private readonly Entry[] _entries = new Entry[1 << Bits];

    /// <summary>Memory that all strings have taken so far.</summary>
    internal int Bytes { get; private set; }

    /// <summary>A text; null where the hit has none.</summary>
    /// <param name="block">Number of the block.</param>
    /// <param name="texts">The block's texts.</param>
    /// <param name="at">Where it stands; -1: nowhere.</param>
    internal string? Of(int block, ReadOnlySpan<byte> texts, int at)
    {
        if (at < 0)
            return null;
        var key = ((long)block << 32) | (uint)at;
        ref var entry = ref _entries[(ulong)key * 0x9E3779B97F4A7C15 >> (64 - Bits)];
        if (entry.Text is null || entry.Key != key)
            entry = new Entry(key, New(texts, at));
        return entry.Text;
    }

    /// <summary>A text that no other hit shares.</summary>
    internal string? OnceOf(ReadOnlySpan<byte> texts, int at) => at < 0 ? null : New(texts, at);

    private string New(ReadOnlySpan<byte> texts, int at)
    {
        var text = Encoding.UTF8.GetString(HitTexts.At(texts, at));
        Bytes += 24 + (text.Length * 2);
        return text;
    }

    private readonly record struct Entry(long Key, string Text);
}
