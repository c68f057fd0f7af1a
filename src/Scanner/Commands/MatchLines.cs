using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Scanner.Detect.Matching;
using Scanner.Model;

namespace Scanner.Commands;

/// <summary>Matches as lines of <c>scanner detect</c>. Safe for several threads.</summary>
/// <param name="isText">Lines to read, in place of JSON.</param>
internal sealed class MatchLines(bool isText) : IDisposable
{
    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly ThreadLocal<(ArrayBufferWriter<byte> Buffer, Utf8JsonWriter Json)> _own = new(() =>
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        return (buffer, new Utf8JsonWriter(buffer, Compact));
    });

    /// <summary>A line, with its end.</summary>
    /// <param name="match">The match; of a group its first.</param>
    /// <param name="finding">The match, or the group, as a finding.</param>
    /// <param name="facts">What its event says.</param>
    /// <param name="next">What to do next.</param>
    /// <param name="isGroup">Whether it stands for several matches.</param>
    public byte[] Of(DetectionMatch match, Finding finding, EventFacts? facts, IReadOnlyList<string> next, bool isGroup = false)
    {
        if (isText)
            return Encoding.UTF8.GetBytes($"{SafeText.LogLine($"{match.EventTime} [{Names.Of(match.Rule.Level)}] {match.Rule.Title}: {finding.Message} ({match.File})")}\n");
        var (buffer, json) = _own.Value;
        buffer.ResetWrittenCount();
        json.Reset();
        Write(json, match, finding, facts, next, isGroup);
        json.Flush();
        buffer.Write("\n"u8);
        return buffer.WrittenSpan.ToArray();
    }

    public void Dispose() => _own.Dispose();

    private static void Write(Utf8JsonWriter json, DetectionMatch match, Finding finding, EventFacts? facts, IReadOnlyList<string> next, bool isGroup)
    {
        json.WriteStartObject();
        json.WriteString("rule"u8, match.Rule.Id);
        json.WriteString("title"u8, match.Rule.Title);
        json.WriteString("level"u8, Names.Of(match.Rule.Level));
        json.WriteString("eventID"u8, match.EventId);
        json.WriteString("eventTime"u8, match.EventTime);
        json.WriteString("file"u8, match.File);
        json.WriteNumber("record"u8, match.Record);
        json.WriteString("account"u8, match.Account);
        json.WriteString("region"u8, match.Region);
        WriteStory(json, finding, facts);
        json.WriteStartArray("next"u8);
        foreach (var step in next)
            json.WriteStringValue(step);
        json.WriteEndArray();
        if (match.Rule.IsCorrelation || isGroup)
        {
            json.WriteNumber("count"u8, finding.Seen?.Count ?? match.EventCount);
            json.WriteNumber("refused"u8, finding.Seen?.Refused ?? 0);
            json.WriteString("first"u8, Time(finding.Seen?.First));
            json.WriteString("last"u8, Time(finding.Seen?.Last));
            if (match.Rule.IsCorrelation)
            {
                json.WriteStartObject("group"u8);
                foreach (var (field, value) in match.Group)
                    json.WriteString(field, value);
                json.WriteEndObject();
            }
            json.WriteStartArray("events"u8);
            foreach (var id in isGroup ? finding.Seen?.EventIds ?? [] : match.Events.Select(reference => reference.EventId))
                json.WriteStringValue(id);
            json.WriteEndArray();
        }
        json.WriteEndObject();
    }

    /// <summary>Who, from where, what, to what, and what to do next.</summary>
    private static void WriteStory(Utf8JsonWriter json, Finding finding, EventFacts? facts)
    {
        Put("actor"u8, facts?.ActorArn ?? facts?.Actor);
        Put("principal"u8, facts?.PrincipalArn);
        if (facts?.Mfa is { } mfa)
            json.WriteBoolean("mfa"u8, mfa);
        Put("source"u8, facts?.Source);
        Put("network"u8, facts?.Network);
        Put("userAgent"u8, facts?.UserAgent);
        Put("eventSource"u8, facts?.Service);
        Put("eventName"u8, facts?.Action);
        Put("error"u8, facts?.Error);
        Put("resource"u8, facts?.Touched);
        // Of several events, all that take part; what they agree in stands above too.
        All("actors"u8, facts?.Actors);
        All("sources"u8, facts?.Sources);
        All("eventNames"u8, facts?.Actions);
        All("resources"u8, facts?.AllTouched);
        json.WriteString("message"u8, finding.Message);

        void Put(ReadOnlySpan<byte> name, string? value)
        {
            if (value is not null)
                json.WriteString(name, value);
        }

        void All(ReadOnlySpan<byte> name, IReadOnlyList<string>? values)
        {
            if (finding.Seen is not { Count: > 1 } || values is null or [])
                return;
            json.WriteStartArray(name);
            foreach (var value in values)
                json.WriteStringValue(value);
            json.WriteEndArray();
        }
    }

    private static string? Time(DateTimeOffset? time) => time?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
}
