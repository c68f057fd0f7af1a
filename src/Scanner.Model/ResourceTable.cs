using System.Collections.Frozen;

namespace Scanner.Model;

/// <summary>
/// Which member of a call names what it was done to. <c>Response/resources.tsv</c> has a line for each: service (of the event source), names of
/// the calls or <c>*</c>, the member, the form, and what its value must begin with where that matters. The member is one of the request, a path
/// with dots, unless it begins with <c>responseElements.</c> or is <c>userIdentity.arn</c>; of a list it is the first. In the form <c>{p}</c> is
/// the partition, <c>{r}</c> the region, <c>{a}</c> the account, <c>{v}</c> the value and <c>{l}</c> what stands behind its last slash. The first
/// line that fits wins, those for calls by name before those for all. The forms are those of the AWS service authorization reference, "Resource
/// types defined by ..."; where AWS's has an id in it that the event does not tell, it is the name alone.
/// <c>Response/ec2-ids.tsv</c> has the kinds of EC2's ids, which tell by how they begin what they are of.
/// </summary>
internal sealed class ResourceTable
{
    private static readonly FrozenDictionary<string, ResourceTable> ByService = Lines("resources.tsv").Select(Line.Of)
        .GroupBy(line => line.Service, StringComparer.Ordinal).ToFrozenDictionary(group => group.Key, group => new ResourceTable([.. group]), StringComparer.Ordinal);

    private static readonly ResourceTable None = new([]);

    private static readonly FrozenDictionary<string, string> Kinds = Lines("ec2-ids.tsv").ToFrozenDictionary(cells => cells[0], cells => cells[1], StringComparer.Ordinal);

    private ResourceTable(IReadOnlyList<Line> lines)
    {
        ByCall = lines.Where(line => line.Calls.Count > 0).SelectMany(line => line.Calls.Select(call => (call, line)))
            .GroupBy(one => one.call, one => one.line, StringComparer.Ordinal).ToFrozenDictionary(group => group.Key, IReadOnlyList<Line> (group) => [.. group], StringComparer.Ordinal);
        OfAll = [.. lines.Where(line => line.Calls.Count == 0)];
    }

    /// <summary>The lines for calls by name.</summary>
    public FrozenDictionary<string, IReadOnlyList<Line>> ByCall { get; }

    /// <summary>The lines for all calls of the service.</summary>
    public IReadOnlyList<Line> OfAll { get; }

    /// <summary>The lines of a service.</summary>
    /// <param name="service">The event source up to its first dot.</param>
    public static ResourceTable Of(string service) => ByService.GetValueOrDefault(service, None);

    /// <summary>What an id of EC2 is of, in the words of its ARN: <c>tgw-attach-0a1b</c> is a <c>transit-gateway-attachment</c>; null: nothing that is known.</summary>
    /// <param name="id">An id, or any text.</param>
    public static string? KindOf(string id)
    {
        var end = id.LastIndexOf('-');
        return end > 0 && end < id.Length - 1 && id.AsSpan(end + 1).IndexOfAnyExcept("0123456789abcdefABCDEF") < 0 ? Kinds.GetValueOrDefault(id[..(end + 1)]) : null;
    }

    private static IEnumerable<string[]> Lines(string name)
    {
        using var stream = typeof(ResourceTable).Assembly.GetManifestResourceStream("Response/" + name)!;
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            if (line.Length > 0)
                yield return line.Split('\t');
        }
    }

    /// <summary>A line of the table.</summary>
    /// <param name="Service">Of the event source.</param>
    /// <param name="Calls">Names of the calls; empty: all.</param>
    /// <param name="Part">The part of the event that the member is in.</param>
    /// <param name="Path">Names of the members on the way.</param>
    /// <param name="Form">Form of what it names.</param>
    /// <param name="Begin">What the value begins with.</param>
    internal sealed record Line(string Service, IReadOnlyList<string> Calls, EventPart Part, IReadOnlyList<CallNames.MemberName> Path, string Form, string Begin)
    {
        internal static Line Of(string[] cells)
        {
            var path = cells[2].Split('.');
            var part = path[0] switch { "responseElements" => EventPart.Reply, "userIdentity" => EventPart.Actor, _ => EventPart.Request };
            return new Line(cells[0], cells[1] == "*" ? [] : cells[1].Split(','), part, [.. (part == EventPart.Request ? path : path[1..]).Select(name => new CallNames.MemberName(name))], cells[3], cells.Length > 4 ? cells[4] : "");
        }
    }

    /// <summary>A part of an event.</summary>
    internal enum EventPart
    {
        Request,
        Reply,
        Actor,
    }
}
