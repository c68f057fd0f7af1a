using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Scanner.Detect.Rules;

/// <summary>Networks of rules (Sigma modifier <c>cidr</c>).</summary>
internal static class Network
{
    /// <summary>
    /// A network as it is written, <c>10.0.0.0/8</c> or <c>2001:db8::/32</c>; an address alone is a network of one. Host bits are
    /// cleared rather than refused: 10.0.0.1/8 is a usual way to write 10.0.0.0/8. Short forms (<c>192.168/16</c>) are refused: some
    /// readers take them for 192.168.0.0/16, others for 192.0.0.168/16.
    /// </summary>
    /// <returns>Null: it is none.</returns>
    internal static IPNetwork? Parse(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var host = slash < 0 ? text : text[..slash];
        if ((!host.Contains(':', StringComparison.Ordinal) && !IsDottedQuad(host)) || !IPAddress.TryParse(host, out var address) || address.ScopeId() != 0)
            return null;
        var bits = address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128;
        var length = bits;
        if (slash >= 0 && !(int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out length) && length <= bits))
            return null;
        var bytes = address.GetAddressBytes();
        for (var bit = length; bit < bits; bit++)
            bytes[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        return new IPNetwork(new IPAddress(bytes), length);
    }

    /// <summary>
    /// Whether an address is in a network: it is of the network's family, and its first bits are the network's. An IPv4 address that is
    /// written within IPv6 (<c>::ffff:10.1.2.3</c>) is also the IPv4 address that it stands for. <see cref="IPNetwork.Contains"/> takes
    /// such ones for IPv4 in IPv6 networks too, and compares the wrong bits.
    /// </summary>
    internal static bool Contains(IPNetwork network, IPAddress address)
    {
        if (network.BaseAddress.AddressFamily == AddressFamily.InterNetwork && address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        if (network.BaseAddress.AddressFamily != address.AddressFamily)
            return false;
        Span<byte> start = stackalloc byte[16];
        Span<byte> bytes = stackalloc byte[16];
        if (!network.BaseAddress.TryWriteBytes(start, out _) || !address.TryWriteBytes(bytes, out _))
            return false;
        var whole = network.PrefixLength / 8;
        var rest = network.PrefixLength % 8;
        return bytes[..whole].SequenceEqual(start[..whole])
            && (rest == 0 || ((bytes[whole] ^ start[whole]) >> (8 - rest)) == 0);
    }

    private static bool IsDottedQuad(string text) =>
        text.Split('.') is { Length: 4 } parts && parts.All(part => part.Length is > 0 and <= 3 && part.All(char.IsAsciiDigit) && (part.Length == 1 || part[0] != '0'));

    private static long ScopeId(this IPAddress address) => address.AddressFamily == AddressFamily.InterNetworkV6 ? address.ScopeId : 0;
}
