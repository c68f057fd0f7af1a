using System.Globalization;

namespace Scanner.Store.Functions;

/// <summary>Protocol numbers of IANA, with the names that EC2 uses.</summary>
internal static class IpProtocol
{
    /// <summary>Every protocol: <c>-1</c>.</summary>
    public const int All = -1;

    /// <summary>TCP.</summary>
    public const int Tcp = 6;

    /// <summary>UDP.</summary>
    public const int Udp = 17;

    /// <summary>ICMP.</summary>
    public const int Icmp = 1;

    /// <summary>ICMP for IPv6.</summary>
    public const int Icmp6 = 58;

    /// <summary>Reads a number or a name.</summary>
    /// <returns>Null when it is neither.</returns>
    public static int? Parse(string? text) => text?.ToLowerInvariant() switch
    {
        null or "" => null,
        "-1" or "all" => All,
        "tcp" => Tcp,
        "udp" => Udp,
        "icmp" => Icmp,
        "icmpv6" => Icmp6,
        "igmp" => 2,
        "gre" => 47,
        "esp" => 50,
        "ah" => 51,
        "ospf" => 89,
        "sctp" => 132,
        var other => int.TryParse(other, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= 255 ? number : null,
    };

    /// <summary>Whether its packets have ports, or a type, by which a rule can tell them apart.</summary>
    public static bool HasPorts(int protocol) => protocol is Tcp or Udp or Icmp or Icmp6;
}
