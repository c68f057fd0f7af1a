using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace Scanner.Model;

/// <summary>
/// What kind of network an event came from: the ranges of Amazon EC2 are those of the shipped list <c>aws_networks</c>
/// (https://ip-ranges.amazonaws.com/ip-ranges.json), private ones those of RFC 1918, 6598, 3927, 4193 and 4291.
/// </summary>
public static partial class SourceNetwork
{
    /// <summary>A service of AWS called, and no address is told.</summary>
    public const string Service = "AWS service";

    /// <summary>An address that nobody on the internet has.</summary>
    public const string Private = "private network";

    /// <summary>An address that any customer of AWS may have.</summary>
    public const string Ec2 = "Amazon EC2";

    /// <summary>Any other address.</summary>
    public const string Internet = "internet";

    private static readonly Lazy<(UInt128 First, UInt128 Last)[]> Amazon = new(Read);

    /// <summary>The kind of network; null where the text is neither an address nor the name of a service.</summary>
    /// <param name="source">An event's source address as it is written; hostile.</param>
    public static string? Of(string? source)
    {
        if (source is null)
            return null;
        if (source.EndsWith(".amazonaws.com", StringComparison.OrdinalIgnoreCase) || source.EndsWith(".amazonaws.com.cn", StringComparison.OrdinalIgnoreCase) || source == "AWS Internal")
            return Service;
        if (!IPAddress.TryParse(source, out var address))
            return null;
        if (IPAddress.IsLoopback(address) || IsPrivate(address))
            return Private;
        var number = Number(address);
        var ranges = Amazon.Value;
        var (low, high) = (0, ranges.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            if (number < ranges[middle].First)
                high = middle - 1;
            else if (number > ranges[middle].Last)
                low = middle + 1;
            else
                return Ec2;
        }

        return Internet;
    }

    internal static bool IsPrivate(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        if (address.IsIPv6LinkLocal || address.IsIPv6UniqueLocal)
            return true;
        var b = address.GetAddressBytes();
        return b.Length == 4 && (b[0] == 10 || b[0] == 127 || (b[0] == 172 && b[1] is >= 16 and < 32) || (b[0] == 192 && b[1] == 168)
            || (b[0] == 169 && b[1] == 254) || (b[0] == 100 && b[1] is >= 64 and < 128));
    }

    private static (UInt128, UInt128)[] Read()
    {
        using var stream = typeof(SourceNetwork).Assembly.GetManifestResourceStream("Lists/placeholders.yml")!;
        using var reader = new StreamReader(stream);
        var text = reader.ReadToEnd();
        var list = text[text.IndexOf("aws_networks:", StringComparison.Ordinal)..];
        var ranges = new List<(UInt128 First, UInt128 Last)>();
        foreach (var range in Networks().Matches(list).Select(match => Range(IPNetwork.Parse(match.Value))).OrderBy(range => range.First))
        {
            // One that lies in another says nothing more.
            if (ranges.Count == 0 || range.Last > ranges[^1].Last)
                ranges.Add(range);
        }

        return [.. ranges];
    }

    private static (UInt128 First, UInt128 Last) Range(IPNetwork network)
    {
        var first = Number(network.BaseAddress);
        var bits = (network.BaseAddress.AddressFamily == AddressFamily.InterNetwork ? 32 : 128) - network.PrefixLength;
        return (first, first | ((UInt128.One << bits) - 1));
    }

    private static UInt128 Number(IPAddress address) => BinaryPrimitives.ReadUInt128BigEndian(address.MapToIPv6().GetAddressBytes());

    [GeneratedRegex("[0-9a-f][0-9a-f.:]+/[0-9]+", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: -1)]
    private static partial Regex Networks();
}
