using System.Collections.Frozen;
using System.Text;
using System.Text.Json;
using Scanner.Detect.Logs;
using Scanner.Model;

namespace Scanner.Detect.Correlation;

/// <summary>
/// What people are told of the events of a correlation besides the fields that it groups by: who acted with which key, from where, what was
/// called, whether it was refused, and what was touched. Of the hits, whose events are not kept, each is one text more.
/// </summary>
internal sealed class ShownFacts
{
    private const int MostDepth = 60;
    private const string Failure = "Failure";
    private const string SignIn = "responseElements.ConsoleLogin";

    // The first that an event has is told, in the order of EventFacts.
    private static readonly string[] Actor = ["userIdentity.arn", "requester", "userIdentity.userName", "userIdentity.invokedBy", "userIdentity.principalId"];
    private static readonly string[] Source = ["sourceIPAddress", "remote_ip", "srcaddr"];
    private static readonly string[] Action = ["eventName", "operation", "action"];
    private static readonly string[] Key = ["userIdentity.accessKeyId"];
    private static readonly string[] Error = ["errorCode"];
    private static readonly string[][] Plain = [Actor, Source, Action, Key, Error];

    // What TouchedResource tells it by: an ARN, the log's own record, or the call.
    private static readonly string[] Touched =
    [
        "resources.ARN", "resources.arn", "bucket", "interface_id", "eventSource", "eventName", "userIdentity.arn", "requestParameters", "responseElements",
        CorrelationPlan.Account, "userIdentity.accountId", CorrelationPlan.Region, "account_id", "region",
    ];

    private readonly int[][] _plain;
    private readonly int _signIn;
    private readonly FrozenDictionary<string, int> _touched;

    /// <summary>Finds the fields in a tree to which they have been added.</summary>
    internal ShownFacts(FieldTrie trie)
    {
        _plain = [.. Plain.Select(fields => fields.Select(trie.SlotOf).ToArray())];
        _signIn = trie.SlotOf(SignIn);
        _touched = Touched.ToFrozenDictionary(field => field, trie.SlotOf, StringComparer.Ordinal);
    }

    /// <summary>Names under which the plan keeps them; no field of an event has such a name.</summary>
    internal static List<string> Names { get; } = ["\u0001actor", "\u0001source", "\u0001action", "\u0001key", "\u0001error", "\u0001touched"];

    /// <summary>The fields that they are read from.</summary>
    internal static IEnumerable<string> Fields => Plain.SelectMany(fields => fields).Append(SignIn).Concat(Touched);

    /// <summary>Writes one of <see cref="Names"/> of an event.</summary>
    /// <param name="number">Which.</param>
    /// <param name="capture">The event.</param>
    /// <param name="text">Takes the text; stays empty where the event has none.</param>
    internal void Write(int number, EventCapture capture, List<byte> text)
    {
        text.Clear();
        if (number < _plain.Length)
        {
            foreach (var slot in _plain[number])
            {
                if (Append(capture, slot, text))
                    return;
            }
            // A sign-in that fails has no error code.
            if (Plain[number] == Error && capture.StringOf(_signIn) == Failure)
                text.AddRange(Encoding.ASCII.GetBytes(Failure));
            return;
        }
        if (Append(capture, _touched["resources.ARN"], text) || Append(capture, _touched["resources.arn"], text))
            return;
        if (Resource(capture) is { } touched)
            text.AddRange(Encoding.UTF8.GetBytes(touched));
    }

    /// <summary>What a hit tells of its event; null each where the event does not say.</summary>
    /// <param name="hit">Its hit.</param>
    /// <param name="fields">The fields that the plan keeps of the hit's rule.</param>
    internal static (string? Actor, string? Source, string? Action, string? Key, string? Error, string? Touched) Of(Hit hit, IReadOnlyList<string> fields)
    {
        return (Value(0), Value(1), Value(2), Value(3), Value(4), Value(5));

        string? Value(int number)
        {
            for (var i = 0; i < fields.Count; i++)
            {
                if (fields[i] == Names[number])
                    return hit[i];
            }
            return null;
        }
    }

    private string? Resource(EventCapture capture)
    {
        if (Text("eventSource") is not { } source)
        {
            return Text("bucket") is { } bucket ? TouchedResource.OfBucket(bucket)
                : Text("interface_id") is { } face ? TouchedResource.OfInterface(face, Text("account_id") ?? "", Text("region") ?? "")
                : null;
        }
        var operation = Text("eventName") ?? "";
        var (account, region, actor) = (Text(CorrelationPlan.Account) ?? Text("userIdentity.accountId") ?? "", Text(CorrelationPlan.Region) ?? "", Text("userIdentity.arn"));
        using var request = Document(capture, _touched["requestParameters"]);
        using var reply = TouchedResource.AsksReply(source, operation) ? Document(capture, _touched["responseElements"]) : null;
        return TouchedResource.Of(
            source, operation, actor, request?.RootElement ?? default, reply?.RootElement ?? default, account, region);

        string? Text(string field) => capture.StringOf(_touched[field]) is { Length: > 0 } text ? text : null;
    }

    /// <summary>A part of the event; null where it is none that can be read.</summary>
    private static JsonDocument? Document(EventCapture capture, int slot)
    {
        var value = capture.First(slot);
        if (value < 0 || capture.KindOf(value) != EventCapture.Kind.Container)
            return null;
        try
        {
            return JsonDocument.Parse(JsonText.Readable(capture.JsonOf(value)), new JsonDocumentOptions { MaxDepth = MostDepth });
        }
        catch (JsonException)
        {
            return null;
        }
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
