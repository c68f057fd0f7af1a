using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Scanner.Aws;
using Scanner.Collect.Tables;
using Scanner.Model;

namespace Scanner.Collect.Recording;

/// <summary>
/// One file of a recorded account: the answers of one operation in one account and region, a JSON array of
/// <c>{"parameters": {...}, "reply": {...}}</c> or <c>{"parameters": {...}, "error": {"code", "message", "status",
/// "outcome"}}</c>. An error with a reply is one that came after some pages.
/// </summary>
internal static partial class RecordedFile
{
    private static readonly JsonWriterOptions Indented = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, NewLine = "\n" };

    /// <summary>Where the answers stand, relative to the folder; null when a name is not one that can be in a path.</summary>
    public static string? PathOf(string account, AwsCall call) =>
        AwsPartition.IsRegionCode(call.Region) && Name().IsMatch(call.Service) && Name().IsMatch(call.Operation)
            ? $"{account}/{call.Region}/{call.Service}.{call.Operation}.json"
            : null;

    /// <summary>Reads all answers by the text of their parameters.</summary>
    /// <exception cref="FormatException">The file is not of this shape.</exception>
    /// <exception cref="JsonException">It is not JSON.</exception>
    public static Dictionary<string, RecordedAnswer> Read(byte[] content)
    {
        if (JsonNode.Parse(content) is not JsonArray list)
            throw new FormatException("it is not a JSON array");
        var answers = new Dictionary<string, RecordedAnswer>(StringComparer.Ordinal);
        foreach (var element in list)
        {
            if (element is not JsonObject entry)
                throw new FormatException("an element is not an object");
            foreach (var (name, _) in entry)
            {
                if (name is not ("parameters" or "reply" or "error"))
                    throw new FormatException($"unknown key '{name}'; known are error, parameters, reply");
            }
            var parameters = ObjectOrNull(entry, "parameters") ?? [];
            var answer = new RecordedAnswer(parameters, ObjectOrNull(entry, "reply"), ErrorOf(entry));
            if (answer.Reply is null && answer.Error is null)
                throw new FormatException("an element has neither 'reply' nor 'error'");
            if (!answers.TryAdd(ParameterText.Of(parameters), answer))
                throw new FormatException($"two elements have the parameters {parameters.ToJsonString()}");
        }
        return answers;
    }

    /// <summary>Writes answers so that two recordings differ only where AWS's answers do.</summary>
    public static byte[] Write(IEnumerable<RecordedAnswer> answers)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, Indented))
        {
            writer.WriteStartArray();
            foreach (var answer in answers.OrderBy(answer => ParameterText.Of(answer.Parameters), StringComparer.Ordinal))
            {
                writer.WriteStartObject();
                writer.WritePropertyName("parameters");
                WriteSorted(writer, answer.Parameters);
                if (answer.Error is { } error)
                {
                    writer.WriteStartObject("error");
                    writer.WriteString("code", error.Code);
                    writer.WriteString("message", error.Message);
                    if (error.Status != 0)
                        writer.WriteNumber("status", error.Status);
                    writer.WriteString("outcome", Names.Of(error.Outcome));
                    writer.WriteEndObject();
                }
                if (answer.Reply is not null)
                {
                    writer.WritePropertyName("reply");
                    WriteSorted(writer, answer.Reply);
                }
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
        }
        buffer.WriteByte((byte)'\n');
        return buffer.ToArray();
    }

    /// <summary>Writes a JSON value with the members of its objects in order.</summary>
    public static void WriteSorted(Utf8JsonWriter writer, JsonNode? node)
    {
        switch (node)
        {
            case null:
                writer.WriteNullValue();
                break;
            case JsonObject o:
                writer.WriteStartObject();
                foreach (var (name, value) in o.OrderBy(pair => pair.Key, StringComparer.Ordinal))
                {
                    writer.WritePropertyName(name);
                    WriteSorted(writer, value);
                }
                writer.WriteEndObject();
                break;
            case JsonArray a:
                writer.WriteStartArray();
                foreach (var element in a)
                    WriteSorted(writer, element);
                writer.WriteEndArray();
                break;
            default:
                node.WriteTo(writer);
                break;
        }
    }

    private static RecordedError? ErrorOf(JsonObject entry)
    {
        if (ObjectOrNull(entry, "error") is not { } error)
            return null;
        foreach (var (name, _) in error)
        {
            if (name is not ("code" or "message" or "status" or "outcome"))
                throw new FormatException($"unknown key '{name}' in an error; known are code, message, outcome, status");
        }
        if (TextTemplate.ScalarText(error["code"]) is not { Length: > 0 } code)
            throw new FormatException("an error has no 'code'");
        var message = TextTemplate.ScalarText(error["message"]) ?? "";
        var status = 0;
        if (error["status"] is { } number && !(number is JsonValue value && value.TryGetValue(out status)))
            throw new FormatException("an error's 'status' is not a number");
        var word = TextTemplate.ScalarText(error["outcome"]);
        var outcome = ErrorClassification.Outcome(code, status, message);
        if (word is not null && (!Names.TryParse(word, out outcome) || outcome is CollectionOutcome.Ok or CollectionOutcome.Planned or CollectionOutcome.Stopped))
            throw new FormatException($"an error's 'outcome' is one of denied, throttled, disabled, not offered, expired, unanswered, error, not '{word}'");
        // Recordings of old call it disabled.
        if (ErrorClassification.Outcome(code, status, message) == CollectionOutcome.NotOffered)
            outcome = CollectionOutcome.NotOffered;
        return new RecordedError(ErrorClassification.Normalize(code), message, status, outcome);
    }

    private static JsonObject? ObjectOrNull(JsonObject entry, string name) => entry[name] switch
    {
        null => null,
        JsonObject o => o,
        _ => throw new FormatException($"'{name}' is not an object"),
    };

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9-]{0,63}\z", RegexOptions.None, matchTimeoutMilliseconds: -1)]
    private static partial Regex Name();
}

/// <summary>One recorded answer: a reply, an error, or an error after some pages (both).</summary>
internal sealed record RecordedAnswer(JsonObject Parameters, JsonObject? Reply, RecordedError? Error);

/// <summary>An error that AWS gave, or that there was instead of an answer.</summary>
/// <param name="Code">Error code.</param>
/// <param name="Message">Message without the code.</param>
/// <param name="Status">HTTP status; 0 when it is not known.</param>
/// <param name="Outcome">What it made of the collection.</param>
internal sealed record RecordedError(string Code, string Message, int Status, CollectionOutcome Outcome);
