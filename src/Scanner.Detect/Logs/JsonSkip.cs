using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Scanner.Detect.Logs;

/// <summary>Skips JSON values without building anything. Positions are indexes into the span; -1: it ends too early.</summary>
internal static class JsonSkip
{
    private static readonly SearchValues<byte> StringEnd = SearchValues.Create("\"\\\n"u8);
    private static readonly SearchValues<byte> Structure = SearchValues.Create("\"{}[]"u8);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int White(ReadOnlySpan<byte> json, int at)
    {
        while ((uint)at < (uint)json.Length && json[at] is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t')
            at++;
        return at;
    }

    /// <summary>From behind the opening quote to the closing one. -2: a line break, which no JSON string has.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int StringEndAt(ReadOnlySpan<byte> json, int at, out bool escaped)
    {
        escaped = false;
        while (true)
        {
            // Most texts are shorter than a register: no call for them.
            if (Vector256.IsHardwareAccelerated && at + Vector256<byte>.Count <= json.Length)
            {
                var block = Vector256.LoadUnsafe(ref MemoryMarshal.GetReference(json), (nuint)at);
                var ends = (Vector256.Equals(block, Vector256.Create((byte)'"')) | Vector256.Equals(block, Vector256.Create((byte)'\\'))
                    | Vector256.Equals(block, Vector256.Create((byte)'\n'))).ExtractMostSignificantBits();
                if (ends == 0)
                {
                    at += Vector256<byte>.Count;
                    continue;
                }

                at += BitOperations.TrailingZeroCount(ends);
                if (json[at] == (byte)'"')
                    return at;
            }

            var found = json[at..].IndexOfAny(StringEnd);
            if (found < 0)
                return -1;
            at += found;
            switch (json[at])
            {
                case (byte)'"':
                    return at;
                case (byte)'\n':
                    return -2;
                default:
                    escaped = true;
                    at += 2;
                    if (at > json.Length)
                        return -1;
                    break;
            }
        }
    }

    /// <summary>From an opening bracket to behind the one that closes it. -2: no JSON; a quote that is missing is noticed at the next one.</summary>
    internal static int Container(ReadOnlySpan<byte> json, int at)
    {
        if (Avx2.IsSupported && Pclmulqdq.IsSupported)
            return ContainerByBlocks(json, at);
        var depth = 0;
        while (true)
        {
            var found = json[at..].IndexOfAny(Structure);
            if (found < 0)
                return -1;
            at += found;
            switch (json[at])
            {
                case (byte)'"':
                    at = StringEndAt(json, at + 1, out _);
                    if (at < 0)
                        return at;
                    at++;
                    if (at < json.Length && !MayFollowText(json[at]))
                        return -2;
                    break;
                case (byte)'{' or (byte)'[':
                    depth++;
                    at++;
                    break;
                default:
                    at++;
                    if (--depth == 0)
                        return at;
                    break;
            }
        }
    }

    /// <summary>
    /// 64 bytes at a time: a bit mask of the bytes inside strings (prefix XOR of the quotes, as simdjson does it) takes the
    /// brackets in texts out, and counting bits tells whether the end can be in the block at all.
    /// </summary>
#pragma warning disable MA0051 // The state of the loop stays in registers: it is one method.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int ContainerByBlocks(ReadOnlySpan<byte> json, int at)
    {
        ref var start = ref MemoryMarshal.GetReference(json);
        var depth = 0;
        var inString = 0UL; // all ones while a string goes on from the block before
        var closedLast = 0UL; // 1: the last byte of the block before closes a string
        var escapedFirst = 0UL; // 1: the first byte of the block is escaped
        Span<byte> tail = stackalloc byte[64];
        while (at < json.Length)
        {
            Vector256<byte> low, high;
            if (at + 64 <= json.Length)
            {
                low = Vector256.LoadUnsafe(ref start, (nuint)at);
                high = Vector256.LoadUnsafe(ref start, (nuint)at + 32);
            }
            else
            {
                tail.Fill((byte)' ');
                json[at..].CopyTo(tail);
                low = Vector256.LoadUnsafe(ref MemoryMarshal.GetReference(tail));
                high = Vector256.LoadUnsafe(ref MemoryMarshal.GetReference(tail), 32);
            }

            var quotes = Mask(low, high, (byte)'"');
            var backslashes = Mask(low, high, (byte)'\\');
            if ((backslashes | escapedFirst) != 0)
            {
                var escaped = Escaped(backslashes, ref escapedFirst);
                quotes &= ~escaped;
            }

            var strings = PrefixXor(quotes) ^ inString;
            if ((Mask(low, high, (byte)'\n') & strings) != 0)
                return -2;
            // Where a quote is missing, what was outside of texts is inside of them, and the other way round: behind a text stands then what cannot.
            var closing = quotes & ~strings;
            var behind = closing << 1 | closedLast;
            var wrong = behind & ~MayFollow(low, high);
            closedLast = closing >> 63;
            // '{' and '[' differ from '}' and ']' in bits that no other ASCII pair shares: 0x7b|0x5b -> 0x7b with bit 5 set.
            var lowFolded = low | Vector256.Create((byte)0x20);
            var highFolded = high | Vector256.Create((byte)0x20);
            var opens = Mask(lowFolded, highFolded, (byte)'{') & ~strings;
            var closes = Mask(lowFolded, highFolded, (byte)'}') & ~strings;
            if (depth > BitOperations.PopCount(closes))
            {
                depth += BitOperations.PopCount(opens) - BitOperations.PopCount(closes);
            }
            else
            {
                var brackets = opens | closes;
                while (brackets != 0)
                {
                    var bit = BitOperations.TrailingZeroCount(brackets);
                    brackets &= brackets - 1;
                    if ((opens >> bit & 1) != 0)
                        depth++;
                    else if (--depth == 0)
                        return (wrong & ((1UL << bit) - 1)) == 0 ? at + bit + 1 : -2;
                }
            }

            if (wrong != 0)
                return -2;
            inString = (ulong)((long)strings >> 63);
            at += 64;
        }

        return -1;
    }
#pragma warning restore MA0051

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Mask(Vector256<byte> low, Vector256<byte> high, byte value)
    {
        var wanted = Vector256.Create(value);
        return Vector256.Equals(low, wanted).ExtractMostSignificantBits() | (ulong)Vector256.Equals(high, wanted).ExtractMostSignificantBits() << 32;
    }

    /// <summary>What may stand behind a text: white space, and signs that end a name or a value.</summary>
    private static bool MayFollowText(byte c) => c is <= (byte)' ' or (byte)',' or (byte)':' or (byte)'}' or (byte)']';

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong MayFollow(Vector256<byte> low, Vector256<byte> high) =>
        MayFollow(low).ExtractMostSignificantBits() | (ulong)MayFollow(high).ExtractMostSignificantBits() << 32;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> MayFollow(Vector256<byte> block) =>
        Vector256.LessThanOrEqual(block, Vector256.Create((byte)' ')) | Vector256.Equals(block, Vector256.Create((byte)',')) | Vector256.Equals(block, Vector256.Create((byte)':'))
        | Vector256.Equals(block | Vector256.Create((byte)0x20), Vector256.Create((byte)'}'));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong PrefixXor(ulong bits) =>
        Pclmulqdq.CarrylessMultiply(Vector128.CreateScalar(bits), Vector128<ulong>.AllBitsSet, 0).ToScalar();

    private static ulong Escaped(ulong backslashes, ref ulong escapedFirst)
    {
        var escaped = escapedFirst;
        var rest = backslashes & ~escapedFirst;
        escapedFirst = 0;
        while (rest != 0)
        {
            var bit = BitOperations.TrailingZeroCount(rest);
            if (bit == 63)
            {
                escapedFirst = 1;
                break;
            }

            escaped |= 2UL << bit;
            rest &= ~(3UL << bit);
        }

        return escaped;
    }
}
