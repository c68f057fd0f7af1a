using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text;
using Scanner.Detect.Rules;

namespace Scanner.Detect.Matching;

/// <summary>
/// Matches UTF-8 text against a pattern. Without <c>cased</c>, letters are compared without case: ASCII by bytes, others
/// by their invariant lower case.
/// </summary>
internal sealed class TextMatcher
{
    private readonly bool _cased;
    private readonly Shape _shape;
    private readonly byte[] _needle = [];
    private readonly Segment[] _segments = [];
    private readonly bool _anchoredStart;
    private readonly bool _anchoredEnd;

    internal TextMatcher(TextPattern pattern, bool cased)
    {
        _cased = cased;
        var tokens = pattern.Tokens;
        _anchoredStart = tokens.Count == 0 || !ReferenceEquals(tokens[0], TextPattern.Any);
        _anchoredEnd = tokens.Count == 0 || !ReferenceEquals(tokens[^1], TextPattern.Any);
        var inner = tokens.Where(token => !ReferenceEquals(token, TextPattern.Any)).ToList();
        if (inner.Count == 0)
        {
            _shape = tokens.Count == 0 ? Shape.Equal : Shape.Anything;
            return;
        }

        var bytes = Encoding.UTF8.GetBytes(inner[0]);
        var simple = inner.Count == 1 && !TextPattern.IsWildcard(inner[0]) && (cased || Ascii.IsValid(bytes));
        if (simple)
        {
            _needle = bytes;
            _shape = (_anchoredStart, _anchoredEnd) switch
            {
                (true, true) => Shape.Equal,
                (true, false) => Shape.Start,
                (false, true) => Shape.End,
                _ => Shape.Contains,
            };
            return;
        }

        _shape = Shape.Segments;
        var segments = new List<Segment>();
        var parts = new List<Part>();
        foreach (var token in tokens)
        {
            if (ReferenceEquals(token, TextPattern.Any))
            {
                if (parts.Count > 0)
                    segments.Add(new Segment([.. parts]));
                parts.Clear();
            }
            else if (ReferenceEquals(token, TextPattern.One))
            {
                parts.Add(new Part(null, false));
            }
            else if (ReferenceEquals(token, TextPattern.Dash))
            {
                parts.Add(new Part(null, true));
            }
            else
            {
                foreach (var rune in token.EnumerateRunes())
                    parts.Add(new Part(cased ? rune : Rune.ToLowerInvariant(rune), false));
            }
        }

        if (parts.Count > 0)
            segments.Add(new Segment([.. parts]));
        _segments = [.. segments];
    }

    private enum Shape
    {
        Anything,
        Equal,
        Start,
        End,
        Contains,
        Segments,
    }

    /// <summary>For a pattern without wildcards and with ASCII letters only: its bytes, which a set can be made of.</summary>
    internal byte[]? Exact => _shape == Shape.Equal && !_cased ? _needle : null;

    internal bool IsMatch(ReadOnlySpan<byte> text) => _shape switch
    {
        Shape.Anything => true,
        Shape.Equal => text.Length == _needle.Length && Same(text),
        Shape.Start => text.Length >= _needle.Length && Same(text[.._needle.Length]),
        Shape.End => text.Length >= _needle.Length && Same(text[^_needle.Length..]),
        Shape.Contains => Contains(text),
        _ => Segments(text),
    };

    private bool Same(ReadOnlySpan<byte> text) => _cased ? text.SequenceEqual(_needle) : Ascii.EqualsIgnoreCase(text, _needle);

    private bool Contains(ReadOnlySpan<byte> text)
    {
        if (_cased)
            return text.IndexOf(_needle) >= 0;
        if (text.Length < _needle.Length)
            return false;
        // First and last byte of the needle at once, 32 places at a time; bit 5 off their letters. It lets too much through
        // for some signs, which the comparison behind it finds out.
        var at = 0;
        var last = text.Length - _needle.Length;
        if (Vector256.IsHardwareAccelerated && last >= Vector256<byte>.Count)
        {
            ref var start = ref MemoryMarshal.GetReference(text);
            var fold = Vector256.Create((byte)0x20);
            var first = Vector256.Create((byte)(_needle[0] | 0x20));
            var final = Vector256.Create((byte)(_needle[^1] | 0x20));
            for (; at <= last - Vector256<byte>.Count + 1; at += Vector256<byte>.Count)
            {
                var found = (Vector256.Equals(Vector256.LoadUnsafe(ref start, (nuint)at) | fold, first)
                    & Vector256.Equals(Vector256.LoadUnsafe(ref start, (nuint)(at + _needle.Length - 1)) | fold, final)).ExtractMostSignificantBits();
                for (; found != 0; found &= found - 1)
                {
                    if (Ascii.EqualsIgnoreCase(text.Slice(at + BitOperations.TrailingZeroCount(found), _needle.Length), _needle))
                        return true;
                }
            }
        }

        for (; at <= last; at++)
        {
            if ((text[at] | 0x20) == (_needle[0] | 0x20) && Ascii.EqualsIgnoreCase(text.Slice(at, _needle.Length), _needle))
                return true;
        }

        return false;
    }

    private bool Segments(ReadOnlySpan<byte> text)
    {
        var at = 0;
        for (var s = 0; s < _segments.Length; s++)
        {
            var last = s == _segments.Length - 1;
            if (s == 0 && _anchoredStart)
            {
                var end = _segments[s].MatchAt(text, 0, _cased);
                if (end < 0 || (last && _anchoredEnd && end != text.Length))
                    return false;
                at = end;
                continue;
            }

            // Leftmost is right for all but the last one, which may have to reach the end.
            var matched = -1;
            for (var from = at; from <= text.Length; from++)
            {
                if (from < text.Length && (text[from] & 0xc0) == 0x80)
                    continue;
                var end = _segments[s].MatchAt(text, from, _cased);
                if (end >= 0 && (!last || !_anchoredEnd || end == text.Length))
                {
                    matched = end;
                    break;
                }
            }

            if (matched < 0)
                return false;
            at = matched;
        }

        return true;
    }

    private readonly record struct Part(Rune? Rune, bool Dash);

    private sealed class Segment(Part[] parts)
    {
        internal int MatchAt(ReadOnlySpan<byte> text, int at, bool cased)
        {
            foreach (var part in parts)
            {
                if (at >= text.Length)
                    return -1;
                _ = Rune.DecodeFromUtf8(text[at..], out var rune, out var used);
                if (part.Rune is { } wanted)
                {
                    if ((cased ? rune : Rune.ToLowerInvariant(rune)) != wanted)
                        return -1;
                }
                else if (part.Dash && (!rune.IsBmp || !TextPattern.DashCharacters.Contains((char)rune.Value, StringComparison.Ordinal)))
                {
                    return -1;
                }

                at += used;
            }

            return at;
        }
    }
}
