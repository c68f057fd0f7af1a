using System.Runtime.InteropServices;
using System.Text;

namespace Scanner.Model;

/// <summary>
/// Texts, one behind the other in large pieces: a byte a character where all of it is ASCII, two elsewhere, so that each comes back as it was. To the
/// garbage collector millions of them are a few arrays. Not for several threads while it grows.
/// </summary>
/// <param name="most">How many texts are known at a time, as <see cref="SharedTexts"/> does; one that is known takes no room again.</param>
internal sealed class PackedTexts(int most)
{
    private const int FirstPiece = 1 << 12;
    private const int LargestPiece = 1 << 20;

    private readonly List<byte[]> _pieces = [];
    private readonly Dictionary<string, Place> _known = new(StringComparer.Ordinal);
    private int _used;

    /// <summary>Keeps a text.</summary>
    /// <param name="text">The text.</param>
    public Place Add(string text)
    {
        if (_known.TryGetValue(text, out var known))
            return known;
        var isAscii = Ascii.IsValid(text);
        var size = isAscii ? text.Length : text.Length * sizeof(char);
        if (_pieces.Count == 0 || _pieces[^1].Length - _used < size)
        {
            _pieces.Add(new byte[Math.Max(size, _pieces.Count == 0 ? FirstPiece : Math.Min(LargestPiece, _pieces[^1].Length * 4))]);
            _used = 0;
        }
        var to = _pieces[^1].AsSpan(_used, size);
        if (isAscii)
            Ascii.FromUtf16(text, to, out _);
        else
            MemoryMarshal.AsBytes(text.AsSpan()).CopyTo(to);
        var place = new Place(_pieces.Count - 1, _used, isAscii ? text.Length : ~text.Length);
        _used += size;
        if (_known.Count == most)
            _known.Clear();
        return _known[text] = place;
    }

    /// <summary>The text.</summary>
    /// <param name="place">What <see cref="Add"/> gave.</param>
    public string this[Place place] => place.Length switch
    {
        0 => "",
        > 0 => Encoding.ASCII.GetString(Bytes(place)),
        _ => new string(MemoryMarshal.Cast<byte, char>(Bytes(place))),
    };

    /// <summary>Compares two as <see cref="string.CompareOrdinal(string, string)"/> does.</summary>
    public int Compare(Place one, Place other) =>
        one == other ? 0
        : one.Length >= 0 && other.Length >= 0 ? Bytes(one).SequenceCompareTo(Bytes(other))
        : string.CompareOrdinal(this[one], this[other]);

    private ReadOnlySpan<byte> Bytes(Place place) => _pieces[place.Piece].AsSpan(place.Start, place.Length >= 0 ? place.Length : ~place.Length * sizeof(char));

    /// <summary>Where a text is: piece, first byte, and characters; their complement where a character takes two bytes.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public readonly record struct Place(int Piece, int Start, int Length);
}
