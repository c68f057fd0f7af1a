using System.Globalization;
using System.Text.Json;

namespace Scanner.Store.Functions;

/// <summary>
/// Inbound rules as EC2 answers them: <c>IpPermissions</c> of DescribeSecurityGroups, <c>SecurityGroupRules</c> of
/// DescribeSecurityGroupRules, <c>Entries</c> of DescribeNetworkAcls. Rules that name other groups are about no network.
/// </summary>
internal sealed class NetworkRules
{
    private readonly List<NetworkRule> _rules;
    private readonly bool _ordered;

    private NetworkRules(List<NetworkRule> rules, bool ordered, string? problem)
    {
        _rules = rules;
        _ordered = ordered;
        Problem = problem;
    }

    /// <summary>The first rule that could not be read, in words; null when all could.</summary>
    public string? Problem { get; }

    /// <summary>Reads rules of a security group.</summary>
    /// <param name="json">A list, or one rule.</param>
    /// <param name="prefixLists">Ranges by prefix list id, as JSON; null: sources that are prefix lists are left out.</param>
    public static NetworkRules OfGroup(string json, string? prefixLists)
    {
        var rules = new List<NetworkRule>();
        var lists = Lists(prefixLists);
        var problem = Each(json, rule =>
        {
            if (Flag(rule, "IsEgress") == true)
                return null;
            if (IpProtocol.Parse(Text(rule, "IpProtocol")) is not { } protocol)
                return $"its protocol is '{Text(rule, "IpProtocol")}'";
            var sources = new List<AddressRange>();
            var names = Nested(rule, "IpRanges", "CidrIp").Concat(Nested(rule, "Ipv6Ranges", "CidrIpv6"))
                .Concat(new[] { Text(rule, "CidrIpv4"), Text(rule, "CidrIpv6") }.OfType<string>());
            foreach (var name in names)
            {
                if (!AddressRange.TryParse(name, out var range))
                    return $"'{name}' is no address range";
                sources.Add(range);
            }
            string? unknown = null;
            if (lists is not null)
            {
                foreach (var list in Nested(rule, "PrefixListIds", "PrefixListId").Concat(new[] { Text(rule, "PrefixListId") }.OfType<string>()))
                {
                    if (lists.TryGetValue(list, out var ranges))
                        sources.AddRange(ranges);
                    else
                        unknown = $"the entries of prefix list {list} are not known";
                }
            }
            var ports = protocol is IpProtocol.Icmp or IpProtocol.Icmp6
                ? Type(Number(rule, "FromPort"))
                : Ports(Number(rule, "FromPort"), Number(rule, "ToPort"));
            rules.Add(new NetworkRule(protocol, ports, sources));
            return unknown;
        });
        return new NetworkRules(rules, ordered: false, problem);
    }

    /// <summary>Reads entries of a network ACL.</summary>
    /// <param name="json">A list, or one entry.</param>
    public static NetworkRules OfAcl(string json)
    {
        var rules = new List<NetworkRule>();
        var problem = Each(json, entry =>
        {
            if (Flag(entry, "Egress") is not { } egress)
                return "it does not say whether it is about inbound traffic";
            if (egress)
                return null;
            if (IpProtocol.Parse(Text(entry, "Protocol")) is not { } protocol)
                return $"its protocol is '{Text(entry, "Protocol")}'";
            if (Number(entry, "RuleNumber") is not { } number)
                return "it has no number";
            var action = Text(entry, "RuleAction");
            if (action is not ("allow" or "deny"))
                return $"its action is '{action}'";
            var name = Text(entry, "CidrBlock") ?? Text(entry, "Ipv6CidrBlock");
            if (!AddressRange.TryParse(name, out var range))
                return $"'{name}' is no address range";
            var ports = protocol is IpProtocol.Icmp or IpProtocol.Icmp6
                ? Member(entry, "IcmpTypeCode") is { ValueKind: JsonValueKind.Object } icmp ? Type(Number(icmp, "Type")) : PortRange.All
                : Member(entry, "PortRange") is { ValueKind: JsonValueKind.Object } limits ? Ports(Number(limits, "From"), Number(limits, "To")) : PortRange.All;
            rules.Add(new NetworkRule(protocol, ports, [range], action == "allow", number));
            return null;
        });
        return new NetworkRules([.. rules.OrderBy(rule => rule.Number)], ordered: true, problem);
    }

    /// <summary>Whether half of the internet or more can reach a port. Null where a rule that could not be read may decide.</summary>
    public bool? IsOpen(int protocol, int port)
    {
        // In a network ACL a rule that is not known may stand before all others.
        if (_ordered && Problem is not null)
            return null;
        return Opens(protocol, port) ? true : Problem is null ? false : null;
    }

    /// <summary>All ports that half of the internet or more can reach, as ranges; null as in <see cref="IsOpen"/>.</summary>
    public IReadOnlyList<PortRange>? OpenRanges(int protocol)
    {
        if (Problem is not null)
            return null;
        var edges = new SortedSet<int> { 0 };
        foreach (var rule in _rules.Where(rule => rule.Protocol == protocol))
        {
            edges.Add(Math.Clamp(rule.Ports.From, 0, PortRange.Highest));
            if (rule.Ports.To < PortRange.Highest)
                edges.Add(Math.Max(rule.Ports.To + 1, 0));
        }
        var starts = edges.ToList();
        var open = new List<PortRange>();
        for (var i = 0; i < starts.Count; i++)
        {
            // Between two edges all ports are treated alike.
            if (!Opens(protocol, starts[i]))
                continue;
            var end = i + 1 < starts.Count ? starts[i + 1] - 1 : PortRange.Highest;
            if (open.Count > 0 && open[^1].To + 1 == starts[i])
                open[^1] = open[^1] with { To = end };
            else
                open.Add(new PortRange(starts[i], end));
        }
        return open;
    }

    private bool Opens(int protocol, int port) => Opens(protocol, port, six: false) || Opens(protocol, port, six: true);

    private bool Opens(int protocol, int port, bool six)
    {
        var world = AddressSet.World(six);
        var undecided = AddressSet.Of([(world.Start, world.End)]);
        var allowed = AddressSet.Empty;
        foreach (var rule in _rules.Where(rule => rule.Concerns(protocol, port)))
        {
            foreach (var source in rule.Sources.Where(source => source.IsIPv6 == six))
            {
                if (rule.Allow)
                    allowed = allowed.Union(undecided.Within(source));
                undecided = undecided.Without(source);
            }
        }
        return allowed.IsWorld(six);
    }

    // -1 on either side, or nothing there: every port. Of ICMP, FromPort is the type and ToPort the code.
    private static PortRange Ports(int? from, int? to) =>
        from is { } first and >= 0 && to is { } last and >= 0 ? new PortRange(first, last) : PortRange.All;

    private static PortRange Type(int? type) => type is null or < 0 ? PortRange.All : new PortRange(type.Value, type.Value);

    private static string? Each(string json, Func<JsonElement, string?> read)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 64 });
        }
        catch (JsonException)
        {
            return "they are not JSON";
        }
        using (document)
        {
            var root = document.RootElement;
            if (root.ValueKind is not (JsonValueKind.Array or JsonValueKind.Object))
                return "they are no list";
            string? problem = null;
            var place = 0;
            foreach (var rule in root.ValueKind == JsonValueKind.Array ? root.EnumerateArray().ToArray() : [root])
            {
                place++;
                var fault = rule.ValueKind == JsonValueKind.Object ? read(rule) : "it is no object";
                problem ??= fault is null ? null : string.Create(CultureInfo.InvariantCulture, $"rule {place}: {fault}");
            }
            return problem;
        }
    }

    private static Dictionary<string, List<AddressRange>>? Lists(string? json)
    {
        if (json is null)
            return null;
        using var document = JsonDocument.Parse(json);
        if (document.RootElement.ValueKind == JsonValueKind.Null)
            return null;
        if (document.RootElement.ValueKind != JsonValueKind.Object)
            throw new ArgumentException("prefix_lists is a map of prefix list ids to lists of ranges", nameof(json));
        var lists = new Dictionary<string, List<AddressRange>>(StringComparer.Ordinal);
        foreach (var list in document.RootElement.EnumerateObject())
        {
            // A list with an entry that is no range is a list that is not known.
            var ranges = new List<AddressRange>();
            if (list.Value.ValueKind == JsonValueKind.Array && list.Value.EnumerateArray().All(entry => Add(ranges, entry)))
                lists[list.Name] = ranges;
        }
        return lists;
    }

    private static bool Add(List<AddressRange> ranges, JsonElement entry)
    {
        if (entry.ValueKind != JsonValueKind.String || !AddressRange.TryParse(entry.GetString(), out var range))
            return false;
        ranges.Add(range);
        return true;
    }

    private static JsonElement? Member(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value : null;

    private static string? Text(JsonElement element, string name) => Member(element, name) switch
    {
        { ValueKind: JsonValueKind.String } text => text.GetString(),
        { ValueKind: JsonValueKind.Number } number => number.GetRawText(),
        _ => null,
    };

    private static int? Number(JsonElement element, string name) =>
        int.TryParse(Text(element, name), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static bool? Flag(JsonElement element, string name) => Member(element, name) switch
    {
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        { ValueKind: JsonValueKind.String } text when bool.TryParse(text.GetString(), out var flag) => flag,
        _ => null,
    };

    private static IEnumerable<string> Nested(JsonElement element, string list, string name) =>
        Member(element, list) is { ValueKind: JsonValueKind.Array } items
            ? items.EnumerateArray().Select(item => item.ValueKind == JsonValueKind.Object ? Text(item, name) ?? "" : "")
            : [];
}
