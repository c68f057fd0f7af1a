using System.Buffers.Binary;
using System.Buffers.Text;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Scanner.Detect.Logs;
using Scanner.Detect.Rules;

namespace Scanner.Detect.Matching;

/// <summary>An expression made ready to run on captured events. Immutable and shared by threads.</summary>
internal abstract class CompiledExpression
{
    /// <summary>Whether the event passes.</summary>
    internal abstract bool Holds(MatchContext context);

    /// <summary>
    /// What is known when only some fields are: null, where it depends on others. <see cref="MatchContext.Known"/> says of
    /// which fields the values are known.
    /// </summary>
    internal abstract bool? Partly(MatchContext context);

    internal sealed class All(CompiledExpression[] parts) : CompiledExpression
    {
        internal override bool Holds(MatchContext context)
        {
            foreach (var part in parts)
            {
                if (!part.Holds(context))
                    return false;
            }

            return true;
        }

        internal override bool? Partly(MatchContext context)
        {
            bool? result = true;
            foreach (var part in parts)
            {
                var value = part.Partly(context);
                if (value == false)
                    return false;
                if (value is null)
                    result = null;
            }

            return result;
        }
    }

    internal sealed class Any(CompiledExpression[] parts) : CompiledExpression
    {
        internal override bool Holds(MatchContext context)
        {
            foreach (var part in parts)
            {
                if (part.Holds(context))
                    return true;
            }

            return false;
        }

        internal override bool? Partly(MatchContext context)
        {
            bool? result = false;
            foreach (var part in parts)
            {
                var value = part.Partly(context);
                if (value == true)
                    return true;
                if (value is null)
                    result = null;
            }

            return result;
        }
    }

    internal sealed class Not(CompiledExpression part) : CompiledExpression
    {
        internal override bool Holds(MatchContext context) => !part.Holds(context);

        internal override bool? Partly(MatchContext context) => !part.Partly(context);
    }

    internal sealed class AtLeast(int count, CompiledExpression[] parts) : CompiledExpression
    {
        internal override bool Holds(MatchContext context)
        {
            var found = 0;
            foreach (var part in parts)
            {
                if (part.Holds(context) && ++found == count)
                    return true;
            }

            return false;
        }

        internal override bool? Partly(MatchContext context)
        {
            var yes = 0;
            var maybe = 0;
            foreach (var part in parts)
            {
                switch (part.Partly(context))
                {
                    case true: yes++; break;
                    case null: maybe++; break;
                }
            }

            return yes >= count ? true : yes + maybe < count ? false : null;
        }
    }

    /// <summary>A test of one field, whose answer is kept for the event: many rules ask the same.</summary>
    internal sealed class Atom(int id, int slot, Probe probe) : CompiledExpression
    {
        internal override bool Holds(MatchContext context)
        {
            if (context.Remembered(id) is { } known)
                return known;
            var answer = probe.Passes(context, slot);
            context.Remember(id, answer);
            return answer;
        }

        internal override bool? Partly(MatchContext context) =>
            slot >= 0 && context.Known[slot] && probe.NeedsOnlyItsField ? Holds(context) : null;
    }

    /// <summary>One of many texts, without case.</summary>
    internal sealed class InSet : Probe
    {
        private readonly Dictionary<ulong, byte[][]> _byHash = [];

        internal InSet(IEnumerable<byte[]> texts)
        {
            foreach (var group in texts.GroupBy(text => Hash(text)))
                _byHash[group.Key] = [.. group];
        }

        protected override bool PassesText(MatchContext context, ReadOnlySpan<byte> text)
        {
            if (!_byHash.TryGetValue(Hash(text), out var candidates))
                return false;
            foreach (var candidate in candidates)
            {
                if (Ascii.EqualsIgnoreCase(text, candidate))
                    return true;
            }

            return false;
        }

        private static ulong Hash(ReadOnlySpan<byte> text)
        {
            var hash = 14695981039346656037UL;
            foreach (var c in text)
                hash = (hash ^ (c is >= (byte)'A' and <= (byte)'Z' ? c | 0x20U : c)) * 1099511628211UL;
            return hash;
        }
    }

    internal sealed class TextProbe(TextMatcher matcher) : Probe
    {
        protected override bool PassesText(MatchContext context, ReadOnlySpan<byte> text) => matcher.IsMatch(text);
    }

    /// <summary>One of the texts that rules look for in the same field.</summary>
    internal sealed class IndexedProbe(ContainsIndex index, int needle) : Probe
    {
        internal override bool Passes(MatchContext context, int slot) => context.Contains(index, needle, slot);

        protected override bool PassesText(MatchContext context, ReadOnlySpan<byte> text) => false;
    }

    internal sealed class RegexProbe(PatternMatcher matcher) : Probe
    {
        protected override bool PassesText(MatchContext context, ReadOnlySpan<byte> text) => matcher.IsMatch(context.Decode(text));
    }

    internal sealed class CidrProbe(IPNetwork network) : Probe
    {
        private readonly uint _mask = network.BaseAddress.AddressFamily != AddressFamily.InterNetwork || network.PrefixLength == 0 ? 0 : uint.MaxValue << (32 - network.PrefixLength);
        private readonly uint? _start = network.BaseAddress.AddressFamily == AddressFamily.InterNetwork ? BinaryPrimitives.ReadUInt32BigEndian(network.BaseAddress.GetAddressBytes()) : null;

        protected override bool PassesText(MatchContext context, ReadOnlySpan<byte> text) =>
            // Most addresses are four plain numbers, for which no IPAddress is made.
            TryQuad(text, out var quad)
                ? _start is { } start && ((quad ^ start) & _mask) == 0
                : text.Length is >= 2 and <= 45 && (text[0] == (byte)':' || char.IsAsciiHexDigit((char)text[0]))
                    && IsAddress(text) && IPAddress.TryParse(context.Decode(text), out var address) && Network.Contains(network, address);

        private static bool TryQuad(ReadOnlySpan<byte> text, out uint quad)
        {
            quad = 0;
            var (octet, digits, dots) = (0U, 0, 0);
            foreach (var c in text)
            {
                if (c == (byte)'.' && digits > 0)
                {
                    quad = (quad << 8) | octet;
                    (octet, digits) = (0, 0);
                    dots++;
                }
                else if (c is >= (byte)'0' and <= (byte)'9' && (digits == 0 || octet > 0))
                {
                    octet = (octet * 10) + c - '0';
                    digits++;
                    if (octet > 255)
                        return false;
                }
                else
                {
                    return false;
                }
            }

            quad = (quad << 8) | octet;
            return dots == 3 && digits > 0;
        }

        // IPAddress takes "1" and "0x7f.1" for addresses; logs have none such.
        private static bool IsAddress(ReadOnlySpan<byte> text) =>
            text.Contains((byte)':')
                ? !text.ContainsAnyExcept("0123456789abcdefABCDEF:."u8)
                : text.Count((byte)'.') == 3 && !text.ContainsAnyExcept("0123456789."u8) && HasPlainOctets(text);

        private static bool HasPlainOctets(ReadOnlySpan<byte> text)
        {
            var digits = 0;
            var first = (byte)0;
            foreach (var c in text)
            {
                if (c == (byte)'.')
                {
                    digits = 0;
                    continue;
                }

                if (digits == 0)
                    first = c;
                else if (first == (byte)'0')
                    return false; // octal to some readers
                digits++;
            }

            return true;
        }
    }

    internal sealed class NumberProbe(string @operator, double value, byte[]? written, decimal? exact = null) : Probe
    {
        protected override bool PassesText(MatchContext context, ReadOnlySpan<byte> text) =>
            (written is not null && text.SequenceEqual(written)) || (TryNumber(text, out var number) && IsSo(text, number));

        // Whole numbers above 2^53 (sizes, sums, ids) are not all doubles: as decimals they are themselves.
        private bool IsSo(ReadOnlySpan<byte> text, double number) =>
            exact is { } right && Math.Abs(number) >= 1L << 53 && Utf8Parser.TryParse(text, out decimal left, out var used) && used == text.Length
                ? Compare(left.CompareTo(right), @operator, 0)
                : Compare(number, @operator, value);
    }

    internal sealed class TimePartProbe(string part, string @operator, double value) : Probe
    {
        protected override bool PassesText(MatchContext context, ReadOnlySpan<byte> text) =>
            TryPart(text, out var number) && Compare(number, @operator, value);

        private bool TryPart(ReadOnlySpan<byte> text, out double number)
        {
            number = 0;
            // yyyy-MM-ddTHH:mm: the parts are taken as they are written (the specification: no time zone conversion).
            if (text.Length < 16 || text[4] != (byte)'-' || text[7] != (byte)'-' || text[10] is not ((byte)'T' or (byte)' ') || text[13] != (byte)':'
                || !TryDigits(text[..4], out var year) || !TryDigits(text.Slice(5, 2), out var month) || !TryDigits(text.Slice(8, 2), out var day)
                || !TryDigits(text.Slice(11, 2), out var hour) || !TryDigits(text.Slice(14, 2), out var minute)
                || year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month))
                return false;
            number = part switch
            {
                "minute" => minute,
                "hour" => hour,
                "day" => day,
                "month" => month,
                "year" => year,
                _ => System.Globalization.ISOWeek.GetWeekOfYear(new DateTime(year, month, day, 0, 0, 0, DateTimeKind.Utc)),
            };
            return true;
        }

        private static bool TryDigits(ReadOnlySpan<byte> text, out int value)
        {
            value = 0;
            foreach (var c in text)
            {
                if (!char.IsAsciiDigit((char)c))
                    return false;
                value = (value * 10) + c - '0';
            }

            return true;
        }
    }

    internal sealed class NullProbe : Probe
    {
        internal override bool Passes(MatchContext context, int slot)
        {
            var capture = context.Capture;
            if (!capture.IsPresent(slot))
                return true;
            for (var value = capture.First(slot); value >= 0; value = capture.Next(value))
            {
                if (capture.KindOf(value) != EventCapture.Kind.Null)
                    return false;
            }

            return true;
        }

        protected override bool PassesText(MatchContext context, ReadOnlySpan<byte> text) => false;
    }

    internal sealed class ExistsProbe : Probe
    {
        internal override bool Passes(MatchContext context, int slot) => context.Capture.IsPresent(slot);

        protected override bool PassesText(MatchContext context, ReadOnlySpan<byte> text) => true;
    }

    internal sealed class ReferenceProbe(int other, FieldReferenceKind kind, bool cased) : Probe
    {
        internal override bool NeedsOnlyItsField => false;

        internal override bool Passes(MatchContext context, int slot)
        {
            var capture = context.Capture;
            for (var value = capture.First(slot); value >= 0; value = capture.Next(value))
            {
                if (capture.KindOf(value) is EventCapture.Kind.Null or EventCapture.Kind.EmptyArray)
                    continue;
                for (var against = capture.First(other); against >= 0; against = capture.Next(against))
                {
                    if (capture.KindOf(against) is EventCapture.Kind.Null or EventCapture.Kind.EmptyArray)
                        continue;
                    // Rare in rules, so strings are good enough; a span could move when the other one is unescaped.
                    var left = Encoding.UTF8.GetString(capture.TextOf(value));
                    var right = Encoding.UTF8.GetString(capture.TextOf(against));
                    if (!cased)
                    {
                        left = left.ToLowerInvariant();
                        right = right.ToLowerInvariant();
                    }

                    var passes = kind switch
                    {
                        FieldReferenceKind.StartsWith => left.StartsWith(right, StringComparison.Ordinal),
                        FieldReferenceKind.EndsWith => left.EndsWith(right, StringComparison.Ordinal),
                        FieldReferenceKind.Contains => left.Contains(right, StringComparison.Ordinal),
                        _ => string.Equals(left, right, StringComparison.Ordinal),
                    };
                    if (passes)
                        return true;
                }
            }

            return false;
        }

        protected override bool PassesText(MatchContext context, ReadOnlySpan<byte> text) => false;
    }

    /// <summary>One test, of the values of one field or of all values of the event.</summary>
    internal abstract class Probe
    {
        internal virtual bool NeedsOnlyItsField => true;

        internal virtual bool Passes(MatchContext context, int slot)
        {
            if (slot < 0)
                return context.Capture.AnyLeaf((this, context), static (state, text) => state.Item1.PassesText(state.context, text));
            var capture = context.Capture;
            for (var value = capture.First(slot); value >= 0; value = capture.Next(value))
            {
                if (capture.KindOf(value) is not (EventCapture.Kind.Null or EventCapture.Kind.EmptyArray) && PassesText(context, capture.TextOf(value)))
                    return true;
            }

            return false;
        }

        protected abstract bool PassesText(MatchContext context, ReadOnlySpan<byte> text);

        protected static bool Compare(double left, string @operator, double right) => @operator switch
        {
            "<" => left < right,
            "<=" => left <= right,
            ">" => left > right,
            ">=" => left >= right,
            _ => left == right,
        };

        /// <summary>A number as JSON writes it, leading zeros allowed: -?digits, .digits, e+-digits.</summary>
        protected static bool TryNumber(ReadOnlySpan<byte> text, out double number)
        {
            number = 0;
            if (text.Length is 0 or > 40)
                return false;
            var at = text[0] == (byte)'-' ? 1 : 0;
            if (!Digits(text, ref at))
                return false;
            if (at < text.Length && text[at] == (byte)'.')
            {
                at++;
                if (!Digits(text, ref at))
                    return false;
            }

            if (at < text.Length && text[at] is (byte)'e' or (byte)'E')
            {
                at++;
                if (at < text.Length && text[at] is (byte)'+' or (byte)'-')
                    at++;
                if (!Digits(text, ref at))
                    return false;
            }

            return at == text.Length && Utf8Parser.TryParse(text, out number, out var used) && used == text.Length && double.IsFinite(number);
        }

        private static bool Digits(ReadOnlySpan<byte> text, ref int at)
        {
            var start = at;
            while (at < text.Length && char.IsAsciiDigit((char)text[at]))
                at++;
            return at > start;
        }
    }
}
