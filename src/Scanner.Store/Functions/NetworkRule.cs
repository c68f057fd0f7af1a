namespace Scanner.Store.Functions;

/// <summary>One inbound rule of a security group or a network ACL, for one or several ranges.</summary>
/// <param name="Protocol">A number of <see cref="IpProtocol"/>.</param>
/// <param name="Ports">Ports, where the protocol has any.</param>
/// <param name="Sources">Where packets may come from.</param>
/// <param name="Allow">Whether they may pass; a security group knows nothing else.</param>
/// <param name="Number">Its place: the lowest that matches decides. 0 in a security group.</param>
internal sealed record NetworkRule(int Protocol, PortRange Ports, IReadOnlyList<AddressRange> Sources, bool Allow = true, int Number = 0)
{
    /// <summary>Whether it is about packets of a protocol to a port.</summary>
    public bool Concerns(int protocol, int port) =>
        (Protocol == IpProtocol.All || Protocol == protocol) && (Protocol == IpProtocol.All || !IpProtocol.HasPorts(Protocol) || Ports.Includes(port));
}
