using System.Globalization;
using System.Runtime.InteropServices;

namespace Scanner.Store.Functions;

/// <summary>Ports (of ICMP: types) from one to another, both included.</summary>
/// <param name="From">First.</param>
/// <param name="To">Last.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct PortRange(int From, int To)
{
    /// <summary>Highest port.</summary>
    public const int Highest = 65535;

    /// <summary>All ports.</summary>
    public static readonly PortRange All = new(0, Highest);

    /// <summary>Whether a port is in it.</summary>
    public bool Includes(int port) => port >= From && port <= To;

    /// <inheritdoc/>
    public override string ToString() =>
        From == To ? From.ToString(CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"{From}-{To}");
}
