using Scanner.Detect.Logs;
using Scanner.Model;

namespace Scanner.Detect.Correlation;

/// <summary>
/// What people are told of the events of a correlation besides the fields that it groups by: who acted, from where, what was called and
/// what was touched. Of the hits, whose events are not kept, each is one text more.
/// </summary>
internal sealed class ShownFacts
{
    /// <summary>Between the name of a parameter and its text.</summary>
    private const char Is = '\u001e';

    /// <summary>Between two parameters.</summary>
    private const char Next = '\u001d';

    private const string Arn = "ARN";

    // The first that an event has is told, in the order of EventFacts.
    private static readonly string[] Actor = ["userIdentity.arn", "requester", "userIdentity.userName", "userIdentity.invokedBy", "userIdentity.principalId"];
    private static readonly string[] Source = ["sourceIPAddress", "remote_ip", "srcaddr"];
    private static readonly string[] Action = ["eventName", "operation", "action"];

    // Parameters of the request by name, and what has the ARN itself; the service tells which of them is meant.
    private static readonly (string Field, string Name)[] Touched =
    [
        ("resources.ARN", Arn), ("resources.arn", Arn), ("eventSource", "eventSource"), ("bucket", "bucket"),
        .. TouchedResource.Parameters.Select(name => ("requestParameters." + name, name)),
        ("requestParameters.instancesSet.items.instanceId", "instanceId"),
    ];

    private readonly int[] _actor;
    private readonly int[] _source;
    private readonly int[] _action;
    private readonly int[] _touched;

    /// <summary>Finds the fields in a tree to which they have been added.</summary>
    internal ShownFacts(FieldTrie trie)
    {
        _actor = [.. Actor.Select(trie.SlotOf)];
        _source = [.. Source.Select(trie.SlotOf)];
        _action = [.. Action.Select(trie.SlotOf)];
        _touched = [.. Touched.Select(pair => trie.SlotOf(pair.Field))];
    }

    /// <summary>Names under which the plan keeps them; no field of an event has such a name.</summary>
    internal static List<string> Names { get; } = ["\u0001actor", "\u0001source", "\u0001action", "\u0001touched"];

    /// <summary>The fields that they are read from.</summary>
    internal static IEnumerable<string> Fields => Actor.Concat(Source).Concat(Action).Concat(Touched.Select(pair => pair.Field));

    /// <summary>Writes one of <see cref="Names"/> of an event.</summary>
    /// <param name="number">Which.</param>
    /// <param name="capture">The event.</param>
    /// <param name="text">Takes the text; stays empty where the event has none.</param>
    internal void Write(int number, EventCapture capture, List<byte> text)
    {
        text.Clear();
        if (number < 3)
        {
            foreach (var slot in number switch { 0 => _actor, 1 => _source, _ => _action })
            {
                if (Append(capture, slot, text))
                    return;
            }
            return;
        }
        for (var i = 0; i < _touched.Length; i++)
        {
            var before = text.Count;
            if (!Append(capture, _touched[i], text))
                continue;
            var name = Touched[i].Name;
            text.InsertRange(before, [.. System.Text.Encoding.ASCII.GetBytes(name), (byte)Is]);
            text.Add((byte)Next);
            if (name == Arn)
                return;
        }
    }

    /// <summary>What a hit tells of its event; null each where the event does not say.</summary>
    /// <param name="hit">Its hit.</param>
    /// <param name="fields">The fields that the plan keeps of the hit's rule.</param>
    internal static (string? Actor, string? Source, string? Action, string? Touched) Of(Hit hit, IReadOnlyList<string> fields)
    {
        var actor = Value(0);
        var touched = Value(3) is { } text ? Resource(text, actor, Text(CorrelationPlan.Account) ?? "", Text(CorrelationPlan.Region) ?? "") : null;
        return (actor, Value(1), Value(2), touched);

        string? Value(int number) => Text(Names[number]);

        string? Text(string name)
        {
            for (var i = 0; i < fields.Count; i++)
            {
                if (fields[i] == name)
                    return hit[i];
            }
            return null;
        }
    }

    private static string? Resource(string touched, string? actor, string account, string region)
    {
        var pairs = touched.Split(Next, StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split(Is, 2)).Where(pair => pair.Length == 2).ToList();
        if (pairs.Find(pair => pair[0] == Arn) is [_, var arn])
            return arn;
        var service = pairs.Find(pair => pair[0] == "eventSource") is [_, var named] ? named : "";
        if (service.Length == 0)
            return pairs.Find(pair => pair[0] == "bucket") is [_, var bucket] ? "arn:aws:s3:::" + bucket : null;
        var partition = actor?.Split(':') is [_, { Length: > 0 } own, _, ..] ? own : "aws";
        return pairs.Select(pair => TouchedResource.Of(service, pair[0], pair[1], account, region, partition)).FirstOrDefault(one => one is not null);
    }

    private static bool Append(EventCapture capture, int slot, List<byte> text)
    {
        for (var value = capture.First(slot); value >= 0; value = capture.Next(value))
        {
            if (capture.KindOf(value) is EventCapture.Kind.Text or EventCapture.Kind.EscapedText && capture.TextOf(value) is { Length: > 0 } own)
            {
                text.AddRange(own);
                return true;
            }
        }
        return false;
    }
}
