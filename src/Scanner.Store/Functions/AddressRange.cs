using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Scanner.Store.Functions;

/// <summary>A CIDR block. Bits behind the mask do not count; an address without a length is itself alone.</summary>
/// <param name="IsIPv6">Family.</param>
/// <param name="Start">First address.</param>
/// <param name="End">Last address.</param>
/// <param name="Length">Bits that are fixed.</param>
internal readonly record struct AddressRange(bool IsIPv6, UInt128 Start, UInt128 End, int Length)
{
    /// <summary>Reads <c>10.0.0.0/8</c>, <c>2001:db8::/32</c> or a plain address.</summary>
    public static bool TryParse(string? text, out AddressRange range)
    {
        range = default;
        if (text is null)
            return false;
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var name = slash < 0 ? text : text[..slash];
        // .NET takes "10" and "0x0a.1" for addresses, and scopes such as fe80::1%eth0.
        if (!IPAddress.TryParse(name, out var address) || name.Contains('%', StringComparison.Ordinal)
            || (address.AddressFamily == AddressFamily.InterNetwork && name.Split('.') is not { Length: 4 })
            || (address.AddressFamily == AddressFamily.InterNetwork && name.AsSpan().IndexOfAnyExcept("0123456789.") >= 0))
        {
            return false;
        }
        var six = address.AddressFamily == AddressFamily.InterNetworkV6;
        var bits = six ? 128 : 32;
        var length = bits;
        if (slash >= 0 && (!int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out length) || length > bits))
            return false;
        var all = six ? UInt128.MaxValue : uint.MaxValue;
        var host = length == bits ? UInt128.Zero : all >> length;
        var start = Number(address) & ~host & all;
        range = new AddressRange(six, start, start | host, length);
        return true;
    }

    /// <summary>Whether an address is in it.</summary>
    public bool Includes(IPAddress address) =>
        (address.AddressFamily == AddressFamily.InterNetworkV6) == IsIPv6 && Number(address) is var number && number >= Start && number <= End;

    private static UInt128 Number(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out var count);
        return count == 4 ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }
}
