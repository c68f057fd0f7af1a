using System.Buffers.Binary;
using Scanner.Detect.Logs;

namespace Scanner.Detect.Correlation;

/// <summary>
/// The texts of a block of hits, one after another in UTF-8, each after its length. Accounts, regions, names and seconds
/// come again and again: what was added lately is not added twice.
/// </summary>
internal sealed class HitTexts
{
    private const int LengthBytes = sizeof(int);

    /// <summary>By a part of the text's hash: where a text with that hash was added last, plus one.</summary>
    private readonly int[] _recent = new int[8192];
    private byte[] _bytes = new byte[1 << 12];

    /// <summary>Bytes in use.</summary>
    internal int Length { get; private set; }

    internal ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, Length);

    /// <summary>The text that was added there.</summary>
    internal ReadOnlySpan<byte> this[int at] => At(Bytes, at);

    internal static ReadOnlySpan<byte> At(ReadOnlySpan<byte> bytes, int at) =>
        bytes.Slice(at + LengthBytes, BinaryPrimitives.ReadInt32LittleEndian(bytes[at..]));

    /// <summary>Adds a text.</summary>
    /// <returns>Where it stands.</returns>
    internal int Add(ReadOnlySpan<byte> text)
    {
        ref var recent = ref _recent[ByteKeys.Instance.GetHashCode(text) & (_recent.Length - 1)];
        if (recent > 0 && this[recent - 1].SequenceEqual(text))
            return recent - 1;
        var at = AddUnique(text);
        recent = at + 1;
        return at;
    }

    /// <summary>Adds a text that is not expected again, such as an event's id.</summary>
    internal int AddUnique(ReadOnlySpan<byte> text)
    {
        var at = Length;
        if (_bytes.Length - at < LengthBytes + text.Length)
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, checked(at + LengthBytes + text.Length)));
        BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan(at), text.Length);
        text.CopyTo(_bytes.AsSpan(at + LengthBytes));
        Length = at + LengthBytes + text.Length;
        return at;
    }

    internal void Clear()
    {
        Length = 0;
        Array.Clear(_recent);
    }
}
