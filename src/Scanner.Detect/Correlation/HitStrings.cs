using System.Text;

namespace Scanner.Detect.Correlation;

/// <summary>Texts of a block as strings: one that several hits share becomes one string.</summary>
internal sealed class HitStrings
{
    // Of hits that come from many blocks in turn.
    private const int Most = 20_000;

    private readonly Dictionary<long, string> _strings = [];
    private int _block;

    /// <summary>Memory that all strings have taken so far.</summary>
    internal int Bytes { get; private set; }

    /// <summary>Says which block the texts are in that come next.</summary>
    internal void Begin(int block)
    {
        _block = block;
        if (_strings.Count > Most)
            _strings.Clear();
    }

    /// <summary>A text; null where the hit has none.</summary>
    /// <param name="texts">The block's texts.</param>
    /// <param name="at">Where it stands; -1: nowhere.</param>
    internal string? Of(ReadOnlySpan<byte> texts, int at)
    {
        if (at < 0)
            return null;
        var key = ((long)_block << 32) | (uint)at;
        if (!_strings.TryGetValue(key, out var text))
        {
            _strings.Add(key, text = Encoding.UTF8.GetString(HitTexts.At(texts, at)));
            Bytes += 24 + (text.Length * 2);
        }
        return text;
    }
}
